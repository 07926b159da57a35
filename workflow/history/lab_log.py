"""The lab's own stream: who works here, when they are away, what is closed, which declaration is in force.

Each change is a typed entry of the stream `lab`; `fold_row` turns an entry into rows of the derived tables, in the
very transaction that records it and again in `coop db rebuild`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from states.calendar import day_ranges as days
from states.canonical import canonical
from states.references import LAB
from states.requests.entry import Entry
from workflow.history.entries import ORIGIN, sealed, to_row
from workflow.history.vault import put_away, store_private
from workflow.store import statements as q
from workflow.store.database import Transaction

OPEN = "open"  # the only state of the lab's stream

# What an alert keeps of its risk, its facts apart.
OF_A_RISK = ("rule", "level", "cause", "ref", "meeting", "staff", "kind", "stage", "due_at", "addressed_to")

# What is private in the data of each event of the lab's stream.
PRIVATE: Mapping[str, tuple[str, ...]] = {
    "staff_added": ("name", "email"),
    "staff_changed": ("name", "email"),
    "orientation_recorded": ("text",),
}


def record(
    tx: Transaction,
    event: str,
    data: Mapping[str, Any],
    *,
    actor: str,
    role: str,
    declaration: str,
    now: str,
    note: str | None = None,
) -> Entry:
    """Writes one entry of the lab's stream and its rows; its note, and what is private in it, go to the vault."""
    stream = tx.one(q.stream, stream=LAB)
    seq, previous = (stream.seq + 1, stream.head) if stream else (1, ORIGIN)
    entry = sealed(
        Entry(
            stream=LAB,
            seq=seq,
            event=event,
            source=OPEN if stream else None,
            to=OPEN,
            actor=actor,
            role=role,
            entered_by=tx.entered_by,
            on_behalf=False,
            occurred_at=now,
            recorded_at=now,
            data=put_away(tx, LAB, seq, data, PRIVATE.get(event, ())),
            note_digest=store_private(tx, LAB, seq, "note", note) if note else None,
            declaration=declaration,
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


def _holidays(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    for day, name in data["days"].items():
        tx.run(q.upsert_holiday, day=day, name=name, source=data["source"])


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


def _closure(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    # The rest of a closure that was cut in two has been known for as long as the whole.
    recorded_at = data.get("recorded_at", entry.recorded_at)
    span = {"first": data["first"], "last": data["last"]}
    tx.run(q.upsert_closure, seq=entry.seq, place=data.get("place"), recorded_at=recorded_at, **span)


def _reopened(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    """Shortens one closure. Of one cut in two this keeps the beginning: another entry follows for the rest."""
    row = tx.one(q.closure, which=data["closure"])
    if row is None:
        return
    left = days.written(days.without(days.read([(row.first, row.last)]), days.read([(data["first"], data["last"])])))
    if left:
        first, last = left[0]
        tx.run(q.upsert_closure, **{**row._asdict(), "first": first, "last": last})
    else:
        tx.run(q.delete_closure, which=row.seq)


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


def _swap(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(q.insert_swap, seq=entry.seq, place=data["place"], gained=data["gained"], given=data["given"])


def _swap_cancelled(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(q.delete_swap, there=data["place"], ours=data["gained"], theirs=data["given"])


_FOLDS = {
    "staff_added": _staff,
    "staff_changed": _staff,
    "holidays_copied": _holidays,
    "absence_recorded": _absence,
    "absence_cancelled": _absence_cancelled,
    "place_closed": _closure,
    "calendar_closed": _closure,
    "place_reopened": _reopened,
    "calendar_reopened": _reopened,
    "place_swapped": _swap,
    "swap_cancelled": _swap_cancelled,
    "alert_raised": _alert_raised,
    "alert_resolved": _alert_settled,
    "alert_acknowledged": _alert_acknowledged,
    "alert_snoozed": _alert_snoozed,
}
