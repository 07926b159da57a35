"""What every log of events has: the entries it keeps, the moments it writes, the history it was made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from attrs import define, field

from handlers.exchange.event_logs.moments import Moments
from states.references import is_activity
from workflow.reviews.book import head_at
from workflow.views.event_log import History, Logged, number_of_entries
from workflow.views.reader import Reader

Advance = Callable[[int, int], None]


def called(event: str, of_activity: bool) -> str:
    """What an event is called in a log: one of an activity says so, for requests have events of the same codes."""
    return f"activity:{event}" if of_activity else event


@define
class Counted:
    """What a log holds, counted as it is made: histories, and entries of each event.

    `left_out`: entries that were corrected, and their corrections.
    """

    cases: int = 0
    of_events: Counter[str] = field(factory=Counter)
    left_out: int = 0

    @property
    def events(self) -> int:
        return self.of_events.total()


class Log:
    """A log in the making. `whole`: with the entries that were corrected, marked, and their corrections."""

    def __init__(self, reader: Reader, *, whole: bool) -> None:
        self.reader, self.whole = reader, whole
        self.moments, self.counted = Moments(reader.declaration.lab.tz), Counted()
        self.head = head_at(reader, reader.now)
        self._done, self._total = 0, number_of_entries(reader)

    def kept(self, history: History, advance: Advance) -> list[Logged]:
        """The entries of a history that are in the log, counted."""
        entries = history.entries if self.whole else history.effective
        self.counted.cases += 1
        of_activity = is_activity(history.request.ref)
        self.counted.of_events.update(called(entry.event, of_activity) for entry in entries)
        self.counted.left_out += len(history.entries) - len(entries)
        self._done += len(history.entries)
        advance(self._done, self._total)
        return entries
