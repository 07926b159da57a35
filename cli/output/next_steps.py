"""The command to type next: for a deadline, a meeting to record, a form just received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.session import Session
from states.references import is_activity
from states.risks import next_steps as settling
from states.risks.next_steps import Awaited


def short(session: Session, ref: str) -> str:
    """A reference as one types it: `12` for number 12 of this year."""
    number = ref.partition("-")[2]
    if is_activity(ref):
        return number if session.ref(number) == ref else ref
    return str(int(number)) if session.ref(number) == ref else ref


def for_target(session: Session, target: Mapping[str, Any]) -> str:
    """What settles a deadline of the `today` document."""
    awaited = Awaited(
        target["kind"],
        target["state"],
        target.get("meeting_id"),
        target["accompanied"],
        target["to_validate"],
        tuple(target["planned"]),
    )
    return settling.settling(session.declaration, awaited, short(session, target["ref"]))


def recording(session: Session, ref: str, meeting: str) -> str:
    """What records a meeting as held."""
    return settling.recording(short(session, ref), meeting)
