"""How long what is private is kept, as the declaration says: what is due, the slip for the archivist, the purge.

A request keeps its dates, its codes and its figures: what people wrote and who they are goes. Of a project that still
has a request under way, nothing is due.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from attrs import Factory, define, frozen
from sqlalchemy import select

from states.canonical import canonical, digest
from states.deadlines import months_after
from states.declaration.model import Declaration
from states.declaration.types import local
from states.errors import Conflict, Invalid
from states.language import _
from states.references import LAB
from states.requests.request import Request
from workflow.engine import Engine
from workflow.history.erasures import whole_vault
from workflow.history.facts import Facts
from workflow.history.readable import Row
from workflow.lab.service import keeping
from workflow.privacy.erasing import RETENTION, Sought, Writing
from workflow.privacy.people import Text
from workflow.store import schema as s
from workflow.store.prepared import Statement
from workflow.store.transaction import Transaction

_r, _e = s.requests.c, s.entries.c


@frozen
class File:
    """A request that ended, what is private of it, and since when it may go."""

    ref: str
    outcome: str
    state: str  # its label
    opened: date
    ended: date
    until: date
    texts: tuple[Text, ...]

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(len(text.document.encode("utf-8", "surrogatepass")) for text in self.texts)

    def document(self) -> dict[str, Any]:
        days = {"opened": self.opened, "ended": self.ended, "kept_until": self.until}
        dates = {name: day.isoformat() for name, day in days.items()}
        return {"ref": self.ref, "outcome": self.outcome, **dates, "texts": len(self.texts), "bytes": self.size}


@define
class Slip:
    """What is due on a day: the slip of elimination, known by its code. `held_back`: due, but for their project."""

    day: date
    retention: Mapping[str, int]  # months, by the label of the state
    files: list[File] = Factory(list)
    held_back: list[str] = Factory(list)

    @property
    def code(self) -> str:
        """Of exactly these texts: what was agreed to is what goes."""
        places = sorted(text.place for one in self.files for text in one.texts)
        return digest(canonical([list(place) for place in places]))[:12]

    def by_state(self) -> list[tuple[str, list[File]]]:
        """The files by nature: each state in which requests ended."""
        files = sorted(self.files, key=lambda one: (one.state, one.ref))
        return [(state, list(of_one)) for state, of_one in groupby(files, attrgetter("state"))]

    def document(self) -> dict[str, Any]:
        return {
            "slip": self.code,
            "day": self.day.isoformat(),
            "files": [one.document() for one in self.files],
            "held_back": self.held_back,
            "texts": sum(len(one.texts) for one in self.files),
            "bytes": sum(one.size for one in self.files),
        }


def due(facts: Facts) -> Slip:
    """What is due now, by the declaration in force. Invalid where it says nothing of how long it keeps."""
    declaration = facts.declaration
    kept = {code: state.retention for code, state in declaration.states.items() if state.retention}
    if not kept:
        raise Invalid(
            (),
            _("The declaration says nothing of how long it keeps what is private."),
            hint=_("In each final state: retention = 24, in months; then coop lifecycle adopt FILE"),
        )
    today = local(facts.now, declaration.lab.tz).date()
    slip = Slip(today, {declaration.states[code].text: months for code, months in kept.items()})
    texts = _texts(facts.tx)
    rows = facts.tx.all(_requests)
    active = _active(facts, rows)
    for request in facts.readable([Row(row.ref, row.document) for row in rows if row.state in kept]):
        file = _file(declaration, request, kept[request.state], texts.get(request.ref, ()))
        if not file.texts or file.until > today:
            continue
        if request.ref in active:
            slip.held_back.append(request.ref)
        else:
            slip.files.append(file)
    return slip


_requests = Statement(lambda _: select(_r.ref, _r.state, _r.follows, _r.document).order_by(_r.ref))
_changed = Statement(lambda _: select(_e.seq, _e.data).where(_e.stream == "lab", _e.event == "source_changed"))


def _texts(tx: Transaction) -> dict[str, tuple[Text, ...]]:
    """What is private, by request: its own texts, and what its source said of it since."""
    ref_of = {row.seq: json.loads(row.data)["ref"] for row in tx.all(_changed)}
    found: dict[str, list[Text]] = {}
    for row in whole_vault(tx):
        text = Text(*row)
        ref = ref_of.get(text.seq) if text.stream == LAB else text.stream
        if ref:
            found.setdefault(ref, []).append(text)
    return {ref: tuple(texts) for ref, texts in found.items()}


def _active(facts: Facts, rows: Sequence[Any]) -> Collection[str]:
    """The requests whose project has one under way."""
    before = {row.ref: row.follows for row in rows}

    def project(ref: str) -> str:
        while before.get(ref):
            ref = before[ref]
        return ref

    final = {code for one in facts.versions.values() for code, state in one.states.items() if state.final}
    running = {project(row.ref) for row in rows if row.state not in final}
    return {row.ref for row in rows if project(row.ref) in running}


def _file(declaration: Declaration, request: Request, months: int, texts: Iterable[Text]) -> File:
    zone, state = declaration.lab.tz, declaration.states[request.state]
    ended = local(request.stays[-1].since, zone).date()
    opened = local(request.submitted_at, zone).date()
    until = months_after(ended, months)
    return File(request.ref, state.outcome, state.text, opened, ended, until, tuple(texts))


def purge(engine: Engine, actor: str, code: str, visa: str) -> tuple[Slip, Sought]:
    """Takes away what is on a slip, an entry for each request. Conflict where what is due is not what the slip says."""
    with keeping(engine, actor) as work:
        slip = due(work.facts)
        if slip.code != code or not slip.files:
            raise Conflict(_("What is due now is not what the slip {code} says.", code=code), hint="coop privacy purge")
        for file in slip.files:
            writing = Writing(work)
            writing.take_away(file.texts)
            writing.record({"why": RETENTION, "ref": file.ref, "slip": code}, visa)
    return slip, Sought(salts=[text.salt for file in slip.files for text in file.texts])
