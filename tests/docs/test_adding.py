"""What the guide says to add is added as it says, by its own examples: an event, a tier, a deadline, a guard."""

from __future__ import annotations

import re
import textwrap
import tomllib
from pathlib import Path

import pytest
from attrs import evolve
from desk import Desk, opened_desk
from generation.markdown import ROOT

from states.declaration.documents import shipped
from states.lifecycle.guards import GUARDS, requests
from states.lifecycle.guards.registry import Guard
from states.verification.exploration import survey
from states.verification.loading import load
from states.verification.structure import check

desk = opened_desk
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def example(section: str, language: str = "toml") -> str:
    """The one of a section of the guide."""
    (part,) = re.findall(rf"^## {section}\n(.*?)(?=^## )", GUIDE, re.DOTALL | re.MULTILINE)
    (found,) = re.findall(rf"^ *```{language}\n(.*?)^ *```", part, re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found)


def adopted(desk: Desk, folder: Path, added: str) -> None:
    """Adds it at the end of the one file, and puts that in force, as one does."""
    (folder / "lab.toml").write_text(f"{shipped()}\n{added}", "utf-8")
    printed = desk.coop("lifecycle", "adopt", "lab.toml", "--yes")
    assert printed.exit == 0, printed


FIVE = GUIDE.partition("Five examples")[2].partition("\n## ")[0]
ROOMS = re.findall(r"^\| [^|]* \| ([^|]*\.py`.*) \|$", FIVE, re.MULTILINE)


def test_each_of_the_five_rooms_is_where_it_says() -> None:
    assert len(ROOMS) == 5
    for row in ROOMS:
        named = re.findall(r"`([^`]+)`", row)
        texts = [(ROOT / path).read_text("utf-8") for path in named if path.endswith(".py")]
        assert texts
        assert all(f"def {name}(" in texts[0] for name in named if not name.endswith(".py")), row


def assigned(desk: Desk, *tier: str) -> str:
    """A request that has its tier, on 13 January 2026."""
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "13/01 10h")
    desk.at("2026-01-13T12:00+01:00").json("interview", "done", ref)
    desk.json("tier", "assign", ref, *tier)
    return ref


def working(desk: Desk) -> str:
    """A request whose work meeting was held, on 19 January 2026."""
    ref = assigned(desk)
    desk.json("meeting", "plan", ref, "--slot", "19/01 10h")
    desk.at("2026-01-19T12:00+01:00").json("meeting", "done", ref)
    return ref


def test_an_event_is_one_table_and_has_its_command_its_help_and_its_place_in_the_shell(
    desk: Desk, tmp_path: Path
) -> None:
    adopted(desk, tmp_path, example("Add an event"))
    ref = desk.received()
    assert "Raconter ce qu’il en reste." in desk.coop("--help").out
    assert "--done TEXT" in desk.coop("story", "--help").out
    assert desk.offered("coop sto") == {"story": "Raconter ce qu’il en reste."}
    assert set(desk.offered("coop story ")) == {ref}
    assert {"--done", "--note"} <= set(desk.offered(f"coop story {ref} --"))
    possible = {row["event"]: row["command"] for row in desk.json("next", ref)["events"]}
    assert possible["tell_story"] == "coop story 1 --done …"
    assert desk.json("story", ref, "--done", "Un jeu")["applied"]["event"] == "tell_story"
    assert desk.json("advance", ref, "tell_story", "--set", "done=Un autre")["applied"]["event"] == "tell_story"
    assert "Un jeu" in desk.coop("show", ref).out
    assert "coop story" in desk.coop("tell_story").err


def test_a_tier_is_one_table_and_its_cap_is_proved_and_kept(desk: Desk, tmp_path: Path) -> None:
    adopted(desk, tmp_path, example("Add a tier"))
    declaration = load((tmp_path / "lab.toml").read_text("utf-8"))
    proofs = survey(evolve(declaration, tiers={"duo": declaration.tiers["duo"]})).proofs
    assert [(proof.cap, proof.cap_kept, proof.can_end) for proof in proofs if proof.tier == "duo"] == [(2, True, True)]
    ref = assigned(desk, "duo", "--note", "À deux")
    for slot in ("19/01 10h", "20/01 10h"):
        desk.json("meeting", "plan", ref, "--slot", slot)
    assert desk.refused("meeting", "plan", ref, "--slot", "23/01 10h") == ["cap_reached"]


@pytest.mark.parametrize(
    "edit",
    [
        ('complexity = "simple"\ntier = "tuto"', 'complexity = "simple"\ntier = "duo"'),
        ('complexity = "simple"\ntier = "tuto"', 'complexity = "simple"\ntier = "tuto"\nunless_wanted = ["duo"]'),
    ],
    ids=["change the tier of a row", "where it is wished for"],
)
def test_a_tier_is_recommended_as_the_guide_says(edit: tuple[str, str]) -> None:
    assert edit[0] in shipped()
    assert check(load(shipped().replace(*edit) + example("Add a tier"))) == []


def test_a_deadline_is_one_table_and_today_proposes_its_command(desk: Desk, tmp_path: Path) -> None:
    adopted(desk, tmp_path, example("Add a deadline"))
    ref = working(desk)
    desk.json("session", "plan", ref, "--slot", "26/01 9h")
    desk.at("2026-01-26T14:00+01:00").json("session", "done", ref)
    desk.json("debrief", "plan", ref, "--slot", "02/02 10h")
    desk.at("2026-02-02T12:00+01:00").json("debrief", "done", ref)
    desk.json("deliverable", ref, "--title", "Rapport", "--type", "report")
    desk.at("2026-02-09T09:00+01:00").json("close", ref)
    desk.at("2026-05-11T09:00+02:00").json("followup", ref, "--done", "Adopté")  # at three months
    desk.at("2026-08-10T09:00+02:00").json("followup", ref, "--done", "Étendu")  # at six
    desk.at("2027-02-15T09:00+01:00")
    (late,) = (row for row in desk.json("today")["late"] if row["kind"] == "follow_up_12")
    assert late["command"] == 'coop followup 2026-0001 --done "…"'
    assert "Suivi à un an" in desk.coop("today").out
    desk.json("followup", ref, "--done", "Toujours là")
    assert "follow_up_12" not in str(desk.json("today"))


def test_a_guard_is_kept_by_the_proof_and_says_what_to_do(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = dict(vars(requests))
    exec(example("Add a guard", "python"), scope)
    (added,) = (found for name, found in scope.items() if isinstance(found, Guard) and name not in vars(requests))
    monkeypatch.setitem(GUARDS, added.name, added)
    (event,) = tomllib.loads(example("Add a guard"))["events"]
    shown, text = example("Add a guard").splitlines(), shipped()
    before = shown[1].replace(f', "{added.name}"', "")
    start = text.index(f"{shown[0]}\n")
    assert text.index(before, start) < text.index("\n\n", start)  # what the event has now, and the guard
    (tmp_path / "lab.toml").write_text(text[:start] + text[start:].replace(before, shown[1], 1), "utf-8")
    declaration = load((tmp_path / "lab.toml").read_text("utf-8"))
    assert added.name in declaration.events[event].guards
    explored = survey(evolve(declaration, tiers={"tuto": declaration.tiers["tuto"]}))
    assert not [example for example in explored.counterexamples if event in example.path]
    assert all(proof.cap_kept and proof.can_end for proof in explored.proofs)
    assert desk.coop("lifecycle", "adopt", "lab.toml", "--yes").exit == 0
    ref = working(desk)
    said = desk.fails(3, "session", "plan", ref, "--slot", "26/01 9h")["refusals"]
    assert [refusal["rule"] for refusal in said] == ["participants"]
    desk.json("amend", ref, "--set", "participants=12")
    desk.json("session", "plan", ref, "--slot", "26/01 9h")
