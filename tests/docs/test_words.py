"""One word for one thing: what the glossary says not to say is said by no message, no label, no page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from states.declaration.documents import shipped

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs/glossaire.md"
TABLE = re.compile(r"\| On dit \| On ne dit pas \|\n\| --- \| --- \|\n((?:\|.*\|\n)+)")

CODE = re.compile(r"```.*?```|`[^`]*`|<!--.*?-->|\{\w+\}", re.DOTALL)


def instead() -> dict[str, str]:
    """Each word that is not said, and the one that is."""
    found = TABLE.search(GLOSSARY.read_text("utf-8"))
    assert found
    rows = (line.strip("| \n").split(" | ") for line in found[1].splitlines())
    return {other: word for word, others in rows for other in others.split(", ")}


def texts() -> Iterator[tuple[str, str]]:
    """Every text in French, and where it stands; of pages, not the screens they show."""
    with (ROOT / "states/locale/fr/LC_MESSAGES/coop.po").open("rb") as file:
        for message in read_po(file, locale="fr"):
            if message.id:
                yield "coop.po", " ".join(message.string) if isinstance(message.string, tuple) else message.string
    yield from (("cooperative.toml", label) for label in labels(tomllib.loads(shipped())))
    for page in sorted((ROOT / "docs").rglob("*.md")):
        written = TABLE.sub("", page.read_text("utf-8")) if page == GLOSSARY else page.read_text("utf-8")
        yield page.name, written


def labels(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "fr" and isinstance(value, str))
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from labels(one)


def said(text: str, words: dict[str, str]) -> list[str]:
    """The words of a text that are not said: of prose, not of code, comments and names to be filled in."""
    wrong = re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b", re.IGNORECASE)
    return [found[0] for found in wrong.finditer(re.sub(r"\s+", " ", CODE.sub("", text)))]


def test_no_text_says_what_the_glossary_says_otherwise() -> None:
    words = instead()
    assert len(words) > 30
    assert [(where, found, words[found.lower()]) for where, text in texts() for found in said(text, words)] == []


def test_a_word_that_is_not_said_is_found() -> None:
    words = instead()
    assert said("12 Écritures saisies depuis le sceau", words) == ["Écritures saisies"]
    assert said("les cadres présents", words) == ["cadres"]
    assert said("dans le cadre de la charte", words) == []


OURS = ("The coordinator’s day, half a year later.", "{actor} is registered as its coordinator.")  # La Coopérative’s


def test_no_message_names_a_role_of_the_declaration() -> None:
    """A lab calls its roles what it likes: a message says them as the declaration labels them."""
    keeping = (code for code, role in tomllib.loads(shipped())["roles"].items() if {"keeps", "includes"} & {*role})
    named = re.compile(rf"\b(?:{'|'.join(keeping)}|pilote)s?\b", re.IGNORECASE)
    with (ROOT / "states/locale/fr/LC_MESSAGES/coop.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="fr") if message.id]
    prose = {str(one.id): CODE.sub("", f"{one.id} {one.string}") for one in messages}
    assert [id for id, text in prose.items() if named.search(text) and id not in OURS] == []
