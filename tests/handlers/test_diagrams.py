"""The lifecycle as SVG: which program draws it, what the document says to whoever does not see it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from handlers.diagrams import svg
from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.errors import CoopError, MissingExtra
from states.language import spoken
from states.lifecycle.diagram import dot, mermaid, picture
from states.verification.loading import load

SVG = "{http://www.w3.org/2000/svg}"
PORT = shutil.which("graphviz-pure", path=str(Path(sys.executable).parent)) or shutil.which("graphviz-pure")


@pytest.fixture(scope="module")
def declaration() -> Declaration:
    return load(shipped())


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment where no program draws: its folder of programs, which is empty."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    return programs


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_without_a_program_the_part_to_install_is_named(declaration: Declaration, alone: Path) -> None:
    with pytest.raises(MissingExtra) as missing:
        svg(declaration)
    assert missing.value.hint == 'pip install "la-cooperative[diagram]"'
    assert missing.value.exit == 2


def test_graphviz_is_preferred_to_its_port(declaration: Declaration, alone: Path) -> None:
    program(alone, "graphviz-pure", "echo '<svg><g id=\"port\"/></svg>'")
    assert "port" in svg(declaration)
    program(alone, "dot", "echo '<svg><g id=\"dot\"/></svg>'")
    assert "port" not in svg(declaration)


def test_the_picture_has_no_slab_and_is_light_on_a_dark_page(declaration: Declaration, alone: Path) -> None:
    program(alone, "dot", "echo '<svg><g/></svg>'")
    drawn = svg(declaration)
    assert "@media (prefers-color-scheme: dark)" in drawn
    assert "bgcolor=transparent" in dot(declaration)


@pytest.mark.parametrize("script", ["echo broken >&2; exit 3", "echo no picture"])
def test_a_program_that_fails_is_told(declaration: Declaration, alone: Path, script: str) -> None:
    program(alone, "dot", script)
    with pytest.raises(CoopError):
        svg(declaration)


@pytest.mark.skipif(PORT is None, reason="graphviz-pure is not installed")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_document_says_in_words_what_it_draws(declaration: Declaration, language: str) -> None:
    with spoken(language):
        document, drawn = ElementTree.fromstring(svg(declaration)), picture(declaration)
        title, sentences = drawn.title, "\n".join(drawn.sentences())
    assert document.get("role") == "img"
    words = {document.get("aria-labelledby"): title, document.get("aria-describedby"): sentences}
    assert {part.get("id"): part.text for part in document[:2]} == words
    assert [part.tag for part in document.iter(f"{SVG}title")] == [f"{SVG}title"]  # no code shown as a tooltip
    texts = " ".join(part.text or "" for part in document.iter(f"{SVG}text"))
    for state in declaration.states.values():
        assert state.label[language] in texts
    for attribute in ("font-family", "href"):
        assert "http" not in "".join(part.get(attribute, "") for part in document.iter())


@pytest.mark.parametrize("draw", [dot, mermaid, svg])
def test_what_a_terminal_would_obey_is_not_drawn(draw: Callable[[Declaration], str]) -> None:
    hostile = load(shipped().replace('fr = "Reçue"', 'fr = "Re\\u001b]0;x\\u0007\\u202eçue"'))
    with spoken("fr"):
        drawn = draw(hostile)
    assert "ue" in drawn
    assert not set("\x1b\x07\u202e") & set(drawn)
    if draw is svg:
        ElementTree.fromstring(drawn)
