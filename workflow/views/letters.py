"""The letters of a request: those that its declaration has for it, what each would be about, what became of it."""

from __future__ import annotations

from typing import NamedTuple

from attrs import frozen

from states.deadlines import OPEN
from states.declaration.tables import Letter
from states.requests.entry import effective
from states.requests.request import Request
from workflow.outbox.letters import letters_of, why_not
from workflow.outbox.queue import WAITING, Queued
from workflow.views.reader import Reader


@frozen
class About:
    """What a letter is about: a request, the letter's code, the entry it follows, the deadline that fell due if any."""

    request: Request
    letter: str
    seq: int
    deadline: str = ""


class Written(NamedTuple):
    """A letter that a request may have: what it would be about now, and what became of the last one queued."""

    code: str
    letter: Letter
    about: About | None  # None: nothing has happened yet that it follows
    queued: Queued | None
    unwanted: str | None  # why it is not to leave, if it waits


def letters(reader: Reader, request: Request) -> list[Written]:
    """The letters that are for a request, in the order of its declaration."""
    declaration = reader.declaration_of(request.declaration)
    queued = {one.payload["letter"]: one for one in letters_of(reader.tx, request.ref)}
    mine = declaration.letters_for(request.kind).items()
    return [_written(reader, request, code, letter, queued.get(code)) for code, letter in mine]


def _written(reader: Reader, request: Request, code: str, letter: Letter, queued: Queued | None) -> Written:
    unwanted = why_not(reader, queued) if queued and queued.status == WAITING else None
    return Written(code, letter, _about(reader, request, code, letter), queued, unwanted)


def about(reader: Reader, queued: Queued) -> About:
    """What a queued letter is about."""
    request = reader.request(queued.ref or "")
    return About(request, queued.payload["letter"], queued.sequence, queued.payload.get("deadline", ""))


def _about(reader: Reader, request: Request, code: str, letter: Letter) -> About | None:
    """The last entry it follows; or the deadline that it comes of and that falls due first."""
    after = [entry for entry in effective(reader.entries(request.ref)) if entry.event in letter.after]
    if after:
        return About(request, code, after[-1].seq)
    if not letter.due:
        return None
    awaited = [d for d in reader.deadlines(request) if d.kind in letter.due and d.status == OPEN]
    first = min(awaited, key=lambda d: d.due_at, default=None)
    return About(request, code, first.seq, first.kind) if first else None
