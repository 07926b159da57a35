"""Letters to the requester, in the outbox: queued in the transaction of their cause, withdrawn with it.

What one says is read when it leaves; here are only its code and what it follows.
"""

from __future__ import annotations

from states.deadlines import OPEN, deadlines
from states.declaration.model import Declaration
from states.declaration.types import moment
from states.notifications import LETTER, due_letters, leaves_at, letters
from states.references import is_activity
from states.requests.entry import Entry, struck
from states.requests.request import Request
from states.risks.rules import Risk
from workflow.history.facts import Facts
from workflow.outbox.queue import CLAIMED, SENT, WAITING, Queued, queue
from workflow.store import statements as q
from workflow.store.transaction import Transaction

UNDONE, SUPERSEDED, SETTLED = "undone", "superseded", "settled"


def queue_letters(facts: Facts, declaration: Declaration, request: Request, entry: Entry) -> None:
    """Queues the letters that an event owes, in its own transaction; they leave in working hours."""
    if declaration.letters and not is_activity(request.ref) and (found := letters(declaration, request, entry)):
        queue(facts.tx, found, facts.now, leaves_at(declaration.lab, facts.calendar(declaration), facts.now))


def queue_due_letters(facts: Facts, risk: Risk) -> None:
    """Queues the letters owed now that a deadline is due; the risk is that of its alert."""
    request = facts.told(risk.ref or "")
    if request is None:
        return
    declaration, seq = facts.declaration_of(request.declaration), str(risk.facts["anchor"])
    if seq.isdecimal():
        late = moment(facts.now) - moment(risk.due_at or facts.now)
        found = due_letters(declaration, request, risk.kind or "", int(seq), late)
        queue(facts.tx, found, facts.now, leaves_at(declaration.lab, facts.calendar(declaration), facts.now))


def why_not(facts: Facts, letter: Queued) -> str | None:
    """Why a letter that waits is not to leave: what it says was undone, is settled, or is said by a later one."""
    request = facts.find(letter.ref or "")
    if request is None:
        return UNDONE
    gone = struck(facts.entries_of(request.ref))
    if letter.sequence in gone:
        return UNDONE
    if "deadline" in letter.payload:
        return None if _awaited(facts, request, letter) else SETTLED
    left = request.stays[-1].seq > letter.sequence
    later = [one for one in letters_of(facts.tx, request.ref) if one.sequence > letter.sequence]
    says = [one for one in later if one.status in (WAITING, SENT, CLAIMED) and one.sequence not in gone]
    alike = [one for one in says if one.payload["letter"] == letter.payload["letter"]]
    return SUPERSEDED if alike or (left and says) else None


def letters_of(tx: Transaction, ref: str) -> list[Queued]:
    """The letters of a request, whatever became of them, the oldest first."""
    return [Queued.of(row) for row in tx.all(q.messages_of, ref=ref, kind=LETTER)]


def _awaited(facts: Facts, request: Request, letter: Queued) -> bool:
    declaration = facts.declaration_of(request.declaration)
    kind, seq = letter.payload["deadline"], letter.sequence
    found = deadlines(declaration, request, facts.calendar(declaration), facts.now)
    return any(d.kind == kind and d.seq == seq and d.status == OPEN for d in found)
