"""The watch: one alert for a cause and stage, however many schedulers, however long they slept."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from handlers.mail.settings import mail_settings
from handlers.scheduler import tick
from workflow.alerts import Alert
from workflow.lab.calendar import cancel_absence, close, record_absence, reopen
from workflow.lab.service import attend_alert
from workflow.lab.staff import change_staff
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.heartbeat import beat, last_tick
from workflow.sweep import sweep
from workflow.testing import PILOT, Lab
from workflow.views.alerts import Alarms


def alerts(lab: Lab, *, settled: bool = False) -> list[dict[str, Any]]:
    with lab.reading() as reader:
        alarms = Alarms(reader)
        return [alarms.document(alert) for alert in alarms.alerts(settled=settled)]


def rules(lab: Lab) -> list[tuple[str, str]]:
    return [(alert["rule"], alert["level"]) for alert in alerts(lab) if alert["rule"] != "single_point_of_failure"]


def rows(lab: Lab) -> list[Alert]:
    with lab.store.reading() as connection:
        return [Alert.of(row) for row in connection.execute(select(s.alerts).order_by(s.alerts.c.id))]


def test_a_deadline_is_raised_stage_by_stage_and_settled_by_what_removes_it(lab: Lab) -> None:
    ref = lab.request("received")
    assert sweep(lab.engine).raised == 0
    seen = []
    for moment in ("2026-01-15T18:00+01:00", "2026-01-19T18:00+01:00", "2026-01-26T18:00+01:00"):
        lab.clock.to(moment)
        assert sweep(lab.engine).raised == 1
        assert sweep(lab.engine).raised == 0
        (alert,) = alerts(lab)
        seen.append((alert["stage"], alert["level"], alert["addressed_to"]))
    assert seen == [
        ("reminder", "info", "coordinator"),
        ("due", "warning", "coordinator"),
        ("escalated", "critical", "pilot"),
    ]
    lab.apply(ref, "prequalify")
    assert alerts(lab) == []
    assert lab.verify().problems == []


def test_after_a_long_stop_every_stage_passed_has_its_row_and_only_the_highest_stands(lab: Lab) -> None:
    lab.request("received")
    lab.clock.to("2026-02-20T09:00+01:00")
    assert sweep(lab.engine).raised == 3
    assert [(a.risk.stage, a.status, a.settled_as) for a in rows(lab)] == [
        ("reminder", "resolved", "superseded"),
        ("due", "resolved", "superseded"),
        ("escalated", "open", None),
    ]
    assert lab.verify().problems == []


def test_six_schedulers_at_once_raise_each_cause_and_stage_once(lab: Lab) -> None:
    for _n in range(5):
        lab.request("received")
    lab.request("interview_planned")
    lab.clock.to("2026-02-20T09:00+01:00")
    swept = lab.race(*[lambda other: sweep(other.engine) for _n in range(6)])
    found = [(a.risk.cause, a.risk.stage) for a in rows(lab)]
    assert len(found) == len(set(found)) == sum(one.raised for one in swept)
    assert sweep(lab.engine).raised == 0
    assert lab.verify().problems == []


def test_two_rounds_at_once_leave_one_mark(lab: Lab) -> None:
    """The second waits for the first, whose mark is not yet committed, and neither fails."""
    beat(lab.store, lab.clock.now)
    later = lab.clock.forward(minutes=1)
    with ThreadPoolExecutor(1) as pool, lab.elsewhere() as other:
        with lab.store.writing() as tx:
            tx.run(q.set_tick, id=1, at=lab.clock.now)
            second = pool.submit(beat, other.store, later)
            wait([second], 0.15)
        assert second.result(10) is None
    assert last_tick(lab.store) == later


def test_a_tick_with_nothing_due_waits_for_no_lock(lab: Lab) -> None:
    lab.request("received")
    lab.clock.to("2026-01-12T21:00+01:00")  # the lab is closed: no digest either
    settings = mail_settings({"host": "127.0.0.1", "tls": "none", "sender": "lab@example.org"}, {})
    with lab.store.writing() as tx, lab.elsewhere() as other:
        turns.of_lab(tx)
        done = tick(other.engine, settings)
    assert (done.raised, done.resolved, done.delivered) == (0, 0, 0)
    assert last_tick(lab.store) == lab.clock.now


def test_a_sweep_reads_through_indexes_what_could_be_many(lab: Lab) -> None:
    """What costs what is open, not what is due, is a scan of one of these tables: seen in SQLite's plans."""
    if lab.store.dialect != "sqlite":
        pytest.skip("a plan of PostgreSQL depends on how full its tables are")
    planned_session(lab, skill="design")
    record_absence(lab.engine, lab.coordinator, lab.coordinator, [(date(2026, 2, 6), date(2026, 2, 6))])
    close(lab.engine, lab.coordinator, "montpellier", (date(2026, 2, 5), date(2026, 2, 6)), "inondation")
    asked: list[str] = []

    def hear(connection: Any, *_record: Any) -> None:
        connection.set_trace_callback(asked.append)  # whichever way a statement goes: with its values in it

    lab.clock.to("2026-01-26T09:00+01:00")
    event.listen(lab.store.engine, "checkout", hear)
    assert sweep(lab.engine).raised > 0
    assert sweep(lab.engine).raised == 0  # what stands is looked for too
    event.remove(lab.store.engine, "checkout", hear)
    asked = [text for text in asked if text.lstrip().startswith("SELECT")]
    with lab.store.reading() as connection:
        connection.connection.driver_connection.set_trace_callback(None)
        steps = [row[3] for text in asked for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    assert not [step for step in steps if ALL_THAT_IS_OPEN.match(step)]
    assert any("ix_deadlines_next_stage_at" in step for step in steps)
    assert any("ix_meetings_skilled" in step for step in steps)


# A table looked through from end to end, or through an index by nothing but what is true of all that is open.
ALL_THAT_IS_OPEN = re.compile(
    r"SCAN (deadlines|meetings|requests|entries|alerts|outbox)\b"
    r"|SEARCH (deadlines|meetings|requests) (?!.*ix_meetings_skilled).*\((status|state)=\?( AND at>\?)?\)$"
)


def test_a_cause_that_comes_back_raises_a_new_alert(lab: Lab) -> None:
    ref = lab.request("received")
    lab.clock.to("2026-01-20T09:00+01:00")
    sweep(lab.engine)
    lab.apply(ref, "prequalify")
    lab.apply(ref, "correct", note="trop tôt")
    assert sweep(lab.engine).raised == 1
    assert [alert["stage"] for alert in alerts(lab)] == ["due"]
    assert lab.verify().problems == []


def test_a_closure_that_moves_a_deadline_settles_its_alert_and_raises_the_new_one(lab: Lab) -> None:
    lab.request("received")
    lab.clock.to("2026-01-16T09:00+01:00")
    sweep(lab.engine)
    assert len(alerts(lab)) == 1
    close(lab.engine, lab.coordinator, None, (date(2026, 1, 19), date(2026, 1, 23)), "travaux")
    assert alerts(lab) == []
    assert sweep(lab.engine).raised == 1
    assert [alert["due_at"][:10] for alert in alerts(lab)] == ["2026-01-26"]
    assert lab.verify().problems == []


def planned_session(lab: Lab, **given: Any) -> str:
    """A request with a session on Friday 6 February at 10, taken by the coordinator unless told otherwise."""
    ref = lab.request("working", place=given.get("place", "montpellier"))
    lab.apply(ref, "plan_session", {"at": "2026-02-06T10:00+01:00", "staff": [lab.coordinator], **given})
    return ref


def test_an_absence_is_critical_says_who_and_when_and_ends_with_the_command_it_names(lab: Lab) -> None:
    ref = planned_session(lab)
    record_absence(lab.engine, lab.coordinator, lab.coordinator, [(date(2026, 2, 6), date(2026, 2, 6))])
    sweep(lab.engine)
    (alert,) = [a for a in alerts(lab) if a["rule"] == "staff_absence"]
    assert (alert["level"], alert["meeting_id"], alert["staff"]) == ("critical", "session-1", lab.coordinator)
    assert f"coop meeting assign {ref}/session-1 --staff {PILOT}" in alert["suggestions"]
    lab.apply(ref, "assign_staff", {"meeting": "session-1", "staff": [PILOT]})
    assert "staff_absence" not in dict(rules(lab))
    assert lab.verify().problems == []


@pytest.mark.parametrize(
    ("given", "moment", "rule", "level", "cure"),
    [
        ({"staff": []}, "2026-01-30T19:00+01:00", "unstaffed", "warning", ("assign_staff", {"staff": ["rene"]})),
        ({"staff": []}, "2026-02-04T19:00+01:00", "unstaffed", "critical", ("assign_staff", {"staff": ["rene"]})),
        ({"skill": "design"}, "2026-01-14T09:00+01:00", "skill_gap", "warning", ("cancel_meeting", {})),
        ({}, "2026-01-30T19:00+01:00", "material_not_ready", "warning", ("complete_task", {"task": "organise"})),
        (
            {"place": "toulouse"},
            "2026-01-30T19:00+01:00",
            "agreement_missing",
            "warning",
            ("move_meeting", {"at": "2026-02-06T14:00+01:00", "agreed": True}),
        ),
    ],
)
def test_a_risk_of_the_table_is_raised_and_gone_once_cured(
    lab: Lab, given: dict[str, Any], moment: str, rule: str, level: str, cure: tuple[str, dict[str, Any]]
) -> None:
    ref = planned_session(lab, **given)
    lab.clock.to(moment)
    sweep(lab.engine)
    assert (rule, level) in rules(lab)
    what, inputs = cure
    lab.apply(ref, what, {"meeting": "session-1", **inputs} if "task" not in inputs else inputs, note="réglé")
    assert rule not in dict(rules(lab))
    sweep(lab.engine)
    assert rule not in dict(rules(lab))
    assert lab.verify().problems == []


def standing(lab: Lab, rule: str) -> list[dict[str, Any]]:
    return [alert for alert in alerts(lab) if alert["rule"] == rule]


def test_a_place_that_closes_after_the_plan_is_critical(lab: Lab) -> None:
    planned_session(lab)
    close(lab.engine, lab.coordinator, "montpellier", (date(2026, 2, 6), date(2026, 2, 6)), "inondation")
    sweep(lab.engine)
    assert ("place_closed", "critical") in rules(lab)
    reopen(lab.engine, lab.coordinator, "montpellier", (date(2026, 2, 6), date(2026, 2, 6)))
    assert standing(lab, "place_closed") == []
    assert lab.verify().problems == []


@pytest.mark.parametrize("back", ["cancelled absence", "assigned", "cancelled meeting", "undone"])
def test_an_absence_that_hits_nothing_any_more_is_settled_at_once(lab: Lab, back: str) -> None:
    ref = planned_session(lab)
    friday = [(date(2026, 2, 6), date(2026, 2, 6))]
    record_absence(lab.engine, lab.coordinator, lab.coordinator, friday)
    sweep(lab.engine)
    assert len(standing(lab, "staff_absence")) == 1
    if back == "cancelled absence":
        cancel_absence(lab.engine, lab.coordinator, lab.coordinator, friday)
    elif back == "assigned":
        lab.apply(ref, "assign_staff", {"meeting": "session-1", "staff": [PILOT]})
    elif back == "cancelled meeting":
        lab.apply(ref, "cancel_meeting", {"meeting": "session-1"}, note="reporté")
    else:
        lab.apply(ref, "correct", note="trop tôt")
    assert standing(lab, "staff_absence") == []
    assert sweep(lab.engine).raised == 0
    assert lab.verify().problems == []


def test_a_missing_skill_is_found_by_assigning_who_holds_it(lab: Lab) -> None:
    lab.register("dina", "specialist", skills=["design"])
    ref = planned_session(lab, skill="design")
    sweep(lab.engine)
    (alert,) = standing(lab, "skill_gap")
    assert f"coop meeting assign {ref}/session-1 --staff {lab.coordinator},dina" in alert["suggestions"]
    lab.apply(ref, "assign_staff", {"meeting": "session-1", "staff": [lab.coordinator, "dina"]})
    assert standing(lab, "skill_gap") == []


def test_a_skill_someone_has_learnt_is_missing_no_more(lab: Lab) -> None:
    planned_session(lab, skill="design")
    sweep(lab.engine)
    assert len(standing(lab, "skill_gap")) == 1
    change_staff(lab.engine, lab.coordinator, lab.coordinator, {"skills": ["design"]})
    assert standing(lab, "skill_gap") == []


def test_what_is_still_to_organise_is_said_as_it_is_now(lab: Lab) -> None:
    ref = lab.request("working", tier="50_50", place="montpellier", experience="none")
    lab.apply(ref, "plan_session", {"at": "2026-02-06T10:00+01:00", "staff": [lab.coordinator]})
    lab.clock.to("2026-01-30T19:00+01:00")
    sweep(lab.engine)
    told = "coop tasks {} --done invitations --done mission_orders --done attendance_sheets"
    assert standing(lab, "material_not_ready")[0]["suggestions"] == [told.format(ref)]
    lab.apply(ref, "complete_task", {"task": "invitations"})
    (alert,) = standing(lab, "material_not_ready")
    assert alert["suggestions"] == [f"coop tasks {ref} --done mission_orders --done attendance_sheets"]
    assert "invitations" not in alert["message"]
    for task in ("mission_orders", "attendance_sheets"):
        lab.apply(ref, "complete_task", {"task": task})
    assert standing(lab, "material_not_ready") == []


def test_a_single_point_of_failure_is_said_within_ten_working_days_only(lab: Lab) -> None:
    planned_session(lab, skill="design")
    lab.clock.to("2026-01-20T09:00+01:00")
    sweep(lab.engine)
    assert standing(lab, "single_point_of_failure") == []
    lab.clock.to("2026-01-26T09:00+01:00")
    sweep(lab.engine)
    (alert,) = standing(lab, "single_point_of_failure")
    assert alert["level"] == "info"
    lab.register("dina", "specialist", skills=["design"])
    assert standing(lab, "single_point_of_failure") == []


def test_a_session_the_lab_leads_is_a_graver_single_point_of_failure(lab: Lab) -> None:
    planned_session(lab, skill="design", facilitation="lab")
    lab.clock.to("2026-01-26T09:00+01:00")
    sweep(lab.engine)
    assert [alert["level"] for alert in standing(lab, "single_point_of_failure")] == ["warning"]


def test_someone_freed_by_another_request_is_a_way_out_at_once(lab: Lab) -> None:
    lab.register("dina", "specialist", skills=["design"])
    planned_session(lab, skill="design")
    other = lab.request("working")
    lab.apply(other, "plan_session", {"at": "2026-02-06T10:00+01:00", "staff": ["dina"]})
    lab.clock.to("2026-01-26T09:00+01:00")
    sweep(lab.engine)
    alone = [a["ref"] for a in standing(lab, "single_point_of_failure")]
    assert other not in alone
    assert len(alone) == 1
    lab.apply(other, "cancel_meeting", {"meeting": "session-1"}, note="reporté")
    assert standing(lab, "single_point_of_failure") == []
    assert lab.verify().problems == []


MONDAY = date(2026, 1, 26)


def overloaded(lab: Lab, hours: int = 10) -> str:
    """A request with two meetings in the week of 26 January, more than what its specialist is there for."""
    lab.register("mi-temps", "specialist", hours=hours)
    ref = lab.request("working", place="hors_les_murs")
    for at in ("2026-01-27T09:00+01:00", "2026-01-28T09:00+01:00"):
        lab.apply(ref, "plan_meeting", {"at": at, "duration": "4h", "staff": ["mi-temps"]})
    sweep(lab.engine)
    return ref


def test_an_overloaded_week_names_the_command_that_settles_it(lab: Lab) -> None:
    ref = overloaded(lab)  # two meetings of four hours with two of preparation: twelve of ten
    (alert,) = standing(lab, "overload")
    assert (alert["staff"], alert["level"], alert["ref"]) == ("mi-temps", "warning", None)
    id = next(m["id"] for m in lab.show(ref)["calendar"] if m["staff"] == ["mi-temps"])
    assert f"coop meeting assign {ref}/{id} --staff {lab.coordinator}" in alert["suggestions"]
    lab.apply(ref, "assign_staff", {"meeting": id, "staff": [lab.coordinator]})
    assert standing(lab, "overload") == []
    assert lab.verify().problems == []


@pytest.mark.parametrize("relief", ["cancelled", "suspended", "more hours"])
def test_an_overload_ends_in_the_transaction_that_lightens_the_week(lab: Lab, relief: str) -> None:
    ref = overloaded(lab)
    if relief == "cancelled":
        id = next(m["id"] for m in lab.show(ref)["calendar"] if m["staff"] == ["mi-temps"])
        lab.apply(ref, "cancel_meeting", {"meeting": id}, note="inutile")
    elif relief == "suspended":
        lab.apply(ref, "suspend", note="en pause")
    else:
        change_staff(lab.engine, lab.coordinator, "mi-temps", {"hours": 35})
    assert standing(lab, "overload") == []
    assert lab.verify().problems == []


def test_an_overload_that_grows_or_shrinks_stands_at_its_own_level(lab: Lab) -> None:
    overloaded(lab)
    assert [a["level"] for a in standing(lab, "overload")] == ["warning"]
    levels = []
    for hours in (5, 11):
        change_staff(lab.engine, lab.coordinator, "mi-temps", {"hours": hours})
        sweep(lab.engine)
        (alert,) = standing(lab, "overload")
        levels.append(alert["level"])
        assert f"{hours}\N{NO-BREAK SPACE}h" in alert["message"]
    assert levels == ["critical", "warning"]
    assert sweep(lab.engine).raised == 0
    assert lab.verify().problems == []


def test_acknowledged_and_snoozed_alerts_still_settle_by_themselves(lab: Lab) -> None:
    first, second = lab.request("received"), lab.request("received")
    lab.clock.to("2026-01-20T09:00+01:00")
    sweep(lab.engine)
    one, two = (a["id"] for a in alerts(lab))
    attend_alert(lab.engine, lab.coordinator, one)
    attend_alert(lab.engine, PILOT, two, date(2026, 1, 22))
    assert [a["status"] for a in alerts(lab)] == ["acknowledged", "snoozed"]
    lab.clock.to("2026-01-22T09:00+01:00")
    assert [a["status"] for a in alerts(lab)] == ["acknowledged", "open"]
    for ref in (first, second):
        lab.apply(ref, "prequalify")
    assert alerts(lab) == []
    lab.rebuild()
    assert lab.verify().problems == []
