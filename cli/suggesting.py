"""The command to type next: for a deadline, a meeting to record, a form just received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.session import Session

# What leaves a state, or settles a deadline; {ref} is the request.
NEXT: Mapping[str, str] = {
    "received": "coop triage",
    "info_requested": "coop answer {ref} --set …",
    "prequalified": "coop interview plan {ref} --slot first",
    "interview_planned": "coop interview done {ref}",
    "qualified": "coop tier assign {ref}",
    "tier_assigned": "coop meeting plan {ref} --slot first",
    "session_held": "coop debrief plan {ref} --slot first",
    "debriefed": "coop close {ref}",
    "hosted": "coop session plan {ref} --slot first",
    "suspended": "coop resume {ref} --note …",
    "follow_up_3": "coop followup {ref} --done …",
    "follow_up_6": "coop followup {ref} --done …",
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
    return NEXT.get(target["kind"], "coop next {ref}").format(ref=ref)


def recording(session: Session, ref: str, meeting: str) -> str:
    """What records a meeting as held."""
    kind, word = meeting.partition("-")[0], "coop advance {ref} hold_meeting --set meeting={meeting}"
    return DONE.get(kind, word).format(ref=short(session, ref), meeting=meeting)
