"""The table of domain.md, « Recommendation », cell by cell: the tier, and why."""

from __future__ import annotations

import pytest
from attrs import evolve
from pure import lab

from states.forms.recommendation import recommend
from states.language import spoken

GIVEN = {"—": None}
SAID = {
    "none": "none",
    "some": "some",
    "experienced": "experienced",
    "simple": "simple",
    "complex": "complex",
    "—": "not said",
}


@pytest.mark.parametrize("wanted", [None, "coup_de_pouce", "tuto", "50_50"])
@pytest.mark.parametrize(
    ("experience", "complexity", "tier"),
    [
        ("none", "simple", "50_50, or coup_de_pouce if wanted"),
        ("none", "complex", "50_50"),
        ("none", "—", "50_50"),
        ("some", "simple", "tuto"),
        ("some", "complex", "50_50"),
        ("some", "—", "tuto"),
        ("experienced", "simple", "coup_de_pouce"),
        ("experienced", "complex", "tuto"),
        ("experienced", "—", "coup_de_pouce"),
        ("—", "simple", "coup_de_pouce"),
        ("—", "complex", "50_50"),
        ("—", "—", "the wanted one"),
    ],
)
def test_every_cell(experience: str, complexity: str, tier: str, wanted: str | None) -> None:
    form = {
        "experience": GIVEN.get(experience, experience),
        "complexity": GIVEN.get(complexity, complexity),
        "wanted_tier": wanted,
    }
    with spoken("en"):
        advice = recommend(lab(), form)
    reason = f"experience: {SAID[experience]}, subject: {SAID[complexity]}"
    if tier == "the wanted one":
        assert advice.tier == wanted
        assert advice.reason == ("as wished on the form" if wanted else "the form does not say enough")
    elif "if wanted" in tier and wanted == "coup_de_pouce":
        assert (advice.tier, advice.reason) == ("coup_de_pouce", f"{reason}, and that tier is wished for")
    else:
        assert (advice.tier, advice.reason) == (tier.partition(",")[0], reason)


def test_a_form_that_says_nothing_and_a_table_without_a_row() -> None:

    assert recommend(lab(), {}).tier is None
    empty = recommend(evolve(lab(), recommendation=()), {"experience": "some"})
    with spoken("en"):
        assert (empty.tier, recommend(lab(), {}).reason) == (None, "the form does not say enough")
