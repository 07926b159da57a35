"""From what was typed of an event to the command of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cli.input.codes import names_meant
from cli.input.slots import key_of
from states.errors import FieldError, Invalid
from states.language import _

if TYPE_CHECKING:
    from cli.input.dates import Toward
    from cli.session import Session
    from states.declaration.model import Declaration
    from states.declaration.tables import Event, Field, Key
    from workflow.engine import Command


def _pairs(given: Sequence[str]) -> dict[str, str]:
    """`("a=1", "b=2")` as a mapping; Invalid for what has no `=`."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise Invalid(
                [FieldError("set", _("expected K=V, got “{given}”", given=text))], _("--set was not understood.")
            )
        found[name.strip()] = value
    return found


def typed(declaration: Declaration, event: Event, given: Sequence[str]) -> dict[str, str]:
    """What `--set` gave, its keys or fields by their own names where their labels were typed."""
    return names_meant(declaration.specs_of(event), _pairs(given))


_RECORDED = ("started_at", "due")  # what people look back on; all else lies ahead


def _with_moments(session: Session, specs: Mapping[str, Field | Key], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, with the dates people write turned into instants and days."""
    found = dict(inputs)
    for name, value in inputs.items():
        if name in specs and isinstance(value, str) and value.strip():
            toward: Toward = "past" if name in _RECORDED else "coming"
            if specs[name].type == "datetime":
                found[name] = session.moment(value, name, toward)
            elif specs[name].type == "date":
                found[name] = session.day(value, name, toward).isoformat()
    return found


def command_of(
    session: Session,
    ref: str,
    event: str,
    given: Mapping[str, Any],
    options: Mapping[str, Any] = MappingProxyType({}),
    number: int = 0,
) -> Command:
    """An event as it was typed, with the options that every event has.

    `number`: its place, counted from 0, among those a line stands for: each has a key of its own, and expects the one
    before.
    """
    from workflow.engine import Command
    from workflow.preconditions import find_event

    declaration = session.lifecycle(ref) if ref else session.declaration.of(ref, event)
    when, seq = options.get("when"), options.get("expect_seq")
    return Command(
        ref,
        event,
        session.actor,
        _with_moments(session, declaration.specs_of(find_event(declaration, event, begins=not ref)), given),
        note=options.get("note"),
        at=session.moment(when, "--at", "past") if when else None,
        waive=tuple(options.get("waive") or ()),
        on_behalf=bool(options.get("on_behalf")),
        key=key_of(options.get("key"), number),
        expect_seq=None if seq is None else seq + number,
    )
