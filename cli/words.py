"""Words that nothing marks where they stand: click's own, and the docstrings that are errors' sentences.

Click passes its words through gettext, which `cli.main.speak` points at our catalogue. Only `make catalogue` reads
this module, and a test that compares it with the click that is installed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import IO, Any

from states.language import N_


def Nn_(one: str, many: str) -> tuple[str, str]:
    """Marks a message that has a plural, as `N_` marks one that has none."""
    return one, many


CLICK = (
    # Help
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("required"),
    N_("deprecated"),
    N_("default: {default}"),
    N_("env var: {var}"),
    N_("(dynamic)"),
    N_("Choice({choices})"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("%(prog)s, version %(version)s"),
    # Prompts
    N_("Do you want to continue?"),
    N_("Confirm the action without prompting."),
    N_("Repeat for confirmation"),
    N_("Press any key to continue..."),
    N_("Aborted!"),
    N_("Error: invalid input"),
    N_("Error: {message}"),
    N_("Error: The two entered values do not match."),
    # Usage
    N_("Try '{command} {option}' for help."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing {param_type}"),
    N_("Missing parameter: {param_name}"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Argument {name!r} takes {nargs} values."),
    # Values
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Choose from:\n\t{choices}"),
    N_("Value must be an iterable."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{value!r} is not a valid boolean. Recognized values: {states}"),
    N_("{value!r} is not a valid UUID."),
    # Files
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("{name} {filename!r} is not executable."),
    N_("Could not open file {filename!r}: {message}"),
    N_("unknown error"),
    N_("{editor}: Editing failed"),
    N_("{editor}: Editing failed: {e}"),
    # The progress bar's unit of days, beside hours and minutes in figures
    N_("d"),
    # Completion
    N_("Couldn't detect Bash version, shell completion is not supported."),
    N_("Shell completion is not supported for Bash versions older than 4.4."),
    # What only a mistake in the program, or another system, can show
    N_("DeprecationWarning: The command {name!r} is deprecated.{extra_message}"),
    N_("DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}"),
    N_("Could not determine name for option with declarations {decls!r}"),
    N_(
        "No options defined but a name was passed ({name}). Did you mean to declare an argument instead?"
        " Did you mean to pass '--{name}'?"
    ),
    N_("Arguments take exactly one parameter declaration, got {length}: {decls}."),
    N_("Name '{name}' defined twice"),
    N_("Boolean option {decl!r} cannot use the same flag for true/false."),
    N_("Invalid start character for option ({option})"),
    N_("Unknown color {colour!r}"),
    N_("Unknown standard stream '{name}'"),
    N_("Windows error: {error}"),
)

CLICK_PLURALS = (
    Nn_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    Nn_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    Nn_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    Nn_("Takes {nargs} values but 1 was given.", "Takes {nargs} values but {len} were given."),
    Nn_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    Nn_("{value!r} does not match the format {format}.", "{value!r} does not match the formats {formats}."),
    Nn_(
        "{len_type} values are required, but {len_value} was given.",
        "{len_type} values are required, but {len_value} were given.",
    ),
)


def errors(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """What Babel takes from `states/errors.py`: its calls, and the docstring of every error."""
    from babel.messages.extract import extract_python

    yield from (found for found in extract_python(file, keywords, comment_tags, options) if found[2])
    file.seek(0)
    family = {"CoopError"}
    for node in ast.parse(file.read()).body:
        if isinstance(node, ast.ClassDef) and family & {node.name, *(ast.unparse(base) for base in node.bases)}:
            family.add(node.name)
            yield node.lineno, None, ast.get_docstring(node, clean=False), []
