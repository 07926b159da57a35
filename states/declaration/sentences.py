"""What changes from one declaration to another, told in sentences: one for each thing that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from states.declaration.differences import ADDED, CHANGED, REMOVED
from states.language import _, _n, enumeration, label_of

ACTIVITY = "activity"
# The key of a list, and the names of what it holds.
_CODES = {
    "guards": "guards", "roles": "roles", "from": "states", "to": "states", "needs": "keys", "takes": "keys",
    "includes": "roles", "after": "events", "due": "deadlines", "kinds": "kinds",
}  # fmt: skip


def sentence(change: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """One of the changes of `differences`, of which the two documents are, as people say it."""
    return _Told(change, before, after).sentence()


def noun(table: str) -> str:
    """What a row of a table is called."""
    return {
        "states": _("State"),
        "events": _("Event"),
        "tiers": _("Tier"),
        "tasks": _("Task"),
        "deadlines": _("Deadline"),
        "letters": _("Letter"),
        "roles": _("Role"),
        "services": _("Service"),
        "places": _("Place"),
        "axes": _("Axis"),
        "skills": _("Skill"),
        "eligibility": _("Condition"),
        "form": _("Field of the form"),
        "keys": _("Key of an event"),
        "lab": _("Lab"),
        "types": _("Type of activity"),
    }.get(table, table)


class _Told:
    def __init__(self, change: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        self.change, self.old, self.new = change, change["before"], change["after"]
        self.path: Sequence[str] = change["keys"]
        self.documents = (after, before)  # the words of the new one first
        self.rest: Sequence[str] = ()

    def sentence(self) -> str:
        """`Tier “Le Tuto”: 4 work meetings at most, instead of 3`."""
        subject = self._subject()
        what = self._what()
        return _("{subject}: {what}", subject=subject, what=what)

    def _subject(self) -> str:
        """What it is about, in as many words as lead to a row with a label; `rest` is what is said of it."""
        path = self.path
        of_activity = path[0] == ACTIVITY and len(path) > 2
        head = path[1:] if of_activity else path
        names = [noun(head[0])]
        self.rest = head[1:]
        if len(head) > 1 and head[0] != "lab":
            names[0] = _("{noun} “{name}”", noun=names[0], name=self._label(path[: 3 if of_activity else 2]))
            self.rest = head[2:]
        if head[0] == "codes" and len(head) > 2:
            names = [_("Code “{name}” of {vocabulary}", name=self._label(path[:3]), vocabulary=head[1])]
            self.rest = head[3:]
        if self.rest[:1] == ("tasks",) and len(self.rest) > 1:
            names.append(_("{noun} “{name}”", noun=noun("tasks").lower(), name=self._label(path[:4])))
            self.rest = self.rest[2:]
        return ", ".join(names)

    def _label(self, path: Sequence[str]) -> str:
        for document in self.documents:
            row: Any = document
            for name in path:
                row = row.get(name, {}) if isinstance(row, Mapping) else {}
            if isinstance(row, Mapping) and isinstance(row.get("label"), Mapping):
                return label_of(row["label"])
        return path[-1]

    def _names(self, key: str, codes: Iterable[Any]) -> str:
        table = _CODES.get(key, "")
        inside = (ACTIVITY, table) if self.path[0] == ACTIVITY and table in ("states", "events") else (table,)
        return enumeration([self._label((*inside, str(code))) for code in codes])

    def _what(self) -> str:
        key = ".".join(self.rest)
        if not self.rest:
            if self.change["change"] == CHANGED:
                return self._values()
            return _("added") if self.change["change"] == ADDED else _("removed")
        if self.rest[0] == "transitions":
            return self._ways()
        if isinstance(self.old or [], list) and isinstance(self.new or [], list) and (self.old or self.new):
            return self._lists(self.rest[-1], self.old or [], self.new or [])
        if self.change["change"] == CHANGED and (counted := self._counted(key)):
            return counted
        if self.rest[0] == "content":
            language = self.rest[1] if len(self.rest) > 1 else ""
            return _("its text in “{language}” is another", language=language) if language else _("its text is another")
        if self.rest[0] == "label" and self.change["change"] == CHANGED:
            return _("now called “{after}”, no longer “{before}”", after=self.new, before=self.old)
        if self.change["change"] == ADDED:
            return _("{key} is now said: {after}", key=key, after=_value(self.new))
        if self.change["change"] == REMOVED:
            return _("{key} is no longer said; it was {before}", key=key, before=_value(self.old))
        return _("{key}, {values}", key=key, values=self._values())

    def _values(self) -> str:
        return _("{before} becomes {after}", before=_value(self.old), after=_value(self.new))

    def _counted(self, key: str) -> str:
        n, before = self.new, self.old
        if not isinstance(n, int) or isinstance(n, bool):
            return ""
        return {
            "work.max": lambda: _n(
                "{n} work meeting at most, instead of {before}",
                "{n} work meetings at most, instead of {before}",
                n,
                before=before,
            ),
            "work.min": lambda: _n(
                "{n} work meeting at least, instead of {before}",
                "{n} work meetings at least, instead of {before}",
                n,
                before=before,
            ),
            "days": lambda: _n(
                "{n} working day, instead of {before}", "{n} working days, instead of {before}", n, before=before
            ),
            "months": lambda: _n("{n} month, instead of {before}", "{n} months, instead of {before}", n, before=before),
            "reminder": lambda: _n(
                "a reminder {n} working day before, instead of {before}",
                "a reminder {n} working days before, instead of {before}",
                n,
                before=before,
            ),
            "escalation": lambda: _n(
                "escalated {n} working day after, instead of {before}",
                "escalated {n} working days after, instead of {before}",
                n,
                before=before,
            ),
        }.get(key, lambda: "")()

    def _ways(self) -> str:
        parts: list[str] = []
        for key, more, fewer in (
            ("from", _("possible from {names} too"), _("no longer possible from {names}")),
            ("to", _("leads to {names} too"), _("no longer leads to {names}")),
        ):
            old, new = (list(dict.fromkeys(_every(key, ways or ()))) for ways in (self.old, self.new))
            parts += self._parts(key, old, new, more, fewer)
        return _listed(parts) or _("its ways are others")

    def _lists(self, key: str, old: Sequence[Any], new: Sequence[Any]) -> str:
        more, fewer = {
            "guards": (_("also asks for {names}"), _("no longer asks for {names}")),
            "roles": (_("also for {names}"), _("no longer for {names}")),
            "needs": (_("now needs {names}"), _("no longer needs {names}")),
            "takes": (_("also takes {names}"), _("no longer takes {names}")),
            "after": (_("also leaves after {names}"), _("no longer leaves after {names}")),
        }.get(
            key,
            (
                _("{key} also has {names}", key=key, names="{names}"),
                _("{key} no longer has {names}", key=key, names="{names}"),
            ),
        )
        return _listed(self._parts(key, old, new, more, fewer)) or _("{key} in another order", key=key)

    def _parts(self, key: str, old: Sequence[Any], new: Sequence[Any], more: str, fewer: str) -> Iterator[str]:
        for words, codes in ((more, [c for c in new if c not in old]), (fewer, [c for c in old if c not in new])):
            if codes:
                yield words.format(names=self._names(key, codes))


def _every(key: str, ways: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for way in ways:
        codes = way.get(key, ())
        yield from [codes] if isinstance(codes, str) else codes


def _listed(parts: Iterable[str]) -> str:
    return " ; ".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return label_of(value) if value.keys() <= {"fr", "en"} and value else ", ".join(map(str, value))
    if isinstance(value, list):
        return enumeration([_value(one) for one in value]) or _("nothing")
    return str(value)
