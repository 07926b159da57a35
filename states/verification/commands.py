"""The commands that a declaration makes of its events: each records one, and each answer to a form is one event's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from states.declaration.model import Declaration
from states.declaration.tables import Event
from states.declaration.vocabulary import ANSWERS
from states.language import _
from states.verification.tables import Found

_COMMAND = re.compile(r"[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)?")


def commands(declaration: Declaration) -> Iterator[Found]:
    """A command is one or two words, and records one event; a word is a command, or the first word of several."""
    places: dict[str, str] = {}
    for path, event in _events(declaration):
        command, name = event.command, ".".join(path)
        if not command:
            continue
        if not _COMMAND.fullmatch(command):
            yield "command", (*path, "command"), _("A command is one or two words in small letters: “meeting plan”.")
        elif command in places:
            said = _("“coop {command}” records already {event}.", command=command, event=places[command])
            yield "command_twice", (*path, "command"), said
        elif other := next((known for known in places if _stand_in_the_way(known, command)), None):
            said = _("“coop {word}” is a command, or the first word of several: see {event}.")
            yield "command_and_group", (*path, "command"), said.format(word=_first(command), event=places[other])
        places.setdefault(command, name)


def answers(declaration: Declaration) -> Iterator[Found]:
    """How an event answers a form is one of what `coop triage` offers, and no two answer so."""
    known: dict[str, str] = {}
    for code, event in declaration.events.items():
        if event.triage and event.triage not in ANSWERS:
            said = _("Expected one of: {answers}.", answers=", ".join(ANSWERS))
            yield "triage", ("events", code, "triage"), said
        elif event.triage in known:
            said = _("The event “{event}” answers a form so already.", event=known[event.triage])
            yield "triage", ("events", code, "triage"), said
        elif event.triage:
            known[event.triage] = code


def _stand_in_the_way(one: str, other: str) -> bool:
    """Whether one of two commands is the first word of the other."""
    return _first(one) == _first(other) in (one, other)


def _first(command: str) -> str:
    return command.partition(" ")[0]


def _events(declaration: Declaration) -> list[tuple[tuple[str, ...], Event]]:
    """Every event and its place in the file, those of activities included."""
    mine, theirs = declaration.events, declaration.activities.events
    return [
        *((("events", code), event) for code, event in mine.items()),
        *((("activity", "events", code), event) for code, event in theirs.items()),
    ]
