"""What an alert says, and what it proposes."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from pure import at, lab

from states.language import spoken
from states.risks.messages import sentence, suggestions
from states.risks.remedies import WaysOut
from states.risks.rules import Risk, deadline_risk

START = at("03-20 14:30")


def risk(rule: str, meeting: str | None = "work-1", ref: str | None = "2026-0001", **how: Any) -> Risk:
    how.setdefault("due_at", START)
    return Risk(rule, "warning", "cause", ref, meeting, **how)


ABOUT = "2026-0001/work-1, Friday 20 March 2026 at 14:30: "


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (
            risk("staff_absence", staff="camille"),
            ABOUT + "camille will be away. The meeting may have to be cancelled.",
        ),
        (
            risk("place_closed", facts={"place": "montpellier", "why": "closed: works"}),
            ABOUT + "Montpellier is not open that day (closed: works).",
        ),
        (risk("unstaffed"), ABOUT + "nobody is assigned."),
        (risk("single_point_of_failure"), ABOUT + "nobody else is free and skilled, should someone be away."),
        (risk("skill_gap", facts={"skill": "design"}), ABOUT + "nobody assigned has the skill “Design”."),
        (
            risk("material_not_ready", facts={"tasks": ["invitations", "organise", "gone_since"]}),
            ABOUT + "still to organise: Send the invitations, Organise the session and gone_since.",
        ),
        (
            risk("agreement_missing", facts={"place": "toulouse"}),
            ABOUT + "Toulouse has not been agreed with its hosts.",
        ),
        (
            risk("unstaffed", meeting=None, ref="2026-A001"),
            "2026-A001, Friday 20 March 2026 at 14:30: nobody is assigned.",
        ),
        (
            risk(
                "overload",
                None,
                None,
                staff="camille",
                due_at=None,
                facts={"monday": "2026-03-16", "committed": 2101, "there": 2159},
            ),
            "camille, week of Monday 16 March 2026: 36 h asked, 35 h there.",
        ),
        *[
            (deadline_risk(lab(), "2026-0001", "qualified", "4", START, stage), said)
            for stage, said in {
                "reminder": "2026-0001: “Assign a tier” is due on Friday 20 March 2026 at 14:30.",
                "due": "2026-0001: “Assign a tier” was due on Friday 20 March 2026 at 14:30.",
                "escalated": "2026-0001: “Assign a tier” has been late since Friday 20 March 2026 at 14:30.",
            }.items()
        ],
        (
            evolve(
                deadline_risk(lab(), "2026-0001", "qualified", "4", START, "due"), facts={"what": "Host the session"}
            ),
            "2026-0001: “Host the session” was due on Friday 20 March 2026 at 14:30.",
        ),
    ],
)
def test_each_risk_has_its_sentence(subject: Risk, expected: str) -> None:
    with spoken("en"):
        assert sentence(lab(), subject) == expected
    assert sentence(lab(), subject) != expected  # in French too


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (
            risk("material_not_ready", "session-1", facts={"tasks": ["invitations", "mission_orders"]}),
            "coop tasks 2026-0001 --done invitations --done mission_orders",
        ),
        (risk("agreement_missing"), "coop meeting move 2026-0001/work-1 --agreed"),
        (
            risk("agreement_missing", "activity-1", "2026-A001"),
            "coop activity move 2026-A001 --agreed",
        ),
        (risk("overload", None, None, staff="camille"), "coop staff load camille"),
        (risk("unstaffed"), "coop show 2026-0001"),
    ],
)
def test_what_settles_a_risk_that_has_no_other_way_out(subject: Risk, expected: str) -> None:
    assert suggestions(lab(), subject, None) == [expected]


def test_where_there_is_no_way_out_what_settles_it_is_proposed() -> None:
    subject = risk("overload", None, None, staff="camille")
    assert suggestions(lab(), subject, WaysOut((), (), (), ())) == ["coop staff load camille"]


def test_ways_out_are_told_whole() -> None:
    out = WaysOut(("awa", "paule"), (at("03-23 09:00"), at("03-24 14:30")), (), ("coop one", "coop two"))
    with spoken("en"):
        assert suggestions(lab(), risk("unstaffed"), out) == [
            "Could take it: awa and paule",
            "Next slots: Mon 23 Mar 09:00, Tue 24 Mar 14:30",
            "coop one",
            "coop two",
        ]
        assert suggestions(lab(), risk("unstaffed"), WaysOut((), (), (), ("coop one",))) == ["coop one"]
