"""Everything that can go wrong, as a small family with one exit code each.

The docstring of a class is its default sentence; facts are attributes. `docs/erreurs.md` is generated from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from states.language import _


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or None when nothing is close."""
    from difflib import get_close_matches  # of use only once something is wrong

    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """« Did you mean …? » with a leading space, or nothing."""
    close = nearest(word, known)
    return " " + _("Did you mean “{name}”?", name=close) if close else ""


class Refusal(NamedTuple):
    """One unmet rule: its code, one sentence, and what would make the event possible."""

    rule: str
    message: str
    remedy: str

    def document(self) -> dict[str, str]:
        return {"rule": self.rule, "message": self.message, "remedy": self.remedy}


class FieldError(NamedTuple):
    """One wrong field of a form, an event or a declaration; `line`, `file` and `row` where they are known."""

    field: str
    message: str
    line: int | None = None
    file: str | None = None
    row: int | None = None

    def document(self) -> dict[str, Any]:
        place = {"line": self.line, "file": self.file, "row": self.row}
        return {"field": self.field, "message": self.message, **{k: v for k, v in place.items() if v is not None}}


class Unchanged(FieldError):
    """One of what was given, that stands already: it would change nothing."""


class Faster(NamedTuple):
    """What somebody else entered first: which entry, by whom, when, and a sentence that says so."""

    ref: str
    seq: int
    event: str
    actor: str
    recorded_at: str
    message: str


class CoopError(Exception):
    """Something went wrong."""

    code = "error"
    exit = 1
    faster: Faster | None = None  # who changed it first, where it is known

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        self.message = message or _(type(self).__doc__ or "")
        self.hint = hint
        super().__init__(self.message)

    def document(self) -> dict[str, Any]:
        """The `error` object of contract.md."""
        found: dict[str, Any] = {"code": self.code, "message": self.message, "exit": self.exit}
        if self.hint:
            found["hint"] = self.hint
        if self.faster:
            found["faster"] = self.faster._asdict()
        return found


class WrongUsage(CoopError):
    """The command was not used as it expects."""

    code = "usage"
    exit = 2


class Unprintable(CoopError):
    """The output cannot be written; nothing was stored."""

    code = "unprintable"
    exit = 2

    def __init__(self, message: str | None = None, *, hint: str | None = None, reason: str | None = None) -> None:
        if reason:
            message = _("The output cannot be written: {reason}. Nothing was stored.", reason=reason)
        super().__init__(message, hint=hint)


class MissingExtra(CoopError):
    """An optional part of the product is not installed."""

    code = "missing_extra"
    exit = 2


class UnknownEvent(CoopError):
    """There is no such event in the declaration."""

    code = "unknown_event"
    exit = 2


class Refused(CoopError):
    """The lifecycle refuses this."""

    code = "refused"
    exit = 3

    def __init__(self, refusals: Sequence[Refusal], message: str | None = None) -> None:
        self.refusals = tuple(refusals)
        self.code = self.refusals[0].rule if self.refusals else "refused"
        super().__init__(message or " ".join(r.message for r in self.refusals))

    def document(self) -> dict[str, Any]:
        return {**super().document(), "refusals": [r.document() for r in self.refusals]}


class NotFound(CoopError):
    """There is no such thing in this store."""

    code = "not_found"
    exit = 4


class Conflict(CoopError):
    """Someone else changed it first, or the key was used for something else."""

    code = "conflict"
    exit = 5


class AlreadyReceived(Conflict):
    """This form was received before."""

    code = "already_received"

    def __init__(
        self, message: str, *, ref: str, form: Mapping[str, Any], wrong: Sequence[str] = (), hint: str | None = None
    ) -> None:
        self.ref, self.form, self.wrong = ref, form, wrong  # the form as it now is, and its wrong fields
        super().__init__(message, hint=hint)


class Invalid(CoopError):
    """Some of what was given is missing or malformed; nothing was stored."""

    code = "invalid"
    exit = 6

    def __init__(
        self, fields: Sequence[FieldError] = (), message: str | None = None, *, hint: str | None = None
    ) -> None:
        self.fields = tuple(fields)
        super().__init__(message, hint=hint)

    def document(self) -> dict[str, Any]:
        return {**super().document(), "fields": [f.document() for f in self.fields]}


class BadDeclaration(Invalid):
    """The declaration has mistakes; nothing was put in force."""

    code = "bad_declaration"


class StoreUnreachable(CoopError):
    """The store cannot be reached."""

    code = "store_unreachable"
    exit = 7


class StoreBusy(StoreUnreachable):
    """Someone else is writing to the store; nothing was stored: try again."""

    code = "store_busy"


class RightMissing(StoreUnreachable):
    """The user of the database has not the right that this takes."""

    code = "right_missing"


class ConnectionLost(StoreUnreachable):
    """The connection to the store was lost; nothing was stored."""

    code = "connection_lost"


class OutcomeUnknown(StoreUnreachable):
    """The connection was lost while this was being stored: whether it is stored is not known."""

    code = "outcome_unknown"


class NoStore(StoreUnreachable):
    """There is no lab here yet."""

    code = "no_store"


class PlatformUnreachable(CoopError):
    """The form platform cannot be reached."""

    code = "platform_unreachable"
    exit = 7


class StoreOutdated(CoopError):
    """The store is of another version than this program."""

    code = "store_outdated"
    exit = 7


class StoreUnfinished(CoopError):
    """A copy of a lab into this store was begun, and is not finished."""

    code = "store_unfinished"
    exit = 7


class StoreMoved(CoopError):
    """The lab of this store has moved to another one; nothing was stored."""

    code = "store_moved"
    exit = 7

    def __init__(self, message: str | None = None, *, hint: str | None = None, revision: str = "") -> None:
        self.revision = revision  # of its tables, where it is known
        super().__init__(message, hint=hint)


class StoreDamaged(CoopError):
    """The store fails its integrity check."""

    code = "store_damaged"
    exit = 7


class CapPassed(CoopError):
    """The declaration lets an entry pass the cap of work meetings; nothing was stored."""

    code = "cap_passed"


class AlertFound(CoopError):
    """An alert is as grave as the level that was asked about."""

    code = "alert_found"
    exit = 8


def catalogue() -> list[type[CoopError]]:
    """Every error class, by exit code then name: what `docs/erreurs.md` lists."""
    found: list[type[CoopError]] = []
    todo = [CoopError]
    while todo:
        cls = todo.pop()
        found.append(cls)
        todo.extend(cls.__subclasses__())
    return sorted(found, key=lambda c: (c.exit, c.code))


def unregistered(actor: str, command: str) -> NotFound:
    """The error (exit 4) for an actor whom the lab does not know, or no longer; `command` registers them."""
    return NotFound(
        _("“{actor}” is not registered in this lab.", actor=actor),
        hint=_("Register them: {command}; or act as someone else: --as.", command=command),
    )
