"""Parts of the documents of contract.md, made from a folded request and the texts of the vault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from states.deadlines import Deadline
from states.declaration.model import Declaration
from states.declaration.types import offset_time
from states.requests.request import Meeting, Request


@frozen
class Texts:
    """The private values of one stream that the vault still holds, by entry and field."""

    values: Mapping[tuple[int, str], Any]

    def get(self, seq: int, field: str) -> Any:
        """The value, or None once it is erased."""
        return self.values.get((seq, field))

    def filled(self, data: Mapping[str, Any], seq: int) -> dict[str, Any]:
        """The data with its private values in place of their digests; None for those erased."""
        return {
            name: self.get(value.get("seq", seq), name) if isinstance(value, dict) and "vault" in value else value
            for name, value in data.items()
        }


def counts(declaration: Declaration, request: Request, kind: str) -> dict[str, int | None]:
    tier = declaration.tiers.get(request.tier or "")
    least, cap = 1, 1
    if kind == "work":
        least, cap = (tier.work.min, request.cap(declaration)) if tier else (0, None)  # type: ignore[assignment]
    elif kind == "session":
        cap = None  # type: ignore[assignment]
    elif not request.accompanied:
        least, cap = 0, 0
    return {
        "planned": len(request.of_kind(kind, "planned")),
        "held": len(request.of_kind(kind, "held")),
        "cap": cap,
        "min": least,
    }


def meeting(declaration: Declaration, m: Meeting, texts: Texts) -> dict[str, Any]:
    zone = declaration.lab.tz
    found: dict[str, Any] = {
        "id": m.id,
        "kind": m.kind,
        "status": m.status,
        "at": offset_time(m.at, zone),
        "duration_minutes": m.duration,
        "place": m.place,
        "staff": m.staff,
    }
    optional = ("agreed", "facilitation", "skill", "expected", "attended", "managers")
    found.update({name: value for name in optional if (value := getattr(m, name)) is not None})
    if m.started_at:
        found["started_at"] = offset_time(m.started_at, zone)
    if isinstance(m.address, dict):
        found["address"] = texts.get(m.address["seq"], "address")
    return found


def deadline(declaration: Declaration, d: Deadline) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": d.kind,
        "due_at": offset_time(d.due_at, declaration.lab.tz),
        "status": d.status,
        "stage": d.stage,
    }
    if d.meeting:
        found["meeting_id"] = d.meeting
    return found


def records(declaration: Declaration, request: Request, event: str, texts: Texts) -> list[dict[str, Any]]:
    return [
        {"seq": r.seq, "at": offset_time(r.at, declaration.lab.tz), **texts.filled(r.data, r.seq)}
        for r in request.records
        if r.event == event
    ]


def tasks(declaration: Declaration, request: Request) -> list[dict[str, Any]]:
    """The request's checklist of who does what; empty before a tier is assigned."""
    if not request.tier:
        return []
    return [
        {
            "id": id,
            "stage": task.stage,
            "owner": task.owner,
            "optional": task.optional,
            "label": task.text,
            "done": request.tasks.get(id, False),
        }
        for id, task in declaration.tiers[request.tier].tasks.items()
    ]


def form_document(form: Mapping[str, Any], declaration: Declaration) -> dict[str, Any]:
    """The form as it was given: nested requester, instants with the lab's offset."""
    found: dict[str, Any] = {}
    for name, value in form.items():
        if value is None and not declaration.form[name].private:
            continue
        group, dot, part = name.partition(".")
        if dot:
            found.setdefault(group, {})[part] = value
        else:
            found[name] = value
    return found
