"""The invented half-year: recorded once, played the same each time, whole at its end, with everything in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from half_year import courses
from half_year.recording import BEGUN, FILE, written
from half_year.simulation import Built, build
from half_year.turns import TURNS

from cli.output.history import entry_lines
from handlers.demo.player import MovingClock, Played, play, recorded
from workflow.testing import Lab, SimulatedClock
from workflow.views.activities import Filters as ActivityFilters
from workflow.views.activities import listed
from workflow.views.reader import Filters


@frozen
class Lived:
    """A half-year, and what it left."""

    lab: Lab
    told: Any  # what the player or the simulator says of it
    rows: list[dict[str, Any]]
    events: list[tuple[str, ...]]  # of every request, in order: reference, event, states, moment, actor


def live(folder: Path, make: Callable[[Lab], Played | Built]) -> Lived:
    lab = Lab.open(f"sqlite:///{folder / 'lab.db'}", clock=SimulatedClock(BEGUN), people={"camille": "coordinator"})
    told = make(lab)
    with lab.reading() as reader:
        rows = reader.requests(Filters())
        events = [
            (row["ref"], e["event"], str(e["from"]), e["to"], e["occurred_at"], e["actor"])
            for row in rows
            for e in reader.history(row["ref"])
        ]
    return Lived(lab, told, rows, events)


def simulated(folder: Path, **given: int) -> Lived:
    return live(folder, lambda lab: build(lab.engine, lab.clock, **given))


@pytest.fixture(scope="module")
def progress() -> list[tuple[int, int]]:
    """What the player said of how far it was."""
    return []


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, progress: list[tuple[int, int]]) -> Iterator[Lived]:
    """The half-year as the demonstration plays it."""

    def make(lab: Lab) -> Played:
        return play(lab.engine, lab.clock, recorded(), lambda done, total: progress.append((done, total)))

    found = live(tmp_path_factory.mktemp("half-year"), make)
    yield found
    found.lab.close()


def test_simulating_again_records_the_same_lines_and_lives_what_is_played(tmp_path: Path, lived: Lived) -> None:
    again = simulated(tmp_path)
    assert written(again.told.lines) == FILE.read_text("utf-8"), "make recording"
    assert again.events == lived.events
    assert (again.told.last, again.told.requests) == (lived.told.last, lived.told.requests)
    again.lab.close()


def counted(lived: Lived, event: str) -> int:
    return sum(e == event for _ref, e, *_rest in lived.events)


def test_it_holds_together(lived: Lived) -> None:
    report = lived.lab.verify()
    assert not report.problems
    assert report.entries > 900


def test_it_lasts_six_months_and_says_how_far_it_is(lived: Lived, progress: list[tuple[int, int]]) -> None:
    assert (lived.told.first, lived.told.last) == ("2026-01-05T08:00:00+01:00", "2026-07-03T17:00:00+02:00")
    assert lived.told.requests == len(lived.rows) == len(courses.COURSES)
    assert 60 <= lived.told.requests <= 75
    lines = len(recorded())
    assert progress == [(n, lines) for n in range(1, lines + 1)]


def test_every_state_is_there_at_the_end(lived: Lived) -> None:
    states = Counter(row["state"] for row in lived.rows)
    assert set(states) == set(lived.lab.declaration.states)
    assert states["closed"] > len(lived.rows) / 3


def test_every_event_has_happened(lived: Lived) -> None:
    """All but putting a figure right: nobody in it has typed a wrong one."""
    lived_events = {event for _ref, event, *_rest in lived.events}
    assert lived_events == set(lived.lab.declaration.events) - {"amend_meeting"}


def test_whatever_an_entry_holds_is_told_by_the_history_of_its_request(lived: Lived) -> None:
    """Without it, what is printed of the entry would be another; of a form, `show` tells."""
    untold, seen = set(), set()
    with lived.lab.reading() as reader:
        declaration = reader.declaration
        for row in lived.rows:
            for entry in reader.history(row["ref"]):
                whole = entry_lines(declaration, entry, several=False)
                for name, value in entry["data"].items():
                    less = {key: kept for key, kept in entry["data"].items() if key != name}
                    if value in (None, False, []) or declaration.events[entry["event"]].creates:
                        continue
                    seen.add(name)
                    if entry_lines(declaration, {**entry, "data": less}, several=False) == whole:
                        untold.add((entry["event"], name))
    assert not untold
    assert {"from_tier", "validation_cleared", "ends_validation", "cancelled", "waived", "agreed", "meeting"} <= seen


def test_no_turn_is_written_for_nothing() -> None:
    used = {turn.partition(":")[2].partition("_because_")[0] for c in courses.COURSES for turn in c.turns}
    assert used == set(TURNS)


@pytest.mark.parametrize(("name", "vocabulary"), [("tier", "tiers"), ("place", "places"), ("axis", "axes")])
def test_every_tier_place_and_axis_is_there(lived: Lived, name: str, vocabulary: str) -> None:
    assert {row[name] for row in lived.rows} - {None} == set(lived.lab.declaration.vocabulary(vocabulary))


def test_the_ways_of_a_lab_are_there(lived: Lived) -> None:
    """Reasons and orientations, waivers, derogations, the committee's three decisions, chains of requests."""
    with lived.lab.reading() as reader:
        shown = [reader.show(reader.request(row["ref"])) for row in lived.rows]
        histories = [e for row in lived.rows for e in reader.history(row["ref"])]
        lab = [e.event for e in reader.entries("lab")]
    assert {w["rule"] for s in shown for w in s["waivers"]} == {"scope", "deliverable"}
    assert {d["decision"] for s in shown for d in s["decisions"]} == {"ratify", "postpone", "refuse"}
    assert any(s["derogation"] for s in shown)
    assert any(s["project"] != s["ref"] for s in shown)
    declined = [e["data"] for e in histories if e["event"] == "decline"]
    assert {d["reason"] for d in declined} == set(lived.lab.declaration.codes["decline_reasons"])
    assert all(d["orientation"] for d in declined)
    assert any(e["corrected_by"] for e in histories)
    assert {"absence_recorded", "place_closed", "calendar_closed", "place_swapped"} <= set(lab)
    assert lab.count("alert_raised") > lab.count("alert_resolved") > 10


def test_activities_of_every_type_meet_every_fate(lived: Lived) -> None:
    declared = lived.lab.declaration
    with lived.lab.reading() as reader:
        rows = listed(reader, ActivityFilters())
        events = {e.event for row in rows for e in reader.entries(row["ref"])}
    assert [row["ref"] for row in sorted(rows, key=lambda row: str(row["ref"]))] == [
        f"2026-A{n:03d}" for n in range(1, len(rows) + 1)
    ]
    assert {row["state"] for row in rows} == set(declared.activities.states)
    assert {row["type"] for row in rows} == set(declared.activity_types)
    assert {row["axis"] for row in rows} == set(declared.activity_axes)
    assert {"register", "move_activity", "cancel_activity"} <= events
    assert {row["capacity"] is None for row in rows} == {True, False}


def test_an_absence_has_moved_or_handed_over_meetings(lived: Lived) -> None:
    with lived.lab.reading() as reader:
        absent = [e for e in reader.entries("lab") if e.event == "absence_recorded"]
        moved = [
            e
            for row in lived.rows
            for e in reader.history(row["ref"])
            if e["event"] in ("move_meeting", "assign_staff")
        ]
    # On a morning at 8:30 somebody says they will be away; a quarter of an hour later the first meeting is saved.
    days = {e.recorded_at[:10] for e in absent}
    assert [e for e in moved if e["recorded_at"][:10] in days and e["recorded_at"][11:13] in ("08", "09")]


def test_deadlines_are_met_missed_open_and_late(lived: Lived) -> None:
    with lived.lab.reading() as reader:
        statuses = Counter(d.status for row in lived.rows for d in reader.deadlines(reader.request(row["ref"])))
    assert set(statuses) == {"open", "paused", "met", "missed", "dropped"}
    assert statuses["met"] > 5 * statuses["missed"]
    assert 5 <= sum(row["overdue"] for row in lived.rows) <= 20


def test_nothing_is_twice_the_same(lived: Lived) -> None:
    titles = Counter(row["title"] for row in lived.rows)
    assert not [title for title, times in titles.items() if times > 1]


def test_everyone_is_invented(lived: Lived) -> None:
    with lived.lab.reading() as reader:
        forms = [reader.show(reader.request(row["ref"]))["form"] for row in lived.rows]
        people = reader.staff()
    addresses = [form["requester"]["email"] for form in forms] + [person["email"] for person in people]
    assert all(address.endswith("@example.org") for address in addresses)


def test_the_same_seed_gives_the_same_months(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
    one, two = (simulated(tmp_path / name, months=2, seed=7) for name in ("one", "two"))
    three = simulated(tmp_path / "three", months=2, seed=8)
    assert one.events == two.events
    assert [row["title"] for row in one.rows] == [row["title"] for row in two.rows]
    assert one.events != three.events
    assert one.told.requests == three.told.requests == round(len(courses.COURSES) / 3)
    for lived in (one, two, three):
        lived.lab.close()


@pytest.mark.parametrize(("months", "seed"), [(1, 1), (4, 2), (8, 3)])
def test_other_lengths_and_seeds_hold_together_too(tmp_path: Path, months: int, seed: int) -> None:
    lived = simulated(tmp_path, months=months, seed=seed)
    assert not lived.lab.verify().problems
    lived.lab.close()


def test_its_clock_does_not_go_back(lived: Lived) -> None:
    clock = MovingClock(lived.lab.clock())
    with pytest.raises(ValueError, match="does not go back"):
        clock.to(SimulatedClock(BEGUN)())
