"""`apply`: events and forms from JSON lines, in order, in batches; each line is all or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from handlers.forms.documents import swells
from handlers.intake import Skipped, given_again
from states.causes import cause, quoted
from states.declaration.types import Malformed, unstorable
from states.errors import AlreadyReceived, CoopError, FieldError, Invalid, NotFound, StoreUnreachable, did_you_mean
from states.language import _
from workflow.engine import Applied, Command, Engine
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.transaction import Transaction

MOST_NAMES = 1000  # of an object in a line
MOST_WRONG = 10_000  # lines that nobody understands, after which a file is no longer read
DEEPEST = 16  # how deep a line may be nested: a form has three
# What a fault of the program raises, unlike one of the store.
OURS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
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
    notices: tuple[str, ...] = ()
    skipped: Skipped | None = None  # a form received before

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "line": self.line,
            "ok": self.error is None,
            "ref": self.ref,
            "seq": self.seq,
            "error": self.error,
        }
        if self.notices:
            found["notices"] = list(self.notices)
        if self.skipped:
            found["skipped"] = self.skipped.document()
        return found


@define
class Outcome:
    """What became of a file."""

    results: list[Result] = field(factory=list)
    problem: CoopError | None = None  # what ended the work before the end of the file

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
        return self._failed(1, 2, 4, 6)

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
    whole: Callable[[str], str] = str,
    stop_on_error: bool = False,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Applies every line of a file. A line that is refused leaves nothing; the others stand.

    `whole` makes a whole reference of a shortened one. What ends the work before the end is the outcome's `problem`:
    what was applied before stays, and is counted.
    """
    outcome = Outcome()
    try:
        total = 0 if file == "-" else sum(1 for _line in _lines(file))
        lines = _lines(file)
        while batch := list(islice(lines, BATCH)):
            outcome.results += _apply_batch(engine, batch, _Way(actor, whole, stop_on_error))
            advance(len(outcome.results), total)
            if stop_on_error and outcome.exit:
                break
            if outcome.invalid > MOST_WRONG:
                message = _("More than {n} lines were not understood: the rest was not read.", n=MOST_WRONG)
                raise Invalid([FieldError("file", message, file=file)], message)
    except CoopError as problem:
        outcome.problem = problem
    return outcome


def _lines(file: str) -> Iterator[tuple[int, bytes]]:
    """The lines with something on them, and their numbers."""
    if not file:
        raise Invalid([FieldError("file", _("a file is to be named, or - for the standard input"))])
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as lines:
            yield from ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    except OSError as problem:
        message = _("{file} cannot be read: {reason}.", file=file, reason=cause(problem))
        raise Invalid([FieldError("file", message, file=file)], message) from None


@frozen
class _Way:
    """How the lines of a file are applied."""

    actor: str
    whole: Callable[[str], str]
    stop_on_error: bool


class _Fault(Exception):
    """A line brought out a fault of the program, after it may have written something."""

    def __init__(self, line: int, kind: str) -> None:
        self.line, self.kind = line, kind


def _apply_batch(engine: Engine, batch: list[tuple[int, bytes]], way: _Way) -> list[Result]:
    """One transaction for the batch, begun again without a line that brought out a fault: its neighbours stand."""
    faults: dict[int, Result] = {}
    while True:
        try:
            return engine.store.again(partial(_try_batch, engine, batch, way, faults), keyed=lambda: _keyed(batch))
        except _Fault as fault:
            told = CoopError(_("A fault of the program: {kind}. Nothing was stored.", kind=fault.kind))
            faults[fault.line] = Result(fault.line, None, None, told.document())


def _keyed(batch: list[tuple[int, bytes]]) -> bool:
    """Whether each line bears a key: those that are not understood store nothing."""
    for _n, text in batch:
        with suppress(Invalid):
            if not _parsed(text).get("key"):
                return False
    return True


def _try_batch(engine: Engine, batch: list[tuple[int, bytes]], way: _Way, faults: Mapping[int, Result]) -> list[Result]:
    """An event decides before it writes, so a refusal needs no undo."""
    results = []
    with engine.store.writing() as tx:
        turns.of_lab(tx)  # for lines on any request, in any order
        for n, text in batch:
            try:
                results.append(faults.get(n) or _apply_line(engine, tx, n, text, way))
            except OURS as problem:
                raise _Fault(n, type(problem).__name__) from problem
            if way.stop_on_error and results[-1].error:
                break
    return results


def _apply_line(engine: Engine, tx: Transaction, n: int, text: bytes, way: _Way) -> Result:
    ref: str | None = None
    try:
        line = _parsed(text)
        ref = line.get("ref") or None
        if ref and not ref.startswith("@"):
            with suppress(NotFound):  # the engine says it in its turn, after what is wrong before
                line["ref"] = ref = way.whole(ref)
        applied = perform(engine, tx, line, line.get("as") or way.actor)
    except AlreadyReceived as known:
        return Result(n, ref, None, known.document(), skipped=given_again(tx, engine.in_force(tx), known))
    except CoopError as problem:
        if isinstance(problem, StoreUnreachable):  # not of the line's making
            raise
        return Result(n, ref, None, problem.document())
    return Result(n, applied.entry.stream, applied.entry.seq, None, applied.replayed, tuple(applied.notices))


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        given = text.decode("utf-8-sig")
        if swells(given):
            raise Malformed(_("there are too many lists and objects for the text that is in them."))
        line = json.loads(given, object_pairs_hook=_unlike)
    except UnicodeDecodeError:
        raise Invalid([FieldError("line", _("this is not UTF-8 text"))]) from None
    except json.JSONDecodeError as problem:
        rest = problem.doc[problem.pos :].strip()
        reason = _("this is not JSON, from {given} on", given=quoted(rest)) if rest else _("this JSON ends too early")
        raise Invalid([FieldError("line", reason)]) from None
    except Malformed as problem:
        raise Invalid([FieldError("line", str(problem))]) from None
    except ValueError:  # Python refuses to read whole numbers of thousands of digits
        raise Invalid([FieldError("line", _("a number has too many digits."))]) from None
    except RecursionError:
        raise Invalid([FieldError("line", _("this is nested too deep"))]) from None
    if why := _unfit(line):
        raise Invalid([FieldError("line", why)], _("The line was not understood."))
    if not isinstance(line, dict):
        raise Invalid([FieldError("line", _("expected an object, like {example}", example='{"ref": …, "event": …}'))])
    errors = []
    for name, value in line.items():
        if name not in _TYPES:
            errors.append(FieldError(name, _("unknown key.") + did_you_mean(name, _TYPES)))
        elif not _has_shape(name, value):
            errors.append(FieldError(name, _("this value has not the shape expected here")))
    if "submit" not in line:
        # What begins an activity has no reference yet; the engine asks for that of any other event.
        required = () if "event" in line else ("ref", "event")
        errors += [FieldError(name, _("this key is required")) for name in required if name not in line]
    if errors:
        raise Invalid(errors, _("The line was not understood."))
    return line


def _unlike(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which each key is given once: of two values, one would be lost without a word."""
    if len(pairs) > MOST_NAMES:
        raise Malformed(_("more than {n} names, which no event takes", n=MOST_NAMES))
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Malformed(_("“{name}” is given twice", name=name))
        found[name] = value
    return found


def _unfit(value: Any, depth: int = 0) -> str | None:
    """Why some value, wherever in the line, is one that nothing here can keep; None when there is none."""
    if isinstance(value, str):
        return unstorable(value)
    if not isinstance(value, (dict, list)):
        return None
    if depth == DEEPEST:
        return _("this is nested too deep")
    inside = [*value, *value.values()] if isinstance(value, dict) else value
    return next(filter(None, (_unfit(each, depth + 1) for each in inside)), None)


def _has_shape(name: str, value: Any) -> bool:
    if name == "waive" and isinstance(value, list):
        return all(isinstance(rule, str) for rule in value)
    return isinstance(value, _TYPES[name]) and not (name == "expect_seq" and isinstance(value, bool))


def perform(engine: Engine, tx: Transaction, line: dict[str, Any], actor: str) -> Applied:
    """Does what a line asks for: an event of a request, or one that begins a history; a form is the latter."""
    said: dict[str, Any] = {name: line[name] for name in ("note", "on_behalf", "key") if name in line}
    if "submit" in line:
        creation = engine.in_force(tx).creation
        return engine.apply_in(tx, Command("", creation, actor, line["submit"], local_times=False, **said))
    said |= {name: line[name] for name in ("at", "expect_seq") if name in line}
    ref, waive = _named(tx, line.get("ref", "")), tuple(line.get("waive", ()))
    return engine.apply_in(tx, Command(ref, line["event"], actor, line.get("set", {}), waive=waive, **said))


def _named(tx: Transaction, ref: str) -> str:
    """A reference; `@KEY` is the request that the form of that key became."""
    if not ref.startswith("@"):
        return ref
    row = tx.one(q.key, key=ref[1:])
    if row is None:
        raise NotFound(_("No form was received under the key “{key}”.", key=ref[1:]))
    return str(row.stream)
