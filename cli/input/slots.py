"""`--slot`: a moment as people write it, or `first`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli.session import Session

if TYPE_CHECKING:
    from states.declaration.tables import Event

FIRST = ("first", "premier")


def slots_understood(session: Session, ref: str, event: Event, given: Mapping[str, Any], key: str | None) -> list[str]:
    """The instants of the slots typed; `first` is the next valid one for the place, the length and the people."""
    typed = given.get("at", ())
    slots = typed if isinstance(typed, tuple) else (typed,)
    wanted = [None if text.strip().casefold() in FIRST else session.moment(text, "--slot") for text in slots]
    if None not in wanted:
        return [at for at in wanted if at is not None]
    from workflow.views.free_slots import Wanted, slots_wanted

    with session.reader() as reader:
        keyed = [Wanted(at, key_of(key, number)) for number, at in enumerate(wanted)]
        return slots_wanted(reader, reader.request(ref) if ref else None, event, given, keyed)


def key_of(key: str | None, number: int) -> str | None:
    """The key of one of the events that a line stands for, counted from 0: each has its own."""
    return f"{key}/{number + 1}" if key and number else key
