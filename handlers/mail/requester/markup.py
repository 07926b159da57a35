"""A letter from its template: one source, read as blocks, which are then laid out as text or as HTML.

The marks are few: `# ` the subject, `## ` a title, `- ` a list, `> ` a quotation, `| a | b |` a table (its first line
is that of titles when `|---|---|` follows). Every other line is a paragraph or goes on with it. What a value says is
never read as a mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import Factory, define, frozen

from states.declaration.letters import bare, environment, source

SUBJECT, TITLE, ITEM, QUOTED, ROW, PROSE = "# ", "## ", "- ", "> ", "|", ""
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")


@define
class Block:
    """Lines of one kind that follow one another; of a table, its rows of cells, and its titles if it has some."""

    kind: str
    lines: list[str] = Factory(list)
    rows: list[list[str]] = Factory(list)
    titles: list[str] = Factory(list)

    @property
    def widths(self) -> list[int]:
        """How wide each column of a table is, in characters."""
        rows = [*self.rows, *([self.titles] if self.titles else [])]
        return [max(len(cell) for cell in column) for column in zip(*rows, strict=False)]


@frozen
class Page:
    """A letter, laid out in no form yet."""

    subject: str
    blocks: Sequence[Block]


def page(template: str, values: Mapping[str, Any]) -> Page:
    """The letter that a template and its values make. Jinja2's errors for a template that cannot be filled."""
    written = environment().from_string(source(template)).render(values)
    blocks: list[Block] = []
    subject, apart = "", True
    for line in written.split("\n"):
        if not line.strip():
            apart = True
        elif line.startswith(SUBJECT) and not subject:
            subject = _one_line(line.removeprefix(SUBJECT))
        else:
            _add(blocks, line.strip(), apart=apart)
            apart = False
    return Page(subject, blocks)


def _add(blocks: list[Block], line: str, *, apart: bool) -> None:
    kind = next(mark for mark in (TITLE, ITEM, QUOTED, ROW, PROSE) if line.startswith(mark))
    if apart or blocks[-1].kind != kind or kind == TITLE:
        blocks.append(Block(kind))
    block = blocks[-1]
    if kind != ROW:
        block.lines.append(_text(line.removeprefix(kind)))
    elif _RULE.fullmatch(line):
        block.titles = block.rows.pop() if block.rows else []
    else:
        block.rows.append([_one_line(cell) for cell in line.removeprefix("|").removesuffix("|").split("|")])


def _text(line: str) -> str:
    return bare(line).strip()


def _one_line(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", bare(text)).strip()
