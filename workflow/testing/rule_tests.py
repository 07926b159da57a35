"""Runs rule tests, each on a lab of its own: a simulated clock, one person of each role, and nothing that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, field, frozen

from states.deadlines import OPEN
from states.declaration.model import Declaration
from states.declaration.tables import Event
from states.declaration.types import end_of, local, moment
from states.errors import CoopError, Invalid, Refused, did_you_mean
from states.language import _, enumeration, long_time
from states.lifecycle.effects import effect_of
from states.requests.request import Request
from workflow.lab.opening import open_checked
from workflow.store.database import Store
from workflow.sweep import sweep
from workflow.testing.clock import START, SimulatedClock
from workflow.testing.lab import Lab
from workflow.testing.rule_files import RuleTest, Step
from workflow.views.alerts import Alarms


@frozen
class Failure:
    """The first step of a test that did not do what was expected."""

    line: int
    expected: str
    obtained: str

    @property
    def text(self) -> str:
        return _("expected {expected}, obtained {obtained}", expected=self.expected, obtained=self.obtained)


@frozen
class Outcome:
    """A test, and what failed of it; None where all its steps did what was expected."""

    test: RuleTest
    failure: Failure | None


class Failed(Exception):
    """A step did not do what was expected."""

    def __init__(self, expected: str, obtained: str) -> None:
        super().__init__(expected, obtained)
        self.expected, self.obtained = expected, obtained


def run(declaration: Declaration, document: Mapping[str, Any], tests: Sequence[RuleTest]) -> Iterator[Outcome]:
    """Runs the tests of a declaration that was checked, one after the other, each as if it were alone."""
    opened: dict[str, bytes] = {}
    with TemporaryDirectory() as folder:
        for n, test in enumerate(tests):
            file = Path(folder) / f"{n}.db"
            start = _aware(test.start or START, declaration).isoformat()
            if start not in opened:
                opened[start] = _opened(Path(folder) / "opened.db", declaration, document, start)
            file.write_bytes(opened[start])
            with _lab(file, start, declaration) as lab:
                yield Outcome(test, _Run(lab, declaration, test).failure())
            file.unlink()


def _opened(file: Path, declaration: Declaration, document: Mapping[str, Any], start: str) -> bytes:
    """A store in which the lab has just been opened, with one person of each role under its code."""
    store, clock = Store(f"sqlite:///{file}"), SimulatedClock(start)
    try:
        open_checked(store, clock, declaration.keeper, declaration, document)
        lab, site = Lab(store, clock, declaration.keeper), next(iter(declaration.places))
        # Whoever oversees is registered last: from then on, others could not be.
        for role in sorted(declaration.held_roles, key=declaration.oversees):
            if role != declaration.keeper:
                lab.register(role, role, site=site)
    finally:
        store.close()
    content = file.read_bytes()
    file.unlink()
    return content


@contextmanager
def _lab(file: Path, start: str, declaration: Declaration) -> Iterator[Lab]:
    lab = Lab(Store(f"sqlite:///{file}"), SimulatedClock(start), declaration.keeper)
    try:
        yield lab
    finally:
        lab.close()


def _aware(text: str, declaration: Declaration) -> datetime:
    """A moment as a test says it: of the lab, unless it has its offset."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=declaration.lab.tz)


@define
class _Run:
    """One test on its way: the lab, and the request it is about."""

    lab: Lab
    declaration: Declaration
    test: RuleTest
    ref: str = field(default="", init=False)

    def failure(self) -> Failure | None:
        """What failed first; None where nothing did."""
        try:
            self.ref = self.lab.receive(**self.test.form)
        except CoopError as problem:
            return Failure(self.test.line, _("the form received"), _refused(problem))
        for step in self.test.steps:
            try:
                self._step(step)
            except Failed as failed:
                return Failure(step.line, failed.expected, failed.obtained)
        return None

    def _step(self, step: Step) -> None:
        if step.apply:
            self._apply(step)
        elif step.wait:
            self.lab.wait(step.wait)
        elif step.until:
            self._until(step.until)
        else:
            for name, expected in step.expect.items():
                self._expect(name, expected)

    def _until(self, text: str) -> None:
        at = _aware(text, self.declaration)
        if at < self.lab.clock():
            now = local(self.lab.clock.now, self.declaration.lab.tz)
            raise Failed(_("until {moment}: a moment to come", moment=text), _("it is {moment}", moment=long_time(now)))
        self.lab.clock.to(at)
        sweep(self.lab.engine)

    # --- Events ---

    def _apply(self, step: Step) -> None:
        expected = _("refused by {rules}", rules=enumeration(sorted(step.refused))) if step.refused else _("applied")
        try:
            self.lab.engine.apply(self._command(step))
        except Refused as problem:
            if {refusal.rule for refusal in problem.refusals} != set(step.refused):
                raise Failed(f"{step.apply}, {expected}", _refused(problem)) from None
        except CoopError as problem:
            raise Failed(f"{step.apply}, {expected}", _refused(problem)) from None
        else:
            if step.refused:
                state = self.declaration.label("states", self.request.state)
                raise Failed(f"{step.apply}, {expected}", _("applied, and now “{state}”", state=state))

    def _command(self, step: Step) -> Any:
        event = self.declaration.events.get(step.apply)
        if event is None:
            known = self.declaration.events
            raise Failed(_("an event of the declaration"), f"{step.apply}.{did_you_mean(step.apply, known)}")
        given = {**self._meeting(event, step.given), **step.given}
        note = step.note or (self.test.rule if event.note == "required" or step.waive else None)
        how = {"actor": self._actor(event, step.role), "note": note, "waive": step.waive}
        return self.lab.command(self.ref, step.apply, given, on_behalf=step.on_behalf, at=step.at, **how)

    def _actor(self, event: Event, role: str) -> str:
        """Who does it: the role said, else the keeper of the registers where they may, else the first that may."""
        mine = self.declaration.roles_of(self.declaration.keeper)
        return role or (self.declaration.keeper if mine & set(event.roles) else event.roles[0])

    def _meeting(self, event: Event, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is not said of a meeting: planned, the next free slot; held, that its time has come."""
        effect, request = effect_of(event), self.request
        if effect.holds_meeting and (planned := request.next_planned(event.meeting or "")):
            self.lab.clock.to(max(moment(end_of(planned.at, planned.duration)), self.lab.clock()))
        if effect.makes_meeting and "at" not in given:
            place = given.get("place", request.form["place"])
            with self.lab.reading() as reader:
                slots = reader.next_slots(place, getattr(self.declaration.durations, event.meeting or "work"), count=1)
            return {"at": local(slots[0], self.declaration.lab.tz).isoformat()} if slots else {}
        return {}

    @property
    def request(self) -> Request:
        return self.lab.now(self.ref)

    # --- What must be so ---

    def _expect(self, name: str, expected: Any) -> None:
        obtained = self._is(name)
        if _plain(obtained) != _plain(expected):
            raise Failed(f"{name} = {_shown(expected)}", _shown(obtained))

    def _is(self, name: str) -> Any:
        """What is so of the request now, by the names of `coop show --json` and those below."""
        document = self.lab.show(self.ref)
        due = {one["kind"]: one["due_at"] for one in document["deadlines"] if one["status"] == OPEN}
        special: dict[str, Callable[[], Any]] = {
            "due": lambda: {kind: at[:10] for kind, at in due.items()},
            "late": lambda: [kind for kind, at in due.items() if moment(at) < self.lab.clock()],
            "alerts": self._alerts,
            "possible": self._possible,
            "planned": lambda: [one["id"] for one in document["calendar"] if one["status"] == "planned"],
            "cap": lambda: self.request.cap(self.declaration),
        }
        if name in special:
            return special[name]()
        if name in document:
            return document[name]
        raise Failed(_("a name that can be expected"), f"{name}.{did_you_mean(name, [*special, *document])}")

    def _alerts(self) -> list[str]:
        with self.lab.reading() as reader:
            return sorted({alert.risk.rule for alert in Alarms(reader).alerts() if alert.risk.ref == self.ref})

    def _possible(self) -> list[str]:
        _request, options = self.lab.engine.options(self.ref, self.lab.coordinator)
        return [option.event for option in options if option.allowed]


def _refused(problem: CoopError) -> str:
    """What was refused and why, on one line."""
    if isinstance(problem, Refused):
        reasons = [f"{refusal.rule} ({refusal.message})" for refusal in problem.refusals]
        return _("refused by {rules}", rules=enumeration(reasons))
    if isinstance(problem, Invalid):
        return "; ".join([problem.message, *(f"{one.field}: {one.message}" for one in problem.fields)])
    return problem.message


def _plain(value: Any) -> Any:
    """A value to compare: lists without order."""
    return sorted(map(str, value)) if isinstance(value, list | tuple) else value


def _shown(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_shown(part)}" for name, part in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
