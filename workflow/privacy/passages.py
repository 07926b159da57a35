"""Where a text names someone: by their whole name, their address or their telephone; or perhaps, by a part of a name.

Texts are looked at as they stand in the vault, in JSON, without case or accents. A place is counted in characters of
that JSON.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from attrs import define, field

from states.canonical import canonical
from states.declaration.marks import visible
from states.declaration.written import simplified
from workflow.history.erasures import Span

SHORTEST = 3  # letters of a part of a name that is looked for by itself
LOCAL = 10  # digits of a telephone number that begins with 0, as it is dialled in France
_PIECE = re.compile(r"\\u[0-9a-f]{4}|\\.|.", re.DOTALL)  # a character of JSON text
_APART = r"[\s.\-/()]*"  # what may stand between the digits of a telephone number
_SPACES = "\u00a0\u202f\u2009"


class Folded(NamedTuple):
    """A text without case or accents, and for each of its characters where it begins and ends in the JSON."""

    text: str
    begins: Sequence[int]
    ends: Sequence[int]

    def found(self, pattern: re.Pattern[str]) -> Iterator[Span]:
        for match in pattern.finditer(self.text):
            yield self.begins[match.start()], self.ends[match.end() - 1]


def folded(document: str) -> Folded:
    """A value of the vault, folded for searching."""
    letters: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    for piece in _PIECE.finditer(document):
        meant = str(json.loads(f'"{piece[0]}"')) if piece[0][0] == "\\" else piece[0]
        kept = " " if meant.isspace() or meant in _SPACES else unicodedata.normalize("NFD", meant.replace("’", "'"))
        bare = "".join(c for c in kept if not unicodedata.combining(c)).casefold()
        if not bare and ends:  # a mark of the letter before
            ends[-1] = piece.end()
        for letter in visible(bare):
            letters.append(letter)
            begins.append(piece.start())
            ends.append(piece.end())
    return Folded("".join(letters), begins, ends)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same places, in order, none over another."""
    whole: list[Span] = []
    for begin, end in sorted(spans):
        if whole and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((begin, end))
    return tuple(whole)


def without(document: str, spans: Sequence[Span], mark: str) -> str:
    """A value of the vault with a mark in place of some passages, as the vault writes it."""
    left = document
    for begin, end in sorted(spans, reverse=True):
        left = left[:begin] + mark + left[end:]
    return canonical(json.loads(left))


def address_of(text: str) -> str:
    """An address as addresses are compared."""
    return visible(text).strip().casefold()


# --- What is looked for ---


def _word(text: str) -> str:
    """A word of a name, whose hyphens may be typed as spaces."""
    return r"[\s\-]+".join(map(re.escape, re.split(r"[\s\-]+", text)))


def _alone(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){pattern}(?!\w)")


def of_name(name: str) -> list[re.Pattern[str]]:
    """A whole name, its words in this order or the last ones first; nothing, of a name of one word."""
    words = [_word(word) for word in simplified(name).split()]
    orders = [[*words[n:], *words[:n]] for n in range(len(words))] if len(words) > 1 else []
    return [_alone(r",?\s+".join(order)) for order in orders]


def of_address(address: str) -> list[re.Pattern[str]]:
    same = simplified(address_of(address))
    return [re.compile(rf"(?<![\w.+\-]){re.escape(same)}(?![\w\-]|\.\w)")] if same else []


def of_telephone(number: str) -> list[re.Pattern[str]]:
    """A telephone number, however its digits are set apart, from abroad or not."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < LOCAL - 1:
        return []
    local = digits[-(LOCAL - 1) :]
    begin = r"(?:\+?33|0033|0)" if digits.startswith(("33", "0")) else re.escape(digits[: -(LOCAL - 1)])
    return [re.compile(rf"(?<!\d){begin}{_APART}(?:0{_APART})?{_APART.join(local)}(?!\d)")]


def of_parts(name: str) -> list[re.Pattern[str]]:
    """Each word of a name by itself, and its initials: perhaps the person, perhaps another."""
    words = [word for word in re.split(r"[\s\-]+", simplified(name)) if word[:1].isalpha()]
    dotted = [_alone(r"\.\s?".join(re.escape(word[0]) for word in words) + r"\.?")] if len(words) > 1 else []
    return [*(_alone(re.escape(word)) for word in words if len(word) >= SHORTEST), *dotted]


_MARKS = re.compile("[\u0300-\u036f]")


@define
class Naming:
    """What names someone: surely, and perhaps. Texts without any of the `hints` are not looked at closer."""

    sure: list[re.Pattern[str]] = field(factory=list)
    perhaps: list[re.Pattern[str]] = field(factory=list)
    hints: set[str] = field(factory=set)

    def add_name(self, name: str, *, whole: bool) -> None:
        """A name; `whole`: whether it is surely theirs wherever it stands."""
        (self.sure if whole else self.perhaps).extend(of_name(name))
        self.perhaps += of_parts(name)
        words = re.split(r"[\s\-]+", simplified(name))
        self.hints |= {word for word in words if len(word) >= SHORTEST} | {f"{word[:1]}." for word in words}

    def add_address(self, address: str, *, whole: bool) -> None:
        (self.sure if whole else self.perhaps).extend(of_address(address))
        self.hints.add(simplified(address_of(address)))

    def add_telephone(self, number: str) -> None:
        self.sure += of_telephone(number)
        self.hints.add(re.sub(r"\D", "", number)[-LOCAL + 1 :])

    def in_text(self, document: str) -> Folded | None:
        """A value of the vault, folded, unless nothing in it can name them."""
        plain = _MARKS.sub("", unicodedata.normalize("NFD", visible(document))).casefold()
        digits = re.sub(r"\D", "", plain)
        return folded(document) if any(hint in plain or hint in digits for hint in self.hints if hint) else None

    def surely(self, text: Folded) -> tuple[Span, ...]:
        return merged(span for pattern in self.sure for span in text.found(pattern))

    def maybe(self, text: Folded) -> tuple[Span, ...]:
        """The places that only perhaps name them."""
        sure = self.surely(text)
        spans = merged(span for pattern in self.perhaps for span in text.found(pattern))
        return tuple(one for one in spans if not any(one[0] < end and begin < one[1] for begin, end in sure))
