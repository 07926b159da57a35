"""The chain of each stream, the texts beside it, and the declarations that it was led by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby, product
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Connection, Integer, Row, bindparam, func, select, type_coerce

from states.canonical import canonical, digest
from states.language import _
from states.references import LAB
from states.requests.entry import Entry
from workflow.history.entries import ORIGIN, Heads, covered, from_row, from_values
from workflow.history.erasures import ERASED, Standing, standing
from workflow.history.vault import salted
from workflow.integrity.beside import key_problems, message_problems
from workflow.integrity.heads import A_PART, SealedHead, sealed_heads
from workflow.integrity.report import Advance, Problem, Report
from workflow.store import schema as s


def _kinds(column: Column[Any]) -> tuple[type, ...]:
    """The kinds of value that a column of an entry is to hold; a truth, which SQLite keeps as a number."""
    if isinstance(column.type, Boolean):
        return bool, int
    return (int,) if isinstance(column.type, Integer) else (str, type(None)) if column.nullable else (str,)


_AS_WRITTEN = frozenset(product(*map(_kinds, s.entries.c)))


class _Kept(NamedTuple):
    """An entry as it stands in its row, and whether the row says it as it was written."""

    entry: Entry
    as_written: bool


def verify_history(connection: Connection, report: Report, advance: Advance) -> None:
    """Adds to a report what the primary tables hold, and what in them is not as the history says."""
    total = connection.execute(select(func.count()).select_from(s.entries)).scalar_one()
    seals, heads, led_by = sealed_heads(connection), Heads(), set()
    left = _left(connection)
    for stream, kept in _streams(connection):
        entries = [one.entry for one in kept]
        report.streams += 1
        report.entries += len(entries)
        report.problems += _chain_problems(stream, kept)
        report.problems += _vault_problems(connection, stream, entries, left)
        heads.add(stream, entries[-1].seq, entries[-1].digest)
        led_by |= {entry.declaration for entry in entries}
        for seal in seals:
            seal.add(entries)
        advance(report.entries, total)
    report.head = heads.digest
    report.problems += _texts_of_nobody(connection)
    report.problems += _declaration_problems(connection, led_by)
    report.problems += _seal_problems(seals)
    report.problems += key_problems(connection)
    report.problems += message_problems(connection)


def _streams(connection: Connection) -> Iterator[tuple[str, list[_Kept]]]:
    """Each stream, in the order of the names as `Heads` wants it."""
    e = s.entries.c
    raw = [type_coerce(column, Integer) if column is e.on_behalf else column for column in e]
    name = e.stream.collate("C") if connection.dialect.name == "postgresql" else e.stream
    rows = connection.execute(select(*raw).order_by(name, e.seq), execution_options=A_PART)
    for stream, found in groupby(rows, attrgetter("stream")):
        yield stream, [_kept(row) for row in found]


def _kept(row: Row[Any]) -> _Kept:
    """The entry of a row; without what, in its columns, is no longer what an entry holds."""
    if tuple(map(type, row)) in _AS_WRITTEN and row.on_behalf in (0, 1):
        try:
            entry = from_values(row)
            if isinstance(entry.data, dict):
                return _Kept(entry, canonical(entry.data) == row.data)
        except ValueError:
            pass
    return _altered(row)


def _altered(row: Row[Any]) -> _Kept:
    values = {column.name: _held(column, getattr(row, column.name)) for column in s.entries.c}
    try:
        entry = from_row(SimpleNamespace(**values))
        if isinstance(entry.data, dict):
            return _Kept(entry, False)
    except (TypeError, ValueError):
        pass
    return _Kept(from_row(SimpleNamespace(**{**values, "data": "{}"})), False)


def _held(column: Column[Any], value: Any) -> Any:
    """A value as its column is to hold it: SQLite keeps any kind in any."""
    if isinstance(column.type, Integer | Boolean):
        return value if isinstance(value, int) else 0
    return value if value is None or isinstance(value, str) else str(value)


def _chain_problems(stream: str, kept: Iterable[_Kept]) -> Iterator[Problem]:
    previous = ORIGIN
    for expected, (entry, as_written) in enumerate(kept, 1):
        where = f"{stream} #{entry.seq}"
        if entry.seq != expected:
            yield Problem(where, _("entry {n} is missing", n=expected))
            return
        if entry.previous != previous:
            yield Problem(where, _("it does not follow the entry before"))
        if not (as_written and digest(covered(entry)) == entry.digest):
            yield Problem(where, _("it was changed after it was written"))
        previous = entry.digest


# --- The vault ---


_v = s.vault.c
_TEXTS = select(_v.seq, _v.field, _v.salt, _v.value).where(_v.stream == bindparam("of"))


def _left(connection: Connection) -> Standing:
    """What was erased since it was written, which the lab's stream says."""
    e = s.entries.c
    query = select(e.data).where(e.stream == LAB, e.event == ERASED).order_by(e.seq)
    return standing(connection.execute(query).scalars())


def _vault_problems(connection: Connection, stream: str, entries: list[Entry], left: Standing) -> Iterator[Problem]:
    """The texts that are not those the entries know, and those that they know and that are not there."""
    written = {(entry.seq, field): found for entry in entries for field, found in _digests(entry)}
    now = {(seq, field): left.of((stream, seq, field), found) for (seq, field), found in written.items()}
    expected = {place: found for place, found in now.items() if found is not None}
    for row in connection.execute(_TEXTS, {"of": stream}):
        if _digest_of(row.value, row.salt) != expected.pop((row.seq, row.field), None):
            yield _unknown_text(stream, row.seq, row.field)
    for seq, field in expected:
        yield Problem(f"{stream} #{seq} {field}", _("this text is missing, and no entry says that it was erased"))


def _digests(entry: Entry) -> Iterator[tuple[str, str]]:
    """The digest of each private text of an entry, by the name of its field."""
    if entry.note_digest is not None:
        yield "note", entry.note_digest
    for field, value in entry.data.items():
        if isinstance(value, dict) and "vault" in value:
            yield field, value["vault"]


def _unknown_text(stream: str, seq: int, field: str) -> Problem:
    return Problem(f"{stream} #{seq} {field}", _("this text is not the one the history knows"))


def _texts_of_nobody(connection: Connection) -> Iterator[Problem]:
    """The texts of the vault whose whole stream is unknown."""
    c, known = s.vault.c, select(s.entries.c.stream).distinct()
    for row in connection.execute(select(c.stream, c.seq, c.field).where(c.stream.not_in(known))):
        yield _unknown_text(row.stream, row.seq, row.field)


def _digest_of(text: str, salt: str) -> str | None:
    """The digest of a text of the vault; None if it is not one any more, or not written as it was."""
    try:
        value = json.loads(text)
        return salted(salt, text) if canonical(value) == text else None
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
