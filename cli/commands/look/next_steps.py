"""The command to type next: for a deadline, a meeting to record, a form just received."""

from __future__ import annotations

from cli.session import Session
from states.references import is_activity
from states.risks import next_steps


def short(session: Session, ref: str) -> str:
    """A reference as one types it: `12` for number 12 of this year."""
    number = ref.partition("-")[2]
    if is_activity(ref):
        return number if session.ref(number) == ref else ref
    return str(int(number)) if session.ref(number) == ref else ref


def recording(session: Session, ref: str, meeting: str) -> str:
    """What records a meeting as held."""
    return next_steps.recording(short(session, ref), meeting)
