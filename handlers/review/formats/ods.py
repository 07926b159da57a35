"""The review as a spreadsheet in the format administrations recommend: OpenDocument, one sheet for each chapter.

Numbers and dates are typed, so that they can be added up and sorted; what people have written is text, never a
formula. Nothing depends on the machine or the moment: the same pack gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from handlers.review.clean import clean
from handlers.review.formats.ods_cells import Cells, repeated, row, sheet
from handlers.review.formats.ods_styles import GENERATOR, PAGE, settings, styles
from handlers.review.formats.tables import (
    SEPARATOR,
    by_part,
    chapters,
    figured,
    identity,
    known_as_of,
    tables_of,
)
from handlers.review.pack import Cell, Evidence, Listed, Pack, Table
from handlers.review.text import NUMBERS, written
from states.errors import MissingExtra
from states.language import _, spoken

if TYPE_CHECKING:
    from odfdo import Document

NAME_LENGTH = 31  # what every spreadsheet program accepts
NAME_FORBIDDEN = str.maketrans(dict.fromkeys("[]*?:/\\\n", " "))
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest moment a ZIP archive can say
EMPTY = b"<office:spreadsheet/>"  # the body of a document without sheets
PARTS = ("mimetype", "content.xml", "styles.xml", "meta.xml", "settings.xml")
MARGIN = 3  # characters of a number that the sheet writes and we do not count: signs, separators


class Leaf(NamedTuple):
    """A sheet to write: its name, what is said in words, its tables one under another.

    `listing`: a long one alone, whose headings stay in sight and come again on every page.
    """

    name: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    listing: bool = False


def ods(pack: Pack, moment: datetime) -> bytes:
    """The pack as an ODS file dated `moment`, the instant it was known at. Raises MissingExtra without `odfdo`."""
    try:
        from odfdo import Document
    except ImportError:
        raise MissingExtra(
            _("A spreadsheet needs the library that writes it, which is not installed."),
            hint='pip install "la-cooperative[review]"',
        ) from None
    pack = clean(pack)
    with spoken(pack.language):
        leaves = list(_leaves(pack))
        document = Document("spreadsheet")
        _describe(document, pack, moment, len(leaves) + 1)
        document.body.clear()
        drawn = (_listed(x) if x.listing else _of_chapter(x) for x in leaves)
        sheets = chain(_contents(pack, leaves), chain.from_iterable(drawn))
        return _packed(document, sheets, settings(_("Contents"), [leaf.name for leaf in leaves if leaf.listing]))


def _leaves(pack: Pack) -> Iterator[Leaf]:
    """A sheet for each chapter, then those of the annex."""
    taken = {_("Contents").casefold()}
    for chapter in chapters(pack):
        found = tuple(tables_of(chapter))
        if found or chapter.paragraphs:
            yield Leaf(_name(chapter.title, taken), chapter.paragraphs, found)
    for table in _evidence(pack):
        yield Leaf(_name(table.title, taken), (), (table,), listing=True)


def _evidence(pack: Pack) -> Iterator[Table]:
    """The entries behind the figures, one figure under another: a table for each set of columns."""
    grouped: dict[tuple[str, ...], list[Evidence]] = {}
    for proof in pack.evidence:
        grouped.setdefault(proof.table.columns, []).append(proof)
    for columns, proofs in grouped.items():
        title, rows = _("The entries behind the figures"), Listed(partial(_one_under_another, proofs))
        yield Table("evidence", title, (_("Figure"), *columns), rows)


def _one_under_another(proofs: Iterable[Evidence]) -> Iterator[Cells]:
    """Each row after the figure, and the part of it, that it is behind."""
    for proof in proofs:
        for within, cells in by_part(proof):
            yield Cell(SEPARATOR.join((proof.title, *(part.title for part in within)))), *cells


def _name(title: str, taken: set[str]) -> str:
    """A sheet's name: the title, cut, and numbered where another sheet has it, in whatever case."""
    name = " ".join(title.translate(NAME_FORBIDDEN).split()).strip("' ") or _("Table")
    found, number = _cut(name, NAME_LENGTH), 1
    while found.casefold() in taken:
        number += 1
        mark = f" ({number})"
        found = _cut(name, NAME_LENGTH - len(mark)) + mark
    taken.add(found.casefold())
    return found


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip(" '") + "…"


def _contents(pack: Pack, leaves: list[Leaf]) -> Iterator[str]:
    """The first sheet: which review this is, and the tables of the others, each with a link that leads there."""
    named = [(Cell(label), Cell(text)) for label, text in identity(pack)]
    columns = tuple(map(Cell, (_("Table"), _("Sheet"))))
    listed = [
        ((Cell(table.title), Cell(leaf.name)), f"#'{leaf.name}'.A{line}")
        for leaf in leaves
        for table, line in zip(leaf.tables, _lines(leaf), strict=True)
    ]
    rows = [*map(row, named), row((Cell(""),)), row(columns, ["heading"] * len(columns))]
    rows += [row(cells, link=target) for cells, target in listed]
    return sheet(_("Contents"), _lengths([*named, columns, *(cells for cells, _target in listed)]), rows)


def _lines(leaf: Leaf) -> Iterator[int]:
    """The line that the title of each table of a sheet is on, the first being 1; of a listing, its headings."""
    line = 1 if leaf.listing else len(leaf.paragraphs) + 2
    for table in leaf.tables:
        yield line
        line += len(table.rows) + bool(table.note) + 3


def _of_chapter(leaf: Leaf) -> Iterator[str]:
    """The sheet of a chapter: what it says in words, then each table under its title, an empty line between two."""
    rows = [row((Cell(text),), ["free"]) for text in leaf.paragraphs]
    for table in leaf.tables:
        rows += [row((Cell(""),)), row((Cell(table.title),), ["title"]), _headings(table), *map(row, table.rows)]
        rows += [row((Cell(table.note),), ["free"])] if table.note else []
    if not leaf.tables:
        return sheet(leaf.name, [0], rows)
    cells = [cells for table in leaf.tables for cells in (tuple(map(Cell, table.columns)), *table.rows)]
    return sheet(leaf.name, _lengths(cells), rows)


def _listed(leaf: Leaf) -> Iterator[str]:
    """The sheet of one long table, whose headings are printed again on every page."""
    (table,) = leaf.tables
    rows = chain((repeated(_headings(table)),), map(row, table.rows))
    return sheet(leaf.name, _lengths(chain((tuple(map(Cell, table.columns)),), table.rows)), rows)


def _headings(table: Table) -> str:
    sides = ["heading-figures" if figures else "heading" for figures in figured(table)]
    return row(tuple(map(Cell, table.columns)), sides)


def _lengths(rows: Iterable[Cells]) -> list[int]:
    """The length of each column's longest text, in characters."""
    found: list[int] = []
    for cells in rows:
        found += [0] * (len(cells) - len(found))
        for column, cell in enumerate(cells):
            found[column] = max(found[column], len(written(cell)) + (MARGIN if cell.kind in NUMBERS else 0))
    return found


def _describe(document: Document, pack: Pack, moment: datetime, sheets: int) -> None:
    """The language, the styles, what the file says of itself: nothing of the machine that writes it."""
    document.language = "fr-FR" if pack.language == "fr" else "en-GB"
    for style in styles(pack.language):
        document.insert_style(style, automatic=True)
    about = document.meta
    about.title = pack.title
    about.subject = f"{pack.lab} · {pack.period}"
    about.description = f"{known_as_of(pack)} · {pack.digest}"
    about.creation_date = about.date = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about.generator = GENERATOR
    about.clear_user_defined_metadata()
    count = about.get_element("//meta:document-statistic")
    if count is not None:
        count.set_attribute("meta:table-count", str(sheets))
        count.del_attribute("meta:cell-count")
    page = document.styles.get_element("//style:page-layout-properties")
    if page is not None:
        for name, said in PAGE.items():
            page.set_attribute(name, said)


def _packed(document: Document, sheets: Iterable[str], settings: bytes) -> bytes:
    """The document with its sheets, as a ZIP archive that says nothing of when and where it was made."""
    for path in document.manifest.get_paths():
        if path not in ("/", *PARTS):  # a thumbnail of an empty sheet, bars of tools
            document.manifest.del_full_path(path)
    saved = io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as archive:
        parts = {name: archive.read(name) for name in (*PARTS, "META-INF/manifest.xml")} | {"settings.xml": settings}
    # Written in here: appended one by one to the library's tree, 20,000 rows take minutes.
    before, after = parts["content.xml"].split(EMPTY)
    content = chain((before, b"<office:spreadsheet>"), map(str.encode, sheets), (b"</office:spreadsheet>", after))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in parts:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o600 << 16
            # The type comes first and bare: programs read it without opening the archive.
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as part:
                for piece in content if name == "content.xml" else (parts[name],):
                    part.write(piece)
    return packed.getvalue()
