"""Two at once, and programs that die: one wins, the other is told, and what was acknowledged stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from states.errors import AlreadyReceived, CoopError, NotFound, Refused
from states.references import LAB
from workflow.alerts import alerts_of
from workflow.engine import Applied
from workflow.lab.calendar import record_absence
from workflow.lab.opening import open_lab
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.sweep import sweep
from workflow.testing import NOTE, PILOT, Lab, SimulatedClock, form, problems, undone

SLOT = "2026-02-03T10:00"


def told(outcome: Any) -> str | set[str]:
    """What became of a try: `applied`, `replayed`, the rules that refused it, or the class of its error."""
    if isinstance(outcome, Applied):
        return "replayed" if outcome.replayed else "applied"
    if isinstance(outcome, Refused):
        return {refusal.rule for refusal in outcome.refusals}
    assert isinstance(outcome, CoopError), repr(outcome)
    return type(outcome).__name__


@pytest.fixture
def lab(lab: Lab) -> Iterator[Lab]:
    """A lab that must be whole at the end, whatever happened in it."""
    yield lab
    assert problems(lab) == []


# --- One request ---


def test_two_never_pass_a_cap(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="coup_de_pouce")
    commands = [lab.command(ref, "plan_meeting", {"at": at}) for at in (SLOT, "2026-02-04T10:00")]
    assert [told(outcome) for outcome in lab.meet(*commands)] == ["applied", {"cap_reached"}]


def test_many_never_pass_a_cap(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="tuto")
    tries = [
        lambda other, day=day: other.apply(ref, "plan_meeting", {"at": f"2026-02-{day:02}T10:00"})
        for day in (2, 3, 4, 5, 6, 9)
    ]
    found = [told(outcome) for outcome in lab.race(*tries)]
    assert sorted(map(str, found)) == ["applied"] * 3 + ["{'cap_reached'}"] * 3
    assert lab.show(ref)["meetings"]["work"]["planned"] == 3


def test_of_two_that_saw_the_same_one_is_told(lab: Lab) -> None:
    ref = lab.request()
    first, second = (lab.command(ref, event, note=NOTE, expect_seq=1) for event in ("prequalify", "request_info"))
    assert [told(outcome) for outcome in lab.meet(first, second)] == ["applied", "Conflict"]
    assert lab.now(ref).state == "prequalified"


def test_of_two_endings_one_is_refused(lab: Lab) -> None:
    ref = lab.request("working")
    first, second = lab.command(ref, "withdraw", note=NOTE), lab.command(ref, "suspend", note=NOTE)
    assert [told(outcome) for outcome in lab.meet(first, second)] == ["applied", {"state"}]


def test_no_entry_is_lost_and_no_number_skipped(lab: Lab) -> None:
    ref = lab.request()

    def comment_often(other: Lab) -> list[int]:
        return [other.apply(ref, "comment", note=NOTE).entry.seq for _time in range(8)]

    found = lab.race(*[comment_often] * 4)
    assert sorted(seq for numbers in found for seq in numbers) == list(range(2, 34))
    assert [entry["seq"] for entry in lab.history(ref)] == list(range(1, 34))


def test_two_corrections_undo_two_entries_or_one_is_told(lab: Lab) -> None:
    ref = lab.request("qualified")
    command = lab.command(ref, "correct", note=NOTE, expect_seq=4)
    assert [told(outcome) for outcome in lab.meet(command, command)] == ["applied", "Conflict"]
    assert lab.now(ref).state == "interview_planned"


# --- Places and people, across requests ---


@pytest.mark.parametrize(
    ("first", "second", "rules"),
    [
        ({"place": "montpellier"}, {"place": "montpellier"}, {"place_taken"}),
        ({"staff": "camille"}, {"staff": "rene,camille"}, {"staff_busy"}),
        ({"place": "montpellier"}, {"place": "toulouse"}, set()),
    ],
)
def test_two_never_take_one_place_or_one_person(
    lab: Lab, first: dict[str, str], second: dict[str, str], rules: set[str]
) -> None:
    refs = [lab.request("tier_assigned") for _time in range(2)]
    commands = [
        lab.command(ref, "plan_meeting", {"at": SLOT, **given})
        for ref, given in zip(refs, (first, second), strict=True)
    ]
    assert [told(outcome) for outcome in lab.meet(*commands)] == ["applied", rules or "applied"]


def test_two_never_move_into_one_slot(lab: Lab) -> None:
    """By a plan and a move, a staffing, a correction and a reopening: whatever takes a slot takes its turn."""
    refs = [lab.request("tier_assigned") for _time in range(5)]
    given = {"place": "montpellier", "staff": "rene"}
    for number, ref in enumerate(refs[1:]):
        lab.apply(ref, "plan_meeting", {"at": f"2026-02-{10 + number}T10:00", "place": "toulouse"})
    moved, staffed, corrected, reopened = refs[1:]
    lab.apply(corrected, "move_meeting", {"meeting": "work-1", "at": SLOT, **given})
    lab.apply(corrected, "suspend", note=NOTE)
    lab.apply(reopened, "move_meeting", {"meeting": "work-1", "at": SLOT, **given})
    lab.apply(reopened, "withdraw", note=NOTE)
    lab.apply(staffed, "move_meeting", {"meeting": "work-1", "at": SLOT})
    found = lab.meet(
        lab.command(refs[0], "plan_meeting", {"at": SLOT, **given}),
        lab.command(moved, "move_meeting", {"meeting": "work-1", "at": SLOT, **given}),
    )
    assert [told(outcome) for outcome in found] == ["applied", {"place_taken", "staff_busy"}]
    lab.apply(refs[0], "correct", note=NOTE)
    found = lab.meet(
        lab.command(refs[0], "plan_meeting", {"at": SLOT, **given}),
        lab.command(staffed, "assign_staff", {"meeting": "work-1", "staff": "rene"}),
    )
    assert [told(outcome) for outcome in found] == ["applied", {"staff_busy"}]
    lab.apply(refs[0], "correct", note=NOTE)
    found = lab.meet(
        lab.command(refs[0], "plan_meeting", {"at": SLOT, **given}), lab.command(corrected, "correct", note=NOTE)
    )
    assert [told(outcome) for outcome in found] == ["applied", {"place_taken", "staff_busy"}]
    lab.apply(refs[0], "correct", note=NOTE)
    _first, second = lab.meet(
        lab.command(refs[0], "plan_meeting", {"at": SLOT, **given}),
        lab.command(reopened, "reopen", note=NOTE, actor=PILOT),
    )
    assert second.entry.data["restored"] == []


def test_many_never_take_one_slot(lab: Lab) -> None:
    refs = [lab.request("tier_assigned") for _time in range(4)]
    tries = [
        lambda other, ref=ref: other.apply(ref, "plan_meeting", {"at": SLOT, "place": "montpellier"}) for ref in refs
    ]
    found = [told(outcome) for outcome in lab.race(*tries)]
    assert sorted(map(str, found)) == ["applied"] + ["{'place_taken'}"] * 3


def test_an_absence_and_a_plan_take_turns(lab: Lab) -> None:
    """An absence recorded first refuses the plan, though the planner began before it was committed."""
    ref = lab.request("tier_assigned")
    with lab.elsewhere() as other:

        def away(there: Lab) -> object:
            return record_absence(there.engine, "camille", "rene", [(date(2026, 2, 3), date(2026, 2, 3))])

        def plan(there: Lab) -> object:
            return there.apply(ref, "plan_meeting", {"at": SLOT, "staff": "rene"})

        found = other.race(away, plan)
    absences = lab.now(ref).of_kind("work", "planned")
    assert told(found[1]) == ("applied" if absences else {"staff_absent"})


def test_two_requests_never_follow_each_other(lab: Lab) -> None:
    one, two = lab.request(), lab.request()
    found = lab.meet(lab.command(one, "amend", {"follows": two}), lab.command(two, "amend", {"follows": one}))
    assert [told(outcome) for outcome in found] == ["applied", "Invalid"]


def test_two_that_cross_wait_for_each_other_in_turn(lab: Lab) -> None:
    """Several events as one, over the same requests in opposite orders: neither locks the other out."""
    one, two = (lab.request("working", tier="50_50") for _time in range(2))

    def both(first: str, second: str, hour: int) -> Callable[[Lab], int]:
        def run(other: Lab) -> int:
            for day in (3, 4, 6):
                plan = other.command(second, "plan_meeting", {"at": f"2026-02-{day:02}T{hour}:00"})
                other.engine.apply_all([other.command(first, "comment", note=NOTE), plan])
            return hour

        return run

    assert lab.race(both(one, two, 10), both(two, one, 14)) == [10, 14]


# --- Forms ---


def test_references_have_no_gap(lab: Lab) -> None:
    def submit_often(other: Lab) -> list[str]:
        return [other.submit().entry.stream for _time in range(5)]

    found = lab.race(*[submit_often] * 3)
    assert sorted(ref for refs in found for ref in refs) == [f"2026-{n:04}" for n in range(1, 16)]


def test_a_submission_that_fails_leaves_no_gap(lab: Lab) -> None:
    with undone(lab.store) as tx:
        assert lab.engine.apply_in(tx, lab.reception(form())).entry.stream == "2026-0001"
    assert lab.request() == "2026-0001"


def test_a_form_is_received_once(lab: Lab) -> None:
    submission = lab.reception(form(external_id="D-1"))
    first, second = lab.meet(submission, submission)
    assert told(first) == "applied"
    assert isinstance(second, AlreadyReceived)
    assert second.ref == first.entry.stream
    assert lab.request() == "2026-0002"


# --- Keys ---


def test_the_same_key_twice_at_once_is_applied_once(lab: Lab) -> None:
    ref = lab.request()
    command = lab.command(ref, "comment", note=NOTE, key="k1")
    first, second = lab.meet(command, command)
    assert [told(first), told(second)] == ["applied", "replayed"]
    assert first.entry == second.entry
    submission = lab.reception(form(), key="k2")
    assert [told(outcome) for outcome in lab.meet(submission, submission)] == ["applied", "replayed"]
    assert len(lab.history(ref)) == 2


def test_a_key_stands_for_one_thing_at_once_too(lab: Lab) -> None:
    one, two = lab.request(), lab.request()
    found = lab.meet(lab.command(one, "comment", note=NOTE, key="k1"), lab.command(two, "comment", note=NOTE, key="k1"))
    assert [told(outcome) for outcome in found] == ["applied", "Conflict"]
    assert len(lab.history(two)) == 1


# --- The lab ---


def test_someone_is_registered_once(lab: Lab) -> None:
    found = lab.race(*[lambda other: other.register("anouk")] * 3)
    assert sorted(type(outcome).__name__ for outcome in found) == ["Conflict", "Conflict", "NoneType"]


def test_two_may_open_the_same_store(empty_url: str) -> None:
    """One opens the lab; the others find it open."""
    lab = Lab(Store(empty_url), SimulatedClock())

    def init(other: Lab) -> bool:
        return open_lab(other.store, other.clock, "camille", None).opened

    assert sorted(lab.race(*[init] * 6)) == [False] * 5 + [True]
    assert lab.request() == "2026-0001"
    assert problems(lab) == []
    lab.close()


def test_a_reader_sees_one_moment_and_waits_for_nobody(lab: Lab) -> None:
    ref = lab.request()
    with lab.elsewhere() as other, lab.store.writing() as tx:
        lab.engine.apply_in(tx, lab.command(ref, "prequalify"))
        assert other.now(ref).state == "received"
        assert other.engine.options(ref, "camille")[0].state == "received"
        with other.reading() as reader:
            assert reader.request(ref).seq == 1
            lab.engine.apply_in(tx, lab.command(ref, "comment", note=NOTE))
            assert len(reader.history(ref)) == 1


def test_a_reader_still_sees_its_moment_after_a_commit(lab: Lab) -> None:
    ref = lab.request()
    with lab.elsewhere() as other, other.reading() as reader:
        assert reader.request(ref).state == "received"
        lab.apply(ref, "prequalify")
        assert reader.request(ref).state == "received"
        assert len(reader.history(ref)) == 1
    assert lab.now(ref).state == "prequalified"


def test_verifying_and_rebuilding_while_others_write(lab: Lab) -> None:
    ref = lab.request()

    def write(other: Lab) -> int:
        return len([other.apply(ref, "comment", note=NOTE) for _time in range(15)])

    def verify(other: Lab) -> list[Any]:
        return [problem for _time in range(3) for problem in other.verify().problems]

    def rebuild(other: Lab) -> list[None]:
        return [other.rebuild() for _time in range(3)]

    assert lab.race(write, write, verify, rebuild) == [15, 15, [], [None] * 3]
    assert len(lab.history(ref)) == 31


# --- Killed ---


def test_what_was_not_committed_never_was(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    before = rows_of(lab)
    assert lab.killed("before_commit", lab.command(ref, "plan_meeting", {"at": SLOT}, note=NOTE, key="k1")) == []
    assert rows_of(lab) == before
    assert told(lab.apply(ref, "plan_meeting", {"at": SLOT}, note=NOTE, key="k1")) == "applied"


def test_what_was_acknowledged_survives(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    command = lab.command(ref, "plan_meeting", {"at": SLOT}, note=NOTE, key="k1")
    assert lab.killed("after_commit", command) == [6]
    again = lab.engine.apply(command)
    assert (told(again), again.entry.seq, again.request.state) == ("replayed", 6, "working")
    assert lab.history(ref)[-1]["note"] == NOTE


def test_killed_at_any_moment_it_loses_nothing_acknowledged(lab: Lab) -> None:
    ref = lab.request()
    acknowledged = lab.killed("at_work", lab.command(ref, "comment", note=NOTE), after=20)
    assert acknowledged == list(range(2, len(acknowledged) + 2))
    assert len(lab.history(ref)) - 1 in (len(acknowledged), len(acknowledged) + 1)
    assert told(lab.apply(ref, "prequalify")) == "applied"


def rows_of(lab: Lab) -> dict[str, int]:
    with lab.store.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (*s.PRIMARY, *s.DERIVED)
        }


def test_what_is_kept_of_a_request_is_read_again_once_somebody_else_has_changed_it(lab: Lab) -> None:
    """Of two programs that take turns, each goes on from what the other has just written, and settles its alert."""
    ref = lab.request()
    lab.clock.to("2026-01-20T09:00+01:00")
    with lab.elsewhere() as other:
        assert sweep(other.engine).raised
        other.apply(ref, "comment", note=NOTE)
        lab.apply(ref, "prequalify")
        other.apply(ref, "plan_interview", {"at": "2026-01-26T10:00"})
        assert lab.apply(ref, "comment", note=NOTE).request.next_planned("interview")
        with pytest.raises(Refused):
            other.apply(ref, "prequalify")
    with lab.store.looking() as tx:
        assert [entry.seq for entry in lab.engine.facts(tx).entries_of(ref)] == [1, 2, 3, 4, 5]
        assert {alert.status for alert in alerts_of(tx, ref)} == {"resolved"}


def test_an_alert_that_someone_else_settles_is_settled_once(lab: Lab) -> None:
    """Two events on one request, the second begun before the first has settled the alert that both remove."""
    ref = lab.request()
    lab.clock.to("2026-01-20T09:00+01:00")
    assert sweep(lab.engine).raised
    first, second = lab.command(ref, "prequalify"), lab.command(ref, "withdraw", note=NOTE)
    assert [told(outcome) for outcome in lab.meet(first, second)] == ["applied", "applied"]
    with lab.store.looking() as tx:
        settled = [e.data["id"] for e in lab.engine.facts(tx).entries_of(LAB) if e.event == "alert_resolved"]
    assert len(settled) == len(set(settled))


def test_a_request_that_is_not_there_is_not_there_for_two(lab: Lab) -> None:
    found = lab.race(*[lambda other: other.apply("2026-0042", "comment", note=NOTE)] * 2)
    assert all(isinstance(outcome, NotFound) for outcome in found)
