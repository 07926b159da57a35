"""A semester's review: every figure with what is behind it, and the document of contract.md made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import frozen

from states.canonical import digest
from states.declaration.types import offset_time
from states.errors import NotFound, did_you_mean
from states.language import _
from states.review import governance
from states.review.dataset import Scope, Sources, Story
from states.review.exchange import exchange
from states.review.figures import Figure, Item, count
from states.review.figures import figure as figure_of
from states.review.indicators import flow, indicators, lead_times
from states.review.semesters import Period

Tree = Mapping[str, Any]  # figures, by name, some of them below a name; None for a group nobody can count
COURSE = 4  # semesters that the course of a figure goes back over, this one included


@frozen
class Review:
    """The figures of one semester; `previous`: those of the one before, None when nothing precedes the period."""

    scope: Scope
    figures: Tree
    previous: Tree | None

    @property
    def period(self) -> Period:
        return self.scope.period

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """The last four semesters, this one last, or as many as there are and were read."""
        if self.previous is None:
            return (self.scope,)
        found = [self.scope, self.scope.previous]
        while len(found) < COURSE and self._covers(found[-1].previous):
            found.append(found[-1].previous)
        return tuple(reversed(found))

    @cached_property
    def course(self) -> tuple[Mapping[str, Figure], ...]:
        """The figures of these semesters by full name; of those before the last two, the indicators and the flow."""
        trees: list[Tree] = [{"indicators": indicators(one), "flow": flow(one)} for one in self.scopes[:-2]]
        if self.previous is not None:
            trees.append(self.previous)
        return tuple(names(tree) for tree in (*trees, self.figures))

    def _covers(self, scope: Scope) -> bool:
        return scope.has_history and scope.sources.since <= scope.period.start


def review(sources: Sources, period: Period) -> Review:
    """The review of a semester, as known at the sources' moment."""
    scope = Scope(sources, period)
    preceded = sources.first_at is not None and sources.first_at < period.start
    return Review(scope, figures(scope), figures(scope.previous) if preceded else None)


def figures(scope: Scope) -> Tree:
    """Every figure of a period, as the document groups them; none of them known before the lab's history begins."""
    tree = {
        "indicators": indicators(scope),
        "flow": flow(scope),
        "lead_times": lead_times(scope),
        "deadlines": governance.deadline_figures(scope),
        "corrections": governance.corrections(scope),
        "alerts": governance.alerts(scope),
        "agreement": governance.agreement(scope),
        "exchange": exchange(scope),
        "committee": {
            "awaited": governance.awaited(scope),
            "project_committees": count(Item.of(e) for _story, e in governance.project_committees(scope)),
        },
    }
    return tree if scope.has_history else _unknown(tree)


def _unknown(tree: Tree) -> Tree:
    return {
        name: Figure(None) if isinstance(value, Figure) else value and _unknown(value) for name, value in tree.items()
    }


def document(found: Review) -> dict[str, Any]:
    """The document of contract.md. Figures are not rounded; `digest` covers everything but `known_at`."""
    scope, zone = found.scope, found.scope.declaration.lab.tz
    content = {
        "semester": found.period.code,
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "running": scope.running,
        **_values(found.figures),
        "waivers": [item_document(item, scope) for item in governance.waivers(scope)],
        "derogations": [item_document(item, scope) for item in governance.derogations(scope)],
        "to_validate": [story.ref for story in governance.to_validate(scope)],
        "to_ratify": [story.ref for story in governance.to_ratify(scope)],
        "decisions": [decision_document(story, entry, scope) for story, entry in governance.decisions(scope)],
        "signals": [_plain(signal) for signal in governance.signals(scope)],
        "previous": None if found.previous is None else _values(found.previous),
        "compared_with": None if found.previous is None else _compared_with(scope.previous),
    }
    known = {"known_at": offset_time(scope.sources.now, zone)}
    return {**content, **known, "digest": digest_of(content)}


def _compared_with(scope: Scope) -> dict[str, Any]:
    """The days that `previous` counts: those of the semester before, or as many as have passed of one that runs."""
    code, first, last = scope.period.code, scope.first_day, scope.period.last
    return {"semester": code, "from": first and first.isoformat(), "to": last.isoformat()}


def digest_of(document: Mapping[str, Any]) -> str:
    """One digest over everything in a document but the moment it is known at."""
    content = {name: value for name, value in document.items() if name not in ("known_at", "digest")}
    return digest(json.dumps(content, sort_keys=True, ensure_ascii=False))


def decision_document(story: Story, entry: Any, scope: Scope) -> dict[str, Any]:
    """One decision of the committee, and where the project is since."""
    return {
        **item_document(Item.of(entry, decision=entry.data["decision"]), scope),
        "state": story.request.state,
        "validated": story.request.validated is not None,
    }


def item_document(item: Item, scope: Scope) -> dict[str, Any]:
    """An entry behind a figure, as JSON."""
    zone = scope.declaration.lab.tz
    said = {
        name: offset_time(value, zone) if name in ("due_at", "settled_at", "until") else _plain(value)
        for name, value in item.said.items()
    }
    occurred_at = offset_time(item.occurred_at, zone)
    return {"ref": item.ref, "seq": item.seq, "event": item.event, "occurred_at": occurred_at, **said}


def explain(found: Review, name: str) -> dict[str, Any]:
    """What is behind a figure, named as in the document: `received`, `flow.received`, `lead_times.working`.

    So are its groups (`by_tier`: all that its figures rest on) and its lists (`waivers`: as many as it holds).
    """
    wanted, explained = behind(found, name)
    return {
        "semester": found.period.code,
        "indicator": wanted,
        "value": _plain(explained.value),
        "items": [item_document(item, found.scope) for item in explained.items],
    }


def behind(found: Review, name: str) -> tuple[str, Figure]:
    """The full name of what is asked for, and what it is as a figure. Raises NotFound."""
    known, lists = names(found.figures), listed(found.scope)
    wanted = name if name in known else next((full for full in known if full.partition(".")[2] == name), None)
    if wanted:
        return wanted, known[wanted]
    if name in lists:
        return name, lists[name]
    for full, group in _groups(found.figures):
        if name in (full, full.partition(".")[2]):
            below = {} if group is None else dict(_named(group, ""))
            every = dict.fromkeys(item for figure in below.values() for item in figure.items)
            value = None if group is None else {code: _plain(figure.value) for code, figure in below.items()}
            return full, figure_of(value, every)
    short = [full.partition(".")[2] or full for full in known]
    raise NotFound(
        _("The review has no figure “{name}”.", name=name) + did_you_mean(name, [*known, *short, *lists]),
        hint=f"coop review {found.period.code}",
    )


def listed(scope: Scope) -> dict[str, Figure]:
    """The lists of the document: how long each is, and the entries it tells of."""
    awaited = governance.awaited(scope).items
    return {
        "waivers": count(governance.waivers(scope)),
        "derogations": count(governance.derogations(scope)),
        "to_validate": count(item for item in awaited if item.said["decision"] == "validate"),
        "to_ratify": count(item for item in awaited if item.said["decision"] == "ratify"),
        "decisions": count(Item.of(e, decision=e.data["decision"]) for _story, e in governance.decisions(scope)),
        "signals": figure_of(len(governance.signals(scope)), governance.signalled(scope)),
    }


def _groups(tree: Tree) -> Iterator[tuple[str, Tree | None]]:
    """The groups of figures by their full names, those within others included."""
    for name, value in tree.items():
        if not isinstance(value, Figure):
            yield name, value
            for below, part in (value or {}).items():
                if not isinstance(part, Figure):
                    yield f"{name}.{below}", part


def names(tree: Tree) -> dict[str, Figure]:
    """Every figure by its full name; `lead_times.working` is the median of that state."""
    found = dict(_named(tree, ""))
    for state in tree.get("lead_times", {}):
        found[f"lead_times.{state}"] = tree["lead_times"][state]["median_days"]
    return found


def _named(tree: Tree, under: str) -> Iterator[tuple[str, Figure]]:
    for name, value in tree.items():
        if isinstance(value, Figure):
            yield under + name, value
        elif value is not None:
            yield from _named(value, f"{under}{name}.")


def _values(tree: Tree) -> dict[str, Any]:
    return {name: _plain(v.value) if isinstance(v, Figure) else v and _values(v) for name, v in tree.items()}


def _plain(value: Any) -> Any:
    """A value as JSON: a share or a mean is a number as near as a double can be."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return float(value) if isinstance(value, Fraction) else value
