"""What a review is computed from: histories as they are known, and what happened in a period.

Only effective entries count: one that was corrected, and its correction, count nowhere but among the corrections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property

from attrs import Factory, define, field, frozen

from states.calendar.working_days import WorkingCalendar
from states.deadlines import Deadline, deadlines
from states.declaration.model import Declaration
from states.declaration.tables import ACTIVITY
from states.declaration.types import instant, local, moment
from states.lifecycle.effect import Effect
from states.lifecycle.effects import AssignTier, ChangeTier, effect_of
from states.lifecycle.effects_of_meetings import Hold
from states.planning.slots import Surroundings, Swap
from states.requests.entry import Entry, struck
from states.requests.request import Meeting, Request, Stay
from states.review.semesters import Period, before, same_share, year_so_far

NOON = time(13)  # half-days: 08-13 and 13-19
MORNING, AFTERNOON = "morning", "afternoon"
HalfDay = tuple[date, str]


@define(eq=False)
class Story:
    """One request or activity: what its entries as known add up to, and the entries themselves once they are asked for.

    Of one that ended long before, most often only its deadlines count, and those are in the request.
    """

    declaration: Declaration  # its own version, in the lifecycle it obeys
    request: Request
    _read: Callable[[], Sequence[Entry]]
    _deadlines: list[Deadline] | None = field(default=None, init=False)

    @property
    def ref(self) -> str:
        return self.request.ref

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """All of them, oldest first."""
        return self._read()

    def told_since(self, at: str) -> bool:
        """Whether anything of it was recorded from an instant on: nothing occurs after it is recorded."""
        return self.request.recorded_at >= at

    @cached_property
    def gone(self) -> Mapping[int, int]:
        """The entries that were corrected, and by which."""
        return struck(self.entries)

    @cached_property
    def effective(self) -> list[Entry]:
        return [e for e in self.entries if e.seq not in self.gone and "corrects" not in e.data]

    @cached_property
    def by_seq(self) -> Mapping[int, Entry]:
        return {entry.seq: entry for entry in self.entries}

    def deadlines(self, calendar: WorkingCalendar, now: str) -> list[Deadline]:
        """Every deadline it ever had; counted once, for the semester and the one before."""
        if self._deadlines is None:
            self._deadlines = deadlines(self.declaration, self.request, calendar, now)
        return self._deadlines

    @cached_property
    def held(self) -> list[Held]:
        """Every meeting held, whenever it was, in the order it was recorded."""
        return [held_of(self, entry) for entry in self.effective if self.does(entry, Hold)]

    def does(self, entry: Entry, *effects: type[Effect]) -> bool:
        """Whether an entry does one of these things, whatever its event is called in that declaration."""
        event = self.declaration.events.get(entry.event)
        return event is not None and isinstance(effect_of(event), effects)

    def ending(self, entry: Entry) -> str:
        """What an entry that brought it into a final state means, one of OUTCOMES; empty for any other."""
        return self.declaration.outcome(entry.to) if entry.to != entry.source else ""

    def begins_again(self, entry: Entry) -> bool:
        """Whether an entry brought it back out of a final state."""
        return entry.source is not None and bool(self.declaration.outcome(entry.source)) and entry.to != entry.source

    def ended_before(self, entry: Entry) -> bool:
        """Whether it had ended already before an entry, and gone on."""
        return any(self.ending(earlier) for earlier in self.effective if earlier.seq < entry.seq)

    def stay_at(self, end: str) -> Stay | None:
        """The last stay begun before an instant; None when the request was not there yet."""
        return next((stay for stay in reversed(self.request.stays) if stay.since < end), None)

    def tier_at(self, end: str) -> str | None:
        """The tier assigned by an instant."""
        found = None
        for entry in self.effective:
            if entry.occurred_at < end and self.does(entry, AssignTier, ChangeTier):
                found = entry.data["tier"]
        return found


@frozen
class Raised:
    """An alert that was raised: what the review counts, and until when it stood; None when it stands."""

    id: int
    rule: str
    level: str
    ref: str | None
    raised_at: str
    settled_at: str | None = None


@frozen
class Sources:
    """A lab's histories as known at a moment. `first_at`: when its oldest entry occurred; None when there is none.

    `since`: the instant from which all that happened was read. `watched_at`: when the watch last went round, as far as
    is known; None when it never did.
    """

    declaration: Declaration
    now: str  # the moment known at
    requests: Sequence[Story]
    activities: Sequence[Story]
    calendar: WorkingCalendar
    around: Surroundings
    alerts: Sequence[Raised] = ()
    first_at: str | None = None
    since: str = ""
    watched_at: str | None = None
    swaps: Sequence[tuple[Swap, Entry]] = ()  # of days with another lab, those that stand, each with what recorded it
    follows: Mapping[str, str] = Factory(dict)  # every request that follows another: the chains projects are


@frozen
class Held:
    """A meeting, session or activity that was held: the entry that says so, and what it says."""

    story: Story
    entry: Entry
    meeting: Meeting  # with the figures put right since

    @property
    def axis(self) -> str:
        return str(self.story.request.form["axis"])

    @property
    def expected(self) -> int | None:
        """How many people were to come: to an activity, those registered."""
        form = self.story.request.form
        return form.get("registered") if self.meeting.kind == ACTIVITY else self.meeting.expected

    @property
    def services(self) -> tuple[str, ...]:
        """The services present: of a request, its own."""
        form = self.story.request.form
        return tuple(form.get("services", ())) if self.meeting.kind == ACTIVITY else (form["service"],)

    def half_days(self, declaration: Declaration) -> Iterator[HalfDay]:
        """The half-days it took, in the lab's zone."""
        start = local(self.meeting.begins_at, declaration.lab.tz)
        end = start + timedelta(minutes=max(self.meeting.duration, 1))
        if start.time() < NOON:
            yield start.date(), MORNING
        if end.time() > NOON or end.date() > start.date():
            yield start.date(), AFTERNOON


class Scope:
    """What happened in one period. `explained`: whether the entries behind figures are wanted, or only counts."""

    def __init__(
        self, sources: Sources, period: Period, *, explained: bool = True, compared_with: Scope | None = None
    ) -> None:
        self.sources, self.period, self.explained = sources, period, explained
        self.declaration = sources.declaration
        # Whether it is not over yet, or stands beside one that is not: of both, the same share is counted.
        self.running: bool = self.limit < period.end or (compared_with is not None and compared_with.running)

    @cached_property
    def previous(self) -> Scope:
        """The semester before, as known at the same moment; beside one that runs, the same share of it."""
        period = before(self.declaration, self.period)
        if self.running:
            period = same_share(self.declaration, period, self.period, self.limit)
        return Scope(self.sources, period, explained=False, compared_with=self)

    @property
    def has_history(self) -> bool:
        """Whether anything was recorded of the lab by its end: of a time before, nothing can be said."""
        first = self.sources.first_at
        return first is not None and first < self.limit

    @property
    def watched(self) -> bool:
        """Whether the watch went round in the period or since: else nobody knows what alerts there were to raise."""
        last = self.sources.watched_at
        return self.has_history and last is not None and last >= self.period.start

    @property
    def first_day(self) -> date | None:
        """The first local day of which something counts; None where nothing was recorded yet."""
        first = self.sources.first_at
        if first is None or not self.has_history:
            return None
        return max(self.period.first, local(first, self.declaration.lab.tz).date())

    @property
    def last_day(self) -> date:
        """The last local day of which something counts."""
        return min(self.period.last, local(self.sources.now, self.declaration.lab.tz).date())

    @cached_property
    def year(self) -> Scope:
        """The calendar year the period ends in, up to its end."""
        period = year_so_far(self.declaration, self.period)
        return self if period.start == self.period.start else Scope(self.sources, period, explained=self.explained)

    @cached_property
    def limit(self) -> str:
        """The first instant that does not count: the end of the period, or after the moment known at if earlier."""
        return min(self.period.end, _after(self.sources.now))

    def has_begun(self, half_day: HalfDay) -> bool:
        """Whether a half-day had begun when the period ended, or at the moment known at if earlier."""
        day, half = half_day
        begins = self.declaration.lab.opens if half == MORNING else NOON
        return instant(datetime.combine(day, begins, self.declaration.lab.tz)) < self.limit

    @cached_property
    def entries(self) -> list[tuple[Story, Entry]]:
        """The effective entries of requests that occurred in the period."""
        return list(self._of(self.sources.requests))

    @cached_property
    def activity_entries(self) -> list[tuple[Story, Entry]]:
        return list(self._of(self.sources.activities))

    def _of(self, stories: Sequence[Story]) -> Iterator[tuple[Story, Entry]]:
        for story in stories:
            if story.told_since(self.period.start):
                for entry in story.effective:
                    if self.period.holds(entry.occurred_at):
                        yield story, entry

    def of_effect(self, *effects: type[Effect]) -> list[tuple[Story, Entry]]:
        """The entries that do one of these things."""
        return [(story, entry) for story, entry in self.entries if story.does(entry, *effects)]

    def recorded(self, *kinds: str) -> list[tuple[Story, Entry]]:
        """The entries that record one of these, whatever their events are called."""
        return [(story, entry) for story, entry in self.entries if story.declaration.recorded(entry.event) in kinds]

    def ended(self, outcome: str) -> Iterator[tuple[Story, Entry]]:
        """The entries by which requests ended so."""
        return ((story, entry) for story, entry in self.entries if story.ending(entry) == outcome)

    @cached_property
    def held(self) -> list[Held]:
        """Every meeting of a request held: interviews, work meetings, sessions, debriefs."""
        return list(self._held(self.sources.requests))

    def _held(self, stories: Sequence[Story]) -> Iterator[Held]:
        """What was held is placed in a period by its real start, whenever it was recorded."""
        for story in stories:
            if story.told_since(self.period.start):
                yield from (held for held in story.held if self.period.holds(held.meeting.begins_at))

    @cached_property
    def support(self) -> list[Held]:
        """Work meetings and sessions: what makes a request one of the period."""
        return [held for held in self.held if held.meeting.kind in ("work", "session")]

    @cached_property
    def activities(self) -> list[Held]:
        return list(self._held(self.sources.activities))

    @cached_property
    def gatherings(self) -> list[Held]:
        """Sessions and activities: where people were counted."""
        return [held for held in self.support if held.meeting.kind == "session"] + self.activities

    @cached_property
    def accompanied(self) -> list[Story]:
        """The accompanied requests of the period: with a work meeting or a session held in it."""
        found = {h.story.ref: h.story for h in self.support if h.story.request.accompanied}
        return [found[ref] for ref in sorted(found)]


def held_of(story: Story, entry: Entry) -> Held:
    """What an entry that holds a meeting or an activity is about."""
    meeting = story.request.meeting(entry.data["meeting"])
    assert meeting is not None  # it was planned in an effective entry, or it could not have been held
    return Held(story, entry, meeting)


def _after(at: str) -> str:
    # Instants are kept to the second: what happened within it is known.
    return instant(moment(at) + timedelta(seconds=1))
