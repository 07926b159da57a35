"""What whoever records an event is told besides: what the messages it sends cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from states.language import _
from states.lifecycle.effects import effect_of
from states.references import is_activity
from states.requests.request import PLANNED

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.requests.entry import Entry
    from states.requests.request import Request


def unsaid(declaration: Declaration, request: Request, entry: Entry) -> tuple[str, ...]:
    """That a meeting just planned or moved away from the lab's places has no address to give to those invited."""
    meeting, effect = request.meeting(entry.data.get("meeting")), effect_of(declaration.events[entry.event])
    if meeting is None or not (effect.makes_meeting or effect.moves_meeting) or is_activity(request.ref):
        return ()
    if meeting.status != PLANNED or meeting.address or not declaration.places[meeting.place].anywhere:
        return ()
    named = f"{request.ref}/{meeting.id}"
    command = f'coop meeting move {named} --address "…"'
    return (
        _(
            "No address yet: the invitation to {meeting} cannot say where to go → {command}",
            meeting=named,
            command=command,
        ),
    )
