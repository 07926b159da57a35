"""The review as one HTML file: no script, no address, the charts inside, every figure one link from its entries.

    html(pack)                        ->  the page, in the pack's language
    html(pack, css="a { … }")         ->  the same, a house style after ours

The house style may set the variables of `templates/review.css` again: `--ink`, `--paper`, `--accent`…
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from itertools import chain, repeat
from typing import NamedTuple
from urllib.parse import quote

from attrs import evolve

from handlers.layout import laid_out_in_pieces
from handlers.review.charts import course, svg
from handlers.review.clean import clean
from handlers.review.formats.tables import known_as_of
from handlers.review.pack import Cell, Chart, Evidence, Headline, Pack, Part, Row, Table
from handlers.review.text import NUMBERS, written
from states.errors import WrongUsage
from states.language import _, spoken

# Pixels: a picture whose letters are read on the narrowest screen; one as wide as the page of a usual screen.
NARROW, WIDE = 360, 620
# The fewest columns of a table, and how wide a screen must be to have room for them, in letters.
ROOMS = {4: 40, 6: 60, 9: 72}
LONG = 30  # letters of a word that may be cut anywhere
CROWDED = 9  # columns, which stand closer together
# What makes a reader's browser look outside the page.
OUTSIDE = re.compile(r"@import|image-set\(|url\(\s*+['\"]?+\s*+(?!data:|#)", re.IGNORECASE)


def html(pack: Pack, css: str | None = None) -> str:
    """The whole page. Raises WrongUsage for a style that would end its element, MissingExtra without the charts."""
    return "".join(html_in_pieces(pack, css))


def html_in_pieces(pack: Pack, css: str | None = None) -> Iterator[str]:
    """The same, a piece after another, to be written as they come: what is laid out is not held whole."""
    return _pieces(clean(pack), _style(css))


def _pieces(pack: Pack, css: str) -> Iterator[str]:
    with spoken(pack.language):
        filling = {"pack": pack, "page": _Page(pack), "words": _words(pack), "css": css, "font": _font()}
        yield from laid_out_in_pieces("handlers.review", "review.html", **filling)


def _words(pack: Pack) -> dict[str, str]:
    """What the page itself says, in the language of the moment."""
    return {
        "known": known_as_of(pack),
        "skip": _("Skip to the review"),
        "contents": _("Contents"),
        "none": _("Nothing to list."),
        "stands": _("What stands"),
        "numbers": _("The numbers of this chart"),
        "evidence": _("The entries behind the figures"),
        "listed": _("Open a figure to see its entries: request, title, service, event and day."),
        "back": _("Back to the figure"),
        "digest": _("Digest of the figures:"),
    }


@cache
def _font() -> str:
    """The letters of the charts, in base64: measured in one font and shown in another, names would run over."""
    return b64encode((files("handlers.documents") / "fonts" / "AtkinsonHyperlegible-Regular.ttf").read_bytes()).decode()


def _style(css: str | None) -> str:
    """The house style, as it is, if it neither ends its own element nor fetches anything. Raises WrongUsage."""
    if css and "</style" in css.lower():
        raise WrongUsage(_("The style sheet holds “</style”, which would end it: take it out."))
    if css and OUTSIDE.search(css):
        raise WrongUsage(
            _("The style sheet fetches something from elsewhere: the review is one file."),
            hint=_("put images and fonts in it as url(data:…), and no @import"),
        )
    return css or ""


class Shown(NamedTuple):
    """A cell as the page shows it: its text, its classes, where it leads, where its entries lead back to."""

    text: str
    kind: str
    link: str | None
    anchor: str | None


class Card(NamedTuple):
    """How the rows of a table of many columns are shown as cards: its class, the label of each cell but the first."""

    name: str
    labels: tuple[str, ...]


class _Page:
    """What the template asks: texts, links between figures and their entries, pictures."""

    def __init__(self, pack: Pack) -> None:
        self._behind = {code for evidence in pack.evidence for code in evidence.codes}
        self._language = pack.language
        self._first: set[str] = set()
        self._entries, self._back = escape(_(", the entries")), escape(_("Back to the figure"))
        several = dict.fromkeys(table.columns for table in _tables(pack) if _fewest(table.columns))
        self._cards = {
            columns: Card(f"cards-{n}", tuple(map(_css_string, columns[1:])))
            for n, columns in enumerate(several, start=1)
        }
        self._cited = {cell.evidence for cell in _cells(pack) if self.link(cell)}

    def shown(self, cell: Cell) -> Shown:
        """All that the page says of a cell. The first one with these entries is where they link back to."""
        link = self.link(cell)
        return Shown(written(cell), _kind(cell), link, self._anchor(cell) if link else None)

    def link(self, cell: Cell) -> str | None:
        """The address, in the page, of the entries behind a figure; none of one that is masked: they would tell it."""
        if cell.masked or cell.evidence not in self._behind:
            return None
        return f"#{quote(_id('evidence', cell.evidence))}"

    def _anchor(self, cell: Cell) -> str | None:
        if cell.evidence is None or cell.evidence in self._first:
            return None
        self._first.add(cell.evidence)
        return _id("figure", cell.evidence)

    def evidence_id(self, evidence: Evidence) -> str:
        return _id("evidence", evidence.code)

    def back(self, code: str) -> str | None:
        return f"#{quote(_id('figure', code))}" if code in self._cited else None

    def picture(self, chart: Chart) -> str:
        """The chart; a wide one twice, for the style sheet to show the one that the screen has room for."""
        narrow = svg(chart, self._language, width=NARROW)
        if chart.shape != "flow":
            return narrow
        return narrow + svg(evolve(chart, code=f"{chart.code}-wide"), self._language, width=WIDE)

    def course(self, headline: Headline) -> str:
        return course(headline.course, self._language)

    def cards(self, table: Table) -> str:
        """The classes of a table of many columns, of which a screen without room for them shows a card a row."""
        card = self._cards.get(table.columns)
        return "" if card is None else f"{card.name} crowded" if len(table.columns) >= CROWDED else card.name

    def rooms(self) -> Iterator[tuple[int, list[Card]]]:
        """How wide a screen must be for tables of so many columns, and the cards of those tables."""
        for fewest, room in ROOMS.items():
            cards = [card for columns, card in self._cards.items() if _fewest(columns) == fewest]
            if cards:
                yield room, cards

    def columns(self, table: Table) -> list[tuple[str, str]]:
        """Each heading with its class: how the cells under it are aligned."""
        kinds: list[set[str]] = [set() for _name in table.columns]
        for row in table.rows:
            for found, cell in zip(kinds, row, strict=True):
                found.add(cell.kind)
        return [(name, "n" if of and of <= NUMBERS else "") for name, of in zip(table.columns, kinds, strict=True)]

    def rows(self, evidence: Evidence) -> Iterator[str]:
        """The rows of a list, the heading of a part before its own."""
        parts = iter(evidence.parts)
        part = next(parts, None)
        for n, cells in enumerate(evidence.table.rows):
            while part is not None and part.first == n:
                yield self._heading(part, len(evidence.table.columns))
                part = next(parts, None)
            yield self.row(cells)

    def _heading(self, part: Part, columns: int) -> str:
        """Where a part begins: what it is, how many are in it, the way back to its number."""
        back, title = self.back(part.code), escape(part.title)
        link = f' <a class="back" href="{back}">{self._back}<span class="hidden"> – {title}</span></a>' if back else ""
        return (
            f'</tbody>\n<tbody>\n<tr class="part part-{part.depth}" id="{_id("evidence", part.code)}">'
            f'<th scope="rowgroup" colspan="{columns}">{title} <span class="length">{escape(part.length)}</span>{link}'
            "</th></tr>\n"
        )

    def row(self, cells: Row) -> str:
        """A row, whose first cell names it: written here, where a cell costs a fifth of what it does in a layout."""
        tags = chain(('th scope="row"',), repeat("td"))
        return f"<tr>\n{''.join(map(self._drawn, cells, tags))}</tr>\n"

    def _drawn(self, cell: Cell, tag: str) -> str:
        shown = self.shown(cell)
        kind = f' class="{shown.kind}"' if shown.kind else ""
        return f"<{tag}{kind}>{self.value(shown)}</{tag[:2]}>\n"

    def value(self, shown: Shown) -> str:
        """The text of a cell, a link to its entries if there are some."""
        text = escape(shown.text)
        if not shown.link:
            return text
        anchor = f' id="{shown.anchor}"' if shown.anchor else ""
        return f'<a href="{shown.link}"{anchor}>{text}<span class="hidden">{self._entries}</span></a>'


def _fewest(columns: tuple[str, ...]) -> int | None:
    """Of `ROOMS`, the one that a table of these columns needs; none of few."""
    return max((fewest for fewest in ROOMS if fewest <= len(columns)), default=None)


def _css_string(text: str) -> str:
    """A text as CSS quotes it: every character that could end the string, or the style, by its number."""
    return '"' + re.sub(r'["\\\\<&\n\r\f]', lambda sign: f"\\{ord(sign[0]):x} ", text) + '"'


def _kind(cell: Cell) -> str:
    """The classes of a cell: how it is aligned, and whether it says that nothing is known."""
    side = "n" if cell.kind in NUMBERS else "d" if cell.kind in ("date", "ref") else _long(cell)
    return f"{side} none".strip() if cell.value is None and not cell.masked else side


def _long(cell: Cell) -> str:
    """The class of a word that no narrow line can hold: a digest."""
    text = str(cell.value)
    return "long" if len(text) >= LONG and max(map(len, text.split())) >= LONG else ""


def _tables(pack: Pack) -> Iterator[Table]:
    yield pack.front.asked
    yield from (table for _chapter, table in pack.tables())
    yield from (evidence.table for evidence in pack.evidence)


def _cells(pack: Pack) -> Iterator[Cell]:
    yield from (headline.cell for headline in pack.front.headlines)
    for _chapter, table in pack.tables():
        yield from (cell for row in table.rows for cell in row)


def _id(what: str, code: str | None) -> str:
    """An id without spaces, whatever the code."""
    return f"{what}-{quote(code or '', safe='').replace('%', '_')}"
