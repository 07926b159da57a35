"""The command that settles a deadline, or records a meeting: what a day's list and an alert both name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.requests.request import Request

# What leaves a state, or settles a deadline: the event, and how it is typed; {ref} is the request.
NEXT: Mapping[str, tuple[str, str]] = {
    "info_requested": ("provide_info", "coop answer {ref} --set …"),
    "prequalified": ("plan_interview", "coop interview plan {ref} --slot first"),
    "interview_planned": ("hold_interview", "coop interview done {ref}"),
    "qualified": ("assign_tier", "coop tier assign {ref}"),
    "tier_assigned": ("plan_meeting", "coop meeting plan {ref} --slot first"),
    "session_held": ("plan_debrief", "coop debrief plan {ref} --slot first"),
    "debriefed": ("close", "coop close {ref}"),
    "hosted": ("plan_session", "coop session plan {ref} --slot first"),
    "suspended": ("resume", 'coop resume {ref} --note "…"'),
    "follow_up_3": ("record_follow_up", 'coop followup {ref} --done "…"'),
    "follow_up_6": ("record_follow_up", 'coop followup {ref} --done "…"'),
}
DONE: Mapping[str, str] = {
    "interview": "coop interview done {ref}",
    "work": "coop meeting done {ref}/{meeting}",
    "session": "coop session done {ref}",
    "debrief": "coop debrief done {ref}",
    "activity": "coop activity done {ref} --attended …",
}


@frozen
class Awaited:
    """An open deadline and what its request is at: enough to say what comes next."""

    kind: str
    state: str
    meeting: str | None  # the one to record
    accompanied: bool
    to_validate: bool
    planned: tuple[str, ...]

    @classmethod
    def of(cls, declaration: Declaration, request: Request, kind: str, anchor: str) -> Awaited:
        """What a deadline of a request awaits; `anchor` is the meeting to record, or an entry's number."""
        return cls(
            kind,
            request.state,
            anchor if request.meeting(anchor) else None,
            request.accompanied,
            request.needs_validation(declaration) and request.validated is None,
            tuple(m.id for m in request.planned()),
        )


def settling(declaration: Declaration, awaited: Awaited, ref: str) -> str:
    """What to type; `ref` as it is to be typed."""
    if awaited.meeting:
        return recording(ref, awaited.meeting)
    if awaited.state == "prequalified" and not awaited.accompanied:
        return f"coop advance {ref} accept_autonomous"
    if awaited.state == "session_held" and not awaited.accompanied:
        return f"coop close {ref}"
    if awaited.state == "session_held" and any(id.startswith("debrief") for id in awaited.planned):
        return f"coop debrief done {ref}"
    if awaited.to_validate and awaited.kind == "tier_assigned":
        return f"coop validate {ref}"
    if awaited.state == declaration.initial:
        return "coop triage"
    event, command = NEXT.get(awaited.kind, ("", ""))
    possible = any(edge.source == awaited.state for edge in declaration.edges.get(event, ()))
    return (command if possible else "coop next {ref}").format(ref=ref)


def ways(declaration: Declaration, request: Request, kind: str, anchor: str) -> list[str]:
    """What an alert about a deadline proposes to type, the likeliest first."""
    awaited, ref = Awaited.of(declaration, request, kind, anchor), request.ref
    usual = settling(declaration, awaited, ref)
    if request.state == declaration.initial:
        return [f"coop prequalify {ref}", usual]
    if kind != "working":
        return [usual]
    if awaited.to_validate:
        return [f"coop validate {ref}", usual]
    cap = request.cap(declaration)
    noun = "meeting" if cap is None or request.counted() < cap else "session"
    return [f"coop {noun} plan {ref} --slot first", usual]


def recording(ref: str, meeting: str) -> str:
    """What records a meeting as held."""
    kind, word = meeting.partition("-")[0], "coop advance {ref} hold_meeting --set meeting={meeting}"
    return DONE.get(kind, word).format(ref=ref, meeting=meeting)
