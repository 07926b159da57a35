"""A coordinator's rule tests, at the command line: on the shipped declaration, and on one that was changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk
from pure import edited

ROOT = Path(__file__).parents[2]
RULES = ROOT / "states/cooperative.rules.toml"


def test_the_rules_of_the_shipped_declaration_hold(desk: Desk) -> None:
    printed = desk.coop("lifecycle", "test", str(RULES))
    assert printed.exit == 0, printed.err
    lines = printed.out.splitlines()
    assert len(lines) == RULES.read_text("utf-8").count("\n[[test]]") + 1
    assert all(line.startswith("✓ ") for line in lines[:-1])
    assert desk.json("list") == []  # nothing of it is in the lab’s own store


CAP = '{ apply = "plan_meeting", refused = ["cap_reached"] }'


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """The one rule on the cap of the coup de pouce."""
    rules = RULES.read_text("utf-8")
    begins = rules.index('[[test]]\nrule = "Le coup de pouce')
    file = tmp_path / "rules.toml"
    file.write_text(rules[begins : rules.index("[[test]]", begins + 1)], "utf-8")
    return file


def test_a_rule_that_another_declaration_breaks_is_named_with_its_line(desk: Desk, tmp_path: Path, short: Path) -> None:
    assert desk.json("lifecycle", "test", str(short))["passed"] == 1  # of the declaration in force
    other = tmp_path / "other.toml"
    other.write_text(edited(("work = { min = 1, max = 1 }", "work = { min = 1, max = 2 }")), "utf-8")
    line = short.read_text("utf-8").splitlines().index(f"  {CAP},") + 1
    error = desk.fails(6, "lifecycle", "test", str(short), "--lab", str(other))
    (field,) = error["fields"]
    assert (field["line"], field["file"]) == (line, str(short))
    assert "refusé par cap_reached" in field["message"]
    assert "obtenu" in field["message"]
    printed = desk.coop("lifecycle", "test", str(short), "--lab", str(other))
    assert printed.exit == 6
    assert printed.out.startswith("✗ Le coup de pouce")
    assert f"ligne {line}" in printed.err


def test_what_is_no_rule_file_is_refused(desk: Desk, tmp_path: Path) -> None:
    assert desk.fails(6, "lifecycle", "test", str(tmp_path / "none.toml"))
    (tmp_path / "odd.toml").write_text('[[test]]\nrule = "R"\nstep = []\n', "utf-8")
    error = desk.fails(6, "lifecycle", "test", str(tmp_path / "odd.toml"))
    assert [field["line"] for field in error["fields"]] == [3]
