"""What every command shares: `--json`, the session, and how an applied event is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from cli.output.terminal import echo
from cli.session import Session
from states.language import _


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document."))(command)


# Passes the session first.
with_session: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(Session)


def print_json(document: Any) -> None:
    """One document on standard output."""
    echo(json.dumps(document, ensure_ascii=False, indent=2))


def times(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--as-of` and `--known-at`."""
    known = click.option("--known-at", metavar="TIME", help=_("As it was known then: nothing recorded later exists."))
    as_of = click.option("--as-of", metavar="TIME", help=_("As it was then: the effective entries that had occurred."))
    return as_of(known(command))
