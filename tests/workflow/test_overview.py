"""What `today`, `agenda`, `board`, `triage` and `--slot first` read, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from states.declaration.outline import Outline
from states.declaration.vocabulary import ACCEPT
from states.errors import Invalid, NotFound, Refused
from workflow.lab.calendar import close, record_absence
from workflow.sweep import sweep
from workflow.testing import PILOT, Lab
from workflow.views.agenda import Overview, deadlines_of
from workflow.views.alerts import Alarms
from workflow.views.free_slots import Wanted, slots_wanted
from workflow.views.list import Filters, board
from workflow.views.reader import Reader
from workflow.views.triage import card, received


def today(lab: Lab) -> dict[str, Any]:
    with lab.reading() as reader:
        return Overview(reader).today()


def named(found: list[dict[str, Any]]) -> list[str]:
    return [row["ref"] for row in found]


def planned(lab: Lab, ref: str, event: str, at: str, **given: Any) -> None:
    lab.apply(ref, event, {"at": at, "place": "montpellier", "staff": "camille", **given})


# --- Today ---


def test_a_day_without_anything_is_empty(lab: Lab) -> None:
    found = today(lab)
    assert (found["day"], found["week"], found["working"]) == ("2026-01-12", 3, True)
    assert not any(found[name] for name in ("late", "due", "to_record", "new", "awaited", "absences", "closures"))
    assert [day["day"] for day in found["meetings"]] == ["2026-01-12", "2026-01-13"]


def test_a_new_form_is_new_then_late(lab: Lab) -> None:
    ref = lab.request()
    assert named(today(lab)["new"]) == [ref]
    lab.clock.to("2026-01-19T18:00:00+01:00")
    found = today(lab)
    assert named(found["late"]) == [ref]
    assert found["late"][0]["overdue"]
    assert found["new"] == []


def test_what_is_due_this_week_is_told_and_what_is_due_next_week_is_not(lab: Lab) -> None:
    ref = lab.request("prequalified")
    assert today(lab)["due"] == []
    lab.clock.to("2026-01-16T09:00:00+01:00")
    due = today(lab)["due"]
    assert [(row["ref"], row["kind"], row["due_at"]) for row in due] == [
        (ref, "prequalified", "2026-01-19T18:00:00+01:00")  # Friday looks as far as Monday
    ]


@pytest.mark.parametrize(("actor", "command"), [(PILOT, "coop validate"), ("camille", f"coop --as {PILOT} validate")])
def test_a_command_for_someone_else_names_that_person(lab: Lab, actor: str, command: str) -> None:
    ref = lab.request("tier_assigned", tier="50_50")
    lab.clock.to("2026-01-23T09:00:00+01:00")
    with lab.store.looking() as tx:
        (due,) = Overview(Reader(tx, lab.clock.now, actor=actor)).today()["due"]
    assert due["command"] == f"{command} {ref}"


def test_a_late_debrief_is_told_once(lab: Lab) -> None:
    ref = lab.request("session_held")
    planned(lab, ref, "plan_debrief", "2026-01-16T09:00+01:00")
    lab.clock.to("2026-02-20T09:00:00+01:00")
    late = today(lab)["late"]
    assert [(row["command"], row["kind"]) for row in late] == [(f"coop debrief done {ref}", "meeting")]


def test_what_is_awaited_is_told_once(lab: Lab) -> None:
    ref = lab.request("info_requested")
    assert named(today(lab)["awaited"]) == [ref]
    lab.clock.to("2026-01-26T09:00:00+01:00")
    found = today(lab)
    assert (named(found["due"]), named(found["awaited"])) == ([ref], [])


def test_a_meeting_is_planned_then_to_record_then_late(lab: Lab) -> None:
    ref = lab.request("prequalified")
    planned(lab, ref, "plan_interview", "2026-01-13T14:00:00+01:00")
    (here, following) = today(lab)["meetings"]
    assert (here["meetings"], named(following["meetings"])) == ([], [ref])
    lab.clock.to("2026-01-13T14:30:00+01:00")
    found = today(lab)
    assert named(found["meetings"][0]["meetings"]) == [ref]
    assert (found["to_record"], found["due"]) == ([], [])
    lab.clock.to("2026-01-13T15:00:00+01:00")
    found = today(lab)
    assert found["meetings"][0]["meetings"] == []
    assert [(m["ref"], m["meeting_id"]) for m in found["to_record"]] == [(ref, "interview-1")]
    assert found["due"] == []
    lab.clock.to("2026-01-14T18:00:00+01:00")
    found = today(lab)
    assert [(t["ref"], t["meeting_id"]) for t in found["late"]] == [(ref, "interview-1")]
    assert found["to_record"] == []


def test_the_next_working_day_is_after_holidays(lab: Lab) -> None:
    lab.clock.to("2026-05-13T09:00:00+02:00")  # Ascension is the next day
    close(lab.engine, "camille", None, (date(2026, 5, 15), date(2026, 5, 15)), "Pont")
    assert [day["day"] for day in today(lab)["meetings"]] == ["2026-05-13", "2026-05-18"]


def test_a_day_says_who_is_away_and_what_is_closed(lab: Lab) -> None:
    record_absence(lab.engine, "camille", "rene", [(date(2026, 1, 12), date(2026, 1, 14))])
    close(lab.engine, "camille", "toulouse", (date(2026, 1, 12), date(2026, 1, 12)), "Travaux")
    found = today(lab)
    assert found["absences"] == [{"staff": "rene", "from": "2026-01-12", "to": "2026-01-14"}]
    assert found["closures"] == [{"place": "toulouse", "note": "Travaux"}]


def test_titles_erased_from_the_vault_are_none(lab: Lab) -> None:
    ref = lab.request("interview_planned")
    with lab.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM vault WHERE stream = :ref"), {"ref": ref})
    with lab.reading() as reader:
        (day,) = [d for d in Overview(reader).agenda(date(2026, 1, 12), date(2026, 1, 16))["days"] if d["meetings"]]
    assert day["meetings"][0]["title"] is None


def test_the_queries_do_not_grow_with_what_is_there(lab: Lab) -> None:
    def count() -> int:
        asked = []
        with lab.reading() as reader:
            event.listen(reader.connection, "before_cursor_execute", lambda *a: asked.append(a))
            overview = Overview(reader)
            overview.today()
            the_board(reader)
        return len(asked)

    lab.request("working")
    few = count()
    for _n in range(6):
        lab.request("working")
        lab.request()
    assert count() == few


# --- Agenda and board ---


def test_the_agenda_has_every_day_with_what_is_held_and_planned(lab: Lab) -> None:
    ref = lab.request("session_held")
    cancelled = lab.request("interview_planned")
    lab.apply(cancelled, "cancel_meeting", {"meeting": "interview-1"}, note="reporté")
    with lab.reading() as reader:
        found = Overview(reader).agenda(date(2026, 1, 12), date(2026, 1, 25))
    assert [day["week"] for day in found["days"]] == [3] * 7 + [4] * 7
    meetings = [m for day in found["days"] for m in day["meetings"]]
    assert {(m["ref"], m["status"]) for m in meetings} == {(ref, "held")}
    assert [m["kind"] for m in meetings] == ["interview", "work", "session"]
    assert all(day["day"] == m["at"][:10] for day in found["days"] for m in day["meetings"])


def test_a_meeting_late_in_the_evening_is_on_its_own_day(lab: Lab) -> None:
    ref = lab.request("prequalified")
    lab.apply(ref, "plan_interview", {"at": "2026-01-13T23:30:00+01:00"}, waive=("outside_hours",), note="en soirée")
    with lab.reading() as reader:
        found = Overview(reader).agenda(date(2026, 1, 13), date(2026, 1, 14))
    assert [len(day["meetings"]) for day in found["days"]] == [1, 0]


def the_board(reader: Reader, **given: Any) -> dict[str, Any]:
    return board(reader.connection, Outline(reader.document_in_force()), reader.now, Filters(**given))


def test_the_board_is_by_state_and_by_due_date(lab: Lab) -> None:
    first, ended = lab.request(), lab.request("withdrawn")
    lab.clock.forward(days=1)
    second = lab.request(service="drajes")
    with lab.reading() as reader:
        columns = {c["state"]: named(c["requests"]) for c in the_board(reader)["columns"]}
        everything = {
            c["state"]: named(c["requests"])
            for c in the_board(reader, state=tuple(reader.declaration.states))["columns"]
        }
        theirs = the_board(reader, service=("drajes",), state=("received",))["columns"]
    assert columns["received"] == [first, second]
    assert "withdrawn" not in columns
    assert list(columns) == [s for s, state in lab.declaration.states.items() if not state.final]
    assert everything["withdrawn"] == [ended]
    assert [(c["state"], named(c["requests"])) for c in theirs] == [("received", [second])]


# --- Deadlines ---


def test_each_day_of_a_deadline_has_its_rank_or_its_cause(lab: Lab) -> None:
    lab.clock.to("2026-04-30T09:00:00+02:00")
    ref = lab.request()
    close(lab.engine, "camille", None, (date(2026, 5, 4), date(2026, 5, 4)), "Pont")
    with lab.reading() as reader:
        (found,) = deadlines_of(reader, reader.request(ref), days=True)
    assert (found["status"], found["due_at"]) == ("open", "2026-05-12T18:00:00+02:00")
    assert [(d["day"][8:], d["number"], d["cause"]) for d in found["days"]] == [
        ("01", None, "holiday"),
        ("02", None, "weekend"),
        ("03", None, "weekend"),
        ("04", None, "closure"),
        ("05", 1, None),
        ("06", 2, None),
        ("07", 3, None),
        ("08", None, "holiday"),
        ("09", None, "weekend"),
        ("10", None, "weekend"),
        ("11", 4, None),
        ("12", 5, None),
    ]
    assert all(day["counted"] == (day["number"] is not None) for day in found["days"])


# --- Triage ---


def test_forms_come_oldest_first_with_what_a_decision_needs(lab: Lab) -> None:
    late = lab.submit(submitted_at="2026-01-12T08:00:00+01:00", experience="some").request.ref
    early = lab.submit(submitted_at="2026-01-09T08:00:00+01:00", collaborative_share=40).request.ref
    with lab.reading() as reader:
        assert received(reader) == [early, late]
        bad, good = (card(reader, lab.engine, ref, "camille") for ref in (early, late))
        waivable = card(reader, lab.engine, early, "paule")
        nobody = card(reader, lab.engine, early, "sacha")
    assert None not in (good, bad, waivable, nobody)
    assert good.possible == {"prequalify", "request_info", "decline"}
    assert all(rule.met for rule in good.rules)
    assert good.advice.tier == "tuto"
    assert len(good.slots) == 3
    assert [rule.code for rule in bad.unmet] == ["collaborative_share"]
    assert bad.possible == {"request_info", "decline"}
    assert waivable.offers(ACCEPT)
    assert nobody.possible == frozenset()


def test_a_form_decided_on_has_no_card(lab: Lab) -> None:
    ref = lab.request("declined")
    with lab.reading() as reader:
        assert card(reader, lab.engine, ref, "camille") is None


def test_an_autonomous_form_is_offered_slots_of_a_session_when_it_is_wanted(lab: Lab) -> None:
    ref = lab.submit(kind="autonomous", wanted_from="2026-03-02", place="montpellier").request.ref
    with lab.reading() as reader:
        found = card(reader, lab.engine, ref, "camille")
    assert found is not None
    assert found.hostable
    assert (found.duration, found.slots[0]) == (180, "2026-03-02T08:00:00Z")
    for command in found.accepting("camille", host=True):
        lab.engine.apply(command)
    assert lab.now(ref).state == "hosted"


# --- Slots ---


def first(lab: Lab, ref: str, event: str, wanted: list[str | None], **given: Any) -> list[str]:
    with lab.reading() as reader:
        request = reader.request(ref)
        return slots_wanted(reader, request, lab.declaration.events[event], given, [Wanted(at) for at in wanted])


def test_the_first_slot_is_valid_for_the_place_and_the_people(lab: Lab) -> None:
    taken = lab.request("prequalified")
    planned(lab, taken, "plan_interview", "2026-01-12T14:00:00+01:00", duration="5h", staff="rene")
    ref = lab.request("prequalified", place="montpellier")
    assert first(lab, ref, "plan_interview", [None], staff="camille") == ["2026-01-12T12:00:00Z"]
    assert first(lab, ref, "plan_interview", [None], staff="camille", duration="6h") == ["2026-01-13T08:00:00Z"]
    record_absence(lab.engine, "camille", "camille", [(date(2026, 1, 12), date(2026, 1, 14))])
    # Thursday is the other lab's.
    assert first(lab, ref, "plan_interview", [None], staff="camille") == ["2026-01-16T08:00:00Z"]
    assert first(lab, ref, "plan_interview", [None], staff="none") == ["2026-01-12T12:00:00Z"]
    assert first(lab, ref, "plan_interview", [None], staff="camille", place="Hors les murs") == ["2026-01-15T08:00:00Z"]


def test_several_first_slots_do_not_meet(lab: Lab) -> None:
    ref, other = (lab.request("tier_assigned", place="montpellier") for _n in range(2))
    given = "2026-01-16T09:00:00Z"
    found = first(lab, ref, "plan_meeting", [None, given, None, None], duration="3h")
    assert found[1] == given
    assert len(set(found)) == 4
    for at in found[:3]:  # its tier has three meetings
        lab.apply(ref, "plan_meeting", {"at": at, "duration": "3h"})
    lab.apply(other, "plan_meeting", {"at": found[3], "duration": "3h"})


def test_a_slot_that_cannot_be_found_is_refused(lab: Lab) -> None:
    ref = lab.request("prequalified", place="montpellier")
    with pytest.raises(Refused):
        first(lab, ref, "plan_interview", [None], duration="20h")
    with pytest.raises(Invalid):
        first(lab, ref, "plan_interview", [None], place="montpelier")
    with pytest.raises(NotFound, match="work-1"):
        first(lab, ref, "move_meeting", [None], meeting="work-1")


def test_an_alert_costs_one_reading_of_its_request(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(3):
        lab.request()
    lab.clock.to("2026-01-16T18:00+01:00")
    sweep(lab.engine)
    read: list[str] = []
    told = Reader.told
    monkeypatch.setattr(Reader, "told", lambda self, ref: read.append(ref) or told(self, ref))
    with lab.reading() as reader:
        alarms = Alarms(reader)
        found = [alarms.document(alert) for alert in alarms.alerts()]
    assert found
    assert read == [alert["ref"] for alert in found]
