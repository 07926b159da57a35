"""The lifecycle drawn: few arrows, every event, labels in the language of the moment, codes and signs kept harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.language import spoken
from states.lifecycle.diagram import BEFORE, START, Picture, dot, mermaid, picture
from states.verification.loading import load


def edited(*edits: tuple[str, str]) -> Declaration:
    """The shipped declaration with these edits, everywhere they apply."""
    text = shipped()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return load(text)


def arrows(drawn: Picture) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(arrow.source, arrow.target): arrow.labels for arrow in drawn.arrows}


def test_every_event_is_drawn_or_listed_and_every_state_is_there(declaration: Declaration) -> None:
    drawn = picture(declaration)
    labels = {label.partition(" (")[0] for arrow in drawn.arrows for label in arrow.labels}
    for event in declaration.events.values():
        assert event.text in (labels if event.moves else drawn.staying)
    assert set(declaration.states) <= set(drawn.nodes)
    assert {node for ends in arrows(drawn) for node in ends} == set(drawn.nodes)


def test_the_picture_is_small_enough_to_be_read(declaration: Declaration) -> None:
    assert sum(len(edge.targets) for edges in declaration.edges.values() for edge in edges) > 300
    assert len(picture(declaration).arrows) < 30


def test_events_that_leave_many_states_start_from_one_node(declaration: Declaration) -> None:
    with spoken("en"):
        drawn = picture(declaration)
    groups = {text: node for node, text in drawn.nodes.items() if node.startswith("@from")}
    found = arrows(drawn)
    for target, label in (("suspended", "Suspend"), ("withdrawn", "Withdraw"), ("cancelled", "Cancel")):
        assert found[groups["any request in progress"], target] == (label,)
    early = "Received, Information requested, Prequalified, Interview planned or Qualified"
    assert found[groups[early], "declined"] == ("Decline",)
    assert found["suspended", BEFORE] == ("Resume",)
    assert found[groups["any finished request"], BEFORE] == ("Reopen",)
    assert found[groups["any request"], BEFORE] == ("Correct",)
    assert all(arrow.many == (arrow.source in drawn.aside) for arrow in drawn.arrows)


def test_an_arrow_is_told_by_the_kind_that_takes_it_and_goes_where_its_effect_leads(declaration: Declaration) -> None:
    with spoken("en"):
        found = arrows(picture(declaration))
    assert found[START, "received"] == ("Receive the form",)
    assert found["debriefed", "closed"] == ("Close",)
    assert found["session_held", "closed"] == ("Close (Autonomous session)",)
    assert found["working", "working"] == ("Plan a work meeting",)
    assert [ends for ends, labels in found.items() if "Cancel a meeting (the interview)" in labels] == [
        ("interview_planned", "prequalified")
    ]


def test_events_between_the_same_two_states_share_an_arrow() -> None:
    alike = edited(
        ('from = ["active"], to = ["cancelled"]', 'from = ["active"], to = ["withdrawn"]'),
        ('to = ["tier_assigned"]', 'to = ["working"]'),
    )
    with spoken("en"):
        drawn = picture(alike)
    (labels,) = [labels for (_source, target), labels in arrows(drawn).items() if target == "withdrawn"]
    assert labels == ("Withdraw", "Cancel")
    assert "Withdraw \\n Cancel" in dot(alike).replace("Retirer", "Withdraw").replace("Annuler ", "Cancel ")
    assert '"Retirer<br>Annuler"' in mermaid(alike)


@pytest.mark.parametrize(
    ("sources", "many"),
    [
        (["debriefed", "working"], False),
        (["debriefed", "working", "hosted"], True),
        (["debriefed", "working", "hosted", "qualified"], True),
    ],
)
def test_from_four_states_an_event_is_drawn_once_for_them_all(sources: list[str], many: bool) -> None:
    # It is possible from `session_held` as well.
    listed = ", ".join(f'"{state}"' for state in sources)
    with spoken("en"):
        drawn = picture(edited(('from = ["debriefed"], to = ["closed"]', f'from = [{listed}], to = ["closed"]')))
    found = [arrow for arrow in drawn.arrows if "Close" in arrow.labels]
    assert [arrow.many for arrow in found] == ([True] if many else [False] * 2)
    assert many or [arrow.source for arrow in found] == sources


@pytest.mark.parametrize("language", ["fr", "en"])
def test_labels_are_in_the_language_of_the_moment(declaration: Declaration, language: str) -> None:
    other = {"fr": "en", "en": "fr"}[language]
    with spoken(language):
        texts = [
            mermaid(declaration),
            dot(declaration).replace("\\n", " "),
            "\n".join(picture(declaration).sentences()),
        ]
    for text in texts:
        flat = re.sub(r"\s+", " ", text)
        for state in declaration.states.values():
            assert state.label[language] in flat
        assert declaration.states["hosted"].label[other] not in flat


def test_final_states_are_told_apart(declaration: Declaration) -> None:
    text, other = dot(declaration), mermaid(declaration)
    for code, state in declaration.states.items():
        (line,) = re.findall(rf'^ +"{code}" \[.*\]$', text, re.MULTILINE)
        assert ("peripheries=2" in line) == state.final
        (line,) = re.findall(rf"^ +s_{code}\(.*\)$", other, re.MULTILINE)
        assert line.strip().startswith(f"s_{code}([") == state.final


def test_a_group_and_a_way_back_are_dashed(declaration: Declaration) -> None:
    many = sum(arrow.many for arrow in picture(declaration).arrows)
    assert dot(declaration).count("style=dashed]") == many
    assert mermaid(declaration).count("-.->") == many


def test_what_stands_apart_is_one_under_the_other_beside_the_way(declaration: Declaration) -> None:
    """A group is under what an earlier one leads to, but for those that lead to the same node: they share a row."""
    drawn, text = picture(declaration), dot(declaration)
    groups = [node for node in drawn.aside if node.startswith("@from_")]
    below = set(re.findall(r'-> "(@from_\d+)" \[style=invis\]', text))
    targets = {group: {a.target for a in drawn.arrows if a.source == group} for group in groups}
    assert len(groups) > 2
    assert below == set(groups[1:])
    assert targets[groups[-1]] == targets[groups[-2]] == {BEFORE}
    assert all(above in drawn.aside for above in re.findall(r'"([^"]+)" -> "@from_\d+" \[style=invis\]', text))


def test_every_name_that_mermaid_uses_is_one_it_was_given(declaration: Declaration) -> None:
    text = mermaid(declaration)
    given = set(re.findall(r"^ +(\w+)(?:\(|\[)", text, re.MULTILINE))
    given |= set(re.findall(r"subgraph (\w+)", text))
    used = {name for a, b in re.findall(r"^ +(\w+) (?:-->|-\.->)\|.*\| (\w+)$", text, re.MULTILINE) for name in (a, b)}
    used |= {name for row in re.findall(r"^ +(\w+(?: ~~~ \w+)+)$", text, re.MULTILINE) for name in row.split(" ~~~ ")}
    used |= {name for names in re.findall(r"^ +class (\S+) ", text, re.MULTILINE) for name in names.split(",")}
    used |= set(re.findall(r"^ +style (\w+) ", text, re.MULTILINE))
    assert used <= given
    assert all(arrow.source for arrow in picture(declaration).arrows)


NASTY = 'Close "it" <b>|now|</b> #1; \\ & `go` {x}'


def test_signs_in_labels_are_harmless() -> None:
    nasty = edited(('en = "Closed" }\nfinal', f"en = '{NASTY}' }}\nfinal"))
    with spoken("en"):
        text, other = dot(nasty), mermaid(nasty)
    (line,) = re.findall(r'^ +"closed" \[label="(.*)", fillcolor', text, re.MULTILINE)
    assert line.replace("\\n", " ").replace("\\\\", "\\") == NASTY.replace('"', '\\"').replace("&", "&amp;")
    (label,) = re.findall(r'^ +s_closed\(\["(.*)"\]\)$', other, re.MULTILINE)
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label) == NASTY
    assert not set(re.sub(r"#\d+;", "", label)) & set('"<>|;\\&`{}')
    described = other.partition("accDescr {")[2].partition("\n  }")[0]
    assert "{" not in described
    assert "}" not in described


def test_codes_may_be_words_of_the_other_language() -> None:
    ending = edited(
        ("states.closed]", 'states."end"]'),
        ('"closed"]', '"end"]'),
        ('"closed", "withdrawn"', '"end", "withdrawn"'),
        ("working]", '"à faire"]'),
        ('"working"', '"à faire"'),
    )
    text, other = dot(ending), mermaid(ending)
    assert re.search(r'^ +"end" \[', text, re.MULTILINE)
    assert re.search(r'^ +"à faire" \[', text, re.MULTILINE)
    assert re.search(r"^ +s_end\(", other, re.MULTILINE)
    assert re.search(r"^ +s__e0__20_faire\(", other, re.MULTILINE)


def test_a_lifecycle_with_nothing_aside_has_no_frame_for_it(declaration: Declaration) -> None:
    kept = ("submit", "request_info", "provide_info", "comment")
    small = load(shipped())
    small.events = {code: event for code, event in declaration.events.items() if code in kept}
    small.states = {code: state for code, state in declaration.states.items() if code in ("received", "info_requested")}
    assert "cluster" not in dot(small)
    assert "aside" not in mermaid(small)
    assert len(picture(small).arrows) == 3


def test_the_same_picture_is_drawn_each_time(declaration: Declaration) -> None:
    again = load(shipped())
    assert (dot(declaration), mermaid(declaration)) == (dot(again), mermaid(again))


@pytest.mark.parametrize(("draw", "file"), [(dot, "activity.dot"), (mermaid, "activity.mmd")])
def test_the_lifecycle_of_an_activity_is_drawn_so(
    declaration: Declaration, draw: Callable[..., str], file: str
) -> None:
    """To the letter: seen once as it should be, any change of the text is looked at again."""
    with spoken("en"):
        assert draw(declaration.activities) == (Path(__file__).parent / file).read_text("utf-8")
