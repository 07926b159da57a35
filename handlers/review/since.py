"""What has changed since a review was sealed: figures, rows of its tables, and the entries recorded since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import Any

from attrs import evolve, frozen

from handlers.review.cells import table, words
from handlers.review.pack import Cell, Chapter, Pack, Table
from handlers.review.text import written
from handlers.review.words import event_name, figure_kind, figure_name, list_name
from states.declaration.model import Declaration
from states.declaration.types import local, offset_time
from states.errors import Refusal, Refused
from states.language import _, long_time, short_time
from states.requests.entry import Entry
from states.review.document import Review, document
from workflow.reviews.book import Change, Sealed, changes, closures, reasons, sealed_document, unlike
from workflow.views.reader import Reader

APART = ("method",)  # the chapter that says where figures come from: of two moments it always differs


@frozen
class Row:
    """A row of a table that is not what it was: its cells in words, as sealed and now; None where there is none."""

    table: str
    title: str
    name: str
    sealed: str | None
    now: str | None


@frozen
class Since:
    """What has changed since a seal. `rows` is None when the review cannot be computed again as it was sealed."""

    seal: Sealed
    figures: Sequence[Change]
    rows: Sequence[Row] | None
    entries: Sequence[Entry]

    @property
    def nothing(self) -> bool:
        return not self.figures and not self.rows and not self.entries


def since_seal(seal: Sealed, found: Review, rows: Sequence[Row] | None, reader: Reader) -> Since:
    """What has changed since a seal in the review as it is found now."""
    entries = [*reasons(found, seal), *closures(reader, seal)]
    return Since(seal, changes(seal.document, document(found)), rows, entries)


def since_document(declaration: Declaration, since: Since) -> dict[str, Any]:
    """A seal, what it kept and what has changed since, as JSON."""
    zone = declaration.lab.tz
    return {
        "seal": sealed_document(declaration, since.seal),
        "document": since.seal.document,
        "entries_since": [
            {
                "ref": e.stream,
                "seq": e.seq,
                "event": e.event,
                "occurred_at": offset_time(e.occurred_at, zone),
                "recorded_at": offset_time(e.recorded_at, zone),
            }
            for e in since.entries
        ],
        "changes": [{"figure": c.name, "sealed": c.sealed, "now": c.now} for c in since.figures],
        "rows": None if since.rows is None else [
            {"table": r.table, "row": r.name, "sealed": r.sealed, "now": r.now} for r in since.rows
        ],
    }  # fmt: skip


def changed_rows(before: Pack, now: Pack) -> list[Row]:
    """The rows of two reviews that differ, table by table."""
    old, new = _tables(before), _tables(now)
    return [row for code in dict.fromkeys([*old, *new]) for row in _changed(old.get(code), new.get(code))]


def _tables(pack: Pack) -> dict[str, Table]:
    """The tables of a review, and what its chapters say in words as tables of one column."""
    found = {one.code: one for chapter, one in pack.tables() if chapter.code not in APART}
    for chapter in pack.chapters:
        if chapter.code not in APART:
            texts = [(words(text),) for text in chapter.paragraphs]
            found[f"{chapter.code}.text"] = table("text", chapter.title, (_("Text"),), texts)
    standing = [(words(text),) for text in pack.front.standing]
    return {**found, "standing": table("standing", _("What stands"), (_("Text"),), standing)}


def _changed(old: Table | None, new: Table | None) -> Iterator[Row]:
    shown = new or old
    assert shown is not None
    apart = {*old.columns} ^ {*new.columns} if old and new else set()
    before, after = _rows(old, apart), _rows(new, apart)
    gone, come = [row for row in before if row not in after], [row for row in after if row not in before]
    for name, row in gone:
        other = next((one for one in come if one[0] == name), None)
        if other is not None:
            come.remove(other)
        now = None if other is None else _said(other[1], row)
        yield Row(shown.code, shown.title, name, _said(row, other[1] if other else {}), now)
    for name, row in come:
        yield Row(shown.code, shown.title, name, None, _said(row, {}))


def _rows(shown: Table | None, apart: Set[str]) -> list[tuple[str, dict[str, str]]]:
    """The name of each row and, by column, what it says; a text has no name.

    `apart`: the columns that only one of two reviews has: nothing that stands there says no more than no column.
    """
    if shown is None:
        return []
    if len(shown.columns) == 1:
        return [("", {"": written(row[0])}) for row in shown.rows]
    found = []
    for name, *cells in shown.rows:
        told = zip(shown.columns[1:], cells, strict=True)
        found.append((written(name), {of: written(cell) for of, cell in told if cell.value or of not in apart}))
    return found


def _said(row: Mapping[str, str], other: Mapping[str, str]) -> str:
    """What a row says that the other does not."""
    kept = ((name, text) for name, text in row.items() if other.get(name) != text)
    return " · ".join(_("{what}: {n}", what=name, n=text) if name else text for name, text in kept)


def cannot_be_printed(seal: Sealed) -> Refused:
    """Why a review is not printed as it was sealed."""
    message = _(
        "What the seal knew no longer gives the digest it kept: this program counts otherwise, or less is left."
    )
    remedy = _("The document that was sealed: coop review {semester} --sealed --json", semester=seal.semester)
    return Refused([Refusal("not_as_sealed", message, remedy)])


# --- In words ---


def sealed_pack(pack: Pack, since: Since, declaration: Declaration) -> Pack:
    """The review as it was sealed, which says so, with a last chapter on what has changed since."""
    moment = long_time(local(since.seal.known_at, declaration.lab.tz))
    notice = _("As sealed on {moment}, entry {seq} of the lab; what has changed since is the last chapter.",
               moment=moment, seq=since.seal.seq)  # fmt: skip
    chapter = Chapter(
        "since", _("What has changed since the seal"), _sentences(since), tables=_listed(since, declaration)
    )
    return evolve(pack, notice=(notice,), chapters=(*pack.chapters, chapter))


def _sentences(since: Since) -> tuple[str, ...]:
    return (_("Nothing has changed since."),) if since.nothing else ()


def _listed(since: Since, declaration: Declaration) -> tuple[Table, ...]:
    found = (
        figures_table(declaration, since.figures),
        rows_table(since.rows or ()),
        entries_table(declaration, since.entries),
    )
    return tuple(one for one in found if one.rows)


def figures_table(declaration: Declaration, changed: Sequence[Change]) -> Table:
    """The figures that are others now; of a list, only what is not in both."""
    rows = [map(words, _change(declaration, change)) for change in changed]
    return table("changed_figures", _("Figures"), (_("Figure"), _("Sealed"), _("Now")), rows)


def rows_table(changed: Sequence[Row]) -> Table:
    """The rows that are others now."""
    rows = [map(words, (row.title, row.name, row.sealed or "—", row.now or "—")) for row in changed]
    return table("changed_rows", _("Rows of the tables"), (_("Table"), _("Row"), _("Sealed"), _("Now")), rows)


def entries_table(declaration: Declaration, entries: Sequence[Entry]) -> Table:
    """The entries recorded since that tell of the semester."""
    zone, rows = declaration.lab.tz, []
    for entry in entries:
        moments = (words(short_time(local(at, zone))) for at in (entry.occurred_at, entry.recorded_at))
        event = words(event_name(declaration, entry.stream, entry.event))
        rows.append((Cell(entry.stream, "ref"), Cell(entry.seq, "count"), event, *moments))
    columns = (_("Request"), _("Entry"), _("Event"), _("Occurred"), _("Recorded"))
    return table("entries_since", _("Entries recorded since"), columns, rows)


def _change(declaration: Declaration, change: Change) -> list[str]:
    """A row: what changed, as it was sealed, as it is now; of a list, only what is not in both."""
    name = change.name.removeprefix("previous.")
    if isinstance(change.sealed, list) or isinstance(change.now, list):
        gone, come = unlike(change.sealed or [], change.now or [])
        return [list_name(name), _names(gone), _names(come)]
    try:
        title = figure_name(declaration, name)
    except KeyError:  # of another version of the program
        title = name
    if change.name != name:
        title = _("{figure}, semester before", figure=title)
    return [title, *(_value(name, value) for value in (change.sealed, change.now))]


def _names(found: Sequence[Any]) -> str:
    return ", ".join(str(v.get("ref", v.get("rule"))) if isinstance(v, dict) else str(v) for v in found) or "—"


def _value(name: str, value: Any) -> str:
    """A figure of the document in words; anything else as it stands."""
    if value is None or isinstance(value, int | float):
        return written(Cell(None if value is None else Fraction(value), figure_kind(name)))
    return "…" if isinstance(value, dict) else str(value)
