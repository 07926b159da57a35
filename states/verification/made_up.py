"""What the exploration makes up to try events with: moments, a form, entries, deadlines that suit them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from states.deadlines import OPEN, Deadline
from states.declaration.model import Declaration
from states.declaration.tables import WEEKDAYS
from states.declaration.types import instant, moment
from states.requests.entry import Entry


@frozen
class Moments:
    """When an attempt takes place, and when what is planned or could be planned takes place."""

    now: str
    past: tuple[str, ...]
    future: tuple[str, ...]
    slot: str


def entry_of(code: str, source: str | None, to: str, at: str, data: Mapping[str, Any]) -> Entry:
    return Entry(
        stream="2026-0001",
        seq=1 if source is None else 2,
        event=code,
        source=source,
        to=to,
        actor="",
        role="",
        entered_by="",
        on_behalf=False,
        occurred_at=at,
        recorded_at=at,
        data=data,
        note_digest=None,
        declaration="",
        previous="",
    )


def form_of(declaration: Declaration, kind: str) -> dict[str, Any]:
    """A form that meets the rules of eligibility, at the easiest place."""
    places = sorted(declaration.places, key=lambda code: not declaration.places[code].anywhere)
    form: dict[str, Any] = {"place": next(iter(places), "")}
    for rule in declaration.eligibility.values():
        if rule.families:
            value, families = max(rule.families.items(), key=lambda row: len(row[1]))
            form.update({rule.field: value, "family": next(iter(families), "")})
        else:
            form[rule.field] = rule.equals if rule.at_least is None else rule.at_least
    return {**form, "kind": kind}


def moments(declaration: Declaration, place: str, n: int) -> Moments:
    """Times that suit: meetings a day apart, at the opening, on days the place is open."""
    lab, open_days = declaration.lab, declaration.places[place].open_days
    day = datetime.combine(datetime(2026, 1, 5), lab.opens, lab.tz)
    slot = next((d for d in (day + timedelta(days=k) for k in range(1, 8)) if WEEKDAYS[d.weekday()] in open_days), day)
    return Moments(
        now=instant(day),
        past=tuple(instant(day - timedelta(days=n - k)) for k in range(n)),
        future=tuple(instant(day + timedelta(days=1 + k)) for k in range(n)),
        slot=instant(slot),
    )


def late_deadlines(declaration: Declaration, at: str) -> list[Deadline]:
    """A deadline of each kind, past its moment."""
    day = moment(at).date()
    return [
        Deadline(kind, 1, 0, None, at, day, 1, None, at, OPEN, "due", None, None, None)
        for kind in declaration.deadlines
    ]
