"""What a committee is told of: deadlines, derogations, decisions; and the signals, on each side of their bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from histories import Step, activity, half, held, received, scope, story, tiered
from pure import at, lab

from states.language import spoken
from states.lifecycle.effects import Comment
from states.review import governance
from states.review.dataset import Raised, Story
from states.review.document import figures
from states.review.semesters import semester

DECLINED: Step = ("decline", "03-02 09:00", {"reason": "other"})
ACCEPTED: Step = ("prequalify", "03-02 09:00", {})


def numbered(n: int) -> str:
    return f"2026-{n:04}"


def answers(declined: int, accepted: int) -> list[Story]:
    """So many requests answered no, so many answered yes."""
    every = [DECLINED] * declined + [ACCEPTED] * accepted
    return [story(numbered(n), received(), answer) for n, answer in enumerate(every, start=1)]


def mismatches(*stories: Story) -> dict[str, Any]:
    return {s["cause"]: s["value"] for s in governance.signals(scope(*stories)) if s["rule"] == "mismatch"}


# --- The signals ---


@pytest.mark.parametrize(
    ("declined", "accepted", "share"),
    [(0, 0, None), (0, 4, None), (3, 7, None), (29, 71, None), (31, 69, Fraction(31, 100)), (1, 2, Fraction(1, 3))],
)
def test_more_than_three_in_ten_declined_is_a_signal(declined: int, accepted: int, share: Fraction | None) -> None:
    assert mismatches(*answers(declined, accepted)) == ({"declined_share": share} if share else {})


@pytest.mark.parametrize(
    ("scores", "mean"),
    [
        ([], None),
        ([(4, 1), (3, 1)], None),  # 3.5 itself
        ([(4, 1), (3, 2)], Fraction(10, 3)),
        ([(5, 1), (3, 4)], Fraction(17, 5)),  # weighted: the plain mean is 4
        ([(1, None)], Fraction(1)),
    ],
)
def test_a_mean_satisfaction_under_three_and_a_half_is_a_signal(
    scores: list[tuple[int, int | None]], mean: Fraction | None
) -> None:
    recorded: list[Step] = []
    for score, n in scores:
        recorded.append(("record_satisfaction", "05-04 09:00", {"score": score, **({"respondents": n} if n else {})}))
    one = story("2026-0001", *tiered("02-02 09:00"), *held("session", "02-03 09:00", "05-04 09:00"), *recorded)
    assert mismatches(one) == ({"satisfaction": mean} if mean else {})


@pytest.mark.parametrize(
    ("changed", "of", "share"), [(0, 3, None), (1, 4, None), (1, 3, Fraction(1, 3)), (2, 3, Fraction(2, 3))]
)
def test_a_third_of_the_tiers_changed_is_a_signal(changed: int, of: int, share: Fraction | None) -> None:
    change: Step = ("change_tier", "03-02 09:00", {"tier": "50_50", "extra": 0, "validation_cleared": False})
    stories = [
        story(numbered(n), *tiered("02-02 09:00"), *([change, change] if n <= changed else []))
        for n in range(1, of + 1)
    ]
    assert mismatches(*stories) == ({"tiers_changed": share} if share else {})


def low_use(*stories: Story, **how: Any) -> set[str]:
    return {s["service"] for s in governance.signals(scope(*stories, **how)) if s["rule"] == "low_use"}


REGIONAL = {code for code, service in lab().services.items() if service.regional}


@pytest.mark.parametrize(
    ("one", "silent"),
    [
        pytest.param([received("03-02 09:00")], REGIONAL - {"drajes"}, id="asked"),
        pytest.param([received("2025-09-01 09:00")], REGIONAL - {"drajes"}, id="asked the semester before"),
        pytest.param([received("2025-03-03 09:00")], REGIONAL, id="asked two semesters before"),
        pytest.param([received("03-02 09:00", service="rectorat_toulouse")], REGIONAL, id="not regional"),
        pytest.param(
            [*tiered("2025-03-03 09:00"), *held("work", "2025-03-04 09:00", "03-05 09:00", duration=60)],
            REGIONAL - {"drajes"},
            id="worked with",
        ),
    ],
)
def test_a_service_that_neither_asked_nor_came_for_two_semesters(one: list[Step], silent: set[str]) -> None:
    long_ago = at("2024-01-08 09:00")
    assert low_use(story("2026-0001", *one), first_at=long_ago) == silent


def test_services_that_came_to_an_activity_are_no_longer_silent() -> None:
    came = activity("2026-A001", "03-05 14:00", attended=10, services=["drane", "drari"])
    assert low_use(came, first_at=at("2024-01-08 09:00")) == REGIONAL - {"drane", "drari"}


# --- Deadlines, alerts, what is out of the ordinary ---


def test_deadlines_count_by_the_day_they_fall_due() -> None:
    in_time = story(
        "2026-0001",
        received("03-02 09:00"),
        ("prequalify", "03-09 18:00", {}),
        ("decline", "03-10 09:00", {"reason": "other"}),
    )
    late = story("2026-0002", received("03-02 09:00"), ("decline", "03-09 18:01", {"reason": "other"}))
    still = story("2026-0003", received("06-01 09:00"))
    next_half = story("2026-0004", received("06-30 09:00"))
    found = governance.deadline_figures(scope(in_time, late, still, next_half))
    assert {name: f.value for name, f in found.items()} == {"met": 2, "missed": 2, "rate": Fraction(1, 2)}
    assert [(i.ref, i.said["kind"]) for i in found["missed"].items] == [
        ("2026-0002", "received"),
        ("2026-0003", "received"),
    ]
    assert found["missed"].items[0].said["settled_at"] == at("03-09 18:01")
    assert len(found["rate"].items) == 4
    unexplained = governance.deadline_figures(scope(in_time, late, explained=False))
    assert (unexplained["met"].value, unexplained["missed"].value) == (2, 1)
    assert governance.deadline_figures(scope())["rate"].value is None


def test_alerts_are_counted_by_rule_when_they_were_raised() -> None:
    raised = [
        Raised(1, "unstaffed", "warning", "2026-0001", at("01-01 00:00")),
        Raised(2, "unstaffed", "critical", None, at("06-30 23:59")),
        Raised(3, "overload", "warning", None, at("2025-12-31 23:59")),
        Raised(4, "deadline", "info", "2026-0002", at("07-01 00:00")),
    ]
    found = governance.alerts(scope(alerts=raised))
    assert {rule: f.value for rule, f in found.items()} == {"unstaffed": 2}
    assert [(i.ref, i.seq, i.event, i.said) for i in found["unstaffed"].items] == [
        ("2026-0001", 1, "alert_raised", {"level": "warning"}),
        ("", 2, "alert_raised", {"level": "critical"}),
    ]


def test_waivers_derogations_and_corrections_are_named_with_what_they_say() -> None:
    extra: Step = ("grant_derogation", "03-03 09:00", {"extra": 2})
    one = story(
        "2026-0001",
        received("02-02 09:00"),
        ("prequalify", "02-03 09:00", {"waived": ["scope", "collaborative_share"]}),
        ("comment", "02-04 09:00", {}),
        ("correct", "02-05 09:00", {"corrects": 3}),
    )
    wide = story("2026-0002", *tiered("02-02 09:00", "50_50"), extra)
    subject = scope(one, wide)
    assert [(i.ref, i.said) for i in governance.waivers(subject)] == [
        ("2026-0001", {"rule": "scope"}),
        ("2026-0001", {"rule": "collaborative_share"}),
    ]
    assert [(i.ref, i.said) for i in governance.derogations(subject)] == [("2026-0002", {"extra": 2})]
    (struck,) = governance.corrections(subject).items
    assert (struck.ref, struck.seq, struck.event, struck.said) == ("2026-0001", 3, "comment", {"corrected_by": 4})
    later = half()._replace(start=at("02-04 09:01"))
    assert governance.corrections(scope(one, period=later)).value == 0


# --- The committee ---

VALIDATED: Step = ("validate", "03-02 09:00", {"basis": "delegation"})


def decided(decision: str, moment: str, **more: Any) -> Step:
    return "ratify", moment, {"decision": decision, **more}


@pytest.mark.parametrize(
    ("tier", "steps", "validate", "ratify"),
    [
        pytest.param("tuto", [], False, False, id="a tier that needs none"),
        pytest.param("50_50", [], True, False, id="not validated"),
        pytest.param("50_50", [VALIDATED], False, True, id="by delegation"),
        pytest.param(
            "50_50", [("validate", "03-02 09:00", {"basis": "committee"})], False, False, id="by the committee"
        ),
        pytest.param("50_50", [VALIDATED, decided("ratify", "04-01 09:00")], False, False, id="ratified"),
        pytest.param("50_50", [VALIDATED, decided("postpone", "04-01 09:00")], False, True, id="postponed"),
        pytest.param("50_50", [VALIDATED, decided("refuse", "04-01 09:00")], True, False, id="refused"),
    ],
)
def test_what_waits_for_the_committee(tier: str, steps: list[Step], validate: bool, ratify: bool) -> None:
    subject = scope(story("2026-0001", *tiered("02-02 09:00", tier), *steps))
    assert [s.ref for s in governance.to_validate(subject)] == ["2026-0001"] * validate
    assert [s.ref for s in governance.to_ratify(subject)] == ["2026-0001"] * ratify
    awaited = governance.awaited(subject)
    assert [i.said["decision"] for i in awaited.items] == ["validate"] * validate + ["ratify"] * ratify
    assert [i.event for i in awaited.items] == ["assign_tier"] * validate + ["validate"] * ratify


def test_what_was_asked_after_the_period_waits_for_the_next_review() -> None:
    earlier = semester(lab(), "2025-S2")
    subject = scope(story("2026-0001", *tiered("02-02 09:00", "50_50")), period=earlier)
    assert governance.to_validate(subject) == []
    subject = scope(story("2026-0001", *tiered("2025-11-03 09:00", "50_50"), VALIDATED), period=earlier)
    assert governance.to_ratify(subject) == []


def test_decisions_are_those_said_of_the_semester_else_those_made_in_it() -> None:
    made = story(
        "2026-0001",
        *tiered("02-02 09:00", "50_50"),
        VALIDATED,
        decided("postpone", "04-01 09:00"),
        decided("ratify", "06-15 09:00", review="2025-S2"),
        decided("ratify", "07-02 09:00", review="2026-S1"),
        decided("postpone", "07-03 09:00"),
    )
    assert [e.seq for _story, e in governance.decisions(scope(made, now="08-01 09:00"))] == [7, 9]
    assert governance.decisions(scope(story("2026-0002", *tiered("02-02 09:00", "50_50")))) == []


def commented(moment: str, **said: Any) -> Step:
    return "comment", moment, said


@pytest.mark.parametrize(
    ("steps", "seqs"),
    [
        ([], []),
        ([commented("03-02 09:00", committee=False)], []),
        ([commented("03-02 09:00")], []),  # of before the key was there
        ([commented("03-02 09:00", committee=True)], [2]),
        ([commented("03-02 09:00", committee=True), commented("02-02 09:00", committee=True)], [3, 2]),
        ([commented("2025-12-31 23:59", committee=True), commented("06-30 23:59", committee=True)], [3]),
        ([commented("07-01 00:00", committee=True)], []),
        ([commented("03-02 09:00", committee=True), ("correct", "03-03 09:00", {"corrects": 2, "to": "received"})], []),
    ],
)
def test_a_project_committee_is_a_comment_of_the_period_that_says_so(steps: list[Step], seqs: list[int]) -> None:
    subject = scope(story("2026-0001", received("2025-12-01 09:00"), *steps))
    assert [entry.seq for _story, entry in governance.project_committees(subject)] == seqs
    assert figures(subject)["committee"]["project_committees"].value == len(seqs)


def test_who_came_is_told_by_role_in_the_words_of_the_declaration() -> None:
    told = story("2026-0001", received(), commented("03-02 09:00", committee=True, participants="pilote:1,expert:2"))
    with spoken("fr"):
        assert Comment.who_came(told.declaration, told.entries[-1]) == "Pilote (1), Expert (2)"
    assert Comment.who_came(told.declaration, told.entries[0]) == ""


@pytest.mark.parametrize(("agreed", "answer"), [({"agreed": True}, "yes"), ({"agreed": False}, "no"), ({}, "unsaid")])
def test_whether_requesters_agreed_is_counted_by_what_they_agreed_to(agreed: dict[str, bool], answer: str) -> None:
    change: Step = ("change_tier", "03-02 09:00", {"tier": "50_50", "extra": 0, "validation_cleared": False, **agreed})
    subject = scope(
        story("2026-0001", received(), ("decline", "03-02 09:00", {"reason": "other", **agreed})),
        story("2026-0002", received(), ("decline", "07-02 09:00", {"reason": "other", **agreed})),  # later
        story("2026-0003", *tiered("02-02 09:00"), change, ("close", "06-30 09:00", {"to": "closed", **agreed})),
    )
    found = {what: {n: f.value for n, f in counts.items()} for what, counts in governance.agreement(subject).items()}
    assert found == {"closed": {answer: 1}, "declined": {answer: 1}, "tier_changed": {answer: 1}}
