"""The declaration of a lab, typed: what `cooperative.toml` says, and nothing that a running request changes.

Codes are typed by what they name (`StateCode`, `GuardName`…), so that loading can check each one against the
declaration itself and say which name was meant. `docs/declaration.md` describes every table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from functools import cached_property
from typing import NewType
from zoneinfo import ZoneInfo

from attrs import Factory, define, evolve, field, frozen

from states.language import label_of
from states.references import is_activity

StateCode = NewType("StateCode", str)
StateSet = NewType("StateSet", str)  # a state, or one of the groups of GROUPS
TargetCode = NewType("TargetCode", str)  # a StateSet, or "same"
RoleCode = NewType("RoleCode", str)
GuardName = NewType("GuardName", str)
EffectName = NewType("EffectName", str)
KeyCode = NewType("KeyCode", str)
FieldCode = NewType("FieldCode", str)
TierCode = NewType("TierCode", str)
EventCode = NewType("EventCode", str)
KindCode = NewType("KindCode", str)
FamilyCode = NewType("FamilyCode", str)
DepartmentCode = NewType("DepartmentCode", str)
RuleCode = NewType("RuleCode", str)  # an eligibility rule
Vocabulary = NewType("Vocabulary", str)  # a table of codes: "axes", "places", "reasons.decline"…
Weekday = NewType("Weekday", str)
AxisCode = NewType("AxisCode", str)
Minutes = NewType("Minutes", int)  # written "1h30", "45m"
Labels = Mapping[str, str]  # language -> text

GROUPS = ("any", "active", "final")
SAME = "same"
KINDS_OF_MEETING = ("interview", "work", "session", "debrief")  # those of a request
ACTIVITY = "activity"  # the kind of the one meeting that an activity is
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Labelled:
    """Something people see under a label; codes are for programs."""

    label: Labels

    @property
    def text(self) -> str:
        return label_of(self.label)


@frozen
class Lab(Labelled):
    """The lab itself: its name, its zone and its hours."""

    name: str
    version: str
    zone: str
    label: Labels
    opens: time  # a slot lies between opens and closes
    closes: time
    due_hour: time  # the local time at which deadlines fall
    holidays: Mapping[str, str]  # country, language: which table the library is asked for
    load_weeks: int = 8  # how many weeks ahead an overload is looked for
    hourly_cost: int = 0  # euros: what an hour of the lab's people costs, for the return on investment

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@frozen
class State(Labelled):
    label: Labels
    final: bool = False
    owes: str = ""  # what the lab or the requester is expected to do here, a state's group on the board
    pauses: bool = False  # the deadline of the state it interrupts waits for the return
    outcome: str = ""  # what a final state means: one of OUTCOMES


@frozen
class Role(Labelled):
    label: Labels
    may: Labels
    includes: tuple[RoleCode, ...] = ()
    keeps: bool = False  # the registers; alerts and the morning's digest are for it
    oversees: bool = False  # what is escalated; alone registers those who oversee or decide, and undoes anyone's entry
    decides: bool = False  # as the committee: on its own basis, and takes no meeting
    registered: bool = True  # whether someone of the staff may have it


@frozen
class Code(Labelled):
    """A bare code with its label: an axis, a department, a reason, a skill…"""

    label: Labels


@frozen
class Service(Labelled):
    label: Labels
    family: FamilyCode
    regional: bool = False
    asks_family: bool = False  # the declared family is only a default
    department: DepartmentCode | None = None  # where it is, proposed to who fills in a form


@frozen
class Place(Labelled):
    label: Labels
    open_days: tuple[Weekday, ...] = ()  # empty: not ours to open or close
    shared: bool = True  # two meetings cannot be there at once
    by_agreement: bool = False  # a meeting there says `agreed` yes or no
    anywhere: bool = False  # never closed, never clashes


@frozen
class Field(Labelled):
    """A field of the form. `type` is one of states.declaration.types.TYPES."""

    label: Labels
    type: str
    required: bool = False
    private: bool = False  # kept in the vault: personal data and free text
    personal: bool = False  # private, and about a person
    codes: Vocabulary | None = None
    min: int | None = None
    max: int | None = None
    frozen: bool = False  # not amended after `prequalify`
    amendable: bool = True
    help: Labels = Factory(dict)


@frozen
class Key(Labelled):
    """Something an event takes (`--set name=value`). Several keys may bear one name, in different events."""

    label: Labels
    type: str
    name: str = ""
    codes: Vocabulary | None = None
    min: int | None = None
    max: int | None = None
    private: bool = False
    default: str | None = None
    help: Labels = Factory(dict)
    many: bool = False


@frozen
class Transition:
    """One way through an event. `to` of several targets: the event's effect chooses among them from history."""

    sources: tuple[StateSet, ...]
    to: tuple[TargetCode, ...]
    when: tuple[GuardName, ...] = ()


@frozen
class Event(Labelled):
    """An event of the lifecycle: where it leads, who may record it, what it needs, what it does."""

    label: Labels
    help: Labels
    transitions: tuple[Transition, ...]
    roles: tuple[RoleCode, ...]
    effect: EffectName
    meeting: str | None = None
    needs: tuple[KeyCode, ...] = ()
    takes: tuple[KeyCode, ...] = ()
    guards: tuple[GuardName, ...] = ()
    note: str = "optional"  # or "required"
    form: bool = False  # its keys are the form's fields
    waives: Mapping[str, tuple[RoleCode, ...]] = Factory(dict)  # rule -> who may waive it
    undo: str = "never"  # "in_turn": by `correct`; "by_seq": by `correct --set seq=N`, at any time
    since: str = "last"  # how far back `--at` may go: "last" undoable entry, or "reception"
    dated: bool = True  # may be given an `--at`
    past: Labels = Factory(dict)  # the label in the history, when it differs
    records: str = ""  # what it keeps: one of RECORDS, which the review counts, or another word

    @property
    def moves(self) -> bool:
        """Whether it belongs to the first table: an entry of it sets the state, in a replay too."""
        return any(target != SAME for t in self.transitions for target in t.to)

    @property
    def creates(self) -> bool:
        """Whether a history begins with it: a request's form, or an activity planned."""
        return not any(way.sources for way in self.transitions)


@frozen
class Meetings:
    """How many work meetings a tier has."""

    min: int
    max: int


@frozen
class Task(Labelled):
    """An item of the checklist of who does what."""

    label: Labels
    stage: str
    owner: str  # lab, requester, both
    optional: bool = False


@frozen
class Tier(Labelled):
    label: Labels
    meant_for: Labels
    work: Meetings
    validation: str  # none, delegated, prior
    derogation: bool
    facilitation: str
    preparation: Minutes  # of one work meeting
    session_preparation: Minutes
    tasks: Mapping[str, Task]


@frozen
class Eligibility(Labelled):
    """A rule checked at `prequalify`. Exactly one of at_least, equals and families says what is expected."""

    label: Labels
    field: FieldCode
    refusal: Labels
    remedy: Labels
    at_least: int | None = None
    equals: bool | None = None
    families: Mapping[str, tuple[FamilyCode, ...]] = Factory(dict)  # by value of `field`


@frozen
class Recommendation:
    """A row of the table that recommends a tier: empty values match a field left empty."""

    tier: TierCode | None = None
    experience: str = ""
    complexity: str = ""
    unless_wanted: tuple[TierCode, ...] = ()
    as_wanted: bool = False


@frozen
class NextCommand:
    """A line to type that settles a deadline, `{ref}` in it; only while the event it is of is possible."""

    line: str
    event: EventCode | None = None


@frozen
class Deadline(Labelled):
    """A target date: `days` working days, or `months` calendar months, after its anchor.

    One anchored to an entry, an interview or an activity bears the name of the state it belongs to.
    """

    label: Labels
    anchor: str  # entry, interview, activity, meeting, closing
    days: int | None = None
    months: int | None = None
    reminder: int | None = None  # working days before
    escalation: int = 5  # working days after
    commands: tuple[NextCommand, ...] = ()  # what settles it, the likeliest first
    label_for: Mapping[KindCode, Labels] = Factory(dict)  # its words for a kind of request, where they differ


@frozen
class Duration:
    """Default lengths, in minutes."""

    interview: Minutes
    work: Minutes
    session: Minutes
    debrief: Minutes
    activity: Minutes = Minutes(120)


@frozen
class Semester(Labelled):
    label: Labels
    month: int
    day: int


@frozen
class ActivityType(Labelled):
    """A kind of activity; one that keeps no minutes keeps no text either but its title."""

    label: Labels
    minutes: bool = True


@frozen
class Activities:
    """The activities of axes 2 and 3: their types, and a lifecycle of their own led by the same engine."""

    axes: tuple[AxisCode, ...]
    types: Mapping[str, ActivityType]
    states: Mapping[str, State]
    events: Mapping[str, Event]


def _day(text: str) -> date:
    return date.fromisoformat(text)


@frozen
class SchoolHolidays(Labelled):
    """Days, both included, on which teams are hard to gather. They close nothing and count nowhere."""

    label: Labels
    first: date = field(converter=_day)  # written "2026-10-17"
    last: date = field(converter=_day)

    @last.validator
    def _follows(self, _attribute: object, last: date) -> None:
        if last < self.first:
            raise ValueError(last)


@define(eq=False)
class Declaration:
    """A whole lab. Built by states.verification.loading; never changed afterwards."""

    lab: Lab
    states: Mapping[str, State]
    roles: Mapping[str, Role]
    families: Mapping[str, Code]
    services: Mapping[str, Service]
    departments: Mapping[str, Code]
    places: Mapping[str, Place]
    axes: Mapping[str, Code]
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
    school_holidays: tuple[SchoolHolidays, ...] = ()
    activity: Activities | None = None
    digest: str = field(default="")

    @cached_property
    def activities(self) -> Declaration:
        """The same lab, with the lifecycle of an activity in the place of a request's: what leads one leads the other.

        An activity has no form and no deadline: it is all in the keys of its events.
        """
        declared = self.activity or Activities((), {}, {}, {})
        return evolve(self, states=declared.states, events=declared.events, form={}, deadlines={})

    def of(self, ref: str, event: str = "") -> Declaration:
        """The lifecycle a reference obeys; without one, that which an event begins: a request's, else an activity's."""
        return self.activities if is_activity(ref) or (not ref and event != self.creation) else self

    @property
    def activity_types(self) -> Mapping[str, ActivityType]:
        """The vocabulary of the types of activity."""
        return self.activity.types if self.activity else {}

    @property
    def activity_axes(self) -> Mapping[str, Code]:
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


@frozen
class Edge:
    """From one state, by one event, to one of some targets."""

    source: str
    targets: tuple[str, ...]
    when: tuple[str, ...]
