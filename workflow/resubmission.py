"""Forms given again: what the source of a known one has changed since, and which others look the same."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any

from attrs import Factory, define, frozen

from states.declaration.marks import visible
from states.declaration.model import Declaration
from states.declaration.types import instant, moment
from states.declaration.written import simplified
from states.requests.request import Request
from workflow.history.entries import from_row
from workflow.history.vault import Texts
from workflow.store import statements as q
from workflow.store.transaction import Transaction

NEAR = timedelta(days=60)  # two forms with one title and one address are alike within that time
_TITLE, _ADDRESS = "title", "requester.email"
Likeness = tuple[str, str]


@frozen
class Change:
    """A field that its source has changed since the form was received. `frozen`: an amendment cannot take it over."""

    field: str
    before: Any
    after: Any  # None: emptied
    frozen: bool


def changes(
    tx: Transaction, declaration: Declaration, ref: str, form: Mapping[str, Any], wrong: Collection[str]
) -> list[Change]:
    """What a form given again says otherwise than when it was received, and than its request says now.

    Not what was erased, nor the fields that are `wrong` in it.
    """
    row = tx.one(q.request, ref=ref)
    assert row is not None
    request = Request.from_document(json.loads(row.document))
    texts = Texts({(r.seq, r.field): json.loads(r.value) for r in tx.all(q.vault_of, stream=ref)})
    first = from_row(tx.all(q.entries, stream=ref)[0])
    received, current = texts.filled(first.data, 1), texts.filled(request.form, 1)
    changed = []
    for name, field in declaration.form.items():
        after = form.get(name)
        erased = received.get(name) is None and first.data.get(name) is not None
        left_out = name in wrong or not field.amendable or erased or (field.required and after is None)
        if not left_out and after not in (received.get(name), current.get(name)):
            changed.append(Change(name, current.get(name), after, field.frozen and request.accepted))
    return changed


@define
class Lookalikes:
    """The forms of some time by title and address, as far back as was asked."""

    tx: Transaction
    since: str | None = None
    known: dict[Likeness, dict[str, str]] = Factory(dict)  # reference -> when it was submitted

    def of(self, form: Mapping[str, Any], submitted_at: str, ref: str = "") -> list[str]:
        """The other requests alike in title and address, submitted within NEAR of that moment."""
        first, last = instant(moment(submitted_at) - NEAR), instant(moment(submitted_at) + NEAR)
        if self.since is None or first < self.since:
            self._read(first if self.since is None else "")
        alike = self.known.get(likeness(form), {})
        return sorted(other for other, at in alike.items() if other != ref and first <= at <= last)

    def add(self, form: Mapping[str, Any], submitted_at: str, ref: str) -> None:
        """A form received in this very transaction."""
        self.known.setdefault(likeness(form), {})[ref] = submitted_at

    def _read(self, since: str) -> None:
        self.since = since
        for ref, submitted_at, texts in self._titled(since):
            self.add(texts, submitted_at, ref)

    def _titled(self, since: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        texts: dict[str, dict[str, Any]] = {}
        submitted = {}
        for row in self.tx.all(q.titles_since, since=since, title=_TITLE, address=_ADDRESS):
            texts.setdefault(row.stream, {})[row.field] = json.loads(row.value)  # the last one stands
            submitted[row.stream] = row.submitted_at
        return ((ref, submitted[ref], fields) for ref, fields in texts.items())


def likeness(form: Mapping[str, Any]) -> Likeness:
    """What two forms of one thing have in common, however they are typed."""
    return simplified(str(form.get(_TITLE) or "")), visible(str(form.get(_ADDRESS) or "")).strip().casefold()
