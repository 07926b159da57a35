"""Parts of the documents of contract.md, made from a folded request and the texts of the vault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.deadlines import Deadline
from states.declaration.model import Declaration
from states.declaration.types import offset_time
from states.declaration.vocabulary import RECORDS
from states.requests.request import Meeting, Record, Request
from workflow.history.vault import Texts


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
    optional = ("department", "agreed", "facilitation", "skill", "expected", "attended", "managers")
    found.update({name: value for name in optional if (value := getattr(m, name)) is not None})
    if m.started_at:
        found["started_at"] = offset_time(m.started_at, zone)
    if isinstance(m.address, dict):
        found["address"] = texts.get(m.address["seq"], "address")
    return found


def deadline(declaration: Declaration, d: Deadline, explanation: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": d.kind,
        "due_at": offset_time(d.due_at, declaration.lab.tz),
        "status": d.status,
        "stage": d.stage,
    }
    if d.meeting:
        found["meeting_id"] = d.meeting
    if explanation:
        found["explanation"] = explanation
    return found


def records(declaration: Declaration, request: Request, kind: str, texts: Texts) -> list[dict[str, Any]]:
    """What a request keeps of a kind: a deliverable, an effort, a decision of the committee…"""
    kept = (r for r in request.records if declaration.recorded(r.event) == kind)
    return [_record(declaration, r, texts) for r in kept]


def other_records(declaration: Declaration, request: Request, texts: Texts) -> list[dict[str, Any]]:
    """What the events of a lab's own record, each under the code of its event."""
    kept = (r for r in request.records if declaration.recorded(r.event) not in ("", *RECORDS))
    return [{"event": r.event, **_record(declaration, r, texts)} for r in kept]


def _record(declaration: Declaration, record: Record, texts: Texts) -> dict[str, Any]:
    at = offset_time(record.at, declaration.lab.tz)
    return {"seq": record.seq, "at": at, **texts.filled(record.data, record.seq)}


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


def activity_document(declaration: Declaration, activity: Request, texts: Texts) -> dict[str, Any]:
    """One activity, whole. `declaration` is its own version."""
    form, slot, zone = texts.filled(activity.form, 1), activity.meetings[0], declaration.lab.tz
    place = meeting(declaration, slot, texts)
    return {
        "ref": activity.ref,
        "type": form["type"],
        "axis": form["axis"],
        "title": form["title"],
        "state": activity.state,
        **{name: place[name] for name in ("at", "duration_minutes", "place", "staff")},
        "started_at": place.get("started_at"),
        "address": place.get("address"),
        "department": place.get("department"),
        "agreed": place.get("agreed"),
        "capacity": form.get("capacity"),
        "registered": form.get("registered"),
        "attended": slot.attended,
        "managers": slot.managers,
        "services": form.get("services", []),
        "satisfaction": _satisfaction(activity),
        "description": form.get("description"),
        "planned_at": offset_time(activity.submitted_at, zone),
        "seq": activity.seq,
        "lifecycle": {"name": declaration.lab.name, "version": declaration.lab.version, "digest": declaration.digest},
    }


def _satisfaction(activity: Request) -> dict[str, Any] | None:
    for record in activity.records:
        return {"score": float(record.data["score"]), "respondents": record.data.get("respondents")}
    return None
