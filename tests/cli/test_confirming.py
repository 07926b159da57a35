"""Every question that a yes or a no answers: asked in the reader's language, answered in either."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from desk import Desk
from terminal import Terminal

ROOT = Path(__file__).parents[2]
YES, NO = ("o", "oui", "y", "yes", "O", "Oui "), ("n", "non", "no", "N", "")


@pytest.fixture
def another(desk: Desk, tmp_path: Path) -> Path:
    """The declaration in force, with one label changed."""
    file = tmp_path / "other.toml"
    text = (ROOT / "states/cooperative.toml").read_text("utf-8")
    file.write_text(text.replace('"Coup de pouce"', '"Coup de pouce bis"'), "utf-8")
    return file


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    ("word", "exit"), [*((word, 0) for word in YES), *((word, 130) for word in NO)], ids=lambda part: str(part) or "-"
)
def test_a_yes_or_a_no_of_either_language(desk: Desk, another: Path, lang: str, word: str, exit: int) -> None:
    printed = desk.coop("--lang", lang, "lifecycle", "adopt", str(another), stdin=f"peut-être\n{word}\n")
    assert printed.exit == exit
    asked = {"fr": "La mettre en vigueur\u00a0? [o/N]\u00a0: ", "en": "Put it in force? [y/N]: "}[lang]
    assert printed.out.count(asked) == 2
    assert {"fr": "Répondre par oui ou non.", "en": "Type yes or no."}[lang] in printed.out
    adopted = {"fr": "En vigueur pour", "en": "In force for"}[lang] in printed.out
    assert adopted == (exit == 0)


def test_a_backup_is_brought_back_by_a_french_yes(desk: Desk, tmp_path: Path) -> None:
    assert desk.coop("db", "backup", str(tmp_path / "copy.db")).exit == 0
    desk.received()
    printed = desk.coop("db", "restore", str(tmp_path / "copy.db"), stdin="oui\n")
    assert (printed.exit, "[o/N]\u00a0: oui" in printed.out) == (0, True)
    assert desk.json("list") == []


def test_an_undo_is_confirmed_by_a_french_yes(desk: Desk) -> None:
    desk.received()
    desk.json("prequalify", "1")
    desk.json("interview", "plan", "1", "--slot", "14/01 9h")
    terminal = Terminal(["undo", "1", "-n", "x"]).waits("[o/N]\u00a0: ").types("oui\n")
    assert terminal.ends() == 0
    assert desk.json("show", "1")["state"] == "prequalified"


def test_nobody_to_answer_is_a_no(desk: Desk, another: Path) -> None:
    assert desk.coop("lifecycle", "adopt", str(another), stdin="").exit == 130


def test_no_other_question_is_confirmed() -> None:
    """click's own understands neither « o » nor « oui »."""
    others = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "cli").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("confirm", "prompt", "confirmation_option")
    ]
    assert others == []
