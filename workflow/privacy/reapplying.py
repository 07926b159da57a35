"""Erases again what the register says: a store put back from an older copy brings it back.

Texts are known by their digests, so nothing else is touched; passages are where they were in the text they were taken
out of. An entry of the lab's stream says it, in that store too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from attrs import define, field

from workflow.clock import Clock
from workflow.engine import Engine
from workflow.history.erasures import Erasure, Place, erasures_in, recorded, whole_vault
from workflow.history.lab_log import SYSTEM
from workflow.lab.service import work_of
from workflow.privacy.erasing import RESTORED, Writing
from workflow.privacy.people import Text
from workflow.privacy.register import Line
from workflow.store import turns
from workflow.store.database import Store


def reapply(store: Store, clock: Clock, lines: Sequence[Line]) -> int:
    """Erases again from a store what the register says, and its history does not: how many texts that is."""
    with store.writing() as tx:
        turns.of_lab(tx)
        known = _known([(row.digest, row.data) for row in recorded(tx)])
        due = [line for line in lines if line["entry"] not in known]
        if not due:
            return 0
        work = work_of(Engine(store, clock), tx, SYSTEM, SYSTEM)
        again = _Again(Writing(work), {text.place: text for text in (Text(*row) for row in whole_vault(tx))})
        for line in due:
            for erasure in erasures_in(line):
                again.erase(erasure)
        again.writing.record({"why": RESTORED, "of": [line["entry"] for line in due]})
        return len({erasure.place for erasure in again.writing.done})


def _known(entries: Sequence[tuple[str, str]]) -> set[str]:
    """The erasures that a history has: its own, and those that were done again in it."""
    again = (json.loads(document).get("of", ()) for _digest, document in entries)
    return {digest for digest, _document in entries}.union(*again)


@define
class _Again:
    """Each text under the digest that it has here: what is left of one has another salt, and another digest."""

    writing: Writing
    texts: dict[Place, Text]
    here: dict[str, str] = field(factory=dict)

    def erase(self, erasure: Erasure) -> None:
        text = self.texts.get(erasure.place)
        if text is None or self.writing.digest(text) != self.here.get(erasure.before, erasure.before):
            return
        if erasure.after is None:
            self.writing.take_away([text])
            del self.texts[erasure.place]
        else:
            left = self.writing.rewrite({text: erasure.spans})
            self.texts[erasure.place] = left[0]
            self.here[erasure.after] = self.writing.digest(left[0])
