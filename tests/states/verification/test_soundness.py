"""A proof is a proof: a guard that looks at what situations leave out, or an event never tried, is found.

The guards are added through the registry, as a lab's own would be, and the declaration is edited to ask for them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from states.declaration.documents import shipped
from states.errors import CapPassed, Refusal
from states.lifecycle.attempt import Attempt
from states.lifecycle.guards import GUARDS
from states.lifecycle.guards.registry import Check, guard
from states.lifecycle.replay import check_cap
from states.requests.request import HELD, PLANNED, Meeting, Request
from states.verification.exploration import Counterexample, survey
from states.verification.loading import load

PLAN = ('guards = ["validated", "below_cap", "slot"]', 'guards = ["GUARD", "validated", "slot"]')  # no cap any more
CLOSE = ('guards = ["deliverable_recorded", "recorded"]', 'guards = ["deliverable_recorded", "recorded", "GUARD"]')
SESSION = ('guards = ["planned", "begun", "minimum_held"]', 'guards = ["planned", "begun", "minimum_held", "GUARD"]')


def refusing(*, unless: bool) -> Iterator[Refusal]:
    if not unless:
        yield Refusal("effort", "No.", "coop effort")


def effort_recorded(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=any(record.event == "record_effort" for record in attempt.request.records))


def satisfaction_recorded(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=any(record.event == "record_satisfaction" for record in attempt.request.records))


def invited(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=bool(attempt.request.tasks.get("materials")))


def few(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=(attempt.request.form.get("participants") or 0) > 5)


def sponsored(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless="sponsor" in attempt.request.form)


def interviewed(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=bool(attempt.request.of_kind("interview", HELD)))


def interview_told(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=any(m.kind == "interview" and m.status == HELD for m in attempt.request.meetings))


def long_enough(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=len(attempt.request.stays) > 3)


def waived(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=bool(attempt.request.waivers))


def by_committee(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=attempt.request.validated in (None, "committee"))


def ratified(attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=attempt.request.ratified)


def never(_attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=False)


def found(
    monkeypatch: pytest.MonkeyPatch, check: Check, edit: tuple[str, str], *reads: str, tier: str = "tuto"
) -> dict[tuple[str, str], Counterexample]:
    """What is found once a guard is added to an event; of the tiers, one, so that it takes no time."""
    made = guard(reads_request=reads)(check)
    monkeypatch.setitem(GUARDS, made.name, made)
    old, new = edit
    assert old in shipped()
    declaration = load(shipped().replace(old, new.replace("GUARD", made.name), 1))
    declaration = evolve(declaration, tiers={tier: declaration.tiers[tier]})
    return {(example.code, example.path): example for example in survey(declaration).counterexamples}


@pytest.mark.parametrize(
    ("check", "edit", "tier", "aspect"),
    [
        (effort_recorded, PLAN, "tuto", "records"),
        (satisfaction_recorded, CLOSE, "tuto", "records"),
        (invited, CLOSE, "tuto", "tasks.materials"),
        (few, PLAN, "tuto", "form.participants"),
        (sponsored, PLAN, "tuto", "form.sponsor"),
        (interviewed, SESSION, "tuto", "held.interview"),
        (interview_told, SESSION, "tuto", "held.interview"),
        (long_enough, CLOSE, "tuto", "stays"),
        (waived, CLOSE, "tuto", "waivers"),
        (by_committee, SESSION, "50_50", "validated"),
        (ratified, SESSION, "50_50", "ratified"),
    ],
)
def test_a_guard_that_looks_at_what_no_situation_keeps_is_found(
    monkeypatch: pytest.MonkeyPatch, check: Check, edit: tuple[str, str], tier: str, aspect: str
) -> None:
    event = {PLAN: "plan_meeting", CLOSE: "close", SESSION: "hold_session"}[edit]
    example = found(monkeypatch, check, edit, tier=tier)["reads_unkept", f"events.{event}.guards"]
    assert aspect in example.message
    assert check.__name__ in example.message
    keepable = aspect.partition(".")[0] in ("records", "tasks", "form", "held")
    assert (f'@guard(reads_request=("{aspect}",))' in example.message) is keepable


@pytest.mark.parametrize(
    ("check", "edit", "aspect"),
    [
        (effort_recorded, PLAN, "records"),
        (effort_recorded, PLAN, "records.effort"),
        (few, PLAN, "form.participants"),
        (invited, PLAN, "tasks.materials"),
    ],
)
def test_what_a_guard_says_it_looks_at_is_kept_so_that_a_cap_passed_behind_it_is_found(
    monkeypatch: pytest.MonkeyPatch, check: Check, edit: tuple[str, str], aspect: str
) -> None:
    example = found(monkeypatch, check, edit, aspect)["cap_passed", "tiers.tuto.work"]
    assert example.trace[-4:] == ("plan_meeting",) * 4


@pytest.mark.parametrize(
    ("check", "edit", "aspect"),
    [
        (satisfaction_recorded, CLOSE, "records.satisfaction"),
        (interviewed, SESSION, "held.interview"),
        (sponsored, CLOSE, "form.sponsor"),
    ],
)
def test_an_event_behind_a_guard_that_says_what_it_looks_at_is_explored(
    monkeypatch: pytest.MonkeyPatch, check: Check, edit: tuple[str, str], aspect: str
) -> None:
    plain = found(monkeypatch, recorded_anyway, edit)
    assert set(found(monkeypatch, check, edit, aspect)) == set(plain)  # nothing but what lacks in a lab of one tier


def recorded_anyway(_attempt: Attempt) -> Iterator[Refusal]:
    return refusing(unless=True)


def test_an_event_possible_in_no_situation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    example = found(monkeypatch, never, CLOSE)["never_taken", "events.close"]
    assert "close" in example.message


def test_a_guard_left_out_that_an_effect_rests_on_is_found() -> None:
    text = shipped().replace('guards = ["accompanied", "new_cap"]', "guards = []", 1)
    found = {(example.code, example.path): example for example in survey(load(text)).counterexamples}
    example = found["event_fails", "events.change_tier.guards"]
    assert example.trace[0] == "submit"
    assert example.message


@pytest.mark.parametrize(
    ("planned", "before", "passes"), [(3, 0, False), (4, 0, True), (4, 1, False), (5, 1, True), (0, 0, False)]
)
def test_whatever_the_guards_let_by_no_entry_passes_the_cap(planned: int, before: int, passes: bool) -> None:
    declaration = load(shipped())
    at = "2026-01-12T08:00:00.000000Z"
    request = Request("2026-0001", "", "working", at, {"kind": "accompanied"}, tier="tuto")
    request.meetings = [
        Meeting(f"work-{n}", "work", (HELD, PLANNED)[n % 2], at, 60, "montpellier", [], at) for n in range(planned)
    ]
    if passes:
        with pytest.raises(CapPassed, match="3"):
            check_cap(declaration, request, before)
    else:
        check_cap(declaration, request, before)
