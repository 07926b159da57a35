"""The lab's diary in its stream: what is written, what is not written twice, what moves with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from states.calendar.day_ranges import Days
from states.calendar.working_days import Closure
from states.errors import CoopError, Invalid, NotFound, Refused
from states.planning.slots import Swap
from states.references import LAB
from states.risks.workload import Load
from workflow.lab.calendar import cancel_absence, cancel_swap, close, record_absence, reopen, swap_place
from workflow.lab.staff import change_staff
from workflow.store.schema import DERIVED, PRIMARY
from workflow.testing import PILOT, Lab, problems, tables
from workflow.views.forecast import Outlook
from workflow.views.reader import Reader

# The clock starts on Monday 12 January 2026 at 9:00.


def days(first: str, last: str | None = None) -> Days:
    """`03-09`, in 2026."""
    return date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last or first}")


def read(lab: Lab, what: Callable[[Outlook], Any]) -> Any:
    with lab.reading() as reader:
        return what(Outlook(reader))


def away(lab: Lab, id: str = "camille") -> list[Days]:
    found: list[Days] = read(lab, lambda outlook: outlook.absences(id))
    return found


def closures(lab: Lab) -> list[Closure]:
    found = read(lab, lambda outlook: outlook.around.closures)
    return sorted(found, key=lambda c: (c.first, c.place or ""))


def written(lab: Lab) -> list[str]:
    """The events of the lab's stream, but for its opening."""
    with lab.reading() as reader:
        return [e.event for e in reader.entries(LAB) if e.event not in ("lab_opened", "holidays_copied", "staff_added")]


def failure(lab: Lab, act: Callable[[], object]) -> CoopError:
    """What an act raises. It must leave every table as it was."""
    before = tables(lab.store, (*PRIMARY, *DERIVED))
    with pytest.raises(CoopError) as caught:
        act()
    assert tables(lab.store, (*PRIMARY, *DERIVED)) == before
    return caught.value


def fields(problem: CoopError) -> list[str]:
    assert isinstance(problem, Invalid)
    assert all(field.message for field in problem.fields)
    return [field.field for field in problem.fields]


# --- Absences ---


def test_an_absence_is_whole_days_and_nothing_else(lab: Lab) -> None:
    entry = record_absence(lab.engine, "camille", "rene", [days("03-09", "03-13"), days("03-30")])
    assert entry is not None
    assert entry.data == {"id": "rene", "days": [["2026-03-09", "2026-03-13"], ["2026-03-30", "2026-03-30"]]}
    assert entry.note_digest is None
    assert away(lab, "rene") == [days("03-09", "03-13"), days("03-30")]
    assert away(lab) == []
    assert problems(lab) == []


def test_only_days_not_yet_known_are_written(lab: Lab) -> None:
    record_absence(lab.engine, "camille", "camille", [days("03-09", "03-13")])
    assert record_absence(lab.engine, "camille", "camille", [days("03-10"), days("03-09", "03-11")]) is None
    entry = record_absence(lab.engine, "camille", "camille", [days("03-11", "03-17")])
    assert entry is not None
    assert entry.data["days"] == [["2026-03-14", "2026-03-17"]]
    assert away(lab) == [days("03-09", "03-17")]
    assert written(lab) == ["absence_recorded", "absence_recorded"]
    assert problems(lab) == []


@pytest.mark.parametrize(
    ("back", "left"),
    [
        (days("03-09", "03-13"), []),
        (days("03-01", "03-31"), []),
        (days("03-12", "03-20"), [days("03-09", "03-11")]),  # back early
        (days("03-09", "03-10"), [days("03-11", "03-13")]),  # left later
        (days("03-11"), [days("03-09", "03-10"), days("03-12", "03-13")]),
    ],
)
def test_people_come_back_early(lab: Lab, back: Days, left: list[Days]) -> None:
    record_absence(lab.engine, "camille", "camille", [days("03-09", "03-11"), days("03-12", "03-13")])
    record_absence(lab.engine, "camille", "rene", [days("03-09", "03-13")])
    assert cancel_absence(lab.engine, "camille", "camille", [back]) is not None
    assert away(lab) == left
    assert away(lab, "rene") == [days("03-09", "03-13")]
    assert cancel_absence(lab.engine, "camille", "camille", [back]) is None
    assert record_absence(lab.engine, "camille", "camille", [days("03-09", "03-13")]) is not None
    assert away(lab) == [days("03-09", "03-13")]
    assert problems(lab) == []


def test_absences_are_checked(lab: Lab) -> None:
    assert fields(failure(lab, lambda: record_absence(lab.engine, "camille", "camille", [days("03-10", "03-09")]))) == [
        "to"
    ]
    assert isinstance(failure(lab, lambda: record_absence(lab.engine, "camille", "nobody", [days("03-10")])), NotFound)
    assert isinstance(failure(lab, lambda: cancel_absence(lab.engine, "camille", "nobody", [days("03-10")])), NotFound)
    assert isinstance(failure(lab, lambda: record_absence(lab.engine, "nobody", "camille", [days("03-10")])), NotFound)
    assert isinstance(failure(lab, lambda: record_absence(lab.engine, "sacha", "camille", [days("03-10")])), Refused)


def test_an_absence_refuses_new_meetings_and_lets_those_planned_fall(lab: Lab) -> None:
    ref = lab.request("working")  # a meeting of camille's is not planned: nobody is assigned
    lab.apply(ref, "plan_meeting", {"at": "2026-03-10T10:00", "staff": ["camille"]})
    record_absence(lab.engine, "camille", "camille", [days("03-09", "03-13")])
    assert lab.refused(ref, "plan_meeting", {"at": "2026-03-11T10:00", "staff": ["camille"]}) == {"staff_absent"}
    cause, fallen = read(lab, lambda outlook: outlook.if_absent("camille", [days("03-09", "03-13")]))
    assert [one.meeting.name for one in fallen] == [f"{ref}/work-2"]
    assert [one.meeting.name for one in read(lab, lambda outlook: outlook.falls(cause))] == [f"{ref}/work-2"]
    for command in fallen[0].ways_out.commands:
        assert command.startswith(f"coop meeting {command.split()[2]} {ref}/work-2 --")
    moved = fallen[0].ways_out.slots[0]
    lab.apply(ref, "move_meeting", {"meeting": "work-2", "at": moved})
    assert read(lab, lambda outlook: outlook.falls()) == []
    assert problems(lab) == []


# --- Closures ---


def test_a_note_of_a_closure_is_kept_in_the_vault(lab: Lab) -> None:
    (entry,) = close(lab.engine, "camille", "montpellier", days("03-09", "03-11"), note="travaux chez X").entries
    assert entry.note_digest is not None
    assert "travaux" not in str(entry)
    assert closures(lab) == [Closure("montpellier", *days("03-09", "03-11"), entry.recorded_at, "travaux chez X")]
    assert problems(lab) == []


def test_a_closure_is_not_written_twice(lab: Lab) -> None:
    first = close(lab.engine, "camille", "montpellier", days("03-09", "03-11"), note="a")
    assert len(first.entries) == 1
    assert close(lab.engine, "camille", "montpellier", days("03-10"), note="b").entries == ()
    assert len(close(lab.engine, "camille", "montpellier", days("03-11", "03-12"), note="c").entries) == 1
    assert close(lab.engine, "camille", "montpellier", days("03-09", "03-12"), note="d").entries == ()
    assert len(close(lab.engine, "camille", "toulouse", days("03-10"), note="e").entries) == 1
    assert len(close(lab.engine, "camille", None, days("03-10"), note="f").entries) == 1
    assert close(lab.engine, "camille", None, days("03-10"), note="g").entries == ()
    assert problems(lab) == []


def test_a_refusal_says_why_the_place_is_closed(lab: Lab) -> None:
    ref = lab.request("tier_assigned", place="montpellier")
    close(lab.engine, "camille", "montpellier", days("03-10"), note="travaux chez X")
    with pytest.raises(Refused) as refused:
        lab.apply(ref, "plan_meeting", {"at": "2026-03-10T10:00"})
    assert [refusal.rule for refusal in refused.value.refusals] == ["place_closed"]
    assert "travaux chez X" in refused.value.refusals[0].message


def test_closures_are_checked(lab: Lab) -> None:
    wrong = [
        (lambda: close(lab.engine, "camille", "montpellier", days("03-10", "03-09"), note="x"), ["to"]),
        (lambda: close(lab.engine, "camille", "hors_les_murs", days("03-10"), note="x"), ["place"]),
        (lambda: reopen(lab.engine, "camille", None, days("01-11", "01-14")), ["from"]),
    ]
    for act, expected in wrong:
        assert fields(failure(lab, act)) == expected
    assert isinstance(failure(lab, lambda: close(lab.engine, "camille", "paris", days("03-10"), note="x")), NotFound)
    assert isinstance(failure(lab, lambda: close(lab.engine, "sacha", None, days("03-10"), note="x")), Refused)


@pytest.mark.parametrize(
    ("again", "left"),
    [
        (days("03-02", "03-06"), []),
        (days("03-01", "03-31"), []),
        (days("03-02", "03-03"), [days("03-04", "03-06")]),
        (days("03-06", "03-09"), [days("03-02", "03-05")]),
        (days("03-04"), [days("03-02", "03-03"), days("03-05", "03-06")]),
    ],
)
def test_a_place_or_the_lab_opens_again(lab: Lab, again: Days, left: list[Days]) -> None:
    for place in ("montpellier", None):
        note = f"note de {place}"
        if place:
            close(lab.engine, "camille", place, days("03-02", "03-06"), note=note)
            reopened = reopen(lab.engine, "camille", place, again)
            assert reopen(lab.engine, "camille", place, again).entries == ()
        else:
            close(lab.engine, "camille", None, days("03-02", "03-06"), note=note)
            reopened = reopen(lab.engine, "camille", None, again)
        assert reopened.entries
        found = [c for c in closures(lab) if c.place == place]
        assert [(c.first, c.last) for c in found] == left
        assert {c.note for c in found} <= {note}  # each piece has kept it
    assert problems(lab) == []


def test_overlapping_closures_open_again_together(lab: Lab) -> None:
    close(lab.engine, "camille", None, days("03-02", "03-13"), note="a")
    lab.clock.forward(days=1)
    close(lab.engine, "camille", None, days("03-09", "03-20"), note="b")
    assert len(reopen(lab.engine, "camille", None, days("03-10", "03-11")).entries) == 4  # each is cut in two
    assert [(c.first, c.last, c.note) for c in closures(lab)] == [
        (*days("03-02", "03-09"), "a"),
        (*days("03-09"), "b"),
        (*days("03-12", "03-13"), "a"),
        (*days("03-12", "03-20"), "b"),
    ]
    assert problems(lab) == []


# --- Deadlines ---


def due(lab: Lab, ref: str) -> str:
    found: str = lab.show(ref)["deadlines"][-1]["due_at"]
    return found


def test_a_closure_of_the_lab_moves_deadlines_and_opening_again_brings_them_back(lab: Lab) -> None:
    ref, suspended = lab.request(), lab.request("suspended", after="working")
    before = due(lab, ref)
    assert before == "2026-01-19T18:00:00+01:00"
    assert close(lab.engine, "camille", None, days("01-15", "01-16"), note="intempéries").moved >= 1
    assert due(lab, ref) == "2026-01-21T18:00:00+01:00"
    assert problems(lab) == []
    assert close(lab.engine, "camille", "montpellier", days("01-19", "01-20"), note="travaux").moved == 0
    assert due(lab, ref) == "2026-01-21T18:00:00+01:00"
    reopen(lab.engine, "camille", None, days("01-15", "01-16"))
    assert due(lab, ref) == before
    assert lab.now(suspended).state == "suspended"
    assert problems(lab) == []


def test_a_closure_recorded_after_a_deadline_fell_due_moves_it_no_more(lab: Lab) -> None:
    ref = lab.request()
    lab.clock.to("2026-01-19T18:00:01+01:00")
    assert close(lab.engine, "camille", None, days("01-15", "01-16"), note="oubli").moved == 0
    assert due(lab, ref) == "2026-01-19T18:00:00+01:00"
    assert problems(lab) == []


def test_the_rest_of_a_closure_has_been_known_for_as_long_as_the_whole(lab: Lab) -> None:
    ref = lab.request()  # due on 19 January
    close(lab.engine, "camille", None, days("01-14", "01-16"), note="intempéries")
    assert due(lab, ref) == "2026-01-22T18:00:00+01:00"
    lab.clock.to("2026-01-14T12:00:00+01:00")
    reopen(lab.engine, "camille", None, days("01-15"))
    assert due(lab, ref) == "2026-01-21T18:00:00+01:00"
    assert problems(lab) == []


def test_a_day_that_is_over_stays_closed(lab: Lab) -> None:
    close(lab.engine, "camille", None, days("01-12", "01-16"), note="intempéries")
    lab.clock.to("2026-01-14T18:00:00+01:00")  # the hour at which deadlines fall
    assert fields(failure(lab, lambda: reopen(lab.engine, "camille", None, days("01-14", "01-16")))) == ["from"]
    assert len(reopen(lab.engine, "camille", None, days("01-15", "01-16")).entries) == 1


# --- Swaps ---


def test_a_swap_opens_a_thursday_and_gives_another_day(lab: Lab) -> None:
    thursday, tuesday = date(2026, 3, 12), date(2026, 3, 10)
    ref = lab.request("working", place="montpellier")
    assert lab.refused(ref, "plan_meeting", {"at": "2026-03-12T10:00"}) == {"place_closed"}
    assert swap_place(lab.engine, "camille", "montpellier", thursday, tuesday) is not None
    assert swap_place(lab.engine, "camille", "montpellier", thursday, tuesday) is None
    assert lab.refused(ref, "plan_meeting", {"at": "2026-03-10T10:00"}) == {"place_closed"}
    assert lab.refused(ref, "plan_meeting", {"at": "2026-03-12T10:00"}) == set()
    assert read(lab, lambda outlook: outlook.falls()) == []
    assert cancel_swap(lab.engine, "camille", "montpellier", thursday, tuesday) is not None
    assert cancel_swap(lab.engine, "camille", "montpellier", thursday, tuesday) is None
    assert [one.meeting.name for one in read(lab, lambda outlook: outlook.falls())] == [f"{ref}/work-2"]
    assert written(lab) == ["place_swapped", "swap_cancelled"]
    assert problems(lab) == []


@pytest.mark.parametrize(
    ("place", "gained", "given", "wrong"),
    [
        ("montpellier", "03-12", "03-18", ["given"]),  # another week
        ("montpellier", "03-11", "03-10", ["gained"]),  # ours already
        ("montpellier", "03-12", "03-12", ["given"]),  # the same day, not ours to give
        ("montpellier", "03-12", "03-14", ["given"]),  # a Saturday
        ("montpellier", "03-15", "03-10", ["gained"]),
        ("montpellier", "05-14", "05-12", ["gained"]),  # Ascension
        ("montpellier", "04-09", "04-06", ["given"]),  # Easter Monday
        ("montpellier", "03-26", "03-23", ["given"]),  # closed, below
        ("montpellier", "03-19", "03-16", ["gained"]),  # already swapped for another day, below
        ("montpellier", "03-05", "03-10", ["given"]),
        ("toulouse", "03-12", "03-10", ["place"]),  # all its days are ours
        ("hors_les_murs", "03-12", "03-10", ["place"]),
    ],
)
def test_what_is_no_swap_is_refused(lab: Lab, place: str, gained: str, given: str, wrong: list[str]) -> None:
    close(lab.engine, "camille", "montpellier", days("03-23"), note="travaux")
    swap_place(lab.engine, "camille", "montpellier", days("03-19")[0], days("03-17")[0])
    swap = days(gained)[0], days(given)[0]
    assert fields(failure(lab, lambda: swap_place(lab.engine, "camille", place, *swap))) == wrong


def test_swaps_are_the_keepers(lab: Lab) -> None:
    swap = date(2026, 3, 12), date(2026, 3, 10)
    assert isinstance(failure(lab, lambda: swap_place(lab.engine, "sacha", "montpellier", *swap)), Refused)
    assert isinstance(failure(lab, lambda: swap_place(lab.engine, "camille", "paris", *swap)), NotFound)
    assert swap_place(lab.engine, PILOT, "montpellier", *swap) is not None
    assert read(lab, lambda outlook: outlook.around.swaps) == [Swap("montpellier", *swap)]


# --- Who leaves; what is ahead ---


def test_someone_who_leaves_lets_what_they_had_fall(lab: Lab) -> None:
    ref = lab.request("working")
    lab.apply(ref, "plan_meeting", {"at": "2026-03-10T10:00", "staff": ["rene"]})
    change_staff(lab.engine, "camille", "rene", {"active": False})
    (fallen,) = read(lab, lambda outlook: outlook.falls())
    assert (fallen.meeting.name, fallen.absent) == (f"{ref}/work-2", ("rene",))
    assert "rene" not in fallen.ways_out.replacements
    assert problems(lab) == []


def test_the_load_counts_what_is_planned_and_what_is_held(lab: Lab) -> None:
    ref = lab.request("working", tier="50_50")
    lab.apply(ref, "plan_meeting", {"at": "2026-03-10T10:00", "duration": "2h", "staff": ["camille"]})
    lab.apply(ref, "plan_session", {"at": "2026-03-11T09:00", "staff": ["camille"], "facilitation": "both"})
    record_absence(lab.engine, "camille", "camille", [days("03-13")])

    def camille() -> Load:
        found: list[Load] = read(lab, lambda outlook: outlook.load(date(2026, 3, 9), 1))
        return next(one for one in found if one.person and one.person.id == "camille")

    assert [(w.committed / 60, w.there / 60) for w in camille().weeks] == [(6 + 10, 28)]
    lab.clock.to("2026-03-10T13:00:00+01:00")
    lab.apply(ref, "hold_meeting", {"meeting": "work-2", "duration": "3h"})
    assert [w.committed / 60 for w in camille().weeks] == [7 + 10]
    assert problems(lab) == []


def test_two_who_record_the_same_absence_write_it_once(lab: Lab) -> None:
    found = lab.race(*[lambda other: record_absence(other.engine, "camille", "rene", [days("03-09", "03-13")])] * 2)
    assert sorted(entry is None for entry in found) == [False, True]
    assert away(lab, "rene") == [days("03-09", "03-13")]
    assert problems(lab) == []


def test_what_was_known_before_still_is(lab: Lab) -> None:
    """Every change is an entry: reading the stream up to a moment tells what was known then."""
    record_absence(lab.engine, "camille", "rene", [days("03-09", "03-13")])
    then = lab.clock.now
    lab.clock.forward(days=1)
    cancel_absence(lab.engine, "camille", "rene", [days("03-12", "03-13")])
    with lab.reading() as reader:
        assert isinstance(reader, Reader)
        assert [e.event for e in reader.entries(LAB, known_at=then)][-1] == "absence_recorded"
        assert [e.event for e in reader.entries(LAB)][-1] == "absence_cancelled"
