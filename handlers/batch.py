"""`apply`: events and forms from JSON lines, in order, in batches; each line is all or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from states.errors import CoopError, FieldError, Invalid, NotFound, did_you_mean
from states.language import _
from workflow.engine import Applied, Command, Engine, Submission
from workflow.store import statements as q
from workflow.store.database import Transaction

BATCH = 200  # lines a transaction: the disk is asked to sync once for all of them
_TEXT, _PERHAPS = (str,), (str, type(None))
_TYPES: dict[str, tuple[type, ...]] = {
    "ref": _TEXT,
    "event": _TEXT,
    "set": (dict,),
    "note": _PERHAPS,
    "at": _PERHAPS,
    "as": _PERHAPS,
    "on_behalf": (bool,),
    "key": _PERHAPS,
    "waive": (list,),
    "expect_seq": (int, type(None)),
    "submit": (dict,),
}


@frozen
class Result:
    """What became of one line."""

    line: int
    ref: str | None
    seq: int | None
    error: dict[str, Any] | None
    replayed: bool = False

    def document(self) -> dict[str, Any]:
        return {"line": self.line, "ok": self.error is None, "ref": self.ref, "seq": self.seq, "error": self.error}


@define
class Outcome:
    """What became of a file."""

    results: list[Result] = field(factory=list)

    def _failed(self, *exits: int) -> int:
        return sum(1 for r in self.results if r.error and r.error["exit"] in exits)

    @property
    def applied(self) -> int:
        return sum(1 for r in self.results if not r.error and not r.replayed)

    @property
    def replayed(self) -> int:
        return sum(1 for r in self.results if r.replayed)

    @property
    def refused(self) -> int:
        return self._failed(3, 5)

    @property
    def invalid(self) -> int:
        return self._failed(2, 4, 6)

    @property
    def exit(self) -> int:
        """0 if every line was applied or replayed, else that of the first line that was not."""
        return next((int(r.error["exit"]) for r in self.results if r.error), 0)

    def document(self) -> dict[str, Any]:
        return {
            "applied": self.applied,
            "refused": self.refused,
            "invalid": self.invalid,
            "replayed": self.replayed,
            "results": [r.document() for r in self.results],
        }


def apply_file(
    engine: Engine,
    file: str,
    actor: str,
    *,
    stop_on_error: bool = False,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Applies every line of a file. A line that is refused leaves nothing; the others stand."""
    outcome = Outcome()
    total = 0 if file == "-" else _count(file)
    batch: list[tuple[int, str]] = []
    for numbered in _lines(file):
        batch.append(numbered)
        if len(batch) == BATCH:
            stopped = _apply_batch(engine, batch, actor, stop_on_error, outcome)
            advance(len(outcome.results), total)
            batch = []
            if stopped:
                return outcome
    _apply_batch(engine, batch, actor, stop_on_error, outcome)
    advance(len(outcome.results), total)
    return outcome


def _lines(file: str) -> Iterator[tuple[int, str]]:
    try:
        if file == "-":
            yield from _numbered(sys.stdin)
        else:
            with Path(file).open(encoding="utf-8-sig") as lines:
                yield from _numbered(lines)
    except OSError as problem:
        message = _("{file} cannot be read: {reason}.", file=file, reason=problem.strerror)
        raise Invalid([FieldError("file", message, file=file)], message) from None
    except UnicodeDecodeError:
        message = _("{file} is not UTF-8 text.", file=file)
        raise Invalid([FieldError("file", message, file=file)], message) from None


def _numbered(lines: Any) -> Iterator[tuple[int, str]]:
    for n, line in enumerate(lines, 1):
        if line.strip():
            yield n, line


def _count(file: str) -> int:
    return sum(1 for _line in _lines(file))


def _apply_batch(engine: Engine, batch: list[tuple[int, str]], actor: str, stop: bool, outcome: Outcome) -> bool:
    """One transaction for the batch; whether to stop. An event decides before it writes, so a refusal needs no undo."""
    if not batch:
        return False
    with engine.store.writing() as tx:
        tx.queue()  # its lines lock requests in any order: two batches that cross would lock each other out
        for n, line in batch:
            result = _apply_line(engine, tx, n, line, actor)
            outcome.results.append(result)
            if stop and result.error:
                return True
    return False


def _apply_line(engine: Engine, tx: Transaction, n: int, text: str, actor: str) -> Result:
    ref: str | None = None
    try:
        line = _parsed(text)
        ref = str(line.get("ref") or "") or None
        applied = perform(engine, tx, line, line.get("as") or actor)
    except CoopError as problem:
        return Result(n, ref, None, problem.document())
    return Result(n, applied.entry.stream, applied.entry.seq, None, applied.replayed)


def _parsed(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError as problem:
        raise Invalid([FieldError("line", _("this is not JSON: {problem}", problem=problem))]) from None
    if not isinstance(line, dict):
        raise Invalid([FieldError("line", _("expected an object, like {example}", example='{"ref": …, "event": …}'))])
    errors = []
    for name, value in line.items():
        if name not in _TYPES:
            errors.append(FieldError(name, _("unknown key.") + did_you_mean(name, _TYPES)))
        elif not isinstance(value, _TYPES[name]) or (name == "expect_seq" and isinstance(value, bool)):
            errors.append(FieldError(name, _("this value has not the shape expected here")))
    if "submit" not in line:
        # What begins an activity has no reference yet; the engine asks for that of any other event.
        required = () if "event" in line else ("ref", "event")
        errors += [FieldError(name, _("this key is required")) for name in required if name not in line]
    if errors:
        raise Invalid(errors, _("The line was not understood."))
    return line


def perform(engine: Engine, tx: Transaction, line: dict[str, Any], actor: str) -> Applied:
    if "submit" in line:
        submission = Submission(line["submit"], actor, line.get("note"), line.get("on_behalf", False), line.get("key"))
        return engine.submit_in(tx, submission)
    command = Command(
        ref=_named(tx, line.get("ref", "")),
        event=line["event"],
        actor=actor,
        inputs=line.get("set", {}),
        note=line.get("note"),
        at=line.get("at"),
        waive=tuple(line.get("waive", ())),
        on_behalf=line.get("on_behalf", False),
        key=line.get("key"),
        expect_seq=line.get("expect_seq"),
    )
    return engine.apply_in(tx, command)


def _named(tx: Transaction, ref: str) -> str:
    """A reference; `@KEY` is the request that the form of that key became."""
    if not ref.startswith("@"):
        return ref
    row = tx.one(q.key, key=ref[1:])
    if row is None:
        raise NotFound(_("No form was received under the key “{key}”.", key=ref[1:]))
    return str(row.stream)
