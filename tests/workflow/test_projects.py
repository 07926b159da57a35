"""What the comité de projet follows."""

from __future__ import annotations

from states.review.document import document
from workflow.reviews.book import period_of, review_of
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab
from workflow.views.projects import projects


def test_each_project_under_way_says_where_it_is_and_what_it_waits_for(lab: Lab) -> None:
    light, heavy = lab.request("working", tier="tuto"), lab.request("tier_assigned", tier="50_50")
    for state in ("received", "closed"):
        lab.request(state)
    with lab.reading() as reader:
        found = {row["ref"]: row for row in projects(reader)["projects"]}
    assert list(found) == [light, heavy]
    assert (found[light]["work_held"], found[light]["work_cap"], found[light]["awaits"]) == (0, 3, None)
    assert found[light]["next_meeting"]["id"] == "work-1"
    assert (found[heavy]["next_meeting"], found[heavy]["awaits"]) == (None, "validate")
    lab.apply(heavy, "validate", {"basis": "delegation"}, actor=PILOT)
    assert _row(lab, heavy)["awaits"] == "ratify"
    lab.apply(heavy, "ratify", {"decision": "postpone"}, actor=COMMITTEE)
    assert _row(lab, heavy)["awaits"] == "ratify"
    lab.apply(heavy, "ratify", {"decision": "ratify"}, actor=COMMITTEE)
    assert _row(lab, heavy)["awaits"] is None


def test_a_project_refused_waits_for_the_committee_alone(lab: Lab) -> None:
    """The board and the review say the same: what was ratified fell with its validation, and who refused validates."""
    ref = lab.request("working", tier="50_50")
    lab.apply(ref, "ratify", {"decision": "ratify"}, actor=COMMITTEE)
    assert (_row(lab, ref)["awaits"], _to_ratify(lab)) == (None, [])
    lab.apply(ref, "ratify", {"decision": "refuse"}, actor=COMMITTEE, note="Trop cher")
    assert (_row(lab, ref)["awaits"], _to_ratify(lab)) == ("validate", [])
    lab.apply(ref, "validate", {"basis": "committee"}, actor=COMMITTEE)
    assert (_row(lab, ref)["awaits"], _to_ratify(lab)) == (None, [])


def _to_ratify(lab: Lab) -> list[str]:
    with lab.reading() as reader:
        found: list[str] = document(review_of(reader, period_of(reader.declaration, "2026-S1")))["to_ratify"]
        return found


def test_the_last_word_of_the_committee_is_that_of_a_comment_that_stands(lab: Lab) -> None:
    ref = lab.request("working", tier="tuto")
    lab.apply(ref, "comment", note=NOTE)
    assert _row(lab, ref)["committee_at"] is None
    lab.apply(ref, "comment", {"committee": True}, note=NOTE)
    first = _row(lab, ref)["committee_at"]
    assert first is not None
    lab.clock.forward(days=1)
    spoken = lab.apply(ref, "comment", {"committee": True}, note=NOTE)
    assert _row(lab, ref)["committee_at"] > first
    lab.apply(ref, "correct", {"seq": spoken.entry.seq}, note=NOTE)
    assert _row(lab, ref)["committee_at"] == first


def test_who_came_and_what_was_decided_is_shown_as_it_was_known(lab: Lab) -> None:
    ref = lab.request("working", tier="tuto")
    before = lab.clock.now
    said = {"committee": True, "participants": "pilote:1,expert:2", "decisions": "Élargir"}
    lab.clock.forward(days=1)
    first = lab.apply(ref, "comment", said, note=NOTE)
    lab.clock.forward(days=1)
    lab.apply(ref, "comment", {"committee": True}, note="Rien de neuf")
    told = lab.show(ref)["committees"]
    assert told == [
        {
            "seq": first.entry.seq, "at": told[0]["at"], "participants": {"pilote": 1, "expert": 2},
            "who": "Pilote (1), Expert (2)", "decisions": "Élargir", "note": NOTE,
        },
        {
            "seq": first.entry.seq + 1, "at": told[1]["at"], "participants": {}, "who": "", "decisions": None,
            "note": "Rien de neuf",
        },
    ]  # fmt: skip
    assert _row(lab, ref)["committee"] == told[1]
    with lab.reading() as reader:
        request = reader.request(ref)
        assert reader.show(request, now=before)["committees"] == []
        assert reader.show(request, known_at=before)["committees"] == []
        assert reader.show(request, now=first.entry.occurred_at)["committees"] == told[:1]
    lab.apply(ref, "correct", {"seq": told[1]["seq"]}, note=NOTE)
    assert lab.show(ref)["committees"] == [_row(lab, ref)["committee"]] == told[:1]


def _row(lab: Lab, ref: str) -> dict[str, object]:
    with lab.reading() as reader:
        return next(row for row in projects(reader)["projects"] if row["ref"] == ref)
