"""What every command shares: `--json`, the session, and how an applied event is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from cli.input.codes import code_meant
from cli.session import Session
from states.errors import FieldError, Invalid
from states.language import _


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))(command)


def with_session(command: Callable[..., Any]) -> Callable[..., Any]:
    """Passes the session first. What is wrong of an option is told to people by the option that they type."""

    @click.pass_context
    @wraps(command)
    def called(context: click.Context, *args: Any, **kwargs: Any) -> Any:
        try:
            return context.invoke(command, context.find_object(Session), *args, **kwargs)
        except Invalid as problem:
            if not kwargs.get("as_json"):
                problem.fields = tuple(_as_typed(context.command, field) for field in problem.fields)
            raise

    return called


def _as_typed(command: click.Command, error: FieldError) -> FieldError:
    """The error by the option or the argument it is of, unless it is of a file, or of a key that `--set` gives."""
    if error.file or error.row:
        return error
    words: dict[str | None, str] = {}
    keyed = any("--set" in parameter.opts for parameter in command.params)
    for parameter in command.params:
        is_option = isinstance(parameter, click.Option)
        typed = parameter.opts[0] if is_option else parameter.make_metavar(click.Context(command))
        names = [] if keyed else [option.lstrip("-").replace("-", "_") for option in parameter.opts]
        words |= dict.fromkeys([*names, parameter.name], typed)
    return error._replace(field=words.get(error.field, error.field))


COUNT = click.IntRange(1, 2**31 - 1)  # what every database counts to


class Listing(click.Group):
    """A group that does, alone, what its command `alone` does: most often its list."""

    def __init__(self, *args: Any, alone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alone = alone

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asked = any(word in ctx.help_option_names for word in args)
        if not (asked or ctx.resilient_parsing or any(not word.startswith("-") for word in args)):
            args = [self.alone, *args]
        return super().parse_args(ctx, args)


def print_json(document: Any) -> None:
    """One document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def times(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--as-of` and `--known-at`."""
    known = click.option("--known-at", metavar="TIME", help=_("As it was known then: nothing recorded later exists."))
    as_of = click.option("--as-of", metavar="TIME", help=_("As it was then: the effective entries that had occurred."))
    return as_of(known(command))


class Among(click.Choice[str]):
    """A code among a few, completed by the shell; another is wrong input, not wrong usage."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return code_meant({code: code for code in self.choices}, (param.name or "") if param else "", str(value))
