"""The situations a request can be in, as far as the rules can tell, and what is made up to stand for one.

`states.verification.exploration` says what is left out of a situation, and why nothing is lost by it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from attrs import define, field

from states.declaration.model import Declaration
from states.declaration.tables import KINDS_OF_MEETING
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Record, Request, Stay
from states.verification.aspects import Aspects
from states.verification.made_up import Moments
from states.verification.unkept import KeptOnly, Unkept, UnkeptText, ghost

WORK = KINDS_OF_MEETING.index("work")
NONE = (0,) * len(KINDS_OF_MEETING)
_ORDERS: dict[str | None, list[int]] = {  # of the kinds, when an event is about one
    first: sorted(range(len(KINDS_OF_MEETING)), key=lambda rank: KINDS_OF_MEETING[rank] != first)
    for first in (None, *KINDS_OF_MEETING)
}
LEFT_OUT: dict[str, Any] = {aspect: Unkept(aspect) for aspect in ("records", "waivers", "stays", "ratified")}


class Situation(NamedTuple):
    """All that the rules can tell of a request: two requests in one situation have the same future."""

    state: str
    came_from: tuple[tuple[str, str], ...] = ()  # what `Request.before` is still asked for
    tier: str | None = None
    accepted: bool = False
    validated: bool = False
    refused: bool = False
    extra: int = 0
    held: int = 0  # work meetings
    planned: tuple[int, ...] = NONE  # by kind
    restorable: tuple[int, ...] = NONE  # what the ending cancelled, by kind
    begun: bool = False  # all the planned meetings have
    # What is kept only if a guard says that it looks at it: `states.verification.aspects`.
    records: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    form: tuple[tuple[str, Any], ...] = ()
    met: tuple[str, ...] = ()  # the kinds of meeting of which one was held


class Look(NamedTuple):
    """What the guards of an event may look at of a request that is made up for it."""

    first: str | None  # the kind of meeting it is about: those of that kind come before all others
    eligible: bool  # what the rules of eligibility look at
    records: bool


@define
class Requests:
    """Requests made up for situations: what the guards of an event may not look at stops whoever does."""

    declaration: Declaration
    form: dict[str, Any]
    kept: Aspects
    moment: Moments
    most: int  # work meetings, with no cap yet
    ghosts: list[Meeting] = field(init=False)
    forms: dict[tuple[Any, bool], KeptOnly] = field(init=False, factory=dict)
    tasks: dict[tuple[str, ...], KeptOnly] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        left_out = [kind for kind in KINDS_OF_MEETING if kind not in ("work", *self.kept.held)]
        self.ghosts = [ghost(kind, self.moment.past[0], self.form["place"]) for kind in left_out]

    def shown(self, here: Situation, look: Look) -> Request:
        """A request in this situation, of which only what is to be looked at is shown."""
        tasks = self.tasks.get(here.tasks)
        if tasks is None:
            tasks = self.tasks[here.tasks] = KeptOnly(dict.fromkeys(here.tasks, True), self.kept.tasks, "tasks")
        return Request(
            ref="2026-0001",
            declaration="",
            state=here.state,
            submitted_at=self.moment.past[0],
            form=self._form(here, look.eligible),
            tier=here.tier,
            accepted=here.accepted,
            refused=here.refused,
            validated=UnkeptText("validated") if here.validated else None,
            extra=here.extra,
            before=dict(here.came_from),
            meetings=self._meetings(here, look.first),
            numbers=dict.fromkeys(KINDS_OF_MEETING, 2 * self.most),
            records=self._records(here) if look.records else LEFT_OUT["records"],
            tasks=tasks,
            waivers=LEFT_OUT["waivers"],
            stays=LEFT_OUT["stays"],
            ratified=LEFT_OUT["ratified"],
        )

    def plain(self, request: Request, here: Situation) -> None:
        """The same request, to fold an entry into."""
        request.form, request.records = self._filled(here), self._records(here)
        request.tasks, request.waivers, request.ratified = dict.fromkeys(here.tasks, True), [], False
        request.stays = [Stay(here.state, 1, self.moment.past[0])]
        if self.ghosts:
            del request.meetings[-len(self.ghosts) :]

    def _form(self, here: Situation, eligible: bool) -> KeptOnly:
        form = self.forms.get((here.form, eligible))
        if form is None:
            fields = {"kind", "place", *self.kept.fields, *(self.form if eligible else ())}
            form = self.forms[here.form, eligible] = KeptOnly(self._filled(here), fields, "form")
        return form

    def _filled(self, here: Situation) -> dict[str, Any]:
        return {**self.form, **{name: value for name, value in here.form if value is not None}}

    def _records(self, here: Situation) -> list[Record]:
        return [Record(1, code, self.moment.past[0], {}) for code in here.records]

    def _meetings(self, here: Situation, first: str | None) -> list[Meeting]:
        """The meetings of a situation: the planned ones in the order that suits an event about one kind."""
        times = iter(self.moment.past if here.begun else self.moment.future)
        place, before = self.form["place"], self.moment.past[0]
        meetings = []
        for rank in _ORDERS[first]:
            kind = KINDS_OF_MEETING[rank]
            planned, gone = here.planned[rank], here.restorable[rank]
            held = here.held if rank == WORK else int(kind in here.met)
            for n, status in enumerate([PLANNED] * planned + [CANCELLED] * gone + [HELD] * held, 1):
                at = next(times) if status is PLANNED else before
                meetings.append(Meeting(f"{kind}-{n}", kind, status, at, 60, place, [], before))
        return meetings + self.ghosts
