"""How many people of each role or function came, as one text: `pilote:1,expert:2`. Codes: nobody is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from states.language import listing


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """What is before and after the colon of each part; nothing after, where there is no colon."""
    for part in text.replace(";", ",").split(","):
        if part.strip():
            word, _colon, number = part.partition(":")
            yield word.strip(), number.strip()


def joined(counts: Mapping[str, int]) -> str:
    """The text that is kept."""
    return ",".join(f"{code}:{n}" for code, n in counts.items())


def counts_of(text: str | None) -> dict[str, int]:
    """How many of each code a kept text says; of none, nobody."""
    return {code: int(number) for code, number in pairs(text or "")}


def in_words(text: str, label: Callable[[str], str]) -> str:
    """A kept text as people read it: `Pilote (1), Expert (2)`."""
    return listing([f"{label(code)} ({n})" for code, n in counts_of(text).items()])
