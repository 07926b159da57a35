"""Public editions as the lab's stream keeps them: read again whole, on both databases, and one at a time."""

from __future__ import annotations

import pytest

from states.errors import Conflict
from states.review.document import COURSE
from workflow.reviews.book import period_of, review_of
from workflow.reviews.editions import Publication, publication, publish
from workflow.testing import NOTE, Lab, problems


def prepared(lab: Lab) -> Publication:
    with lab.reading() as reader:
        return publication(reader, review_of(reader, period_of(reader.declaration, "2026-S1"), None, COURSE))


def test_an_edition_is_read_again_as_it_was_published(lab: Lab) -> None:
    ref = lab.request("session_held")
    lab.apply(ref, "record_satisfaction", {"score": "3.5", "respondents": 7}, note=NOTE)
    first = prepared(lab)
    assert (first.out, first.last) == (False, 0)
    entry = publish(lab.engine, "camille", first, "0" * 64)
    again = prepared(lab)
    assert (again.edition, again.out, again.last) == (first.edition, True, entry.seq)
    assert problems(lab) == []
    lab.rebuild()
    assert prepared(lab) == again


def test_two_editions_at_once_are_not_published_unseen(lab: Lab) -> None:
    """What the second would reveal with the first is only known once it is read."""
    one, other = prepared(lab), prepared(lab)
    publish(lab.engine, "camille", one, "0" * 64)
    with pytest.raises(Conflict):
        publish(lab.engine, "camille", other, "0" * 64)
