"""What was taken out of the vault: each erasure is an entry of the lab's stream, which says where, never what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import define, field
from sqlalchemy import bindparam, delete, select

from states.references import LAB
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.prepared import Statement
from workflow.store.transaction import Transaction

ERASED = "texts_erased"
Place = tuple[str, int, str]  # of a text of the vault: its stream, its entry, its field
Span = tuple[int, int]


class Erasure(NamedTuple):
    """One text: under which digest it stood, and stands since; None where nothing is left of it.

    `spans` are the passages taken out of it, by their places in its JSON.
    """

    stream: str
    seq: int
    field: str
    before: str
    after: str | None
    spans: tuple[Span, ...] = ()

    @property
    def place(self) -> Place:
        return self.stream, self.seq, self.field

    def document(self) -> list[Any]:
        return [self.stream, self.seq, self.field, self.before, self.after, [list(span) for span in self.spans]]


def erasures_in(data: Mapping[str, Any]) -> list[Erasure]:
    """The erasures that an entry says, or a line of the register."""
    texts: Sequence[Sequence[Any]] = data["texts"]
    return [
        Erasure(str(stream), int(seq), str(name), str(before), after, tuple((int(a), int(b)) for a, b in spans))
        for stream, seq, name, before, after, spans in texts
    ]


@define
class Standing:
    """Under which digest each text stands now: that of its entry, unless a passage or all of it was erased."""

    _changes: dict[Place, dict[str, str | None]] = field(factory=dict)

    def add(self, erasure: Erasure) -> None:
        """One more text that was erased, or a passage of it."""
        self._changes.setdefault(erasure.place, {})[erasure.before] = erasure.after

    def of(self, place: Place, written: str) -> str | None:
        """The digest of a text that was written under another; None once it is erased."""
        changes, now = self._changes.get(place, {}), written
        for _step in changes:
            after = changes.get(now, now)
            if after is None or after == now:
                return after
            now = after
        return now


def standing(documents: Iterable[str]) -> Standing:
    """What all erasures together leave, from the data of their entries; one that cannot be read says nothing."""
    found = Standing()
    for document in documents:
        try:
            for erasure in erasures_in(json.loads(document)):
                found.add(erasure)
        except (KeyError, TypeError, ValueError):
            continue
    return found


# --- In a transaction: rare enough to stand apart from the statements of every day ---

_e, _v = s.entries.c, s.vault.c
_one = (_v.stream == bindparam("of"), _v.seq == bindparam("entry"), _v.field == bindparam("called"))
_whole_vault = Statement(lambda _: select(s.vault).order_by(_v.stream, _v.seq, _v.field))
_delete = Statement(lambda _: delete(s.vault).where(*_one))
_recorded = Statement(
    lambda _: (
        select(_e.seq, _e.recorded_at, _e.data, _e.digest)
        .where(_e.stream == bindparam("of"), _e.event == bindparam("called"))
        .order_by(_e.seq)
    )
)


def recorded(tx: Transaction) -> list[Any]:
    """The entries that say what was erased, as rows of `seq`, `recorded_at`, `data` and `digest`, oldest first."""
    return tx.all(_recorded, of=LAB, called=ERASED)


def whole_vault(tx: Transaction) -> list[Any]:
    """Every text that the vault holds, with its salt: rows of the table."""
    return tx.all(_whole_vault)


def take_out(tx: Transaction, place: Place) -> None:
    """Deletes a text and its salt."""
    stream, seq, name = place
    tx.run(_delete, of=stream, entry=seq, called=name)


def put_instead(tx: Transaction, place: Place, salt: str, value: str) -> None:
    """Puts what is left of a text in its place, under another salt: whoever works here may change none."""
    take_out(tx, place)
    stream, seq, name = place
    tx.run(q.insert_vault, stream=stream, seq=seq, field=name, salt=salt, value=value)
