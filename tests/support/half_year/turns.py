"""What happens on the way of an invented request: a correction, a suspension, another date, a change of mind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from half_year.desk import PILOT, Wanted, words

if TYPE_CHECKING:
    from half_year.lives import Life

Story = Iterator[str]


def undo(life: Life, _reason: str) -> Story:
    """The last entry was a mistake: it is corrected, then done again."""
    event, given = life.done
    yield life.desk.later(life.rng.randrange(3, 50))
    life.desk.do(life.ref, "correct", life.actor, life.say("undo"))
    yield life.wait(0, 1)
    life.desk.do(life.ref, event, **given)


def explain(life: Life, _reason: str) -> Story:
    """A deadline was missed: why, without judging."""
    yield life.wait(0, 1)
    life.desk.do(life.ref, "explain_deadline", life.actor, life.say("explain"), kind="received")


def comment(life: Life, _reason: str) -> Story:
    yield life.desk.later(20)
    told = words()["committee"]
    life.desk.do(life.ref, "comment", life.actor, life.say("comment"), committee=True, **told)


def move(life: Life, _reason: str) -> Story:
    """A planned work meeting goes to another date."""
    meeting = life.request.next_planned("work")
    if meeting is None:
        return
    yield life.wait(0, 1)
    slot = life.desk.slot(life.rng, Wanted(meeting.place, meeting.duration, tuple(meeting.staff), 6))
    if slot is not None:
        life.desk.do(life.ref, "move_meeting", life.actor, life.say("move"), meeting=meeting.id, at=slot)


def cancel_meeting(life: Life, _reason: str) -> Story:
    """A planned work meeting is cancelled; the next one is planned afresh."""
    meeting = life.request.next_planned("work")
    if meeting is None:
        return
    yield life.wait(0, 1)
    life.desk.do(life.ref, "cancel_meeting", life.actor, life.say("cancel_meeting"), meeting=meeting.id)


def suspend(life: Life, _reason: str) -> Story:
    """On hold, and back some weeks later, unless its course stops there."""
    yield life.wait(0, 1)
    life.do("suspend", note=life.say("suspend"))
    if life.over:
        return
    yield life.wait(12, 30)
    life.do("resume", note=life.say("resume"))
    life.validate()


def suspend_withdraw(life: Life, _reason: str) -> Story:
    yield life.wait(0, 1)
    life.do("suspend", note=life.say("suspend"))
    yield life.wait(15, 25)
    yield from withdraw(life, "")


def withdraw(life: Life, _reason: str) -> Story:
    yield life.wait(0, 2)
    life.do("withdraw", note=life.say("withdraw"), on_behalf=True)


def cancel(life: Life, reason: str) -> Story:
    yield life.wait(0, 2)
    life.do("cancel", note=words()["notes"]["cancel"][reason], reason=reason)


def decline(life: Life, _reason: str) -> Story:
    yield life.wait(0, 1)
    life.decline()


def change_tier(life: Life, _reason: str) -> Story:
    """The service asks for more support than it thought."""
    yield life.wait(0, 1)
    life.desk.do(life.ref, "change_tier", life.actor, life.say("change_tier"), tier="50_50", agreed=life.agrees)
    yield life.wait(0, 2)
    life.validate()


def derogation(life: Life, _reason: str) -> Story:
    """The pilot grants a meeting beyond the cap."""
    yield life.wait(0, 1)
    life.desk.do(life.ref, "grant_derogation", PILOT, life.say("derogation"), extra=1)


def resume_work(life: Life, _reason: str) -> Story:
    """Another cycle, another session."""
    yield life.wait(1, 4)
    life.do("resume_work")


def reopen(life: Life, _reason: str) -> Story:
    """Closed too early: the pilot reopens, a deliverable is added, and it is closed again."""
    yield life.wait(2, 6)
    life.desk.do(life.ref, "reopen", PILOT, life.say("reopen"))
    yield life.wait(1, 3)
    title = words()["deliverables"]["report"][0]
    life.desk.do(life.ref, "record_deliverable", life.actor, title=title, type="report")
    life.do("close", agreed=life.agrees)


TURNS: Mapping[str, Callable[[Life, str], Story]] = {
    found.__name__: found
    for found in (
        undo, explain, comment, move, cancel_meeting, suspend, suspend_withdraw, withdraw, cancel, decline,
        change_tier, derogation, resume_work, reopen,
    )
}  # fmt: skip
