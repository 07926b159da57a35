"""Completion: between the shell, which asks while one types, and what `cli.completion.candidates` offers.

Click's own scripts and protocols serve each shell, and click resolves which command and which parameter are being
typed; what is ours is that plain parameters have live values, and that commands take their options from the store
at a glance. The values come from the store, hence from people: a value that a shell could read as anything but a word
is not offered, and a help is one line without a control character. Whatever goes wrong, nothing is offered or said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, ClassVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    PowerShellComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from cli.output.terminal import one_line
from cli.settings import given

Item = CompletionItem[str]
_WORD = re.compile(r"(?!=)[\w.@+/:=,%-]+")  # letters of any language, digits, and what no shell takes for its own
_LONGEST = 100
INSERTING = ("37", "42")  # the keys of bash that insert each value in turn, or all of them: no help beside these


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
        names_something = isinstance(parameter, click.Argument) and isinstance(parameter.type, click.IntRange)
        if names_something or type(parameter.type) in (type(click.STRING), type(click.INT)):
            parameter.type = Live(parameter.type)


def dressed(command: click.Command) -> click.Command:
    """The command, its sub-commands included, with live completion."""
    dress(command.params)
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        dressed(inner)
    return command


class Offering(ShellComplete):
    """What is ours in every shell; `changes` are the words of click's script that give way to others."""

    changes: ClassVar[tuple[tuple[str, str], ...]] = ()

    def source(self) -> str:
        script = super().source()
        for theirs, ours in self.changes:
            script = script.replace(theirs, ours)
        return script

    def get_completions(self, args: list[str], incomplete: str) -> list[Item]:
        # Of `--tier=tu`, click completes the value; the shell replaces the whole word.
        option, equals, _value = incomplete.partition("=")
        before = option + equals if equals and option.startswith("-") else ""
        try:
            offered = self._offered(args, incomplete)
        except Exception:
            return []
        return [item for item in (_safe(item, before) for item in offered) if item]

    def _offered(self, args: list[str], incomplete: str) -> list[Item]:
        if not args and not incomplete.startswith("-"):  # a command, of which the group knows all
            return self.cli.shell_complete(click.Context(self.cli), incomplete)
        from cli.completion.candidates import Glancing

        dress(self.cli.params)
        session = self.ctx_args["obj"] = Glancing(given(args, "--db"), given(args, "--as"), debug=False)
        try:
            return super().get_completions(args, incomplete)
        finally:
            session.close()


def _safe(item: Item, before: str) -> Item | None:
    if item.type != "plain":
        return item
    value = before + str(item.value)
    return CompletionItem(value, help=one_line(item.help or "")[:_LONGEST]) if _WORD.fullmatch(value) else None


class Bash(Offering, BashComplete):
    """Bash breaks words at `=`, and completes what follows it; helps stand beside the values of its list."""

    changes = (
        ("$(env ", "$(env COMP_TYPE=$COMP_TYPE COLUMNS=$COLUMNS "),
        ("COMPREPLY+=($value)", 'COMPREPLY+=("$value")\n            [[ $value == *= ]] && compopt -o nospace'),
    )
    _broken_off = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, last = super().get_completion_args()
        words: list[str] = []
        for word in (*args, last):
            if words and (word == "=" or words[-1].endswith("=")):
                words[-1] += word
            else:
                words.append(word)
        incomplete = words.pop()
        self._broken_off = incomplete if last == "=" else incomplete.removesuffix(last)
        return words, incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[Item]:
        items = super().get_completions(args, incomplete)
        for item in items:
            item.value = item.value.removeprefix(self._broken_off)
        longest = max((len(item.value) for item in items), default=0)
        room = int(os.environ.get("COLUMNS") or 80) - longest - 6
        if len(items) > 1 and room >= 16 and os.environ.get("COMP_TYPE") not in INSERTING:
            for item in items:
                if item.help:
                    item.value = f"{item.value:<{longest}}  ({item.help[:room]})"
        return items


class Zsh(Offering, ZshComplete):
    """A key waits for its value: it is offered without a help, which click's script gives no space behind."""

    changes = (("compadd -U ", "compadd -U -S '' "),)

    def format_completion(self, item: Item) -> str:
        return super().format_completion(CompletionItem(item.value) if item.value.endswith("=") else item)


class Fish(Offering, FishComplete):
    """The identifiers of several people have a comma between them."""

    changes = (('string split ","', 'string split --max 1 ","'),)


class PowerShell(Offering, PowerShellComplete):
    """Titles are read as UTF-8 whatever the console's code page."""

    changes = (
        (
            "    try {\n",
            "    $prev_encoding = [Console]::OutputEncoding\n    try {\n"
            "        [Console]::OutputEncoding = [System.Text.Utf8Encoding]::new()\n",
        ),
        ("    } finally {\n", "    } finally {\n        [Console]::OutputEncoding = $prev_encoding\n"),
    )


SHELLS: dict[str, type[Offering]] = {"bash": Bash, "zsh": Zsh, "fish": Fish, "powershell": PowerShell}


def register() -> None:
    """Makes click use our classes."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)
