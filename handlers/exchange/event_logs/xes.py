"""The histories of requests as XES (IEEE 1849): a trace for each request, an event for each entry that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import define

from handlers.exchange.event_logs.leaving import MOMENT, NUMBER, TEXT, TRUTH, WHOLE, Attribute, Leaving, values
from handlers.exchange.event_logs.moments import Moments
from states.declaration.marks import harmless
from workflow.reviews.book import head_at
from workflow.views.event_log import History, Logged, histories, number_of_entries
from workflow.views.reader import Reader

Advance = Callable[[int, int], None]

_ELEMENTS = {TEXT: "string", WHOLE: "int", NUMBER: "float", TRUTH: "boolean", MOMENT: "date"}
_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": " ", "\t": " "})
_GLOBALS = """\
<global scope="trace">
<string key="concept:name" value="?"/>
</global>
<global scope="event">
<string key="concept:name" value="?"/>
<date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>
<string key="lifecycle:transition" value="complete"/>
<string key="org:role" value="?"/>
</global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Activity and state" keys="concept:name coop_to"/>
"""


@define
class Counted:
    """What a log holds, counted as it is written; `left_out`: entries that were corrected, and their corrections."""

    cases: int = 0
    events: int = 0
    left_out: int = 0


class Xes:
    """A log in the making. `whole`: with the entries that were corrected, marked, and their corrections."""

    def __init__(self, reader: Reader, *, whole: bool) -> None:
        self._reader, self._whole = reader, whole
        self._moments = Moments(reader.declaration.lab.tz)
        self._leaving: dict[str, Leaving] = {}
        self._openings: dict[tuple[str, str, str], str] = {}
        self.counted = Counted()
        self.head = head_at(reader, reader.now)

    def pieces(self, advance: Advance) -> Iterator[bytes]:
        """The file, a trace after another."""
        total = number_of_entries(self._reader)
        yield self._begin().encode()
        for history in histories(self._reader):
            yield self._trace(history).encode()
            advance(self.counted.events + self.counted.left_out, total)
        yield b"</log>\n"

    def _begin(self) -> str:
        declaration = self._reader.declaration
        extensions = "".join(f'<extension name="{n}" prefix="{p}" uri="{uri}"/>\n' for n, p, uri in _EXTENSIONS)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
            f"{extensions}{_GLOBALS}"
            f"{_string('concept:name', declaration.lab.text)}\n"
            f"{_date('coop_known_at', self._moments(self._reader.now))}\n"
            f"{_string('coop_head', self.head)}\n"
        )

    def _trace(self, history: History) -> str:
        request, entries = history.request, history.entries if self._whole else history.effective
        leaving = self._leaving_of(request.declaration)
        said = "".join(self._attributes(leaving.form, request.form))
        tier = _string("coop_tier", request.tier) if request.tier else ""
        events = "".join(self._event(entry, history) for entry in entries)
        self.counted.cases += 1
        self.counted.events += len(entries)
        self.counted.left_out += len(history.entries) - len(entries)
        return (
            f"<trace>\n{_string('concept:name', request.ref)}{said}{_string('coop_state', request.state)}{tier}"
            f"{_string('coop_declaration', leaving.declaration.lab.version)}\n{events}</trace>\n"
        )

    def _event(self, entry: Logged, history: History) -> str:
        leaving = self._leaving_of(entry.declaration)
        said = "".join(self._attributes(leaving.of_event(entry.event), entry.data))
        return (
            f"<event>{self._opening(entry)}{_date('time:timestamp', self._moments(entry.occurred_at))}"
            f"{_date('coop_recorded_at', self._moments(entry.recorded_at))}{_whole('coop_seq', entry.seq)}{said}"
            f"{self._correction(entry, history)}</event>\n"
        )

    def _opening(self, entry: Logged) -> str:
        """What is the same of every entry of an event from one state to another, in a role."""
        key = entry.event, entry.role, f"{entry.source}>{entry.to}"
        opening = self._openings.get(key)
        if opening is None:
            before = _string("coop_from", entry.source) if entry.source else ""
            opening = self._openings[key] = (
                f"{_string('concept:name', entry.event)}{_string('lifecycle:transition', 'complete')}"
                f"{_string('org:role', entry.role)}{before}{_string('coop_to', entry.to)}"
            )
        return opening

    def _correction(self, entry: Logged, history: History) -> str:
        if not self._whole:
            return ""
        by, of = history.corrected.get(entry.seq), entry.data.get("corrects")
        return (_whole("coop_corrected_by", by) if by else "") + (_whole("coop_corrects", of) if of else "")

    def _leaving_of(self, digest: str) -> Leaving:
        found = self._leaving.get(digest)
        if found is None:
            found = self._leaving[digest] = Leaving(self._reader.declaration_of(digest))
        return found

    def _attributes(self, attributes: tuple[Attribute, ...], data: Any) -> Iterator[str]:
        for attribute, value in values(attributes, data):
            name, kind = attribute.name, attribute.kind
            if kind is MOMENT:
                yield _date(name, self._moments(value))
            elif kind is TRUTH:
                yield f'<boolean key="{name}" value="{"true" if value else "false"}"/>'
            elif kind is TEXT:
                yield _string(name, value)
            else:
                yield f'<{_ELEMENTS[kind]} key="{name}" value="{value}"/>'


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value="{harmless(value).translate(_ESCAPED)}"/>'


def _date(key: str, value: str) -> str:
    return f'<date key="{key}" value="{value}"/>'


def _whole(key: str, value: int) -> str:
    return f'<int key="{key}" value="{value}"/>'
