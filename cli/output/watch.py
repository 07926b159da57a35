"""When the watch last went round: what an answer about alerts rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from states.declaration.types import local
from states.language import _, long_time

if TYPE_CHECKING:
    from workflow.store.heartbeat import Rounds


def watch_sentence(rounds: Rounds, zone: ZoneInfo) -> str:
    """When the watch last looked, and how to make it look when that is too long ago."""
    if rounds.last is None:
        return _("The watch has not gone round yet: start it with coop scheduler tick.")
    last = long_time(local(rounds.last, zone))
    if rounds.stale:
        return _("The watch has not gone round since {moment}: coop scheduler tick", moment=last)
    return _("The watch last went round on {moment}.", moment=last)
