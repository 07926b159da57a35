"""The entries behind the figures, as lists: each with the title and service of its request, by parts of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from attrs import frozen

from handlers.review.cells import Telling, count, number, ref, words
from handlers.review.pack import Cell, Evidence, Listed, Part, Table
from handlers.review.words import code_name, event_name, figure_name, rule_name, said_name
from states.language import _, _n, current, spoken
from states.references import LAB
from states.review.figures import Figure, Item

# What the title of a part says of all its entries.
HEADED = frozenset({"state", "kind", "type", "project"})


NOTHING = Figure(None)


@frozen
class Listing:
    """What one list holds: the entries of a figure, then those of its parts; only requests where it is `brief`.

    `code`: the name under which cells lead to it; `also`: the other figures that the same entries are behind.
    """

    code: str
    title: str
    figure: Figure = NOTHING
    parts: tuple[Listing, ...] = ()
    also: tuple[str, ...] = ()
    brief: bool = False

    def each(self, depth: int = 0) -> Iterator[tuple[int, Listing]]:
        """It and all its parts, as they are listed one under another, each with how many it is within."""
        yield depth, self
        for part in self.parts:
            yield from part.each(depth + 1)

    def names(self) -> Iterator[tuple[str, str]]:
        """Each figure whose entries it lists, with the code of the list or part that they are."""
        for _depth, one in self.each():
            yield from ((name, one.code) for name in (one.code, *one.also))


def evidence(told: Telling, listing: Listing) -> Evidence:
    """The entries of a list, under their headings."""
    said, lengths = _gone_through(listing)
    names = [] if listing.brief else [name for name in said if not (listing.parts and name in HEADED)]
    columns = _request() if listing.brief else (*_request(), *_entry(), *(said_name(n).capitalize() for n in names))
    rows = Listed(partial(_rows, told, listing, names, current()))
    parts = tuple(_parts(listing, lengths))
    table = Table(f"evidence-{listing.code}", listing.title, columns, rows)
    together = (len(_request()),) if listing.brief else (len(_request()), len(_entry()))
    return Evidence(listing.code, listing.title, table, together, _length(listing, sum(lengths)), parts)


def of_figure(told: Telling, name: str, figure: Figure) -> Evidence:
    """The entries behind one figure."""
    return evidence(told, Listing(name, figure_name(told.declaration, name.removesuffix(".n")), figure))


def _gone_through(listing: Listing) -> tuple[list[str], list[int]]:
    """What its entries say, and how many each part has of its own.

    The service they are of has a column of its own already.
    """
    said: dict[str, None] = {}
    lengths = []
    for _depth, one in listing.each():
        length = 0
        for item in one.figure.items:
            said.update(dict.fromkeys(item.said))
            length += 1
        lengths.append(length)
    said.pop("service", None)
    return list(said), lengths


def _parts(listing: Listing, lengths: list[int]) -> Iterator[Part]:
    first = lengths[0]
    listed = list(listing.each())
    for n, (depth, one) in enumerate(listed[1:], start=1):
        length = sum(lengths[n : n + sum(1 for _part in one.each())])
        yield Part(one.code, one.title, _length(listing, length), first, length, depth)
        first += lengths[n]


def _length(listing: Listing, length: int) -> str:
    if listing.brief:
        return _n("{n} request", "{n} requests", length)
    return _n("{n} entry", "{n} entries", length)


def _request() -> tuple[str, ...]:
    """What says which request an entry is of."""
    return _("Request"), _("Title"), _("Service")


def _entry() -> tuple[str, ...]:
    """What says which of its entries."""
    return _("Entry"), _("Event"), _("Date")


def _rows(told: Telling, listing: Listing, names: list[str], language: str) -> Iterator[tuple[Cell, ...]]:
    """Its entries in the language that the pack was made in, whenever they are asked for."""
    for _depth, one in listing.each():
        for item in one.figure.items:
            with spoken(language):
                row = _request_of(told, item) if listing.brief else _row(told, names, item)
            yield row


def _request_of(told: Telling, item: Item) -> tuple[Cell, ...]:
    service = told.label("services", item.said.get("service")) or told.service(item.ref)
    return ref("" if item.ref == LAB else item.ref), words(told.title(item.ref) or "—"), words(service or "—")


def _row(told: Telling, names: list[str], item: Item) -> tuple[Cell, ...]:
    return (
        *_request_of(told, item),
        count(item.seq),
        words(event_name(told.declaration, item.ref, item.event)),
        told.day(item.occurred_at),
        *(_cell(told, name, item.said[name], item.ref) if name in item.said else words("—") for name in names),
    )


_VOCABULARIES = {
    "state": "states",
    "type": "deliverable_types",
    "decision": "decisions",
}
_INSTANTS = ("due_at", "settled_at", "until")
_MEASURES = {"days": "days", "hours": "hours", "effort": "hours"}  # what is no money


def _cell(told: Telling, name: str, value: Any, ref: str) -> Cell:
    if name == "kind":
        return words(told.deadline(ref, value))
    if name in _INSTANTS:
        return Cell(None, "date") if value is None else told.day(value)
    if (name, value) == ("decision", "validate"):
        return words(_("to validate"))
    if name in _VOCABULARIES:
        return words(told.label(_VOCABULARIES[name], value))
    if name == "score":
        return number(Fraction(value), "number")
    if name == "day":
        return Cell(date.fromisoformat(value), "date")
    if name == "services":
        return words(" · ".join(told.label("services", code) for code in value) or "—")  # labels have commas
    if name == "rule":
        return words(rule_name(told.declaration, value))
    if name in ("half_day", "level", "cause"):
        return words(code_name(value))
    if isinstance(value, Fraction):
        return Cell(value, _MEASURES.get(name, "euros"))
    return count(value) if isinstance(value, int) else words(value)
