"""Activities among the meetings of the lab, and in rows, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from activities import PEERS, SLOT
from sqlalchemy import select

from states.errors import Refused
from workflow.engine import Applied, Command
from workflow.lab.calendar import record_absence
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.sweep import sweep
from workflow.testing import Lab, form, problems
from workflow.views.activities import Filters, listed
from workflow.views.agenda import Overview
from workflow.views.calendar_feed import occurrences
from workflow.views.forecast import Outlook


@pytest.fixture
def lab(lab: Lab) -> Iterator[Lab]:
    """A lab that must be whole at the end: chain, vault and derived tables."""
    yield lab
    assert problems(lab) == []


# --- Among the meetings ---


def test_a_meeting_and_an_activity_do_not_meet(lab: Lab) -> None:
    lab.activity(at=SLOT, staff="camille")
    ref = lab.request("prequalified", place="montpellier")
    given = {"at": "2026-02-03T11:00", "staff": "camille"}
    assert lab.refused(ref, "plan_interview", given) == {"place_taken", "staff_busy"}
    lab.apply(ref, "plan_interview", {**given, "at": "2026-02-03T12:00"})
    assert lab.refused("", "plan_activity", {**PEERS, "place": "montpellier", "at": "2026-02-03T11:30"}) == {
        "place_taken"
    }


def test_it_stands_in_the_day_the_calendar_and_the_feeds(lab: Lab) -> None:
    ref = lab.activity(at=SLOT, staff="camille")
    lab.clock.to(lab.clock().replace(month=2, day=3))
    with lab.reading() as reader:
        today = Overview(reader).today()["meetings"][0]["meetings"]
        found = occurrences(reader, "camille")
    assert [(m["ref"], m["meeting_id"], m["kind"], m["title"]) for m in today] == [
        (ref, "activity-1", "activity", "Visite du lieu")
    ]
    assert [(o.ref, o.meeting.kind, o.title, o.meeting.duration) for o in found] == [
        (ref, "activity", "Visite du lieu", 120)
    ]
    lab.clock.forward(days=1)
    with lab.reading() as reader:
        assert [m["ref"] for m in Overview(reader).today()["to_record"]] == [ref]


def test_an_absence_makes_it_fall_and_says_what_to_type(lab: Lab) -> None:
    ref = lab.activity(at=SLOT, staff="camille")
    day = date(2026, 2, 3)
    record_absence(lab.engine, "camille", "camille", [(day, day)])
    with lab.reading() as reader:
        (fallen,) = Outlook(reader).falls()
        assert Outlook(reader).titles([ref]) == {ref: "Visite du lieu"}
    assert fallen.meeting.name == ref
    assert all(command.startswith(f"coop activity move {ref} --slot") for command in fallen.ways_out.commands[:-1])
    assert fallen.ways_out.commands[-1] == f'coop activity cancel {ref} --note "…"'
    lab.clock.forward(days=15)
    sweep(lab.engine)
    with lab.store.looking() as tx:
        (alert,) = [row for row in tx.all(q.alerts_of, ref=ref) if row.rule == "staff_absence"]
    assert alert[4] == "open"
    lab.apply(ref, "move_activity", {"at": "2026-02-04T10:00"})
    with lab.store.looking() as tx:
        (alert,) = [row for row in tx.all(q.alerts_of, ref=ref) if row.rule == "staff_absence"]
    assert alert[4] == "resolved"


def test_only_its_staff_are_invited(lab: Lab) -> None:
    ref = lab.activity(at=SLOT, staff="camille,rene")
    o = s.outbox.c
    with lab.store.reading() as connection:
        people = connection.execute(select(o.recipient, o.kind).where(o.ref == ref)).all()
    assert {tuple(row) for row in people} == {("camille", "invitation"), ("rene", "invitation")}


def test_two_in_the_same_room_one_wins(lab: Lab) -> None:
    given = {**PEERS, "place": "montpellier", "at": SLOT}
    commands = [Command("", "plan_activity", "camille", {**given, "title": title}) for title in ("Une", "Deux")]
    first, second = lab.meet(*commands)
    assert isinstance(first, Applied)
    assert isinstance(second, Refused)
    assert [refusal.rule for refusal in second.refusals] == ["place_taken"]
    others = [
        lambda other, hour=hour: other.activity(at=f"2026-02-04T{hour:02}:00", title=f"À {hour} h")
        for hour in (9, 10, 11)
    ]
    found = [outcome for outcome in lab.race(*others) if isinstance(outcome, str)]
    assert found in (["2026-A002"], ["2026-A002", "2026-A003"], ["2026-A003", "2026-A002"])


# --- In rows ---


def test_they_are_listed_in_order_of_their_day(lab: Lab) -> None:
    late = lab.activity(at="2026-03-03T10:00", title="Tard")
    soon = lab.activity(**PEERS, at=SLOT, capacity=8)
    lab.apply(soon, "open_activity")
    lab.request(**form(title="Une demande"))

    def refs(**filters: Any) -> list[str]:
        with lab.reading() as reader:
            return [row["ref"] for row in listed(reader, Filters(**filters))]

    assert refs() == [soon, late]
    assert refs(type=("visit",)) == refs(axis=("acculturation",)) == refs(state=("planned",)) == [late]
    assert refs(first="2026-02-03T09:00:00Z", last="2026-02-03T09:00:01Z") == [soon]
    assert refs(last="2026-02-03T09:00:00Z") == []
    with lab.reading() as reader:
        assert [row["title"] for row in listed(reader, Filters())] == ["Entre pairs", "Tard"]


def test_titles_and_descriptions_stand_only_in_the_vault(lab: Lab) -> None:
    ref = lab.activity(title="Secret-titre", description="Secret-texte", address="Secret-adresse", at=SLOT)
    lab.apply(ref, "comment", note="Secret-note")
    with lab.store.reading() as connection:
        for table in (*s.PRIMARY, *s.DERIVED):
            rows = repr(list(connection.execute(select(table))))
            assert ("Secret" in rows) == (table is s.vault), table.name
