"""Rule tests as a coordinator writes them in TOML: the form received, what is tried, and what must come of it.

`states/cooperative.rules.toml` is an example, which says how they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import Factory, frozen

from states.declaration.toml_lines import Locator, NotToml, elements, parsed
from states.errors import FieldError, Invalid, did_you_mean
from states.language import N_, _
from workflow.lab.opening import read_text

TEXT, LIST, TABLE, NUMBER, YES = N_("a text"), N_("a list"), N_("a table"), N_("a whole number"), N_("true or false")
_TYPES: Mapping[str, type] = {TEXT: str, LIST: list, TABLE: dict, NUMBER: int, YES: bool}
_FILE = {"lab": TEXT, "test": LIST}
_TEST = {"rule": TEXT, "start": TEXT, "form": TABLE, "steps": LIST}
_STEP = {
    "apply": TEXT, "set": TABLE, "note": TEXT, "as": TEXT, "waive": LIST, "on_behalf": YES, "at": TEXT, "refused": LIST,
    "wait": NUMBER, "until": TEXT, "expect": TABLE,
}  # fmt: skip
_KINDS = ("apply", "wait", "until", "expect")  # a step is one of these
_AS_FIELDS = {"set": "given", "as": "role"}  # words of the file that are none of a class


@frozen
class Step:
    """One step of a test: an event applied or refused, working days that pass, or what must then be so."""

    line: int
    apply: str = ""
    given: Mapping[str, Any] = Factory(dict)
    note: str | None = None
    role: str = ""
    waive: tuple[str, ...] = ()
    on_behalf: bool = False
    at: str | None = None
    refused: tuple[str, ...] = ()  # the rules that must refuse it; none: it must pass
    wait: int = 0
    until: str = ""
    expect: Mapping[str, Any] = Factory(dict)


@frozen
class RuleTest:
    """What a rule must do, from a form received on."""

    rule: str
    line: int
    start: str  # ISO 8601, of the lab unless it has its offset; empty: the usual Monday
    form: Mapping[str, Any]
    steps: Sequence[Step]


@frozen
class RuleFile:
    """The tests of a file, and the declaration that they are of, if the file names one."""

    path: str
    lab: Path | None
    tests: Sequence[RuleTest]


def read_rules(path: str) -> RuleFile:
    """The tests of a file. Invalid (exit 6) with every mistake of its writing, each with its line."""
    text = read_text(path)
    try:
        document = parsed(text)
    except NotToml as problem:
        raise _unfit([FieldError("file", str(problem), problem.line, path)]) from None
    reading = _Reading(path, text)
    found = reading.file(document)
    if reading.errors:
        raise _unfit(reading.errors)
    return found


def _unfit(errors: Sequence[FieldError]) -> Invalid:
    return Invalid(errors, _("The rule tests cannot be read."))


class _Reading:
    """Reads a document, and gathers what is wrong with it."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text, self.locator = path, text, Locator(text)
        self.errors: list[FieldError] = []

    def file(self, document: Mapping[str, Any]) -> RuleFile:
        if not self._is_known(document, _FILE, lambda name: self.locator.line((name,))):
            return RuleFile(self.path, None, [])
        tests = [self._test(n, test) for n, test in enumerate(document.get("test", [])) if isinstance(test, dict)]
        if not tests:
            self._wrong("test", _("there is no test: each begins with {header}", header="[[test]]"), None)
        lab = document.get("lab")
        return RuleFile(self.path, Path(self.path).parent / lab if lab else None, tests)

    def _test(self, n: int, test: Mapping[str, Any]) -> RuleTest:
        place = ("test", str(n))
        line = self.locator.line(place) or 1
        if not self._is_known(test, _TEST, lambda name: self.locator.line((*place, name))):
            return RuleTest("", line, "", {}, [])
        for name in ("rule", "steps"):
            if not test.get(name):
                self._wrong(name, _("a test says its rule and its steps"), line)
        start = test.get("start", "")
        self._moment("start", start, self.locator.line((*place, "start")))
        begins = self.locator.line((*place, "steps")) or line
        steps, lines = test.get("steps", []), elements(self.text, begins)
        if len(lines) != len(steps):  # not tables, or written under headers of their own
            lines = [begins] * len(steps)
        found = [self._step(*step) for step in zip(steps, lines, strict=True)]
        return RuleTest(test.get("rule", ""), line, start, test.get("form", {}), found)

    def _step(self, step: Any, line: int) -> Step:
        if not isinstance(step, dict):
            example = '{ apply = "prequalify" }'
            self._wrong("steps", _("a step is a table, like {example}", example=example), line)
            return Step(line)
        if not self._is_known(step, _STEP, lambda _name: line):
            return Step(line)
        if sum(kind in step for kind in _KINDS) != 1:
            self._wrong("steps", _("a step is one of: {kinds}", kinds=", ".join(_KINDS)), line)
        self._moment("until", step.get("until", ""), line)
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in step.items()}
        return Step(line, **{_AS_FIELDS.get(name, name): value for name, value in values.items()})

    def _moment(self, name: str, text: str, line: int | None) -> None:
        if text:
            try:
                datetime.fromisoformat(text)
            except ValueError:
                self._wrong(name, _("expected a moment, like {example}", example="2026-03-02 09:00"), line)

    def _is_known(
        self, table: Mapping[str, Any], names: Mapping[str, str], line_of: Callable[[str], int | None]
    ) -> bool:
        """Whether each name of a table is known, and of its type."""
        before = len(self.errors)
        for name, value in table.items():
            if name not in names:
                self._wrong(name, _("this name is not known here.") + did_you_mean(name, names), line_of(name))
            elif type(value) is not _TYPES[names[name]]:
                self._wrong(name, _("expected {what}", what=_(names[name])), line_of(name))
        return len(self.errors) == before

    def _wrong(self, field: str, message: str, line: int | None) -> None:
        self.errors.append(FieldError(field, message, line, self.path))
