"""Completion: between the shell, which asks while one types, and what `cli.completion.candidates` offers.

Click resolves which command and which parameter are being typed; what is ours is that plain parameters have live
values, that commands take their options from the store at a glance, and how each shell is told. The values come from
the store, hence from people: a value that a shell could read as anything but a word is not offered, and a help is
one line without a control character. Whatever goes wrong, nothing is offered and nothing is said.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import (
    CompletionItem,
    PowerShellComplete,
    ShellComplete,
    add_completion_class,
    split_arg_string,
)

from cli.output.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = CompletionItem[str]
_WORD = re.compile(r"(?!=)[\w.@+/:=,%-]+")  # letters of any language, digits, and what no shell takes for its own
_LONGEST = 100


class Live(click.ParamType[Any]):
    """A plain type whose completion is looked up."""

    def __init__(self, plain: click.ParamType[Any]) -> None:
        self.plain, self.name = plain, plain.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return self.plain.convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Item]:
        from cli.completion.candidates import Glancing, offers

        session = ctx.find_object(Glancing)
        return offers(session, ctx, param, incomplete) if session else []


def dress(parameters: Iterable[click.Parameter]) -> None:
    """Gives live completion to the parameters that take a plain text or number."""
    for parameter in parameters:
        if type(parameter.type) in (type(click.STRING), type(click.INT)):
            parameter.type = Live(parameter.type)


def dressed(command: click.Command) -> click.Command:
    """The command, its sub-commands included, with live completion."""
    dress(command.params)
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        dressed(inner)
    return command


class Asked(ShellComplete):
    """What the shells have in common. They give the line up to the cursor as COMP_LINE."""

    script: str

    def source(self) -> str:
        return Path(__file__).with_name("shell_scripts").joinpath(self.script).read_text("utf-8")

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        incomplete = words.pop() if words and not line[-1].isspace() else ""
        return words[1:], incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[Item]:
        if not args and not incomplete.startswith("-"):  # a command, of which the group knows all
            return self.cli.shell_complete(click.Context(self.cli), incomplete)
        from cli.completion.candidates import Glancing

        dress(self.cli.params)
        session = self.ctx_args["obj"] = Glancing(_given(args, "--db"), _given(args, "--as"), debug=False)
        try:
            return super().get_completions(args, incomplete)
        finally:
            session.close()

    def complete(self) -> str:
        try:
            args, incomplete = self.get_completion_args()
            offered = self.get_completions(args, incomplete)
        except Exception:
            return ""
        # Of `--tier=tu`, click completes the value; the shell replaces the whole word.
        option, equals, _value = incomplete.partition("=")
        before = option + equals if equals and option.startswith("-") else ""
        shown = [item for item in (self._safe(item, before) for item in offered) if item]
        return "\n".join(self.format_completion(item) for item in shown)

    def _safe(self, item: Item, before: str) -> Item | None:
        if item.type != "plain":
            return CompletionItem("", type=item.type)
        value = before + str(item.value)
        if not _WORD.fullmatch(value):
            return None
        return CompletionItem(value, help=one_line(item.help or "")[:_LONGEST])

    def format_completion(self, item: Item) -> str:
        return f"{item.type}\t{item.value}\t{item.help or ''}"


def _given(args: list[str], option: str) -> str | None:
    """The value an option has on the line, before the command is resolved."""
    for n, word in enumerate(args):
        if word == option:
            return args[n + 1] if n + 1 < len(args) else None
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


class Bash(Asked):
    """Bash completes the word after the last break, which may be in the middle of ours: `tier=tu`."""

    name, script = "bash", "coop.bash"

    def complete(self) -> str:
        offered = super().complete()
        line, breaks = os.environ.get("COMP_LINE", ""), os.environ.get("COMP_WORDBREAKS", "")
        word = line[len(line.rstrip()) - len(line.split()[-1]) :] if line.strip() and not line[-1].isspace() else ""
        cut = max((word.rfind(c) for c in breaks if not c.isspace() and c not in "\"'"), default=-1) + 1
        if not cut:
            return offered
        start = f"plain\t{word[:cut]}"
        return "\n".join(
            "plain\t" + text.removeprefix(start) if text.startswith(start) else text for text in offered.split("\n")
        )


class Zsh(Asked):
    name, script = "zsh", "coop.zsh"


class Fish(Asked):
    name, script = "fish", "coop.fish"


class PowerShell(Asked, PowerShellComplete):
    """Click's own script and protocol, but that titles are read as UTF-8 whatever the console's code page."""

    name = "powershell"

    def source(self) -> str:
        given = PowerShellComplete.source(self)
        utf8 = "        [Console]::OutputEncoding = [System.Text.Utf8Encoding]::new()\n"
        given = given.replace("    try {\n", "    $prev_encoding = [Console]::OutputEncoding\n    try {\n" + utf8)
        back = "        [Console]::OutputEncoding = $prev_encoding\n"
        return given.replace("    } finally {\n", "    } finally {\n" + back)

    get_completion_args = PowerShellComplete.get_completion_args
    format_completion = PowerShellComplete.format_completion


SHELLS: dict[str, type[Asked]] = {"bash": Bash, "zsh": Zsh, "fish": Fish, "powershell": PowerShell}


def register() -> None:
    """Makes click use our classes."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)
