"""What every command shares: `--json`, the session, and how an applied event is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from cli.input.codes import code_meant
from cli.session import Session
from states.language import _


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))(command)


# Passes the session first.
with_session: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(Session)


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
