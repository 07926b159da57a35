"""The histories of requests as XES (IEEE 1849): a trace for each request, an event for each entry that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from handlers.exchange.event_logs.leaving import MOMENT, NUMBER, TEXT, TRUTH, WHOLE, Attribute, Leaving, is_there
from handlers.exchange.event_logs.log import Advance, Log
from states.declaration.marks import harmless
from workflow.views.event_log import History, Logged, histories
from workflow.views.reader import Reader

Form = Mapping[str, Callable[[Any], str]]  # how each value that leaves is written, by name
ON_BEHALF = '<boolean key="coop_on_behalf" value="true"/>'
KNOWN = 10_000  # codes that are kept as they are written

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


class Xes(Log):
    """A log of requests."""

    def __init__(self, reader: Reader, *, whole: bool) -> None:
        super().__init__(reader, whole=whole)
        self._texts = _Texts()
        self._form: dict[str, Form] = {}
        self._openings: dict[tuple[str, str, str | None, str, str, bool], tuple[str, Form]] = {}

    def pieces(self, advance: Advance) -> Iterator[bytes]:
        """The file, a trace after another."""
        yield self._begin().encode()
        for history in histories(self.reader):
            yield self._trace(history, self.kept(history, advance)).encode()
        yield b"</log>\n"

    def _begin(self) -> str:
        declaration = self.reader.declaration
        extensions = "".join(f'<extension name="{n}" prefix="{p}" uri="{uri}"/>\n' for n, p, uri in _EXTENSIONS)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
            f"{extensions}{_GLOBALS}"
            f"{_string('concept:name', declaration.lab.text)}\n"
            f"{_date('coop_known_at', self.moments(self.reader.now))}\n"
            f"{_string('coop_head', self.head)}\n"
        )

    def _trace(self, history: History, entries: list[Logged]) -> str:
        request = history.request
        form = self._form.get(request.declaration) or self._form_of(request.declaration)
        events = [self._event(entry) + self._end(entry, history) for entry in entries]
        return (
            f"<trace>\n{_string('concept:name', request.ref)}{_written(form, request.form)}"
            f"{_string('coop_state', request.state)}{_string('coop_tier', request.tier) if request.tier else ''}"
            f"{_string('coop_declaration', self._version(request.declaration))}\n{''.join(events)}</trace>\n"
        )

    def _event(self, entry: Logged) -> str:
        """An event, but its end."""
        _stream, seq, event, source, to, role, on_behalf, occurred_at, recorded_at, declaration, data = entry
        key = declaration, event, source, to, role, on_behalf
        opening, form = self._openings.get(key) or self._opening(*key)
        at = self.moments(occurred_at)
        recorded = at if recorded_at == occurred_at else self.moments(recorded_at)
        return (
            f'{opening}<date key="time:timestamp" value="{at}"/><date key="coop_recorded_at" value="{recorded}"/>'
            f'<int key="coop_seq" value="{seq}"/>{_written(form, data) if data else ""}'
        )

    def _end(self, entry: Logged, history: History) -> str:
        if not self.whole:
            return "</event>\n"
        by, of = history.corrected.get(entry.seq), entry.data.get("corrects")
        said = (_whole("coop_corrected_by", by) if by else "") + (_whole("coop_corrects", of) if of else "")
        return f"{said}</event>\n"

    def _opening(
        self, declaration: str, event: str, source: str | None, to: str, role: str, on_behalf: bool
    ) -> tuple[str, Form]:
        """What is the same of all entries of an event from one state to another, in a role; how their values are."""
        opening = (
            f"<event>{_string('concept:name', event)}{_string('lifecycle:transition', 'complete')}"
            f"{_string('org:role', role)}{ON_BEHALF if on_behalf else ''}"
            f"{_string('coop_from', source) if source else ''}{_string('coop_to', to)}"
        )
        form = {name: self._how(attribute) for name, attribute in self._leaving(declaration).of_event(event).items()}
        self._openings[declaration, event, source, to, role, on_behalf] = opening, form
        return opening, form

    def _form_of(self, digest: str) -> Form:
        form = {name: self._how(attribute) for name, attribute in self._leaving(digest).form.items()}
        self._form[digest] = form
        return form

    def _leaving(self, digest: str) -> Leaving:
        return Leaving(self.reader.declaration_of(digest))

    def _version(self, digest: str) -> str:
        return self.reader.declaration_of(digest).lab.version

    def _how(self, attribute: Attribute) -> Callable[[Any], str]:
        """How the values of an attribute are written."""
        name, kind, moments, texts = *attribute[:2], self.moments, self._texts
        if kind == MOMENT:
            return lambda value: f'<date key="{name}" value="{moments(value)}"/>'
        if kind == TRUTH:
            return lambda value: f'<boolean key="{name}" value="{"true" if value else "false"}"/>'
        if kind == TEXT:
            return lambda value: f'<string key="{name}" value="{texts(value)}"/>'
        return lambda value: f'<{_ELEMENTS[kind]} key="{name}" value="{value}"/>'


def _written(form: Form, data: Mapping[str, Any]) -> str:
    """The values that leave of what an entry or a form says."""
    return "".join([how(value) for name, value in data.items() if (how := form.get(name)) and is_there(value)])


class _Texts:
    """Codes as XML holds them; several are one text, in their order. Each is looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, value: str | list[str]) -> str:
        if isinstance(value, list):
            value = ",".join(value)
        found = self._known.get(value)
        if found is None:
            found = _escaped(value)
            if len(self._known) < KNOWN:
                self._known[value] = found
        return found


def _escaped(text: str) -> str:
    return harmless(text).translate(_ESCAPED)


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value="{_escaped(value)}"/>'


def _date(key: str, value: str) -> str:
    return f'<date key="{key}" value="{value}"/>'


def _whole(key: str, value: int) -> str:
    return f'<int key="{key}" value="{value}"/>'
