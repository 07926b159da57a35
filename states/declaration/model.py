"""The declaration of a lab, typed: what `cooperative.toml` says, and nothing that a running request changes."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import NamedTuple

from attrs import Factory, define, evolve, field

from states.declaration.tables import (
    GROUPS,
    SAME,
    Activities,
    ActivityType,
    Axis,
    Code,
    CommandGroup,
    Deadline,
    Department,
    Duration,
    Eligibility,
    Event,
    Field,
    Key,
    KindCode,
    Lab,
    Labelled,
    Letter,
    Place,
    Privacy,
    Recommendation,
    Role,
    SchoolHolidays,
    Semester,
    Service,
    Slots,
    State,
    Tier,
)
from states.language import label_of
from states.references import is_activity


class Edge(NamedTuple):
    """From one state, by one event, to one of some targets."""

    source: str
    targets: tuple[str, ...]
    when: tuple[str, ...]


@define(eq=False, repr=False)
class Declaration:
    """A whole lab. Built by states.verification.loading; never changed afterwards."""

    lab: Lab
    states: Mapping[str, State]
    roles: Mapping[str, Role]
    families: Mapping[str, Code]
    services: Mapping[str, Service]
    departments: Mapping[str, Department]
    places: Mapping[str, Place]
    axes: Mapping[str, Axis]
    kinds: Mapping[str, Code]
    skills: Mapping[str, Code]
    codes: Mapping[str, Mapping[str, Code]]
    form: Mapping[str, Field]
    keys: Mapping[str, Key]
    eligibility: Mapping[str, Eligibility]
    tiers: Mapping[str, Tier]
    recommendation: tuple[Recommendation, ...]
    events: Mapping[str, Event]
    deadlines: Mapping[str, Deadline]
    durations: Duration
    semesters: Mapping[str, Semester]
    slots: Slots = Factory(Slots)
    privacy: Privacy = Factory(Privacy)
    school_holidays: tuple[SchoolHolidays, ...] = ()
    academies: Mapping[str, Code] = Factory(dict)
    activity: Activities | None = None
    commands: Mapping[str, CommandGroup] = Factory(dict)  # by the first word of the commands
    letters: Mapping[str, Letter] = Factory(dict)  # to the requester
    digest: str = field(default="")

    @cached_property
    def activities(self) -> "Declaration":
        """The same lab, with the lifecycle of an activity in the place of a request's: what leads one leads the other.

        An activity has no form and no deadline: it is all in the keys of its events.
        """
        declared = self.activity or Activities((), {}, {}, {})
        return evolve(self, states=declared.states, events=declared.events, form={}, deadlines={})

    def of(self, ref: str, event: str = "") -> "Declaration":
        """The lifecycle a reference obeys; without one, that which an event begins: a request's, else an activity's."""
        return self.activities if is_activity(ref) or (not ref and event != self.creation) else self

    @property
    def activity_types(self) -> Mapping[str, ActivityType]:
        """The vocabulary of the types of activity."""
        return self.activity.types if self.activity else {}

    @property
    def activity_axes(self) -> Mapping[str, Axis]:
        """The axes an activity may belong to."""
        return {code: self.axes[code] for code in self.activity.axes} if self.activity else {}

    def vocabulary(self, name: str) -> Mapping[str, Labelled]:
        """The codes of a vocabulary, e.g. `axes` or `decline_reasons`, with their labels."""
        found = self.codes.get(name)
        if found is not None:
            return found
        table: Mapping[str, Labelled] = getattr(self, name)
        return table

    def label(self, vocabulary: str, code: str | None) -> str:
        """The label of a code in the current language; the code itself when it is not declared (any more)."""
        if code is None:
            return ""
        known = self.codes.get(vocabulary) or getattr(self, vocabulary, {})  # another lab may not have that vocabulary
        found = known.get(code)
        return found.text if found else code

    def school_holidays_on(self, day: date) -> SchoolHolidays | None:
        """The school holidays a day falls in: soft information, a sign of low availability."""
        return next((found for found in self.school_holidays if found.first <= day <= found.last), None)

    def group(self, name: str) -> tuple[str, ...]:
        """The states a `from` word stands for."""
        if name == "any":
            return tuple(self.states)
        if name in GROUPS:
            return tuple(code for code, state in self.states.items() if state.final == (name == "final"))
        return (name,)

    def is_final(self, state: str) -> bool:
        return self.states[state].final

    @cached_property
    def edges(self) -> Mapping[str, tuple[Edge, ...]]:
        """Every event's edges, groups written out: one per transition and source."""
        return {code: self._edges_of(event) for code, event in self.events.items()}

    def _edges_of(self, event: Event) -> tuple[Edge, ...]:
        found = []
        for transition in event.transitions:
            for word in transition.sources:
                for source in self.group(word):
                    targets: dict[str, None] = {}
                    for target in transition.to:
                        for state in [source] if target == SAME else self.group(target):
                            targets[state] = None
                    found.append(Edge(source, tuple(targets), transition.when))
        return tuple(found)

    def keys_of(self, event: Event) -> Mapping[str, tuple[Key, bool]]:
        """What an event takes: name -> (key, whether it is required). Form events take the form's fields."""
        return self._keys_of[id(event)]

    @cached_property
    def _keys_of(self) -> Mapping[int, Mapping[str, tuple[Key, bool]]]:
        found: dict[int, dict[str, tuple[Key, bool]]] = {}
        for event in (*self.events.values(), *(self.activity.events.values() if self.activity else ())):
            mine = found[id(event)] = {}
            for codes, required in ((event.needs, True), (event.takes, False)):
                for code in codes:
                    key = self.keys[code]
                    mine[key.name or code] = (key, required)
        return found

    def specs_of(self, event: Event) -> Mapping[str, Field | Key]:
        """What each name that an event takes must hold."""
        return self.form if event.form else self._specs_of[id(event)]

    @cached_property
    def _specs_of(self) -> Mapping[int, Mapping[str, Key]]:
        return {id: {name: key for name, (key, _required) in keys.items()} for id, keys in self._keys_of.items()}

    @property
    def held_roles(self) -> Mapping[str, Role]:
        """The roles that someone of the staff may have."""
        return {code: role for code, role in self.roles.items() if role.registered}

    def letters_for(self, kind: str) -> Mapping[str, Letter]:
        """The letters that a request of a kind may have."""
        return {code: letter for code, letter in self.letters.items() if letter.may_go_to(kind)}

    def roles_of(self, role: str) -> frozenset[str]:
        """The role and every role it includes: a pilot may do all a coordinator may."""
        return self._roles_of.get(role) or frozenset((role,))

    @cached_property
    def _roles_of(self) -> Mapping[str, frozenset[str]]:
        return {role: frozenset(self._included(role)) for role in self.roles}

    def _included(self, role: str) -> Iterator[str]:
        yield role
        for code in self.roles[role].includes if role in self.roles else ():
            yield from self._included(code)

    def keeps(self, role: str) -> bool:
        """Whether a role keeps the registers, by itself or by one it includes."""
        return any(self.roles[code].keeps for code in self.roles_of(role) if code in self.roles)

    def oversees(self, role: str) -> bool:
        """Whether a role oversees, by itself or by one it includes."""
        return any(self.roles[code].oversees for code in self.roles_of(role) if code in self.roles)

    def decides(self, role: str) -> bool:
        """Whether a role decides as the committee does."""
        return role in self.roles and self.roles[role].decides

    def takes_meetings(self, role: str) -> bool:
        """Whether whoever has a role may be asked to take a meeting."""
        return role in self.roles and self.roles[role].registered and not self.roles[role].decides

    @cached_property
    def keeper(self) -> str:
        """The role whoever opens the lab has, and alerts are addressed to."""
        return next(code for code, role in self.roles.items() if role.keeps)

    @cached_property
    def overseer(self) -> str:
        """The role that what is escalated is addressed to: the keeper's where nobody oversees."""
        return next((code for code, role in self.roles.items() if role.oversees), self.keeper)

    def outcome(self, state: str) -> str:
        """What ending in a state means, one of OUTCOMES; empty for a state that is not final."""
        return self.states[state].outcome if state in self.states else ""

    def recorded(self, event: str) -> str:
        """What an event records: one of RECORDS, or a word of the lab; empty for nothing, or an event not declared."""
        declared = self.events.get(event)
        return declared.records if declared else ""

    def deadline_label(self, code: str, kind: str) -> str:
        """The words of a deadline, for a request of that kind."""
        spec = self.deadlines.get(code)
        return label_of(spec.label_for.get(KindCode(kind), spec.label)) if spec else code

    @cached_property
    def creation(self) -> str:
        """The code of the event that begins a history."""
        return next(code for code, event in self.events.items() if event.creates)

    @property
    def initial(self) -> str:
        """The state a request begins in."""
        return self.events[self.creation].transitions[0].to[0]
