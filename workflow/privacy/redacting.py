"""Takes a passage out of the texts of one entry, wherever the words stand in them, or between two characters."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from attrs import frozen

from states.canonical import canonical
from states.declaration.written import simplified
from states.errors import FieldError, Invalid, NotFound
from states.language import _, enumeration
from states.references import LAB
from workflow.engine import Engine
from workflow.history.erasures import Span, whole_vault
from workflow.history.facts import Facts, unknown_request
from workflow.lab.service import keeping
from workflow.privacy.erasing import PASSAGE, Sought, Writing
from workflow.privacy.passages import folded, merged
from workflow.privacy.people import Text

NOTE = "note"


@frozen
class Passage:
    """What is to be taken out: the words, or the places (`12-20`, the first character being 1) in one text."""

    stream: str
    seq: int
    spans: Sequence[str]
    field: str | None = None  # of the entry's texts, which one; any, for words

    @property
    def entry(self) -> str:
        return f"{self.stream}/{self.seq}"


def redact(engine: Engine, actor: str, passage: Passage, note: str | None) -> Sought:
    """Takes it out, in one transaction. NotFound for no such entry or text, Invalid for words that are not there."""
    with keeping(engine, actor) as work:
        texts = _texts(work.facts, passage)
        parts = {text: spans for text in texts if (spans := _found(text, passage))}
        if not parts:
            raise _not_there(passage, texts)
        writing = Writing(work)
        writing.rewrite(parts)
        writing.record({"why": PASSAGE}, note)
    return Sought(salts=[text.salt for text in parts])


def _texts(facts: Facts, passage: Passage) -> list[Text]:
    rows = [Text(*row) for row in whole_vault(facts.tx) if (row.stream, row.seq) == (passage.stream, passage.seq)]
    entries = facts.entries_of(passage.stream)
    if not entries and passage.stream != LAB:
        raise unknown_request(passage.stream)
    if passage.seq > len(entries):
        raise NotFound(_("There is no entry {entry}.", entry=passage.entry), hint=f"coop history {passage.stream}")
    texts = [text for text in rows if passage.field in (None, text.field)]
    if not texts:
        raise NotFound(_("No text is held of {entry}.", entry=passage.entry), hint=f"coop history {passage.stream}")
    return texts


def _found(text: Text, passage: Passage) -> tuple[Span, ...]:
    return merged(one for given in passage.spans for one in _places(text, given, passage.field))


def _places(text: Text, given: str, name: str | None) -> list[Span]:
    """Where a span is in a text, by its places in the JSON."""
    if numbers := re.fullmatch(r"(\d{1,6})-(\d{1,6})", given.strip()):
        begin, end = int(numbers[1]), int(numbers[2])
        value = text.value
        if text.field != (name or NOTE) or not isinstance(value, str) or not 1 <= begin <= end <= len(value):
            return []
        before = len(canonical(value[: begin - 1])) - 1
        return [(before, before + len(json.dumps(value[begin - 1 : end], ensure_ascii=False)) - 2)]
    words = simplified(given)
    pattern = re.compile(r"\s+".join(map(re.escape, words.split()))) if words else None
    return list(folded(text.document).found(pattern)) if pattern else []


def _not_there(passage: Passage, texts: Sequence[Text]) -> Invalid:
    spans, names = enumeration(passage.spans), enumeration([text.field for text in texts])
    message = _("“{spans}” stands in no text of {entry}: {names}.", spans=spans, entry=passage.entry, names=names)
    return Invalid([FieldError("span", message)], _("There is nothing to take out."))
