"""The lab's own stream: who works here, when they are away, what is closed, which declaration is in force.

Each change is a typed entry of the stream `lab`; `fold_row` turns an entry into rows of the derived tables, in the
very transaction that records it and again in `coop db rebuild`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.calendar import day_ranges as days
from states.canonical import canonical
from states.references import LAB
from states.requests.entry import Entry
from workflow.history.entries import ORIGIN, sealed, to_row
from workflow.history.vault import put_away, store_private
from workflow.store.database import Transaction
from workflow.store.statements import ALERT_COLUMNS

OPEN = "open"  # the only state of the lab's stream

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
    stream = tx.one("stream", LAB)
    seq, previous = (stream[0] + 1, stream[1]) if stream else (1, ORIGIN)
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
    tx.run("insert_entry", *to_row(entry))
    fold_row(tx, entry)
    return entry


def fold_row(tx: Transaction, entry: Entry) -> None:
    """Writes what one entry of the lab's stream changes in the derived tables."""
    fold = _FOLDS.get(entry.event)
    if fold:
        fold(tx, entry, entry.data)
    tx.run("upsert_stream", LAB, entry.seq, entry.digest)


def _staff(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(
        "upsert_staff",
        data["id"],
        data["role"],
        data["active"],
        data["hours"],
        data["site"],
        ",".join(data["skills"]),
        data["name_seq"] or entry.seq,
        data["email_seq"] or entry.seq,
    )


def _holidays(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    for day, name in data["days"].items():
        tx.run("upsert_holiday", day, name, data["source"])


def _absence(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    for number, (first, last) in enumerate(data["days"]):
        tx.run("insert_absence", entry.seq, number, data["id"], first, last)


def _absence_cancelled(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    """What is left of the absences that it shortens belongs to this entry."""
    back, left = days.read(data["days"]), []
    for seq, number, first, last in tx.all("absences_of", data["id"]):
        known = days.read([(first, last)])
        if days.common(known, back):
            tx.run("delete_absence", seq, number)
            left += days.without(known, back)
    for number, (first, last) in enumerate(days.written(left)):
        tx.run("insert_absence", entry.seq, number, data["id"], first, last)


def _closure(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    # The rest of a closure that was cut in two has been known for as long as the whole.
    recorded_at = data.get("recorded_at", entry.recorded_at)
    tx.run("upsert_closure", entry.seq, data.get("place"), data["first"], data["last"], recorded_at)


def _reopened(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    """Shortens one closure. Of one cut in two this keeps the beginning: another entry follows for the rest."""
    row = tx.one("closure", data["closure"])
    if row is None:
        return
    seq, place, first, last, recorded_at = row
    left = days.written(days.without(days.read([(first, last)]), days.read([(data["first"], data["last"])])))
    if left:
        tx.run("upsert_closure", seq, place, *left[0], recorded_at)
    else:
        tx.run("delete_closure", seq)


def _alert_raised(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    values = [data.get(name) for name in ALERT_COLUMNS]
    facts = canonical(data["facts"])
    tx.run("insert_alert", data["id"], "open", *values, facts, entry.occurred_at, None, None, None)
    if data["stage"]:
        where = (data["ref"], data["kind"], data["facts"]["anchor"], data["due_at"])
        tx.run("next_stage", data["stage"], *where)


def _alert_settled(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run("settle_alert", "resolved", entry.occurred_at, data["as"], data["id"])


def _alert_acknowledged(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run("attend_alert", "acknowledged", None, data["id"])


def _alert_snoozed(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run("attend_alert", "snoozed", data["until"], data["id"])


def _swap(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run("insert_swap", entry.seq, data["place"], data["gained"], data["given"])


def _swap_cancelled(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run("delete_swap", data["place"], data["gained"], data["given"])


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
