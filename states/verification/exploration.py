"""Proof by exhaustion that no path passes a cap and that every path can still end.

Every situation a request can be in is visited, the nearest first, by the code that runs
(`states.verification.steps`). A situation keeps what some rule reads: the state and those to come back to, the
tier, the validation, one derogation, the work meetings held, the meetings planned by kind and whether they have begun,
what an ending cancelled. Dates, places, people, texts and numbers are left out: each attempt is given some that suit
it, slots far apart and free. What is left out changes neither statement:

- Slots can be chosen afterwards: on any path, give the meetings that are held slots in the order they are held, before
  those of all others. And a slot chosen badly only refuses.
- Meetings that have begun refuse what would cancel them. So from each situation the worst is explored too: all that is
  planned has begun (`time_passes`). There, what settles a meeting comes first, and the rest only if nothing does: what
  else can happen then could happen before, and time pass after. When only some have begun, settling these is enough.
- No guard tells two interviews, sessions or debriefs planned from three: a third is not explored. Several derogations
  move the cap as one does: a second is not explored. What follows a passed cap is not explored, nor more work meetings
  without a tier than two above every cap.
- Records, tasks done, fields of the form and whether an interview, a session or a debrief was held are kept if some
  guard says that it looks at them; a record counts only where nobody may waive it. Comments, staffing, moves and the
  decisions of the committee that end no validation change nothing that is kept. What a guard looks at without saying so
  stops it (`states.verification.unkept`), and is found.
- `reopen` brings back all that the ending cancelled, or nothing: cancelling some of it gives what is between.
- `correct` is not explored. It takes away the last entry undone in turn, and `states.verification.structure` sees to it
  that entries which plan, hold, cancel, assign, change or grant are: state, tier, derogations and meetings are then
  those of an earlier situation of the same path, less the meetings it releases, as cancelling them would do. What was
  recorded since stays: a deliverable only opens ways, a validation refused since can be given again.
- An event possible in no situation at all is found too (`never_taken`): nothing is proved of what was never tried.

It is meant for a declaration in which `states.verification.structure.check` finds nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from attrs import Factory, define, evolve, frozen

from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator
from states.language import _, _n
from states.lifecycle.effects import Correct, effect_of
from states.verification.aspects import KEEPABLE
from states.verification.situations import WORK, Situation
from states.verification.steps import Steps
from states.verification.structure import Finding, dotted, spread


@frozen
class Counterexample(Finding):
    """A situation that should not be: the message says which, the trace is the shortest way there."""

    trace: tuple[str, ...] = ()


@frozen
class Proof:
    """What was explored of a tier, or of a kind of request while it has none, and what that shows."""

    name: str  # in the language of the moment
    kind: str
    tier: str | None
    cap: int | None
    situations: int
    steps: int
    cap_kept: bool
    can_end: bool

    @property
    def text(self) -> str:
        """One line, e.g. `50/50: 412 situations explored, cap 6 never passed, every path can end`."""
        n = self.situations
        said = [_n("{name}: {n} situation explored", "{name}: {n} situations explored", n, name=self.name)]
        if self.cap is not None:
            said.append((_("cap {cap} never passed") if self.cap_kept else _("cap {cap} passed")).format(cap=self.cap))
        said.append(_("every path can end") if self.can_end else _("a path cannot end"))
        return ", ".join(said)


@frozen
class Exploration:
    """What an exploration shows: the proofs, tier by tier, and the counterexamples of those that fail."""

    proofs: tuple[Proof, ...]
    counterexamples: tuple[Counterexample, ...]


def survey(declaration: Declaration, locator: Locator | None = None) -> Exploration:
    """Explores requests of every kind, through every tier."""
    proofs: list[Proof] = []
    found: dict[tuple[str, str], Counterexample] = {}
    walks = [Walk(declaration, kind, Steps(declaration, kind)) for kind in declaration.kinds]
    for walk in walks:
        walk.run()
        stuck = walk.stuck()
        proofs += walk.proofs(stuck)
        for example in (*walk.passed.values(), *walk.failing(), *map(walk.cannot_end, stuck)):
            first = found.setdefault((example.code, example.path), example)
            if len(example.trace) < len(first.trace):
                found[example.code, example.path] = example
    if not any(walk.passed for walk in walks):  # what follows a passed cap was not explored
        found.update(((example.code, example.path), example) for example in _never_taken(declaration, walks))
    if locator is not None:
        return Exploration(
            tuple(proofs),
            tuple(evolve(example, line=locator.line(tuple(example.path.split(".")))) for example in found.values()),
        )
    return Exploration(tuple(proofs), tuple(found.values()))


def _never_taken(declaration: Declaration, walks: list[Walk]) -> Iterator[Counterexample]:
    """The events that were possible in no situation: nothing is proved of what was never tried."""
    taken = {code for walk in walks for code in walk.steps.taken}
    told = {code for walk in walks for code in (*walk.steps.faults, *(code for code, *_rest in walk.steps.unkept))}
    for code, event in declaration.events.items():
        if code not in taken | told and not isinstance(effect_of(event), Correct):
            said = _(
                "“{event}” is possible in no situation that was explored, so nothing is proved of it: "
                "see what its guards ask for."
            )
            yield Counterexample("never_taken", dotted(("events", code)), said.format(event=code))


@define
class Walk:
    """Goes through every situation of one kind of request, the nearest first."""

    declaration: Declaration
    kind: str
    steps: Steps
    reached: dict[Situation, tuple[Situation | None, str]] = Factory(dict)  # by which step, the first time
    onward: dict[Situation, list[Situation]] = Factory(dict)
    passed: dict[str | None, Counterexample] = Factory(dict)  # by tier

    def run(self) -> None:
        beginnings = list(self.steps.beginnings())
        self.reached.update((first.to, (None, first.event)) for first in beginnings)
        todo = deque(first.to for first in beginnings)
        while todo:
            here = todo.popleft()
            onward = self.onward[here] = []
            for step in self.steps.onward(here):
                if step.over:
                    self.passed.setdefault(step.to.tier, self._over(here, step.event, step.to))
                    continue  # what follows a passed cap is of no interest
                onward.append(step.to)
                if step.to not in self.reached:
                    self.reached[step.to] = (here, step.event)
                    todo.append(step.to)

    def stuck(self) -> list[Situation]:
        """The situations from which no final state can be reached, the nearest first."""
        final = [here for here in self.reached if self.declaration.is_final(here.state)]
        ending = spread(final, ((there, here) for here, onward in self.onward.items() for there in onward))
        return [here for here in self.reached if here not in ending]

    def _trace(self, there: Situation) -> tuple[str, ...]:
        steps: list[str] = []
        here: Situation | None = there
        while here is not None:
            here, step = self.reached[here]
            steps.append(step)
        return tuple(reversed(steps))

    def _over(self, here: Situation, event: str, there: Situation) -> Counterexample:
        tier, n = there.tier or "", there.held + there.planned[WORK]
        said = _(
            "{n} work meetings are planned or held in the tier “{tier}”, whose cap is {cap}.",
            n=n,
            tier=tier,
            cap=self.declaration.tiers[tier].work.max + there.extra,
        )
        return Counterexample("cap_passed", dotted(("tiers", tier, "work")), said, trace=(*self._trace(here), event))

    def failing(self) -> Iterator[Counterexample]:
        """The guards that look at what is left out, and the events that cannot be stored."""
        for code, guard, aspect in sorted(self.steps.unkept):
            table = aspect.partition(".")[0]
            if table in KEEPABLE:
                said = _(
                    "The guard “{guard}” looks at “{aspect}” of the request, which no situation keeps: "
                    'write @guard(reads_request=("{aspect}",)).'
                )
            else:
                said = _(
                    "“{guard}” looks at “{aspect}” of the request, which no situation can keep: nothing is proved."
                )
            said = said.format(guard=guard or code, aspect=aspect)
            yield Counterexample("reads_unkept", dotted(("events", code, "guards")), said)
        for code, (here, fault) in self.steps.faults.items():
            said = _(
                "“{event}” fails from “{state}” ({fault}): it lacks a guard.", event=code, state=here.state, fault=fault
            )
            yield Counterexample("event_fails", dotted(("events", code, "guards")), said, trace=self._trace(here))

    def cannot_end(self, there: Situation) -> Counterexample:
        """What is wrong with a situation that is stuck."""
        if there.begun:
            said = _(
                "From “{state}”, once what is planned has begun, no final state can be reached.", state=there.state
            )
        else:
            said = _("From “{state}” no final state can be reached any more.", state=there.state)
        return Counterexample("cannot_end", dotted(("states", there.state)), said, trace=self._trace(there))

    def proofs(self, stuck: list[Situation]) -> Iterator[Proof]:
        """One for the requests without a tier, and one for each tier that such requests come to."""
        tiers = dict.fromkeys(here.tier for here in self.reached)
        for tier in tiers:
            declared = self.declaration.tiers.get(tier or "")
            yield Proof(
                name=declared.text if declared else self._name(len(tiers) > 1),
                kind=self.kind,
                tier=tier,
                cap=declared.work.max if declared else None,
                situations=sum(here.tier == tier for here in self.reached),
                steps=sum(len(onward) for here, onward in self.onward.items() if here.tier == tier),
                cap_kept=tier not in self.passed,
                can_end=all(here.tier != tier for here in stuck),
            )

    def _name(self, has_tiers: bool) -> str:
        kind = self.declaration.label("kinds", self.kind)
        return _("{kind}, before any tier", kind=kind) if has_tiers else kind
