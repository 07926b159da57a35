"""A small model of the lifecycle, written from domain.md and from nothing else.

It knows requests as lists of entries, folds them into a `View`, and says what an event must come to: the exit code of
a command that is wrong, the rules that refuse it, or the view after it. It shares no code with the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
NEVER = datetime(1, 1, 1, tzinfo=UTC)
COORDINATORS = ("camille", "rene", "paule")
ROLES = {"camille": "coordinator", "rene": "referent", "paule": "pilot", "comite": "committee", "sacha": "specialist"}
CAPS = {"coup_de_pouce": 1, "tuto": 3, "50_50": 6}
FINAL = {"closed", "declined", "withdrawn", "cancelled"}
ACTIVE = {
    "received", "info_requested", "prequalified", "interview_planned", "qualified", "tier_assigned", "working",
    "session_held", "debriefed", "hosted", "suspended",
}  # fmt: skip
ANY = ACTIVE | FINAL
# The public holidays on weekdays: every place is closed, and off site is a day off.
HOLIDAYS = {
    *(date(2026, m, d) for m, d in ((1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (11, 11), (12, 25))),
    *(date(2027, m, d) for m, d in ((1, 1), (3, 29), (5, 6), (5, 17), (7, 14), (11, 1), (11, 11))),
}

MOVES: dict[str, tuple[set[str], str]] = {
    "request_info": ({"received"}, "info_requested"),
    "provide_info": ({"info_requested"}, "received"),
    "prequalify": ({"received"}, "prequalified"),
    "decline": ({"received", "info_requested", "prequalified", "interview_planned", "qualified"}, "declined"),
    "plan_interview": ({"prequalified"}, "interview_planned"),
    "hold_interview": ({"interview_planned"}, "qualified"),
    "assign_tier": ({"qualified"}, "tier_assigned"),
    "plan_meeting": ({"tier_assigned", "working"}, "working"),
    "hold_session": ({"working", "hosted"}, "session_held"),
    "resume_work": ({"session_held"}, "working"),
    "hold_debrief": ({"session_held"}, "debriefed"),
    "accept_autonomous": ({"prequalified"}, "hosted"),
    "close": ({"debriefed", "session_held"}, "closed"),
    "suspend": (ACTIVE - {"suspended"}, "suspended"),
    "resume": ({"suspended"}, ""),
    "withdraw": (ACTIVE, "withdrawn"),
    "cancel": (ACTIVE, "cancelled"),
    "reopen": (FINAL, ""),
}
STAYS: dict[str, set[str]] = {
    "correct": ANY,
    "validate": {"tier_assigned", "working", "session_held"},
    "hold_meeting": {"working", "session_held", "debriefed"},
    "grant_derogation": {"tier_assigned", "working"},
    "change_tier": {"tier_assigned", "working", "session_held"},
    "plan_session": {"working", "hosted"},
    "plan_debrief": {"session_held"},
    "move_meeting": ACTIVE,
    "assign_staff": ACTIVE,
    "cancel_meeting": ACTIVE,
    "ratify": {"tier_assigned", "working", "session_held", "debriefed", "suspended", "closed"},
    "amend": ANY,
    "comment": ANY,
    "record_deliverable": {"working", "session_held", "debriefed", "closed"},
    "record_satisfaction": {"session_held", "debriefed", "closed"},
    "record_effort": ANY - {"declined"},
    "record_follow_up": {"closed"},
}
EVENTS = [*MOVES, *STAYS]
IN_TURN = {
    *MOVES, "validate", "hold_meeting", "grant_derogation", "change_tier", "plan_session", "plan_debrief",
    "move_meeting", "assign_staff", "cancel_meeting",
}  # fmt: skip
ENDINGS = {"decline", "withdraw", "cancel", "suspend", "close"}
NOTED = {
    "request_info", "suspend", "resume", "withdraw", "cancel", "cancel_meeting", "decline", "grant_derogation",
    "reopen", "correct", "comment",
}  # fmt: skip
SINCE_RECEPTION = {"comment", "record_deliverable", "record_satisfaction", "record_effort", "record_follow_up"}
PLANS = {"plan_interview": "interview", "plan_meeting": "work", "plan_session": "session", "plan_debrief": "debrief"}
HOLDS = {"hold_interview": "interview", "hold_meeting": "work", "hold_session": "session", "hold_debrief": "debrief"}
WAIVERS = {
    **dict.fromkeys([*PLANS, "move_meeting"], ("outside_hours", "day_off")),
    "close": ("deliverable",),
    "prequalify": ("collaborative_share", "outcome_predefined", "scope"),
}
FIXED = {"collaborative_share"}  # the fields the machine amends that prequalification fixes


@dataclass(frozen=True)
class Slot:
    at: datetime
    minutes: int
    place: str
    staff: frozenset[str]

    @property
    def end(self) -> datetime:
        return self.at + timedelta(minutes=self.minutes)

    @property
    def days(self) -> set[date]:
        first, last = self.at.astimezone(PARIS).date(), self.end.astimezone(PARIS).date()
        return {first + timedelta(days=n) for n in range((last - first).days + 1)}

    def meets(self, other: Slot) -> bool:
        return self.at < other.end and other.at < self.end


@dataclass
class Meeting:
    kind: str
    status: str
    slot: Slot


@dataclass
class Done:
    """An entry: what happened, when, by whom, and what became of it."""

    event: str
    actor: str
    at: datetime
    given: dict[str, Any]
    struck: bool = False


@dataclass
class View:
    """What the effective entries of a request add up to."""

    state: str = "received"
    tier: str | None = None
    validated: bool = False
    ratified: bool = False
    decision: str = ""  # the committee's last one
    refused: bool = False
    extra: int = 0
    form: dict[str, Any] = field(default_factory=dict)
    waived_deliverable: bool = False
    accepted: bool = False
    share: int = 60
    deliverables: int = 0
    came_from: dict[str, str] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    last_at: datetime = NEVER
    last: int = 0

    def of(self, kind: str, *statuses: str) -> list[str]:
        return [id for id, m in self.meetings.items() if m.kind == kind and m.status in statuses]

    @property
    def planned(self) -> list[str]:
        return [id for id, m in self.meetings.items() if m.status == "planned"]

    @property
    def counted(self) -> int:
        return len(self.of("work", "planned", "held"))

    @property
    def cap(self) -> int:
        return CAPS[self.tier] + self.extra if self.tier else 10**6

    def next(self, kind: str) -> str | None:
        return min(self.of(kind, "planned"), key=lambda id: self.meetings[id].slot.at, default=None)


@dataclass
class Case:
    """A request."""

    ref: str
    kind: str
    share: int
    advised: str | None
    submitted: datetime
    done: list[Done] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(self.ref)

    @property
    def last_typed(self) -> int:
        """The number of what was typed last and stands; 0 when nothing is left to undo."""
        standing = [
            n for n, done in enumerate(self.done, 1) if not done.struck and done.event not in ("correct", "submit")
        ]
        return standing[-1] if standing else 0

    def view(self, *, without: int = 0) -> View:
        view = View(share=self.share, last_at=self.submitted, form={"collaborative_share": self.share})
        for number, done in enumerate(self.done, 1):
            if not done.struck and number != without:
                _fold(view, number, done)
        return view


def _fold(view: View, number: int, done: Done) -> None:
    event, given = done.event, done.given
    if event == "correct":
        _cancel(view, given["released"])
        if given["released"]:
            _without_interview(view)
        return
    if event in PLANS:
        view.meetings[given["id"]] = Meeting(PLANS[event], "planned", given["slot"])
    elif event in HOLDS:
        view.meetings[given["id"]].status = "held"
    elif event in ("move_meeting", "assign_staff"):
        view.meetings[given["id"]].slot = given["slot"]
    elif event == "cancel_meeting":
        view.meetings[given["id"]].status = "cancelled"
        _without_interview(view)
    elif event == "assign_tier":
        view.tier = given["tier"]
    elif event == "change_tier":
        cleared = given["tier"] == "50_50" and view.tier != "50_50"
        view.validated, view.ratified = view.validated and not cleared, view.ratified and not cleared
        view.tier, view.extra = given["tier"], 0
    elif event == "grant_derogation":
        view.extra += given["extra"]
    elif event == "validate":
        view.validated, view.refused, view.ratified = True, False, False
    elif event == "ratify":
        view.decision = given["decision"]
        view.ratified = view.ratified or view.decision == "ratify"
        if view.decision == "refuse":
            view.validated, view.refused, view.ratified = False, True, False
    elif event == "prequalify":
        view.accepted = True
    elif event == "amend":
        view.share = given.get("collaborative_share", view.share)
        view.form |= given
    elif event == "close":
        view.waived_deliverable = "deliverable" in given["waived"]
    elif event == "record_deliverable":
        view.deliverables += 1
    if event in MOVES:
        _move(view, event, given)
    if event in IN_TURN:
        view.last_at, view.last = done.at, number


def _move(view: View, event: str, given: Mapping[str, Any]) -> None:
    left, to = view.state, MOVES[event][1]
    if event in ENDINGS:
        view.came_from[to] = left
        _cancel(view, view.planned)
    elif event in ("resume", "reopen"):
        to = view.came_from[left]
        for id in given.get("restored", ()):
            view.meetings[id].status = "planned"
    view.state = to
    if event in ("resume", "reopen"):
        _without_interview(view)


def _cancel(view: View, ids: list[str]) -> None:
    for id in ids:
        if id in view.meetings:
            view.meetings[id].status = "cancelled"


def _without_interview(view: View) -> None:
    if view.state == "interview_planned" and not view.of("interview", "planned"):
        view.state = "prequalified"


@dataclass
class Command:
    """What someone asks: `given` are the keys as the product takes them, `slot` what they come to."""

    case: Case
    event: str
    actor: str
    given: dict[str, Any]
    slot: Slot | None
    note: bool
    at: datetime | None
    waive: tuple[str, ...]
    flaw: int = 0  # 4 or 6: something in `given` is unknown, or malformed
