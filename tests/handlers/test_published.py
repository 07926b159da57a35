"""Published reviews, attacked: no group of fewer than five persons follows from their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import pytest
from attack import Equation, equations, grown, solved
from histories import Step, held, scope, story, tiered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.review.contents import Provenance, pack
from handlers.review.formats.csv import csv_text
from handlers.review.public import published
from states.language import spoken
from states.review import publishing
from states.review.dataset import Story
from states.review.document import Review, document, review
from states.review.persons import Persons, persons
from states.review.publishing import Edition, edition

AXES = ("incubation", "management", "acculturation")
TIERS = ("coup_de_pouce", "tuto", "50_50")
NOW, BEFORE = "03-10 09:00", "2025-10-14 09:00"


def session(number: int, axis: str = "management", tier: str = "tuto", when: str = NOW, **said: Any) -> Story:
    """A session held, with what was said of those who came: `score` and `respondents` apart."""
    judged = {name: said.pop(name) for name in ("score", "respondents") if name in said}
    steps: list[Step] = tiered(when, tier, axis=axis, title={"seq": 1})
    steps += held("session", when, when, **{name: n for name, n in said.items() if n is not None})
    if judged:
        steps.append(("record_satisfaction", when, judged))
    return story(f"2026-{number:04}", *steps)


def reviewed(stories: Sequence[Story]) -> Review:
    found = scope(*stories, first_at=min((story.entries[0].occurred_at for story in stories), default=None))
    return review(found.sources, found.period)


def written(found: Review, told: Edition, number: int) -> list[Equation]:
    """What an edition says, as equations: from its CSV for programs and its JSON."""
    with spoken("fr"):
        shown = pack(found, Provenance("0" * 64, "0" * 64), lambda ref, seq, field: None, edition=told)
        return list(equations(csv_text(shown, True).decode(), published(found, told, document(found)), number))


def few_found(*reviews: Review) -> dict[str, Fraction]:
    """The groups of one to four persons that follow from the editions of these reviews, published one after another."""
    out: list[Edition] = []
    known: list[Equation] = []
    for number, found in enumerate(reviews, start=1):
        told = edition(found, out)
        known += written(found, told, number)
        out.append(told)
    results = solved(grown(known))
    return {name: n for name, n in results.items() if 0 < n < 5 and not name.startswith("score")}


# --- The findings ---


def one_masked_axis() -> list[Story]:
    """12 present of 15 on management; 3 of 6 on acculturation."""
    return [
        session(1, attended=12, expected=15, managers=6),
        session(2, "acculturation", attended=3, expected=6),
    ]


def one_more_session() -> tuple[list[Story], list[Story]]:
    """Six managers, then nine."""
    first = [session(1, attended=15, expected=20, managers=6)]
    return first, [*first, session(2, attended=15, expected=20, managers=3)]


def test_no_total_and_no_mean_give_a_masked_cell_back() -> None:
    assert few_found(reviewed(one_masked_axis())) == {}


def test_two_editions_do_not_give_by_difference_who_came_between() -> None:
    assert few_found(*map(reviewed, one_more_session())) == {}


def test_the_attack_sees_what_was_published_before_there_was_this_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing._Steps, "tells_of_few", lambda self, form: False)
    assert few_found(reviewed(one_masked_axis()))["present Acculturation à l’innovation 1"] == 3
    assert few_found(*map(reviewed, one_more_session()))["managers since"] == 3


def test_what_is_left_out_because_of_another_edition_is_said() -> None:
    first, second = map(reviewed, one_more_session())
    out = edition(first)
    alone, beside = edition(second), edition(second, [out])
    assert {cell.says for _code, cell in set(beside.masked()) - set(alone.masked())} == {"managers"}
    # The same again, or with five persons more, is published whole.
    assert edition(first, [out]).masked() == out.masked()
    later = reviewed([*one_more_session()[1], session(3, attended=15, expected=20, managers=2)])
    assert edition(later, [out, beside]).masked() == edition(later).masked()


def test_an_edition_of_the_semester_after_is_one_of_this_one_too() -> None:
    """It compares: what it says of the semester before is held against what was published of that one."""
    autumn = [session(1, when=BEFORE, attended=15, expected=20, managers=6)]
    more = [*autumn, session(2, when=BEFORE, attended=15, expected=20, managers=3)]
    own = scope(*autumn, first_at=autumn[0].entries[0].occurred_at).previous
    told_before = edition(review(own.sources, own.period))
    told = edition(reviewed([*more, session(3)]), [told_before])
    assert [(code, cell.says) for code, cell in told.masked()] == [("2025-S2", "managers")]


def test_a_signal_does_not_say_a_masked_mean() -> None:
    found = reviewed([session(1, attended=30, expected=30, score="2", respondents=3)])
    told = edition(found)
    assert any(one.get("cause") == "satisfaction" for one in document(found)["signals"])
    assert "satisfaction" not in str(published(found, told, document(found))["signals"])


# --- Random labs ---

gathering = st.builds(
    lambda axis, tier, before, expected, attended, managers, judged: (
        axis, tier, before, {"expected": expected, "attended": min(attended, expected),
                             "managers": min(managers, attended, expected), **judged},
    ),
    st.sampled_from(AXES), st.sampled_from(TIERS), st.integers(0, 3).map(lambda n: n == 0),
    st.integers(0, 14), st.integers(0, 14), st.integers(0, 9),
    st.one_of(
        st.just({}),
        st.builds(lambda score, n: {"score": str(score), "respondents": n}, st.integers(1, 5), st.integers(1, 9)),
    ),
)  # fmt: skip


def stories(gatherings: Sequence[Any]) -> Iterator[Story]:
    for number, (axis, tier, before, said) in enumerate(gatherings, start=1):
        yield session(number, axis, tier, BEFORE if before else NOW, **said)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(gathering, min_size=1, max_size=9), st.integers(0, 9))
def test_no_combination_of_published_numbers_tells_of_few_persons(gatherings: list[Any], first: int) -> None:
    told = list(stories(gatherings))
    early = told[:first]
    assert few_found(*([reviewed(early)] if early else []), reviewed(told)) == {}


@settings(max_examples=60, deadline=None)
@given(st.lists(gathering, min_size=1, max_size=9))
def test_what_is_masked_alone_is_masked_for_a_reason(gatherings: list[Any]) -> None:
    """Nothing is masked where no group is small; and what is told is what was counted."""
    found = reviewed(list(stories(gatherings)))
    told, counted = edition(found), persons(found.scope)
    sizes = [one.persons for scope in found.scopes for one in persons(scope).sums.values()]
    if not any(0 < size < publishing.FEW for size in sizes):
        assert told.masked() == []
    assert told.shown[found.period.code].persons == Persons(counted.sums)
