"""The colours of states: seen on their page by day and by night, told apart in grey, enough for the declaration."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import pairwise

import pytest
from reviews import told

from handlers.review.colours import of_state
from states.declaration.documents import shipped_document
from workflow.testing import Lab

STYLE = files("handlers.review").joinpath("templates", "review.css").read_text("utf-8")
SEEN, APART = 3.0, 2.0  # WCAG 1.4.11 for what is drawn; what tells two neighbours from each other in grey


def scheme(style: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style))


DAY, NIGHT = (scheme(part) for part in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2])


def luminance(colour: str) -> float:
    """As WCAG 2 defines it; a printer of greys keeps nothing else of a colour."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def states(colours: dict[str, str]) -> list[str]:
    return [colour for name, colour in colours.items() if name.startswith("state-")]


@pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
def test_a_state_is_seen_on_its_page_and_told_from_its_neighbours_in_grey(colours: dict[str, str]) -> None:
    assert all(contrast(colour, colours["paper"]) >= SEEN for colour in states(colours))
    assert all(contrast(one, other) >= APART for one, other in pairwise(states(colours)))
    assert len(set(states(colours))) == len(states(colours))


def test_night_has_a_colour_for_each_of_the_day() -> None:
    assert [name for name in DAY if name.startswith("state-")] == [name for name in NIGHT if name.startswith("state-")]


def test_no_two_states_that_we_declare_share_a_colour_and_a_longer_list_has_one_for_each() -> None:
    declared = len(shipped_document()["states"])
    assert len({of_state(place) for place in range(declared)}) == declared
    assert all(of_state(place)[6:-1] in DAY for place in range(100))


def test_a_state_has_the_same_colour_in_every_review_and_every_chart(half_year: Lab) -> None:
    seen: dict[str, set[int]] = {}
    for code, now in (("2026-S1", None), ("2026-S2", "2026-07-04T10:00:00Z")):
        for chapter in told(half_year, code=code, now=now).chapters:
            for chart in chapter.charts:
                names = {"flow": chart.table.columns[1:], "lead_times": [row[0].value for row in chart.table.rows]}
                for name, place in zip(names.get(chart.shape, ()), chart.states, strict=True):
                    seen.setdefault(str(name), set()).add(place)
    declared = [half_year.declaration.label("states", code) for code in half_year.declaration.states]
    assert len(seen) > 9
    assert {name: {declared.index(name)} for name in seen} == seen
