"""The declaration looked at as a whole: what it says that no lab can mean.

`states.verification.loading` has already found wrong shapes, wrong types and unknown names. Each rule is one function
that yields what it finds: those about states, events and roles are here, those about the tables in
`states.verification.tables`. `states.verification.exploration` then proves what only running the lifecycle can show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import attrs
from attrs import frozen

from states.declaration.letters import text_file
from states.declaration.model import Declaration, Edge
from states.declaration.toml_lines import Locator
from states.language import _, enumeration
from states.lifecycle.effect import Effect
from states.lifecycle.effects import Correct, Resume, effect_of
from states.lifecycle.landmarks import landmarks
from states.verification import letters as checking_letters
from states.verification import tables as checking_tables
from states.verification.commands import answers, commands
from states.verification.tables import Found, Path, Rule

Node = TypeVar("Node")


@frozen
class Finding:
    """One thing wrong with a declaration; `path` is dotted, as in the file, and `line` is given where it is known."""

    code: str
    path: str
    message: str
    line: int | None = None
    file: str | None = None  # one beside the declaration, when it is not the declaration itself

    def document(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return attrs.asdict(self)


def check(declaration: Declaration, locator: Locator | None = None) -> list[Finding]:
    """Everything wrong with a declaration that loads; in the order of the file, if its locator is given."""
    found = [
        Finding(code, dotted(path), message, locator.line(path) if locator else None)
        for rule in RULES
        for code, path, message in rule(declaration)
    ]
    found += [
        Finding(code, dotted(path), message, locator.line(path) if locator else None)
        for code, path, message in _of_activities(declaration)
    ]
    found = sorted(dict.fromkeys(found), key=lambda finding: finding.line or 0)
    return [*found, *_of_texts(declaration)]


def _of_texts(declaration: Declaration) -> Iterator[Finding]:
    """What is wrong in the texts of letters, each in its file."""
    for letter, language, fault in checking_letters.faults(declaration):
        path = dotted(("letters", letter, language))
        yield Finding(fault.code, path, fault.message, fault.line, text_file(letter, language))


def _of_activities(declaration: Declaration) -> Iterator[Found]:
    """What is wrong with the lifecycle of activities, by the same rules; what all share is told once, by the lab's."""
    if declaration.activity is not None:
        for rule in OF_A_LIFECYCLE:
            for code, path, message in rule(declaration.activities):
                if path[0] in ("states", "events"):
                    yield code, ("activity", *path), message


def dotted(path: Path) -> str:
    """A path as people write it; a part that holds a dot is quoted."""
    return ".".join(f'"{part}"' if "." in part else part for part in path)


def _creation(declaration: Declaration) -> Iterator[Found]:
    codes = [code for code in declaration.events if _effect(declaration, code).creates]
    if not codes:
        yield "no_creation", ("events",), _("No event begins a request: one of them needs the effect “create”.")
    for code in codes[1:]:
        said = _("“{event}” begins a request, as “{first}” already does.", event=code, first=codes[0])
        yield "several_creations", ("events", code), said
    for code in codes:
        ways = declaration.events[code].transitions
        if len(ways) != 1 or ways[0].sources or len(ways[0].to) != 1 or ways[0].to[0] not in declaration.states:
            said = _("A request begins from nothing, in one state: the event has one transition, from = [].")
            yield "creation_edge", ("events", code, "transitions"), said


def _unreachable(declaration: Declaration) -> Iterator[Found]:
    """States no request comes to. Going back (resume, reopen, correct) leads only where one has already been."""
    if any(_creation(declaration)):
        return
    onward = [edge for code, edge in _edges(declaration) if not _effect(declaration, code).goes_back]
    reached = spread({declaration.initial}, ((edge.source, to) for edge in onward for to in edge.targets))
    for state in declaration.states:
        if state not in reached:
            yield "unreachable_state", ("states", state), _("No request can come to the state “{state}”.", state=state)


def _dead_ends(declaration: Declaration) -> Iterator[Found]:
    final = set(declaration.group("final"))
    if not final:
        yield "no_final_state", ("states",), _("No state is final: no request could ever end.")
        return
    onward = [edge for code, edge in _edges(declaration) if not _effect(declaration, code).reverts]
    ending = spread(final, ((to, edge.source) for edge in onward for to in edge.targets))
    for state in declaration.states:
        if state not in ending:
            said = _("The state “{state}” is not final and has no way to a final one.", state=state)
            yield "dead_end", ("states", state), said


def _final_exits(declaration: Declaration) -> Iterator[Found]:
    for code, edge in _edges(declaration):
        event = declaration.events[code]
        if event.moves and declaration.is_final(edge.source) and not _effect(declaration, code).reverts:
            said = _("“{event}” leaves the final state “{state}”, which only reopening or correcting does.")
            yield "final_exit", ("events", code, "transitions"), said.format(event=code, state=edge.source)


def _edges(declaration: Declaration) -> Iterator[tuple[str, Edge]]:
    return ((code, edge) for code, edges in declaration.edges.items() for edge in edges)


def _effect(declaration: Declaration, code: str) -> Effect:
    return effect_of(declaration.events[code])


def spread(start: Iterable[Node], steps: Iterable[tuple[Node, Node]]) -> set[Node]:
    """Everything that steps lead to from `start`, itself included."""
    onward: dict[Node, list[Node]] = {}
    for here, there in steps:
        onward.setdefault(here, []).append(there)
    reached, todo = set(start), list(start)
    while todo:
        fresh = set(onward.get(todo.pop(), ())) - reached
        reached |= fresh
        todo += fresh
    return reached


def _choices(declaration: Declaration) -> Iterator[Found]:
    """Two edges from one state are told apart by their guards; the targets of one edge, by the effect."""
    for code, edges in declaration.edges.items():
        path, effect = ("events", code, "transitions"), _effect(declaration, code)
        if not edges and not effect.creates:
            yield "no_source", path, _("“{event}” is possible from no state.", event=code)
        ways: dict[str, list[set[str]]] = {}
        if not all(way.to for way in declaration.events[code].transitions):
            yield "no_target", path, _("“{event}” has a transition that leads nowhere.", event=code)
        for edge in edges:
            when, others = set(edge.when), ways.setdefault(edge.source, [])
            if any(when <= other or other <= when for other in others):
                said = _("“{event}” has two ways from “{state}” and cannot choose: give each its own guards in `when`.")
                yield "ambiguous_event", path, said.format(event=code, state=edge.source)
            others.append(when)
            if len(edge.targets) > 1 and not effect.chooses:
                said = _("“{event}” has several targets, and its effect does not choose among them.", event=code)
                yield "several_targets", path, said


def _waiting(declaration: Declaration) -> Iterator[Found]:
    """A request is suspended in one state, and waits for its interview in one: effects come back from there."""
    plain = set(declaration.states)
    suspended: set[str] = set()
    interviews: list[str] = []
    for code, event in declaration.events.items():
        path, ways, effect = ("events", code, "transitions"), event.transitions, _effect(declaration, code)
        if isinstance(effect, Resume) and not effect.reverts:
            suspended.update(source for way in ways for source in way.sources)
            if len(suspended) != 1 or not suspended <= plain:
                yield "resume_source", path, _("A request is resumed from one state, the one it waits in.")
        if effect.makes_meeting and event.meeting == "interview":
            interviews.append(code)
            single = len(ways) == 1 and len(ways[0].sources) == len(ways[0].to) == 1
            if len(interviews) > 1 or not single or not {ways[0].sources[0], ways[0].to[0]} <= plain:
                said = _("An interview is planned by one event, from one state to one other: there one falls back.")
                yield "interview_edge", path, said


def _ways_back(declaration: Declaration) -> Iterator[Found]:
    """Whoever entered a state can come back to the one before: an event that goes back has that edge too."""
    if any(_waiting(declaration)):
        return
    marks = landmarks(declaration)
    for code in declaration.events:
        effect = _effect(declaration, code)
        needed = [(marks.interviewing, marks.fallback)] if effect.cancels_meeting else []
        if effect.goes_back:
            needed += _entered(declaration, isinstance(effect, Correct))
            needed += [(state, marks.fallback) for state, source in needed if source == marks.interviewing]
        targets = {edge.source: edge.targets for edge in declaration.edges[code]}
        for state, source in needed:
            if state in targets and source not in targets[state]:
                said = _("“{event}” does not lead from “{state}” back to “{source}”.")
                said = said.format(event=code, state=state, source=source)
                yield "no_way_back", ("events", code, "transitions"), said


def _entered(declaration: Declaration, in_turn: bool) -> list[tuple[str, str]]:
    """Each state one goes forward to, with the state before; with `in_turn`, only by what is undone in turn."""
    found = []
    for code, edge in _edges(declaration):
        event = declaration.events[code]
        if event.undo == "in_turn" if in_turn else not _effect(declaration, code).goes_back:
            found += [(to, edge.source) for to in edge.targets if to != edge.source]
    return list(dict.fromkeys(found))


def _undoing(declaration: Declaration) -> Iterator[Found]:
    for code, event in declaration.events.items():
        effect = _effect(declaration, code)
        changes = (event.moves and not effect.creates and not isinstance(effect, Correct)) or effect.counts
        if changes and event.undo != "in_turn":
            said = _("“{event}” changes where a request stands: it is undone “in_turn”.", event=code)
            yield "not_undone_in_turn", ("events", code), said


def _roles(declaration: Declaration) -> Iterator[Found]:
    steps = [(code, other) for code, role in declaration.roles.items() for other in role.includes]
    for code, role in declaration.roles.items():
        if code in spread(role.includes, steps):
            yield "role_circle", ("roles", code, "includes"), _("The role “{role}” includes itself.", role=code)
    held = spread(declaration.held_roles, steps)
    for code, event in declaration.events.items():
        path = ("events", code, "roles")
        if not event.roles:
            yield "no_role", path, _("No role may record “{event}”.", event=code)
        elif held.isdisjoint(event.roles):
            roles = enumeration(list(event.roles), _("or"))
            yield (
                "role_held_by_nobody",
                path,
                _("“{event}” is for {roles}: nobody is ever that.", event=code, roles=roles),
            )
        yield from _waivers(code, event.waives, held)


def _waivers(code: str, waives: Mapping[str, Iterable[str]], held: set[str]) -> Iterator[Found]:
    for rule, roles in waives.items():
        if held.isdisjoint(roles):
            said = _("Nobody may waive “{rule}” in “{event}”.", rule=rule, event=code)
            yield "waiver_without_role", ("events", code, "waives", rule), said


_OF_EDGES: tuple[Rule, ...] = (
    _creation,
    _unreachable,
    _dead_ends,
    _final_exits,
    _choices,
    _waiting,
    _ways_back,
    _undoing,
    _roles,
)
RULES: tuple[Rule, ...] = (*_OF_EDGES, *checking_tables.RULES, commands, answers, checking_letters.letters)
OF_A_LIFECYCLE: tuple[Rule, ...] = (*_OF_EDGES, *checking_tables.OF_EVENTS)
