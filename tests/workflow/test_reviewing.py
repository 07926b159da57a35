"""Reviews as they are kept: sealed, compared with what is known since, and what the committee said of them."""

from __future__ import annotations

import pytest

from states.errors import Invalid, NotFound, Refused
from states.review.document import document
from workflow.lab.staff import add_staff
from workflow.reviews.book import (
    changes,
    head_at,
    orientations,
    period_of,
    reasons,
    record_orientation,
    review_of,
    seal_review,
    sealed,
)
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, problems


def test_a_seal_is_found_again_with_what_has_changed_since_and_why(lab: Lab) -> None:
    ref = lab.request("prequalified")
    kept = seal_review(lab.engine, "camille", "2026-S1")
    lab.clock.forward(days=2)
    undone = lab.apply(ref, "correct", note=NOTE)
    with lab.reading() as reader:
        found = sealed(reader, "2026-S1")
        assert found.digest == kept.digest == found.document["digest"]
        assert found.head == kept.head
        now = review_of(reader, period_of(reader.declaration, "2026-S1"))
        changed = {change.name: (change.sealed, change.now) for change in changes(found.document, document(now))}
        assert changed["flow.accepted"] == (1, 0)
        assert changed["corrections"] == (0, 1)
        assert [(e.stream, e.seq) for e in reasons(now, found)] == [(ref, undone.entry.seq)]
        assert reader.sealed_reviews() == {"2026-S1"}
        with pytest.raises(NotFound) as unsealed:
            sealed(reader, "2025-S2")
    assert unsealed.value.hint == "coop review seal 2025-S2"
    assert problems(lab) == []
    lab.rebuild()
    with lab.reading() as reader:
        assert sealed(reader, "2026-S1") == found


def test_the_head_of_a_seal_is_the_one_the_store_had(lab: Lab) -> None:
    lab.request("working", tier="tuto")
    lab.clock.forward(hours=1)
    kept = seal_review(lab.engine, "camille", "2026-S1")
    # A second before anything else is recorded, the head over all histories is the one that db verify gives.
    with lab.reading() as reader:
        assert head_at(reader, _before(kept.known_at)) == kept.head
    assert lab.verify().head != kept.head  # the seal itself is an entry


def _before(at: str) -> str:
    from datetime import timedelta

    from states.declaration.types import instant, moment

    return instant(moment(at) - timedelta(seconds=1))


def test_orientations_are_the_committees_and_leave_no_text_in_the_chain(lab: Lab) -> None:
    entry = record_orientation(lab.engine, COMMITTEE, "2026-s1", " Aller vers les services absents. ")
    assert "vault" in entry.data["text"]
    record_orientation(lab.engine, PILOT, "2025-S2", "Autre chose.")
    with lab.reading() as reader:
        assert orientations(reader, "2026-S1") == ["Aller vers les services absents."]
    with pytest.raises(Invalid):
        record_orientation(lab.engine, COMMITTEE, "2026-S1", "  ")
    with pytest.raises(Invalid):
        record_orientation(lab.engine, COMMITTEE, "2026-S9", NOTE)
    add_staff(lab.engine,
        "camille",
        {"id": "nour", "name": "Nour Essai", "email": "nour@example.org", "role": "specialist", "skills": [],
         "hours": 7, "site": "montpellier"},
    )  # fmt: skip
    with pytest.raises(Refused):
        record_orientation(lab.engine, "nour", "2026-S1", NOTE)
    with pytest.raises(Refused):
        seal_review(lab.engine, "nour", "2026-S1")
    assert problems(lab) == []
