"""The reference of commands: the help of each, as the program prints it."""

from __future__ import annotations

from collections.abc import Iterator

import click
from attrs import frozen

from generation.markdown import fenced

WIDTH = 80


@frozen
class Documented:
    """A command, its whole name (`coop meeting plan`), and the context its help is printed in."""

    name: str
    command: click.Command
    context: click.Context
    section: str = ""

    @property
    def help(self) -> str:
        """What `--help` prints."""
        return "\n".join(line.rstrip() for line in self.command.get_help(self.context).splitlines())

    @property
    def parameters(self) -> list[click.Parameter]:
        """Its arguments and options."""
        return self.command.get_params(self.context)


def root() -> Documented:
    """The `coop` command itself."""
    from cli.main import make
    from states.declaration.documents import shipped_document
    from states.declaration.outline import Outline

    command = make(lambda: Outline(shipped_document()))
    return Documented("coop", command, _context(command, "coop", None))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    # Neither called nor closed: only its help is asked for, at a width that no terminal changes.
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    return command.context_class(command, info_name=name, parent=parent, **settings)


def children(of: Documented) -> Iterator[Documented]:
    """The commands of a group, in the order the program lists them."""
    group = of.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(of.context):
        command = group.get_command(of.context, name)
        if command is not None and not command.hidden:
            yield Documented(f"{of.name} {name}", command, _context(command, name, of.context))


def everything() -> Iterator[Documented]:
    """Every command, sub-commands included, each after the group it belongs to."""
    todo = [root()]
    while todo:
        found = todo.pop(0)
        yield found
        todo = [*children(found), *todo]


def sections() -> dict[str, list[str]]:
    """The sections of `coop --help` and their commands, in the language of the moment."""
    from cli.commands.offered import sections as listed
    from states.declaration.outline import shipped_commands

    return {title.strip(): list(commands) for title, commands in listed(shipped_commands())}


def reference() -> str:
    """The whole reference: a title by section, then one by command, with its help."""
    first = {commands[0]: title for title, commands in sections().items() if commands}
    lines: list[str] = []
    for found in everything():
        words = found.name.split()
        if len(words) == 2 and words[1] in first:
            lines += [f"## {first[words[1]]}", ""]
        level = "#" * min(4, max(2, len(words) + 1))
        lines += [f"{level} `{found.name}`", "", fenced(found.help, "text"), ""]
    return "\n".join(lines)


def index() -> str:
    """The commands by section, each with a link to its help."""
    lines = []
    for title, commands in sections().items():
        links = [f"[`{name}`](#{anchor(f'coop {name}')})" for name in commands]
        lines.append(f"- **{title}**\u00a0: {', '.join(links)}")
    return "\n".join(lines)


def anchor(title: str) -> str:
    """The anchor GitHub and GitLab give to a title: lower case, no punctuation, hyphens for spaces."""
    kept = (c for c in title.strip().lower() if c.isalnum() or c in " -_")
    return "".join(kept).replace(" ", "-")
