"""The guards of activities: what is tried on one → what is refused, and what is said to do."""

from __future__ import annotations

import pytest
from attempts import (
    Case,
    activity,
    every_guard_of,
    meeting,
    refuses,
    rows,
)

from states.lifecycle.guards import activities
from states.requests.request import HELD

CASES: dict[str, list[Case]] = {
    "within_capacity": [
        ("room", "register", activity(capacity=20), {"registered": 20}, []),
        (
            "one too many", "register", activity(capacity=20), {"registered": 21},
            [
                "over_capacity: 21 people registered, 20 fit. Find more room first: coop activity amend",
            ],
        ),
        ("no limit", "register", activity(), {"registered": 500}, []),
        ("nobody yet", "amend_activity", activity(), {"capacity": 5}, []),
        ("less room", "amend_activity", activity(registered=6), {"capacity": 5}, ["over_capacity: 6 people"]),
        ("the last word", "register", activity(registered=6, capacity=5), {"registered": 5}, []),
    ],
    "type_settled": [
        ("before", "amend_activity", activity("open", meeting("activity-1")), {"type": "training"}, []),
        (
            "held", "amend_activity", activity("held", meeting("activity-1", status=HELD)), {"type": "training"},
            ["state: 2026-A001 has been held: its type and its axis stay. Undo back to before it was held: coop "
             "activity undo 2026-A001 --note …"],
        ),
        (
            "held, the axis", "amend_activity", activity("held", meeting("activity-1", status=HELD)),
            {"axis": "management"}, ["state: has been held"],
        ),
        (
            "held, the same", "amend_activity", activity("held", meeting("activity-1", status=HELD)),
            {"type": "visit", "capacity": 5}, [],
        ),
    ],
    "counted": [
        ("not held", "amend_activity", activity("open", meeting("activity-1")), {"attended": 5},
         ["not_recorded: 2026-A001 is not recorded as held: it has no figures yet."]),
        ("held", "amend_activity", activity("held", meeting("activity-1", status=HELD)), {"attended": 5}, []),
        ("no figure", "amend_activity", activity(), {"capacity": 5}, []),
    ],
    "keeps_no_minutes": [
        ("a visit", "comment", activity(), {"note": "Riche."}, []),
        ("no type yet known", "comment", activity(type="gone"), {"note": "Riche."}, []),
        (
            "a peer group", "comment", activity(type="peer_group"), {"note": "Riche."},
            ["peer_group_keeps_no_minutes: Of “Peer group” no minutes are kept: no description, comment or note."],
        ),
        (
            "a description", "amend_activity", activity(type="peer_group"), {"description": "Riche."},
            ["peer_group_keeps_no_minutes: Record it without the text"],
        ),
        ("neither", "amend_activity", activity(type="peer_group"), {"capacity": 5}, []),
        ("what corrects is explained", "correct", activity(type="peer_group"), {"note": "n"}, []),
        (
            "what waives is explained", "move_activity", activity(type="peer_group"),
            {"note": "n", "waive": ("outside_hours",)}, [],
        ),
        (
            "a note that nothing asks for", "open_activity", activity(type="peer_group"), {"note": "n"},
            ["peer_group_keeps_no_minutes: no description"],
        ),
        (
            "it had minutes", "amend_activity", activity(), {"type": "peer_group"},
            ["peer_group_keeps_no_minutes: 2026-A001 may hold texts: it does not become “Peer group”, of which none is "
             "kept. Cancel it and plan another: coop activity plan"],
        ),
        ("it is another kind now", "amend_activity", activity(type="peer_group"), {"type": "visit"}, []),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "case"), rows(CASES))
def test_a_guard_refuses_what_it_should_and_nothing_else(name: str, case: Case) -> None:
    refuses(name, *case[1:])


def test_every_guard_has_its_table() -> None:
    every_guard_of(activities, CASES)
