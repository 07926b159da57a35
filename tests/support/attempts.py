"""Someone tries an event on a request, told in a few words: what guards and effects are given."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from pure import at, lab

from states.declaration.model import Declaration
from states.language import spoken
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import effect_of
from states.lifecycle.guards import GUARDS
from states.requests.entry import Entry
from states.requests.request import HELD, PLANNED, Meeting, Request

Case = tuple[str, str, Request, dict[str, Any], list[str]]  # what is special, event, request, how, what is refused
AUTONOMOUS = {"kind": "autonomous"}
FIT = {
    "collaborative_share": 50, "outcome_predefined": False, "axis": "incubation", "service": "drajes",
    "family": "menj_mesr_msjop",
}  # fmt: skip
EARLIER, NOW = "01-12 09:00", "03-09 09:00"  # when what a request is made of was entered, and when it is tried


def meeting(id: str, start: str = "03-10 14:00", status: str = PLANNED, *staff: str, **how: Any) -> Meeting:
    """A meeting of an hour in Montpellier, unless said."""
    kind, minutes, place = id.partition("-")[0], how.pop("minutes", 60), how.pop("place", "montpellier")
    return Meeting(id, kind, status, at(start), minutes, place, list(staff), at(EARLIER), **how)


LATER = at("03-10 14:00")
SECRET = {"vault": "d1"}
OUTSIDE = meeting("work-1", place="hors_les_murs", address=SECRET, department="48")


def request(state: str = "working", *meetings: Meeting, ref: str = "2026-0001", **how: Any) -> Request:
    """An accompanied request wished for in Montpellier, unless its `form` says otherwise."""
    form = {"kind": "accompanied", "place": "montpellier", **how.pop("form", {})}
    numbers: dict[str, int] = {}
    for one in meetings:
        numbers[one.kind] = numbers.get(one.kind, 0) + 1
    how = {"last_at": at(EARLIER), "meetings": list(meetings), "numbers": numbers, **how}
    return Request(ref, "", state, at(EARLIER), form, **how)


def activity(state: str = "planned", *meetings: Meeting, **told: Any) -> Request:
    """A visit of axis 3, unless said."""
    form = {"type": "visit", "axis": "acculturation", "place": "montpellier", **told}
    return request(state, *meetings, ref="2026-A001", form=form)


def attempt(
    event: str,
    of: Request,
    *,
    declaration: Declaration | None = None,
    role: str = "coordinator",
    actor: str = "camille",
    moment: str = NOW,
    note: str | None = None,
    waive: tuple[str, ...] = (),
    asking: bool = False,
    facts: dict[str, Any] | None = None,
    **inputs: Any,
) -> Attempt:
    """What it looks like to a guard: the entry prepared by the effect of the event."""
    lifecycle = (declaration or lab()).of(of.ref)
    tried = Attempt(
        declaration=lifecycle,
        request=of,
        code=event,
        event=lifecycle.events[event],
        inputs=inputs,
        note=note,
        waive=frozenset(waive),
        actor=actor,
        role=role,
        occurred_at=at(moment),
        now=at(NOW),
        facts=facts or {},
        asking=asking,
    )
    tried.data = effect_of(tried.event).prepare(tried)
    return tried


def entry(event: str, seq: int = 5, of: str = "2026-0001", *, moment: str = NOW, **data: Any) -> Entry:
    """An entry that camille made in a request at work."""
    return Entry(
        of, seq, event, "working", "working", data.pop("actor", "camille"), "coordinator", "camille", False,
        at(moment), at(moment), data, None, "", "",
    )  # fmt: skip


WORK = [meeting(f"work-{n}", f"03-{9 + n} 14:00") for n in range(1, 8)]
DONE = [meeting(f"work-{n}", f"02-{9 + n} 14:00", HELD) for n in range(1, 8)]


# --- Tables of guards: a refusal expected is written `rule: words that are said` ---


def rows(tables: Mapping[str, list[Case]]) -> list[Any]:
    """The cases of guards, each with the guard's name."""
    return [pytest.param(name, case, id=f"{name}: {case[0]}") for name, cases in tables.items() for case in cases]


def refuses(name: str, event: str, of: Request, how: dict[str, Any], expected: list[str]) -> None:
    """A guard refuses by these rules, and says so; and by no other."""
    with spoken("en"):
        refusals = list(GUARDS[name].check(attempt(event, of, **how)))
    assert [refusal.rule for refusal in refusals] == [text.partition(": ")[0] for text in expected]
    for refusal, text in zip(refusals, expected, strict=True):
        assert refusal.message
        assert refusal.remedy
        assert "{" not in f"{refusal.message} {refusal.remedy}"
        assert text.partition(": ")[2] in f"{refusal.message} {refusal.remedy}"


def every_guard_of(module: ModuleType, tables: Mapping[str, list[Case]]) -> None:
    """Each guard of a module has its table, in which something is refused and something is not."""
    mine = (name for name, guard in GUARDS.items() if guard.check.__module__ == module.__name__)
    assert set(tables) == set(mine)
    for name, cases in tables.items():
        assert {bool(case[-1]) for case in cases} == {True, False}, name
