"""How text takes the room of a terminal: lines that go on below at a space, columns that share the width.

Only an ordinary space may end a line: a no-break space keeps what French keeps together, and what is to be typed (a
code, a reference, a name) is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

GAP = 2  # columns of a terminal between two columns of a table
# What begins a line and stays clear below: a margin and a sign, or a label and the space after it.
_LEAD = re.compile(r" *(?:[·→•✓✗?!«] *|[^ ]+(?: [^ ]+)* {2,})")
# A command that one types, with what follows it: kept on one line where there is room, to be copied as it stands.
_COMMAND = re.compile(r"(?:COOP_\w+=[^ ]+ )*\bcoop .*")

Range = tuple[int, int]


def room_of(text: str) -> int:
    """The columns of a terminal that a text takes: a wide character has two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def folded(text: str, columns: int) -> list[str]:
    """A text as lines no longer than so many columns, each going on under where its words begin."""
    lines = []
    for line in text.split("\n"):
        margin, parts = ranges(line, columns)
        lines += [" " * (margin if n else 0) + line[start:end] for n, (start, end) in enumerate(parts)]
    return lines


def ranges(line: str, columns: int) -> tuple[int, list[Range]]:
    """Where a line that is too long is cut, at spaces only, and the margin under which it goes on."""
    if room_of(line) <= columns:
        return 0, [(0, len(line))]
    margin = len(line) - len(line.lstrip(" "))
    found = _LEAD.match(line)
    lead = found.end() if found and found.end() <= columns // 2 else margin
    below = lead if lead > margin else margin + 2
    parts: list[Range] = []
    start, end = 0, lead
    for first, last in _words(line, lead, columns - below):
        used = room_of(line[start:last]) + (below if parts else 0)
        if end > lead and used > columns:
            parts.append((start, end))
            start = first
        end = last
    return below, [*parts, (start, end)]


def _words(line: str, lead: int, room: int) -> Iterator[Range]:
    """The words of a line after what begins it; a command that has room is one."""
    command = _COMMAND.search(line, lead)
    begins = line.rfind(" ", 0, command.start()) + 1 if command else 0  # with the guillemet before it, if any
    whole = max(begins, lead) if command and room_of(line[begins:]) <= room else len(line)
    for word in re.finditer(r"[^ ]+", line[:whole]):
        if word.end() > lead:
            yield max(word.start(), lead), word.end()
    if whole < len(line):
        yield whole, len(line)


def shared(cells: Sequence[Sequence[str]], columns: int | None = None) -> list[int]:
    """The width of each column of a table; where there is little room the widest give way, to their longest word."""
    widths = [max(map(room_of, column)) for column in zip(*cells, strict=True)]
    least = [max(room_of(word) for cell in column for word in cell.split(" ")) for column in zip(*cells, strict=True)]
    left = sum(widths) if columns is None else columns - GAP * (len(widths) - 1)
    while sum(widths) > left:
        giving = [n for n, width in enumerate(widths) if width > least[n]]
        if not giving:
            break
        widths[max(giving, key=lambda n: widths[n])] -= 1
    return widths


def in_column(text: str, width: int) -> list[str]:
    """The text of a cell as lines no longer than its column, unless a word is."""
    lines = [""]
    for word in text.split(" "):
        together = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and room_of(together) > width:
            lines.append(word)
        else:
            lines[-1] = together
    return lines
