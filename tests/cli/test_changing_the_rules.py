"""Another version of the declaration before it is adopted: compared, checked against the store, rehearsed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from desk import Desk
from renamed import Renaming

from states.declaration.documents import document_of, shipped

TUTO, ONE = "work = { min = 1, max = 3 }", "work = { min = 1, max = 1 }"


def written(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name


def test_a_file_is_compared_with_the_one_in_force_or_with_another(desk: Desk, tmp_path: Path) -> None:
    narrow, same = written("narrow.toml", shipped().replace(TUTO, ONE)), written("same.toml", shipped())
    (change,) = desk.json("lifecycle", "diff", narrow)
    assert (change["path"], change["before"], change["after"]) == ("tiers.tuto.work.max", 3, 1)
    assert desk.coop("lifecycle", "diff", narrow).out.rstrip() == f"~ {change['sentence']}"
    (back,) = desk.json("lifecycle", "diff", narrow, same)
    assert (back["before"], back["after"]) == (1, 3)
    assert desk.json("lifecycle", "diff", same, same) == []


def test_a_check_names_what_the_store_bears_and_the_file_no_longer_names(desk: Desk, tmp_path: Path) -> None:
    ref = desk.received()
    renamed = Renaming(document_of(tomllib.loads(shipped())), ("services", "places"))
    found = desk.json("lifecycle", "check", written("other.toml", renamed.text()))["store"]
    borne = {(one["vocabulary"], one["code"], *one["refs"]) for one in found["unnamed"]}
    assert borne == {("services", "drajes", ref), ("places", "hors_les_murs", ref)}
    assert {refusal["rule"] for refusal in found["in_use"]} == {"in_use"}
    printed = desk.coop("lifecycle", "check", "other.toml").out
    assert f"(drajes)\u00a0: 1 demande, {ref}" in printed
    assert desk.json("lifecycle", "check", written("same.toml", shipped()))["store"] == {"unnamed": [], "in_use": []}


def test_a_rehearsal_says_what_would_have_been_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ref = desk.received()
    file = written("strict.toml", shipped().replace("at_least = 50", "at_least = 90"))
    assert desk.json("lifecycle", "rehearse", file)["refused"] == []
    desk.json("prequalify", ref)
    (refused,) = desk.json("lifecycle", "rehearse", file)["refused"]
    assert (refused["ref"], refused["event"], refused["rules"]) == (ref, "prequalify", ["collaborative_share"])
    assert "1 entrée aurait été refusée, de 1 demande" in desk.coop("lifecycle", "rehearse", file).out
    assert desk.json("lifecycle", "rehearse", file, "--since", "2027-01-01")["refused"] == []
    assert desk.json("history", ref)[-1]["event"] == "prequalify"
