"""Words that stand elsewhere than where they are marked: click's own, and the default sentences of the errors.

Click passes its words through gettext, which `cli.main.speak` points at our catalogue; an error's sentence is its
docstring. Nothing imports this module: `make catalogue` reads it. A test compares it with the click that is
installed and with `states.errors`.
"""

from __future__ import annotations

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

ERRORS = (
    N_("Something went wrong."),
    N_("The command was not used as it expects."),
    N_("An optional part of the product is not installed."),
    N_("There is no such event in the declaration."),
    N_("The lifecycle refuses this."),
    N_("There is no such thing in this store."),
    N_("There is no lab here yet."),
    N_("Someone else changed it first, or the key was used for something else."),
    N_("This form was received before."),
    N_("Some of what was given is missing or malformed; nothing was stored."),
    N_("The declaration has mistakes; nothing was put in force."),
    N_("The store cannot be reached."),
    N_("The store is of another version than this program."),
    N_("The store fails its integrity check."),
)
