"""What the tables of a declaration hold, typed row by row: `docs/declaration.md` describes every table.

Codes are typed by what they name (`StateCode`, `GuardName`…), so that loading can check each one against the
declaration itself and say which name was meant. The types are read as they are written here, by whatever makes values
of these classes: they are no text to be evaluated each time a command starts.
"""

from collections.abc import Mapping
from datetime import date, time
from functools import cached_property
from typing import NewType
from zoneinfo import ZoneInfo

from attrs import Factory, field, frozen

from states.language import DEFAULT, label_of

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
DeadlineCode = NewType("DeadlineCode", str)
KindCode = NewType("KindCode", str)
FamilyCode = NewType("FamilyCode", str)
DepartmentCode = NewType("DepartmentCode", str)
AcademyCode = NewType("AcademyCode", str)
RuleCode = NewType("RuleCode", str)  # an eligibility rule
Vocabulary = NewType("Vocabulary", str)  # a table of codes: "axes", "places", "reasons.decline"…
Weekday = NewType("Weekday", str)
AxisCode = NewType("AxisCode", str)
Minutes = NewType("Minutes", int)  # written "1h30", "45m"
Template = NewType("Template", str)  # of a letter
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


@frozen(eq=False, repr=False)
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
    language: str = DEFAULT  # of what is mailed to whoever has asked for no other
    load_weeks: int = 8  # how many weeks ahead an overload is looked for
    hourly_cost: int = 0  # euros: what an hour of the lab's people costs, for the return on investment

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@frozen(eq=False, repr=False)
class State(Labelled):
    label: Labels
    final: bool = False
    owes: str = ""  # what the lab or the requester is expected to do here, a state's group on the board
    pauses: bool = False  # the deadline of the state it interrupts waits for the return
    outcome: str = ""  # what a final state means: one of OUTCOMES
    retention: int | None = None  # months after which what is private of a request that ended there is due to go


@frozen(eq=False, repr=False)
class Role(Labelled):
    label: Labels
    may: Labels
    includes: tuple[RoleCode, ...] = ()
    keeps: bool = False  # the registers; alerts and the morning's digest are for it
    oversees: bool = False  # what is escalated; alone registers those who oversee or decide, and undoes anyone's entry
    decides: bool = False  # as the committee: on its own basis, and takes no meeting
    registered: bool = True  # whether someone of the staff may have it


@frozen(eq=False, repr=False)
class Code(Labelled):
    """A bare code with its label: an axis, a department, a reason, a skill…"""

    label: Labels


@frozen(eq=False, repr=False)
class Department(Labelled):
    label: Labels
    academy: AcademyCode | None = None  # the one it is of: the review counts by academy
    tile: tuple[int, ...] = ()  # where it is on the map of tiles: column, row; empty: on none


@frozen(eq=False, repr=False)
class Axis(Labelled):
    label: Labels
    counts: str = ""  # what the review counts of those who come to what is held on it: one of GATHERED


@frozen(eq=False, repr=False)
class Service(Labelled):
    label: Labels
    family: FamilyCode
    regional: bool = False
    asks_family: bool = False  # the declared family is only a default
    department: DepartmentCode | None = None  # where it is, proposed to who fills in a form


@frozen(eq=False, repr=False)
class Place(Labelled):
    label: Labels
    open_days: tuple[Weekday, ...] = ()  # empty: not ours to open or close
    shared: bool = True  # two meetings cannot be there at once
    by_agreement: bool = False  # a meeting there says `agreed` yes or no
    anywhere: bool = False  # never closed, never clashes
    address: str = ""  # where letters and calendars send people


@frozen(eq=False, repr=False)
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


@frozen(eq=False, repr=False)
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
    positional: bool = False  # a command takes it after the reference, and not as an option
    only_with: KeyCode | None = None  # the key, a yes or no, without whose yes this one says nothing


@frozen(eq=False, repr=False)
class CommandGroup(Labelled):
    """Commands that share their first word, `meeting plan` and `meeting done`: what they are for."""

    label: Labels


@frozen(eq=False, repr=False)
class Transition:
    """One way through an event. `to` of several targets: the event's effect chooses among them from history."""

    sources: tuple[StateSet, ...]
    to: tuple[TargetCode, ...]
    when: tuple[GuardName, ...] = ()


@frozen(eq=False, repr=False)
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
    command: str = ""  # the words after `coop` that record it: "meeting plan"; none: `coop advance`
    triage: str = ""  # how it answers a form just received, one of ANSWERS: `coop triage` offers it

    @cached_property
    def moves(self) -> bool:
        """Whether it belongs to the first table: an entry of it sets the state, in a replay too."""
        return any(target != SAME for t in self.transitions for target in t.to)

    @cached_property
    def creates(self) -> bool:
        """Whether a history begins with it: a request's form, or an activity planned."""
        return not any(way.sources for way in self.transitions)


@frozen(eq=False, repr=False)
class Meetings:
    """How many work meetings a tier has."""

    min: int
    max: int


@frozen(eq=False, repr=False)
class Task(Labelled):
    """An item of the checklist of who does what."""

    label: Labels
    stage: str
    owner: str  # lab, requester, both
    optional: bool = False


@frozen(eq=False, repr=False)
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


@frozen(eq=False, repr=False)
class Eligibility(Labelled):
    """A rule checked at `prequalify`. Exactly one of at_least, equals and families says what is expected."""

    label: Labels
    field: FieldCode
    refusal: Labels
    remedy: Labels
    at_least: int | None = None
    equals: bool | None = None
    families: Mapping[str, tuple[FamilyCode, ...]] = Factory(dict)  # by value of `field`


@frozen(eq=False, repr=False)
class Recommendation:
    """A row of the table that recommends a tier: empty values match a field left empty."""

    tier: TierCode | None = None
    experience: str = ""
    complexity: str = ""
    unless_wanted: tuple[TierCode, ...] = ()
    as_wanted: bool = False


@frozen(eq=False, repr=False)
class NextCommand:
    """A line to type that settles a deadline, `{ref}` in it; only while the event it is of is possible."""

    line: str
    event: EventCode | None = None


@frozen(eq=False, repr=False)
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

    @property
    def is_to_record(self) -> bool:
        """Whether its duty is only to record what a planned meeting became: to count it would be to count typing."""
        return self.anchor in ("interview", "meeting")


@frozen(eq=False, repr=False)
class Letter(Labelled):
    """A letter to the requester: after which events it leaves, or once which deadlines are due.

    Its text is in the files that `states.declaration.letters` reads.
    """

    label: Labels
    after: tuple[EventCode, ...] = ()
    due: tuple[DeadlineCode, ...] = ()
    kinds: tuple[KindCode, ...] = ()  # of request, that it is for; none: all
    within: int = 7  # days: what was recorded later after it happened is not written about
    off: bool = False
    content: Mapping[str, Template] = Factory(dict)  # by language

    def may_go_to(self, kind: str) -> bool:
        """Whether a request of a kind may have it."""
        return not self.off and (not self.kinds or kind in self.kinds)


@frozen(eq=False, repr=False)
class Duration:
    """Default lengths, in minutes."""

    interview: Minutes
    work: Minutes
    session: Minutes
    debrief: Minutes
    activity: Minutes = Minutes(120)


@frozen(eq=False, repr=False)
class Slots:
    """What is proposed: at least `notice` ahead, counted in hours of the lab's working days."""

    notice: Minutes = Minutes(240)


@frozen(eq=False, repr=False)
class Privacy:
    """What the register of processing activities says of the lab, and nothing else of the declaration does."""

    controller: str = ""
    contact: str = ""  # the data protection officer
    purpose: Labels = Factory(dict)
    basis: Labels = Factory(dict)
    nature: Labels = Factory(dict)  # of the files, on a slip of elimination


@frozen(eq=False, repr=False)
class Semester(Labelled):
    label: Labels
    month: int
    day: int


@frozen(eq=False, repr=False)
class ActivityType(Labelled):
    """A kind of activity; one that keeps no minutes keeps no text either but its title."""

    label: Labels
    minutes: bool = True


@frozen(eq=False, repr=False)
class Activities:
    """The activities of axes 2 and 3: their types, and a lifecycle of their own led by the same engine."""

    axes: tuple[AxisCode, ...]
    types: Mapping[str, ActivityType]
    states: Mapping[str, State]
    events: Mapping[str, Event]


def _day(text: str) -> date:
    return date.fromisoformat(text)


@frozen(eq=False, repr=False)
class SchoolHolidays(Labelled):
    """Days, both included, on which teams are hard to gather. They close nothing and count nowhere."""

    label: Labels
    first: date = field(converter=_day)  # written "2026-10-17"
    last: date = field(converter=_day)

    @last.validator
    def _follows(self, _attribute: object, last: date) -> None:
        if last < self.first:
            raise ValueError(last)
