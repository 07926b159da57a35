"""A request that went from state to state, and what it owes: deadlines as lines of text.

Days and hours are local, as a coordinator reads them: `"03-09 18:00"` is in 2026, Europe/Paris.
"""

from __future__ import annotations

from pure import at, calendar, lab, when

from states.calendar.working_days import WorkingCalendar
from states.deadlines import Deadline, deadlines
from states.requests.request import PLANNED, Meeting, Record, Request, Stay

NOW = "12-31 23:00"


def request(*moves: tuple[str, str], meetings: tuple[Meeting, ...] = (), records: tuple[Record, ...] = ()) -> Request:
    """A request that entered these states at these moments. Entry numbers go by ten, to leave room for others."""
    stays: list[Stay] = []
    for number, (state, since) in enumerate(moves):
        deadline = lab().deadlines.get(state)
        if stays:
            stays[-1].until, stays[-1].left_to = at(since), state
        stay = Stay(state, 10 * number + 1, at(since), deadline.days if deadline else None)
        if deadline and deadline.anchor == "activity":
            stay.marks.append([at(since), None])
        stays.append(stay)
    return Request(
        ref="2026-0001",
        declaration="",
        state=moves[-1][0],
        submitted_at=at(moves[0][1]),
        form={"kind": "accompanied"},
        meetings=list(meetings),
        records=list(records),
        stays=stays,
    )


def meeting(id: str, day: str, status: str = PLANNED, settled: str | None = None) -> Meeting:
    kind = id.partition("-")[0]
    settled_at = at(settled) if settled else None
    return Meeting(id, kind, status, at(day), 60, "montpellier", [], at("01-02 09:00"), settled_at=settled_at)


def follow_up(seq: int, day: str) -> Record:
    return Record(seq, "record_follow_up", at(day), {})


def found(subject: Request, now: str = NOW, ours: WorkingCalendar | None = None) -> list[Deadline]:
    return deadlines(lab(), subject, ours or calendar(), at(now))


def told(subject: Request, now: str = NOW, ours: WorkingCalendar | None = None) -> list[str]:
    """Each deadline on a line: kind, due moment, status."""
    return [f"{d.kind} {when(d.due_at)} {d.status}" for d in found(subject, now, ours)]


def one(subject: Request, kind: str, now: str = NOW, ours: WorkingCalendar | None = None) -> Deadline:
    (only,) = [d for d in found(subject, now, ours) if d.kind == kind]
    return only


def of(subject: Request, kind: str, ours: WorkingCalendar | None = None) -> str:
    """The only deadline of a kind: its due moment and its status."""
    only = one(subject, kind, ours=ours)
    return f"{when(only.due_at)} {only.status}"
