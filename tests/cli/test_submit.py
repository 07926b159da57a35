"""`submit`: forms in, what became of each, and what a dry run announces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from desk import FORM, Desk


def written(folder: Path, name: str, *changes: dict[str, Any]) -> str:
    """A JSON file of forms, each with some fields of its own."""
    file = folder / name
    file.write_text(json.dumps([{**FORM, **change} for change in changes], ensure_ascii=False), "utf-8")
    return str(file)


# --- A dry run ---


def test_a_dry_run_announces_what_the_real_run_gives(desk: Desk, tmp_path: Path) -> None:
    files = [
        written(tmp_path, "a.json", {"title": "Un"}, {"title": "Deux", "external_id": "d"}),
        written(tmp_path, "b.json", {"title": "Trois"}, {"title": "Quatre", "collaborative_share": 400}),
        written(tmp_path, "c.json", {"title": "Cinq"}, {"title": "Deux encore", "external_id": "d"}),
    ]
    rehearsed = desk.coop("submit", *files, "--dry-run", "--json")
    assert desk.json("list") == []
    performed = desk.coop("submit", *files, "--json")
    assert rehearsed.exit == performed.exit == 6
    received = [(form["ref"], form["title"]) for form in rehearsed.json["received"]]
    assert received == [("2026-0001", "Un"), ("2026-0002", "Deux"), ("2026-0003", "Cinq")]
    assert rehearsed.json == performed.json
    assert [field["row"] for field in rehearsed.error["fields"]] == [2]


def test_a_dry_run_says_what_would_be_rejected(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path, "a.json", {"collaborative_share": 400})
    assert "serait à corriger" in desk.coop("submit", file, "--dry-run").err
    assert "n’a été enregistré" not in desk.coop("submit", file, "--dry-run").err


def test_a_form_asked_for_is_announced_with_its_reference(desk: Desk) -> None:
    answers = ["T", "B", "R", "non", "60", "1", "1", "N", "n@example.org", "", "", "draio", "34", "1", *[""] * 10, "o"]
    printed = desk.coop("submit", "--ask", "--dry-run", stdin="\n".join(answers) + "\n")
    assert "2026-0001  T" in printed.out
    assert desk.json("list") == []
