"""The lab's own stream: who works here, when they are away, what is closed, which declaration is in force.

Each change is a typed entry of the stream `lab`; `fold_row` turns an entry into rows of the derived tables, in the
very transaction that records it and again in `coop db rebuild`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, frozen

from states.calendar import day_ranges as days
from states.canonical import canonical
from states.declaration.model import Declaration
from states.errors import Invalid
from states.forms.inputs import note_errors
from states.references import LAB
from states.requests.entry import Entry
from workflow.history.days_log import Closed, fold_days
from workflow.history.entries import ORIGIN, sealed, to_row
from workflow.history.vault import put_away, store_private
from workflow.store import statements as q
from workflow.store.transaction import Transaction

OPEN = "open"  # the only state of the lab's stream
SYSTEM = "system"  # who raises and settles: the scheduler, or the event that removes a cause

# What an alert keeps of its risk, its facts apart.
RAISED, SETTLED = "alert_raised", "alert_resolved"
OF_A_RISK = ("rule", "level", "cause", "ref", "meeting", "staff", "kind", "stage", "due_at", "addressed_to")

# What is private in the data of each event of the lab's stream.
PRIVATE: Mapping[str, tuple[str, ...]] = {
    "staff_added": ("name", "email"),
    "staff_changed": ("name", "email"),
    "orientation_recorded": ("text",),
    "source_changed": ("values",),
}


@define(eq=False, repr=False)
class LabWriter:
    """Writes entries of the lab's stream in a transaction: under which declaration, when, who."""

    tx: Transaction
    declaration: Declaration
    now: str
    actor: str = SYSTEM
    role: str = SYSTEM

    def write(self, event: str, data: Mapping[str, Any], note: str | None = None) -> Entry:
        """One entry, with the rows it changes; its note, and what is private in it, go to the vault."""
        if errors := note_errors(note):
            raise Invalid(errors)
        tx = self.tx
        stream = tx.one(q.stream, stream=LAB)
        seq, previous = (stream.seq + 1, stream.head) if stream else (1, ORIGIN)
        entry = sealed(
            Entry(
                stream=LAB,
                seq=seq,
                event=event,
                source=OPEN if stream else None,
                to=OPEN,
                actor=self.actor,
                role=self.role,
                entered_by=tx.entered_by,
                on_behalf=False,
                occurred_at=self.now,
                recorded_at=self.now,
                data=put_away(tx, LAB, seq, data, PRIVATE.get(event, ())),
                note_digest=store_private(tx, LAB, seq, "note", note) if note else None,
                declaration=self.declaration.digest,
                previous=previous,
            )
        )
        tx.run(q.insert_entry, **to_row(entry))
        fold_row(tx, entry)
        return entry


def fold_row(tx: Transaction, entry: Entry) -> None:
    """Writes what one entry of the lab's stream changes in the derived tables."""
    fold = _FOLDS.get(entry.event)
    if fold:
        fold(tx, entry, entry.data)
    fold_days(_DayTables(tx), entry)
    tx.run(q.upsert_stream, stream=LAB, seq=entry.seq, head=entry.digest)


def _staff(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(
        q.upsert_staff,
        id=data["id"],
        role=data["role"],
        active=data["active"],
        hours=data["hours"],
        site=data["site"],
        skills=",".join(data["skills"]),
        name_seq=data["name_seq"] or entry.seq,
        email_seq=data["email_seq"] or entry.seq,
    )


def _absence(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    _away(tx, entry.seq, data["id"], data["days"])


def _away(tx: Transaction, seq: int, staff: str, days_off: Iterable[Sequence[str]]) -> None:
    for number, (first, last) in enumerate(days_off):
        tx.run(q.insert_absence, seq=seq, number=number, staff=staff, first=first, last=last)


def _absence_cancelled(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    """What is left of the absences that it shortens belongs to this entry."""
    back, left = days.read(data["days"]), []
    for absence in tx.all(q.absences_of, id=data["id"]):
        known = days.read([(absence.first, absence.last)])
        if days.common(known, back):
            tx.run(q.delete_absence, which=absence.seq, piece=absence.number)
            left += days.without(known, back)
    _away(tx, entry.seq, data["id"], days.written(left))


def _alert_raised(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(
        q.insert_alert,
        id=data["id"],
        status="open",
        **{name: data.get(name) for name in OF_A_RISK},
        facts=canonical(data["facts"]),
        raised_at=entry.occurred_at,
        snoozed_until=None,
        settled_at=None,
        settled_as=None,
    )
    if data["stage"]:
        deadline = {"which": data["ref"], "of_kind": data["kind"], "due": data["due_at"]}
        tx.run(q.next_stage, stage=data["stage"], at_anchor=data["facts"]["anchor"], **deadline)


def _alert_settled(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    settled = {"settled_at": entry.occurred_at, "settled_as": data["as"]}
    tx.run(q.settle_alert, which=data["id"], status="resolved", **settled)


def _alert_acknowledged(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(q.attend_alert, which=data["id"], status="acknowledged", snoozed_until=None)


def _alert_snoozed(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(q.attend_alert, which=data["id"], status="snoozed", snoozed_until=data["until"])


_FOLDS = {
    "staff_added": _staff,
    "staff_changed": _staff,
    "absence_recorded": _absence,
    "absence_cancelled": _absence_cancelled,
    RAISED: _alert_raised,
    SETTLED: _alert_settled,
    "alert_acknowledged": _alert_acknowledged,
    "alert_snoozed": _alert_snoozed,
}


@frozen(eq=False, repr=False)
class _DayTables:
    """The days of the lab in their tables."""

    tx: Transaction

    def put_holiday(self, day: str, name: str, source: str) -> None:
        self.tx.run(q.upsert_holiday, day=day, name=name, source=source)

    def put_closure(self, closed: Closed) -> None:
        self.tx.run(q.upsert_closure, **closed._asdict())

    def closure(self, seq: int) -> Closed | None:
        row = self.tx.one(q.closure, which=seq)
        return Closed(**row._asdict()) if row else None

    def drop_closure(self, seq: int) -> None:
        self.tx.run(q.delete_closure, which=seq)

    def put_swap(self, seq: int, swap: Mapping[str, str]) -> None:
        self.tx.run(q.insert_swap, seq=seq, place=swap["place"], gained=swap["gained"], given=swap["given"])

    def drop_swap(self, swap: Mapping[str, str]) -> None:
        self.tx.run(q.delete_swap, there=swap["place"], ours=swap["gained"], theirs=swap["given"])
