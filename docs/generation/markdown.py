"""Pages and their generated blocks, between `<!-- généré : NAME -->` and `<!-- fin : NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_BLOCK = re.compile(r"(<!-- généré : (?P<name>[^>\n]+?) -->\n)(.*?)(<!-- fin : (?P=name) -->)", re.DOTALL)
_MARK = re.compile(r"<!-- (?:généré|fin) : ([^>\n]+?) -->")


class GenerationError(Exception):
    """A page that cannot be generated; its text says which block, and why."""


def pages() -> list[Path]:
    """Every page of the documentation, the README first."""
    at_root = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
    return [path for path in at_root if path.exists()] + sorted(DOCS.rglob("*.md"))


def block_names(text: str) -> list[str]:
    """The names of a page's generated blocks; GenerationError when a mark has no counterpart."""
    found = [match["name"] for match in _BLOCK.finditer(text)]
    marks = _MARK.findall(text)
    if sorted(marks) != sorted([*found, *found]):
        raise GenerationError(f"a block has no beginning or no end: {', '.join(sorted(set(marks)))}")
    return found


def filled(text: str, content: Callable[[str], str]) -> str:
    """The page with each of its blocks made again."""
    block_names(text)
    return _BLOCK.sub(lambda m: f"{m[1]}\n{content(m['name']).strip(chr(10))}\n\n{m[4]}", text)


def without_blocks(text: str) -> str:
    """What is written by hand in a page."""
    return _BLOCK.sub("", text)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [headers, ["---"] * len(headers), *([cell or "—" for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()


def code(text: str) -> str:
    """The text as code, inside a line."""
    return f"`{text}`"


def codes(texts: Iterable[str]) -> str:
    """Some texts as code, by comma."""
    return ", ".join(code(text) for text in texts)


def fenced(text: str, language: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"
