"""The public editions of reviews: each is an entry of the lab's stream, with the sums that its cells about persons say.

The sums are kept, and not only a digest of them: what two editions together tell is read from both, years later, by
whatever version of the program. They are the lab's own, like its history; the file that is published has no more of
them than its cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import frozen
from sqlalchemy import select

from states.errors import Conflict
from states.language import _
from states.references import LAB
from states.requests.entry import Entry
from states.review.document import Review
from states.review.persons import About, Block, Persons, Sum
from states.review.publishing import Edition, Shown, edition
from workflow.engine import Engine
from workflow.history.entries import from_row
from workflow.lab.service import keeping
from workflow.reviews.book import PUBLISHED
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.views.reader import Reader


@frozen
class Publication:
    """An edition about to be published, and what is to be known of those that are out.

    `revealed`: the cells that it leaves out because they would, with earlier editions, tell of few persons. `out`:
    whether it is already, in whatever format.
    """

    edition: Edition
    revealed: Sequence[tuple[str, About]]
    out: bool
    last: int  # the entry of the last edition known, 0 when there is none


def publication(reader: Reader, review: Review) -> Publication:
    """The edition of a review as it may be published now; the very same again when it is out already."""
    (found,) = publications(reader, (review,))
    return found


def publications(reader: Reader, reviews: Iterable[Review]) -> Iterator[Publication]:
    """The same of several reviews, published together: each as beside those before it."""
    entries = list(_entries(reader))
    earlier, last = [_read(entry.data) for entry in entries], max((entry.seq for entry in entries), default=0)
    for review in reviews:
        found = _beside(review, earlier, last)
        earlier.append(found.edition)
        yield found


def _beside(review: Review, earlier: Sequence[Edition], last: int) -> Publication:
    alone = edition(review)
    for one in earlier:
        if _same(one, alone) and one.known_at == alone.known_at:
            return Publication(one, (), out=True, last=last)
    told = edition(review, earlier)
    masked = set(alone.masked())
    revealed = [one for one in told.masked() if one not in masked]
    return Publication(told, revealed, any(one.shown == told.shown for one in earlier), last)


def publish(engine: Engine, actor: str, publication: Publication, digest: str) -> Entry:
    """Keeps that an edition is out. Raises Conflict when another went out meanwhile, Refused as to the registers."""
    (found,) = publish_all(engine, actor, [(publication, digest)])
    return found


def publish_all(engine: Engine, actor: str, going_out: Sequence[tuple[Publication, str]]) -> list[Entry]:
    """The same of several editions, each with the digest of what it tells: all of them or none."""
    with keeping(engine, actor) as work:
        newest = work.tx.one(q.last_of_lab, event=PUBLISHED).seq or 0
        if any(publication.last != newest for publication, _digest in going_out):
            raise Conflict(_("Another edition was published meanwhile; nothing was written: try again."))
        return [
            work.write(PUBLISHED, {"digest": digest, **_written(publication.edition)})
            for publication, digest in going_out
        ]


def _entries(reader: Reader) -> Iterator[Entry]:
    e = s.entries.c
    query = select(s.entries).where(e.stream == LAB, e.event == PUBLISHED).order_by(e.seq)
    return map(from_row, reader.connection.execute(query))


def _same(one: Edition, other: Edition) -> bool:
    """Whether two editions are of one review, with the same persons."""
    persons = [{code: shown.persons for code, shown in edition.shown.items()} for edition in (one, other)]
    return one.semester == other.semester and persons[0] == persons[1]


def _written(edition: Edition) -> dict[str, Any]:
    return {
        "semester": edition.semester,
        "known_at": edition.known_at,
        "shown": {
            code: {
                "cells": sorted([cell.says, cell.whom] for cell in shown.cells),
                "sums": sorted(
                    [block.measure, sorted(block.whom), found.persons, str(found.amount)]
                    for block, found in shown.persons.sums.items()
                ),
            }
            for code, shown in edition.shown.items()
        },
    }


def _read(data: Mapping[str, Any]) -> Edition:
    return Edition(
        data["semester"], data["known_at"], {code: _read_shown(shown) for code, shown in data["shown"].items()}
    )


def _read_shown(data: Mapping[str, Any]) -> Shown:
    sums = {
        Block(measure, frozenset(whom)): Sum(persons, Fraction(amount))
        for measure, whom, persons, amount in data["sums"]
    }
    return Shown(Persons(sums), frozenset(About(*cell) for cell in data["cells"]))
