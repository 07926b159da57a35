"""The lines of a TOML text, of what it holds and of what is wrong: tomllib gives values without their place."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from states.causes import quoted
from states.language import _

_TOO_DEEP = re.compile(r"""(?<![\w-])(?:(?:[\w-]{1,99}|"[^"\n]{0,99}"|'[^'\n]{0,99}')[ \t]*\.[ \t]*){100}""")
_TOO_LONG = re.compile(r"[=\[,]\s*[-+]?[0-9][0-9_]{999}")
MOST_NAMES = 20_000  # and lists, and tables: the largest declaration has some 4,000
_TABLE = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=""")


class NotToml(ValueError):
    """A text that is no TOML, or none that is worth reading: its text is for people; `line`, if known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def parsed(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises NotToml, before tomllib takes minutes and gigabytes over what nobody wrote."""
    if found := _TOO_DEEP.search(text):
        raise NotToml(_("a name has too many parts."), _line_of(text, found.start()))
    if text.count("=") + text.count("[") + text.count("{") > MOST_NAMES:
        raise NotToml(_("there are more than {n} names, lists and tables.", n=MOST_NAMES))
    if found := _TOO_LONG.search(text):
        raise NotToml(_("a number has too many digits."), _line_of(text, found.end()))
    try:
        values = tomllib.loads(text)
        # Python has a limit to the digits of a whole number, which one in base 16 meets only when it is written.
        repr(values)
    except tomllib.TOMLDecodeError as problem:
        line, message = fault(text, problem)
        raise NotToml(message, line) from None
    except RecursionError:
        raise NotToml(_("lists or tables are nested too deep.")) from None
    except ValueError:
        raise NotToml(_("a number has too many digits.")) from None
    return values


def _line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def fault(text: str, problem: tomllib.TOMLDecodeError) -> tuple[int, str]:
    """The line of what is no TOML, and what is wrong there; the library tells a place in words, none at the end."""
    lines = text.rstrip().split("\n")
    place = re.search(r"at line (\d+)", str(problem))
    line = int(place[1]) if place else len(lines)
    given = quoted(lines[line - 1].strip()) if line <= len(lines) else ""
    if re.search(r"overwrite|twice|already|[Dd]uplicate", str(problem)):
        return line, _("a name or a table is given a second time, at {given}: keep one.", given=given)
    if place is None:
        return line, _("not TOML: the file ends too early, after {given}; a quote may be open.", given=given)
    return line, _('expected TOML, such as title = "…", with every text between quotes; got {given}.', given=given)


def _parts(dotted: str) -> tuple[str, ...]:
    try:
        found: object = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return (dotted,)
    parts = []
    while isinstance(found, dict):
        ((name, found),) = found.items()
        parts.append(name)
    return tuple(parts)


def _opened(line: str) -> str:
    """The triple quotes that a line opens and does not close."""
    for quotes in ('"""', "'''"):
        if line.count(quotes) % 2:
            return quotes
    return ""


class Locator:
    """The lines of a TOML text, by path. Inside an inline table the line is that of its key."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        counts: dict[tuple[str, ...], int] = {}
        inside = ""  # the quotes of a text of several lines
        for n, line in enumerate(text.split("\n"), 1):
            if inside:
                inside = "" if inside in line else inside
                continue
            inside = _opened(line)
            if header := _TABLE.match(line):
                table = _parts(header[2])
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, str(counts[table]))
                self._lines.setdefault(table, n)
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, *_parts(key[1])), n)

    def line(self, path: tuple[str, ...]) -> int | None:
        """The line of `path`, or of the nearest enclosing table or key that has one."""
        for end in range(len(path), 0, -1):
            if (found := self._lines.get(path[:end])) is not None:
                return found
        return None


# A text between quotes, or a comment: what is inside is no bracket.
_APART = re.compile(r"""\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*""", re.DOTALL)


def elements(text: str, line: int) -> list[int]:
    """The lines on which the tables of a list begin: of the first list that stands on a line, or after it."""
    bare = _APART.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    start = sum(len(one) + 1 for one in text.split("\n")[: line - 1])
    found, depth = [], 0
    for place in range(bare.find("[", start), len(bare)):
        if bare[place] in "[{":
            if depth == 1 and bare[place] == "{":
                found.append(_line_of(bare, place))
            depth += 1
        elif bare[place] in "]}":
            depth -= 1
            if not depth:
                break
    return found
