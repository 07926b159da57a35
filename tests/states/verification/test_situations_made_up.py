"""The requests that are made up to stand for a situation of the exploration."""

from __future__ import annotations

import pytest
from pure import lab, when
from trials import made

from states.requests.request import CANCELLED, HELD, PLANNED
from states.verification.aspects import Aspects
from states.verification.situations import Look, Requests, Situation

# --- What is made up to stand for a situation ---

KEPT = Aspects(
    frozenset({"record_effort"}), ("organise",), {"axis": ("management",)}, ("session",), frozenset(), frozenset()
)
HERE = Situation(
    "working", (("suspended", "working"),), "tuto", accepted=True, validated=True, refused=True, extra=2, held=1,
    planned=(0, 2, 1, 0), restorable=(0, 1, 0, 0), records=("record_effort",), tasks=("organise",),
    form=(("axis", "acculturation"), ("sponsor", None)), met=("session",),
)  # fmt: skip


def made_up(kept: Aspects = KEPT) -> Requests:
    return Requests(lab(), made().form, kept, made().moment, made().most)


@pytest.mark.parametrize(
    ("first", "begun", "expected"),
    [
        (
            None, False,
            [
                ("work-1", PLANNED, "01-06 08:00"), ("work-2", PLANNED, "01-07 08:00"), ("work-3", CANCELLED, ""),
                ("work-4", HELD, ""), ("session-1", PLANNED, "01-08 08:00"), ("session-2", HELD, ""),
            ],
        ),
        (
            "session", False,
            [
                ("session-1", PLANNED, "01-06 08:00"), ("session-2", HELD, ""), ("work-1", PLANNED, "01-07 08:00"),
                ("work-2", PLANNED, "01-08 08:00"), ("work-3", CANCELLED, ""), ("work-4", HELD, ""),
            ],
        ),
        (
            "work", True,
            [
                ("work-1", PLANNED, "2025-12-03 08:00"), ("work-2", PLANNED, "2025-12-04 08:00"),
                ("work-3", CANCELLED, ""), ("work-4", HELD, ""), ("session-1", PLANNED, "2025-12-05 08:00"),
                ("session-2", HELD, ""),
            ],
        ),
    ],
)  # fmt: skip
def test_the_meetings_of_a_situation(first: str | None, begun: bool, expected: list[tuple[str, str, str]]) -> None:
    shown = made_up().shown(HERE._replace(begun=begun), Look(first, False, False))
    real = [meeting for meeting in shown.meetings if not meeting.id.endswith("-0")]
    assert [(one.id, one.status, when(one.at)) for one in real] == [
        (id, status, at or "2025-12-03 08:00") for id, status, at in expected
    ]
    assert [one.id for one in shown.meetings if one not in real] == ["interview-0", "debrief-0"]
    assert {(one.kind, one.duration, one.place) for one in real} == {
        ("work", 60, "hors_les_murs"), ("session", 60, "hors_les_murs"),
    }  # fmt: skip


def test_a_request_shows_what_is_kept_and_is_then_folded_into() -> None:
    requests = made_up()
    shown = requests.shown(HERE, Look(None, True, True))
    assert (shown.ref, shown.state, shown.tier, shown.extra) == ("2026-0001", "working", "tuto", 2)
    assert (shown.accepted, shown.refused, bool(shown.validated)) == (True, True, True)
    assert (shown.before, shown.numbers) == ({"suspended": "working"}, dict.fromkeys(shown.numbers, 16))
    assert [record.event for record in shown.records] == ["record_effort"]
    assert (shown.form["axis"], shown.form["kind"], shown.tasks["organise"]) == ("acculturation", "accompanied", True)
    assert not requests.shown(HERE._replace(validated=False), Look(None, True, True)).validated
    requests.plain(shown, HERE)
    assert shown.form == {**made().form, "axis": "acculturation"}
    assert ([record.event for record in shown.records], shown.tasks) == (["record_effort"], {"organise": True})
    assert (shown.waivers, shown.ratified, [stay.state for stay in shown.stays]) == ([], False, ["working"])
    assert [one.id for one in shown.meetings if one.id.endswith("-0")] == []
    assert len(shown.meetings) == 6
