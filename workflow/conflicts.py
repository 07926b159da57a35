"""What a form's source says otherwise than the request, once we moved on: kept until somebody settles it.

Each is an entry of the lab's stream, so that nothing said there is lost; the values stand in the vault. A conflict is
over when the request says the same, or when someone keeps what the request says (`source_settled`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from states.errors import NotFound
from states.language import _
from states.references import LAB
from states.requests.entry import Entry
from workflow.engine import Engine
from workflow.history.entries import from_row
from workflow.history.facts import Facts
from workflow.history.registered import acting
from workflow.history.vault import Texts
from workflow.lab.service import changing, keeping, work_of
from workflow.resubmission import Change
from workflow.store import statements as q

CHANGED, SETTLED = "source_changed", "source_settled"


@frozen
class SourceConflict:
    """A request whose source says otherwise: field by field, ours before, theirs after; or that it is deleted there."""

    ref: str
    title: str
    external_id: str
    seq: int
    found_at: str
    changes: tuple[Change, ...]
    deleted: str | None = None  # why, as the platform says


def standing(facts: Facts) -> list[SourceConflict]:
    """What is to be settled, the oldest first."""
    texts, last = facts.texts(LAB), {entry.data["ref"]: entry for entry in _said(facts)}
    found = (_as_it_stands(facts, texts, entry) for entry in last.values() if entry.event == CHANGED)
    return sorted(filter(None, found), key=lambda conflict: conflict.seq)


def _said(facts: Facts) -> Iterator[Entry]:
    return map(from_row, facts.tx.all(q.said_of_sources))


def _as_it_stands(facts: Facts, texts: Texts, entry: Entry) -> SourceConflict | None:
    ref, values = entry.data["ref"], texts.get(entry.seq, "values") or {}
    request = facts.find(ref)
    assert request is not None
    ours = facts.texts(ref).filled(request.form, 1)
    form = facts.declaration_of(request.declaration).form
    changes = [
        Change(name, ours.get(name), theirs, form[name].frozen and request.accepted)
        for name, theirs in ((name, values[name]) for name in form if name in values)
        if ours.get(name) != theirs
    ]
    if not changes and not entry.data["deleted"]:
        return None
    title, number = str(ours.get("title") or ""), entry.data["external_id"]
    return SourceConflict(ref, title, number, entry.seq, entry.occurred_at, tuple(changes), entry.data["deleted"])


def record(
    engine: Engine, actor: str, ref: str, external_id: str, values: Mapping[str, Any], deleted: str | None = None
) -> bool:
    """Keeps what the source says now; False where that is what it said the last time, settled or not."""
    with changing(engine) as tx:  # found, not decided: whoever may receive forms
        work = work_of(engine, tx, actor, acting(tx, actor))
        facts = work.facts
        before = [entry for entry in _said(facts) if entry.event == CHANGED and entry.data["ref"] == ref]
        if before:
            said = facts.texts(LAB).get(before[-1].seq, "values") or {}
            if (said, before[-1].data["deleted"]) == (dict(values), deleted):
                return False
        told = {"ref": ref, "external_id": external_id, "fields": sorted(values), "deleted": deleted}
        work.write(CHANGED, {**told, "values": dict(values)})
    return True


def settle(engine: Engine, actor: str, ref: str, note: str) -> None:
    """Someone keeps what the request says, for a reason. NotFound where nothing is to be settled."""
    with keeping(engine, actor) as work:
        if not any(conflict.ref == ref for conflict in standing(work.facts)):
            raise NotFound(_("Nothing is to be settled about {ref}.", ref=ref), hint="coop import conflicts")
        work.write(SETTLED, {"ref": ref}, note)
