"""The watch: one alert for a cause and stage, however many schedulers, however long they slept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from workflow import schema as s
from workflow.alarms import Alarms
from workflow.alerts import Alert
from workflow.sweep import sweep
from workflow.testing import PILOT, Lab


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


def test_a_tick_with_nothing_due_waits_for_no_lock(lab: Lab) -> None:
    lab.request("received")
    with lab.store.writing() as tx, lab.elsewhere() as other:
        tx.queue()
        assert sweep(other.engine).raised == 0


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
    lab.book.close_calendar(lab.coordinator, date(2026, 1, 19), date(2026, 1, 23), "travaux")
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
    lab.book.record_absence(lab.coordinator, lab.coordinator, [(date(2026, 2, 6), date(2026, 2, 6))])
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
    event, inputs = cure
    lab.apply(ref, event, {"meeting": "session-1", **inputs} if "task" not in inputs else inputs, note="réglé")
    assert rule not in dict(rules(lab))
    sweep(lab.engine)
    assert rule not in dict(rules(lab))
    assert lab.verify().problems == []


def test_a_place_that_closes_after_the_plan_is_critical(lab: Lab) -> None:
    planned_session(lab)
    lab.book.close_place(lab.coordinator, "montpellier", date(2026, 2, 6), date(2026, 2, 6), "inondation")
    sweep(lab.engine)
    assert ("place_closed", "critical") in rules(lab)
    lab.book.reopen_place(lab.coordinator, "montpellier", date(2026, 2, 6), date(2026, 2, 6))
    sweep(lab.engine)
    assert "place_closed" not in dict(rules(lab))


def test_a_single_point_of_failure_is_said_within_ten_working_days_only(lab: Lab) -> None:
    planned_session(lab, skill="design")
    lab.clock.to("2026-01-20T09:00+01:00")
    sweep(lab.engine)
    assert "single_point_of_failure" not in {a["rule"] for a in alerts(lab)}
    lab.clock.to("2026-01-26T09:00+01:00")
    sweep(lab.engine)
    assert "single_point_of_failure" in {a["rule"] for a in alerts(lab)}


def test_an_overloaded_week_is_raised_for_the_person(lab: Lab) -> None:
    lab.register("mi-temps", hours=2)
    ref = lab.request("working", place="hors_les_murs")
    at = "2026-01-21T09:00+01:00" if lab.clock.now < "2026-01-20" else "2026-01-28T09:00+01:00"
    lab.apply(ref, "plan_meeting", {"at": at, "duration": "3h", "staff": ["mi-temps"]})
    sweep(lab.engine)
    (alert,) = [a for a in alerts(lab) if a["rule"] == "overload"]
    assert (alert["staff"], alert["level"]) == ("mi-temps", "critical")


def test_acknowledged_and_snoozed_alerts_still_settle_by_themselves(lab: Lab) -> None:
    first, second = lab.request("received"), lab.request("received")
    lab.clock.to("2026-01-20T09:00+01:00")
    sweep(lab.engine)
    one, two = (a["id"] for a in alerts(lab))
    lab.book.attend_alert(lab.coordinator, one)
    lab.book.attend_alert(PILOT, two, date(2026, 1, 22))
    assert [a["status"] for a in alerts(lab)] == ["acknowledged", "snoozed"]
    lab.clock.to("2026-01-22T09:00+01:00")
    assert [a["status"] for a in alerts(lab)] == ["acknowledged", "open"]
    for ref in (first, second):
        lab.apply(ref, "prequalify")
    assert alerts(lab) == []
    lab.rebuild()
    assert lab.verify().problems == []
