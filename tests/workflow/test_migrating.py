"""Running requests moved to another version of the declaration: as planned, killed in the middle, typed again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from states.declaration.documents import shipped
from states.errors import Invalid
from workflow.integrity.rebuilding import rebuild
from workflow.lab.opening import adopt, checked
from workflow.store.database import Store
from workflow.testing import NOTE, Lab, tables
from workflow.testing.crashes import crash
from workflow.versions.migration import Outcome, migrate
from workflow.versions.plan import Row, Terms, planned

FREE = "2026-12-15T10:00+01:00"  # nothing is closed that day, and nothing clashes outside the walls
TERMS = Terms({"qualified": "scoped"})
FAR = {3: "working", 8: "qualified"}  # each leads the clock on by a day: few come that far
NEAR = ("received", "prequalified", "interview_planned", "info_requested", "suspended", "declined")


def another() -> str:
    """A state has another name, Le Tuto two meetings at most, a first answer seven days; a service is no more."""
    text = re.sub(r"\bqualified\b", "scoped", shipped()).replace('version = "2026.1"', 'version = "2026.2"')
    text = text.replace("work = { min = 1, max = 3 }", "work = { min = 1, max = 2 }")
    head, table, rest = text.partition("[deadlines.received]")
    text = head + table + rest.replace("days = 5", "days = 7", 1)
    return re.sub(r"^sra_achats = .*\n", "", text, flags=re.MULTILINE)


def adopted(lab: Lab) -> None:
    declaration, document = checked(another())
    adopt(lab.engine, declaration, document, "camille")


def live(lab: Lab, many: int) -> dict[str, str]:
    """So many requests, in every state; what must become of each, known as they are made."""
    expected = {}
    for number in range(many):
        state = "session_held" if number % 100 == 12 else FAR.get(number % 25, NEAR[number % len(NEAR)])
        service = "sra_achats" if number % 11 == 5 else "drajes"
        ref = lab.request(state, service=service)
        if state == "working" and number % 3 == 0:
            for _more in range(2):
                lab.apply(ref, "plan_meeting", {"at": FREE})
        over = lab.now(ref).counted() > 2
        verdict = "cannot" if service == "sra_achats" else "choice" if over else "follows"
        if state != "declined":
            expected[ref] = verdict
    return expected


def plan_of(lab: Lab, terms: Terms = TERMS) -> list[Row]:
    with lab.reading() as reader:
        return planned(reader, terms)


def moved(lab: Lab, rows: list[Row], terms: Terms = TERMS) -> list[Outcome]:
    return migrate(lab.engine, "camille", rows, terms, NOTE, lambda _done, _total: None)


def due(facts: Any, ref: str) -> dict[str, str]:
    return {d.key: d.due_at for d in facts.deadlines(facts.request(ref))}


def events(lab: Lab, ref: str) -> list[str]:
    return [entry["event"] for entry in lab.history(ref)]


@pytest.fixture
def lab(sqlite_lab: Lab) -> Lab:
    return sqlite_lab


def test_three_hundred_move_as_planned_though_killed_in_the_middle(lab: Lab) -> None:
    expected = live(lab, 300)
    with lab.reading() as reader:
        before = {ref: due(reader, ref) for ref in expected}
    adopted(lab)
    rows = plan_of(lab)
    assert {row.ref: row.verdict for row in rows} == expected
    assert rows == plan_of(lab)
    assert set(expected.values()) == {"follows", "choice", "cannot"}
    lab.store.close()

    def act() -> None:
        again = Lab(Store(lab.store.url), lab.clock)
        migrate(again.engine, "camille", rows, TERMS, NOTE, lambda done, _total: print(f"<{done}>", flush=True))

    assert crash(act, until=lambda said: "<120>" in said).killed
    rest = plan_of(lab)
    assert 0 < len(rest) < len(rows)
    outcomes = moved(lab, rest)
    assert [one.otherwise for one in outcomes] == [()] * len(rest)
    assert {one.row.ref for one in outcomes if not one.moved} == {r for r, v in expected.items() if v != "follows"}
    assert {row.ref: row.verdict for row in plan_of(lab)} == {r: v for r, v in expected.items() if v != "follows"}
    with lab.reading() as reader:
        for ref, verdict in expected.items():
            assert events(lab, ref).count("lifecycle_migrated") == (verdict == "follows")
            renamed = {
                key.replace("qualified/", "scoped/") if key[0] == "q" else key: at for key, at in before[ref].items()
            }
            assert due(reader, ref) == (renamed if verdict == "follows" else before[ref])
    assert lab.verify().problems == []
    there = tables(lab.store)
    rebuild(lab.store, lab.clock, lambda _done, _total: None)
    assert tables(lab.store) == there


def test_nothing_is_planned_while_an_active_state_has_no_place(lab: Lab) -> None:
    lab.request("received")
    adopted(lab)
    for states, wrong in (
        ({}, ["map"]),
        ({"qualified": "closed"}, ["map"]),
        ({"qualified": "scopd"}, ["map"]),
        ({"qualified": "scoped", "received": "scoped"}, ["map"]),
    ):
        with pytest.raises(Invalid) as refused:
            plan_of(lab, Terms(states))
        assert [error.field for error in refused.value.fields] == wrong


def test_what_comes_after_obeys_the_new_version_and_what_came_before_is_told_by_the_old(lab: Lab) -> None:
    ref, first = lab.request("working"), lab.request("received")
    adopted(lab)
    lab.clock.forward(minutes=1)
    with lab.reading() as reader:
        kept = due(reader, first)
    moved(lab, plan_of(lab))
    lab.clock.forward(minutes=1)
    assert lab.refused(ref, "plan_meeting", {"at": lab.slot()}) == set()
    assert lab.refused(ref, "plan_meeting", {"at": lab.slot()}) == {"cap_reached"}
    lab.apply(ref, "correct", note=NOTE)
    lab.apply(ref, "correct", note=NOTE)  # the step before the passage, under the version that it was made with
    assert lab.now(ref).state == "tier_assigned"
    assert lab.refused(ref, "correct", {"seq": events(lab, ref).index("lifecycle_migrated") + 1}, note=NOTE) != set()
    with lab.reading() as reader:
        assert due(reader, first) == kept
        then = reader.request(ref, as_of=reader.entries(ref)[4].occurred_at)
        assert reader.declaration_of(then.declaration).lab.version == "2026.1"
    new = lab.request("received")
    with lab.reading() as reader:
        assert max(due(reader, new).values()) > max(kept.values())
    assert lab.verify().problems == []


def test_counted_again_a_running_deadline_takes_the_new_rule(lab: Lab) -> None:
    ref = lab.request("received")
    adopted(lab)
    terms = Terms({"qualified": "scoped"}, recount=True)
    (row,) = plan_of(lab, terms)
    (deadline,) = row.deadlines
    assert (deadline.after or "") > (deadline.before or "")
    (outcome,) = moved(lab, [row], terms)
    assert outcome == Outcome(row, True)
    with lab.reading() as reader:
        assert due(reader, ref) == {deadline.key: deadline.after}


def test_what_changed_since_the_plan_is_said(lab: Lab) -> None:
    ref, other = lab.request("working"), lab.request("received")
    adopted(lab)
    rows = plan_of(lab)
    for _more in range(2):
        lab.apply(ref, "plan_meeting", {"at": lab.slot()})
    lab.apply(other, "prequalify")
    found = {one.row.ref: (one.moved, bool(one.otherwise)) for one in moved(lab, rows)}
    assert found == {ref: (False, True), other: (True, True)}
    assert plan_of(lab)[0].verdict == "choice"
    taken = Terms({"qualified": "scoped"}, over_cap=True)
    assert [one.moved for one in moved(lab, plan_of(lab, taken), taken)] == [True]
    assert lab.verify().problems == []
