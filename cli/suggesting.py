"""The command to type next: for a deadline, a meeting to record, a form just received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.session import Session

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
    "suspended": ("resume", "coop resume {ref} --note …"),
    "follow_up_3": ("record_follow_up", "coop followup {ref} --done …"),
    "follow_up_6": ("record_follow_up", "coop followup {ref} --done …"),
}
DONE: Mapping[str, str] = {
    "interview": "coop interview done {ref}",
    "work": "coop meeting done {ref}/{meeting}",
    "session": "coop session done {ref}",
    "debrief": "coop debrief done {ref}",
}


def short(session: Session, ref: str) -> str:
    """A reference as one types it: `12` for number 12 of this year."""
    number = ref.partition("-")[2]
    return str(int(number)) if session.ref(number) == ref else ref


def for_target(session: Session, target: Mapping[str, Any]) -> str:
    """What settles a deadline of the `today` document."""
    ref = short(session, target["ref"])
    if target.get("meeting_id"):
        return recording(session, target["ref"], target["meeting_id"])
    if target["state"] == "prequalified" and not target["accompanied"]:
        return f"coop advance {ref} accept_autonomous"
    if target["state"] == "session_held" and not target["accompanied"]:
        return f"coop close {ref}"
    if target["state"] == "session_held" and any(id.startswith("debrief") for id in target["planned"]):
        return f"coop debrief done {ref}"
    if target["to_validate"] and target["kind"] == "tier_assigned":
        return f"coop validate {ref}"
    if target["state"] == session.declaration.initial:
        return "coop triage"
    event, command = NEXT.get(target["kind"], ("", ""))
    possible = any(edge.source == target["state"] for edge in session.declaration.edges.get(event, ()))
    return (command if possible else "coop next {ref}").format(ref=ref)


def recording(session: Session, ref: str, meeting: str) -> str:
    """What records a meeting as held."""
    kind, word = meeting.partition("-")[0], "coop advance {ref} hold_meeting --set meeting={meeting}"
    return DONE.get(kind, word).format(ref=short(session, ref), meeting=meeting)
