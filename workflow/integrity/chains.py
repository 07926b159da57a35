"""The chain of each stream, the texts beside it, and the declarations that it was led by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Connection, Integer, Row, select

from states.canonical import canonical, digest
from states.language import _
from states.requests.entry import Entry
from workflow.history.entries import ORIGIN, Heads, covered, from_values
from workflow.history.erasures import Standing, recorded, standing
from workflow.history.vault import salted
from workflow.integrity.beside import key_problems, message_problems
from workflow.integrity.derived import Derived
from workflow.integrity.heads import SealedHead, sealed_heads
from workflow.integrity.histories import Beside, histories
from workflow.integrity.report import Advance, Problem, Report
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.transaction import Looking

Values = tuple[Any, ...]  # a whole row, in the order of its table


def _kinds(column: Column[Any]) -> tuple[type, ...]:
    """The kinds of value that a column of an entry is to hold; a truth, which SQLite keeps as a number."""
    if isinstance(column.type, Boolean):
        return bool, int
    return (int,) if isinstance(column.type, Integer) else (str, type(None)) if column.nullable else (str,)


_ON_BEHALF, _DATA = map(s.entries.c.keys().index, ("on_behalf", "data"))
_AS_WRITTEN = frozenset(product(*map(_kinds, s.entries.c)))


class _Kept(NamedTuple):
    """An entry as it stands in its row, and its data as it was written; None where the row says something else."""

    entry: Entry
    written: str | None


def verify_history(tx: Looking, report: Report, advance: Advance, derived: Derived | None) -> None:
    """Adds to a report what the primary tables hold, and what in them is not as the history says.

    Each stream is shown to the derived tables too, where they can be compared.
    """
    seals, heads, led_by = sealed_heads(tx.connection), Heads(), set()
    texts, left = Beside(tx, q.texts), standing(row.data for row in recorded(tx))
    total = tx.one(q.length).entries
    for stream, rows in histories(tx):
        kept = [*map(_kept, rows)]
        entries = [one.entry for one in kept]
        report.streams += 1
        report.entries += len(entries)
        report.problems += _chain_problems(stream, kept)
        report.problems += _text_problems(stream, entries, left, texts.upto(stream))
        heads.add(stream, entries[-1].seq, entries[-1].digest)
        led_by |= {entry.declaration for entry in entries}
        for seal in seals:
            seal.add(entries)
        if derived is not None:
            derived.compare(stream, entries)
        advance(report.entries, total)
    report.head = heads.digest
    report.problems += map(_unknown_text, texts.rest())
    report.problems += _declaration_problems(tx.connection, led_by)
    report.problems += _seal_problems(seals)
    report.problems += key_problems(tx.connection)
    report.problems += message_problems(tx.connection)


def _kept(row: Values) -> _Kept:
    """The entry of a whole row; without what, in its columns, is no longer what an entry holds."""
    if tuple(map(type, row)) in _AS_WRITTEN and row[_ON_BEHALF] in (0, 1):
        try:
            entry = from_values(row)
            if isinstance(entry.data, dict):
                return _Kept(entry, row[_DATA] if canonical(entry.data) == row[_DATA] else None)
        except ValueError:
            pass
    return _altered(row)


def _altered(row: Values) -> _Kept:
    values = [_held(column, value) for column, value in zip(s.entries.c, row, strict=True)]
    try:
        entry = from_values(values)
        if isinstance(entry.data, dict):
            return _Kept(entry, None)
    except (TypeError, ValueError):
        pass
    values[_DATA] = "{}"
    return _Kept(from_values(values), None)


def _held(column: Column[Any], value: Any) -> Any:
    """A value as its column is to hold it: SQLite keeps any kind in any."""
    if isinstance(column.type, Integer | Boolean):
        return value if isinstance(value, int) else 0
    return value if value is None or isinstance(value, str) else str(value)


def _chain_problems(stream: str, kept: Iterable[_Kept]) -> Iterator[Problem]:
    previous = ORIGIN
    for expected, (entry, written) in enumerate(kept, 1):
        if entry.seq != expected:
            yield Problem(f"{stream} #{entry.seq}", _("entry {n} is missing", n=expected))
            return
        if entry.previous != previous:
            yield Problem(f"{stream} #{entry.seq}", _("it does not follow the entry before"))
        if written is None or digest(covered(entry, written)) != entry.digest:
            yield Problem(f"{stream} #{entry.seq}", _("it was changed after it was written"))
        previous = entry.digest


# --- The vault ---


def _text_problems(stream: str, entries: Iterable[Entry], left: Standing, texts: Iterable[Values]) -> Iterator[Problem]:
    """The texts that are not those the entries know, and those that they know and that are not there.

    `left` says what was erased since it was written.
    """
    expected: dict[Values, str] = {}
    for entry in entries:
        for field, written in _digests(entry):
            place = stream, entry.seq, field
            if (known := left.of(place, written)) is not None:
                expected[place] = known
    for text in texts:
        *_place, salt, value = text
        if _digest_of(value, salt) != expected.pop(text[:3], None):
            yield _unknown_text(text)
    for _stream, seq, field in expected:
        yield Problem(f"{stream} #{seq} {field}", _("this text is missing, and no entry says that it was erased"))


def _digests(entry: Entry) -> list[tuple[str, str]]:
    """The digest of each private text of an entry, by the name of its field."""
    found = [
        (field, value["vault"]) for field, value in entry.data.items() if isinstance(value, dict) and "vault" in value
    ]
    return found if entry.note_digest is None else [("note", entry.note_digest), *found]


def _unknown_text(text: Values) -> Problem:
    stream, seq, field, _salt, _value = text
    return Problem(f"{stream} #{seq} {field}", _("this text is not the one the history knows"))


def _digest_of(text: str, salt: str) -> str | None:
    """The digest of a text of the vault; None if it is not one any more, or not written as it was."""
    try:
        return salted(salt, text) if canonical(json.loads(text)) == text else None
    except (TypeError, ValueError):
        return None


# --- The declarations ---


def _declaration_problems(connection: Connection, led_by: set[str]) -> Iterator[Problem]:
    for row in connection.execute(select(s.declarations)):
        where = f"declaration {row.digest[:12]}"
        if row.digest not in led_by:
            yield Problem(where, _("no entry was led by it"))
        elif not _as_stored(row):
            yield Problem(where, _("its text is not what its digest says"))
        led_by.discard(row.digest)
    for absent in sorted(led_by):
        yield Problem(f"declaration {absent[:12]}", _("it is missing"))


def _as_stored(row: Row[Any]) -> bool:
    """Whether the row of a declaration is the one that was stored: digest, version, and how its text is written."""
    try:
        document = json.loads(row.document)
        written = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        version = document["lab"]["version"]
        return bool(written == row.document and digest(canonical(document)) == row.digest and version == row.version)
    except (KeyError, TypeError, ValueError):
        return False


# --- The heads of sealed reviews ---


def _seal_problems(seals: Iterable[SealedHead]) -> Iterator[Problem]:
    for seal in seals:
        if seal.found != seal.head:
            told = _("the review sealed here was made from a history that is not this one: it was cut, or rewritten")
            yield Problem(f"{seal.stream} #{seal.seq}", told)
