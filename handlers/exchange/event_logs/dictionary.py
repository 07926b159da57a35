"""What an analyst must know of a log, on one page beside it: its events, its values, its times, and how to open it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from handlers.exchange.event_logs.leaving import MOMENT, NUMBER, TEXT, TRUTH, WHOLE, Attribute, Leaving
from handlers.exchange.event_logs.log import Log, called
from states.declaration.model import Declaration
from states.declaration.tables import SAME
from states.declaration.types import local
from states.language import _, clock_time, enumeration, label_of, long_time
from workflow.store import schema as s
from workflow.views.event_log import Happened, happened

XES, OCEL_JSON, OCEL_SQLITE = "xes", "ocel-json", "ocel-sqlite"
SUFFIX = ".md"
MANY = 4  # states that one event leads to: it goes back, and history says where
_READ = {
    XES: 'log = pm4py.read_xes("{name}")',
    OCEL_JSON: 'log = pm4py.read_ocel2_json("{name}")',
    OCEL_SQLITE: 'log = pm4py.read_ocel2_sqlite("{name}")',
}


def beside(file: Path) -> Path:
    """Where the dictionary of a log is."""
    return file.with_name(file.name + SUFFIX)


def dictionary(log: Log, form: str, name: str) -> str:
    """The page, in Markdown, of a log that is made: `name` is that of its file."""
    reader = log.reader
    tables = (s.requests,) if form == XES else (s.requests, s.activities)
    lived = [(table is s.activities, one) for table in tables for one in happened(reader, table)]
    lines = [
        "# " + _("Dictionary of {name}", name=name),
        _about(log),
        "\n".join(f"- {line}" for line in _notes(log, form)),
        "## " + _("The events"),
        *_events(log, lived),
        "## " + _("The values"),
        *_values(log, form, lived),
        "## " + _("The versions of the rules"),
        *_versions(log, [one for _of_activity, one in lived]),
        "## " + _("To open it"),
        "```python\nimport pm4py\n\n" + _READ[form].format(name=name) + "\n```",
    ]
    return "\n\n".join(lines) + "\n"


def _about(log: Log) -> str:
    return _(
        "{lab}: what had been recorded by {moment}. Histories: {cases}; events: {events}. Head of the history: {head}.",
        lab=log.reader.declaration.lab.text,
        moment=long_time(local(log.reader.now, log.reader.declaration.lab.tz)),
        cases=log.counted.cases,
        events=log.counted.events,
        head=f"`{log.head}`",
    )


def _notes(log: Log, form: str) -> Iterator[str]:
    """What holds of all of it."""
    lab = log.reader.declaration.lab
    yield _shape(form)
    yield _(
        "When: {happened} is when it happened, {recorded} when it was typed. Times have the offset of {zone}.",
        happened="`time:timestamp`" if form == XES else "`time`" if form == OCEL_JSON else "`ocel_time`",
        recorded="`coop_recorded_at`",
        zone=lab.zone,
    )
    yield _(
        "In which order: as recorded, which {seq} says. A recording may be dated before what stands before it.",
        seq="`coop_seq`",
    )
    yield _(
        "Who: a role, never a person; no text that someone wrote. Whoever knows the lab may recognise a request all "
        "the same: what may be published is {command}.",
        command="`coop export csv`",
    )
    yield _corrections(log)
    yield _(
        "The calendar of deadlines: Monday to Friday, less public holidays ({country}) and {n} closures that the lab "
        "recorded; they fall at {hour}.",
        country=lab.holidays["country"],
        n=len(log.reader.reference.calendar(log.reader.declaration).closures),
        hour=clock_time(lab.due_hour),
    )


def _shape(form: str) -> str:
    if form == XES:
        name = "`concept:name`"
        return _("A trace for each request, whose reference is its {name}; an event for each entry.", name=name)
    return _(
        "An event for each entry, of the request or the activity, the meetings it names, and what its values name: "
        "services, places. Objects: {objects}. What they begin with is dated 1970, as OCEL wants.",
        objects="`request`, `meeting`, `activity`, `service`, `place`",
    )


def _corrections(log: Log) -> str:
    if not log.whole:
        n = log.counted.left_out
        return _("Corrected entries are left out ({n}): {all} keeps them, marked.", n=n, all="`--all`")
    by, of = "`coop_corrected_by`", "`coop_corrects`"
    return _("Corrected entries are here, marked by {by}, and their corrections by {of}.", by=by, of=of)


def _events(log: Log, lived: list[tuple[bool, Happened]]) -> Iterator[str]:
    first: dict[str, tuple[bool, Happened]] = {}
    for of_activity, one in lived:
        first.setdefault(called(one.event, of_activity), (of_activity, one))
    rows = []
    for name, (of_activity, one) in first.items():
        declaration = _lifecycle(log, one.declaration, of_activity)
        event = declaration.events.get(one.event)
        if event is None:  # the program's own, as when a request goes over to other rules
            rows.append([f"`{name}`", "", "", "", str(log.counted.of_events[name]), declaration.lab.version])
            continue
        leads = list(dict.fromkeys(_led(declaration, to) for way in event.transitions for to in way.to))
        rows.append(
            [
                f"`{name}`",
                _("{event}: {help}", event=event.text, help=label_of(event.help)),
                enumeration([declaration.roles[role].text for role in event.roles]),
                ", ".join(leads) if len(leads) < MANY else _("a state it was in"),
                str(log.counted.of_events[name]),
                declaration.lab.version,
            ]
        )
    yield _table([_("code"), _("what it is"), _("who"), _("leads to"), _("times"), _("since version")], rows)


def _led(declaration: Declaration, target: str) -> str:
    """Where an event leads, in words; several states are one of them."""
    if target == SAME:
        return _("the same state")
    return declaration.states[target].text if target in declaration.states else _("a state it was in")


def _values(log: Log, form: str, lived: list[tuple[bool, Happened]]) -> Iterator[str]:
    declaration = log.reader.declaration
    labels, kinds = _of_effects(), dict[str, str]()
    codes: dict[str, dict[str, None]] = {}  # of each name, the vocabularies of its codes
    for name, words, kind, vocabulary in _own(log, form):
        labels[name], kinds[name], codes[name] = words, kind, {vocabulary: None}
    for label, attribute in _said(log, lived):
        labels.setdefault(attribute.name, label)
        kinds.setdefault(attribute.name, attribute.kind)
        codes.setdefault(attribute.name, {})[attribute.codes] = None
    rows, shown = [], dict[str, str]()
    for name, kind in kinds.items():
        told = [_codes(declaration, vocabulary, shown.setdefault(vocabulary, name), name) for vocabulary in codes[name]]
        rows.append([f"`{name}`", labels[name], _kinds()[kind], "; ".join(filter(None, told))])
    yield _table([_("name"), _("what it is"), _("type"), _("codes")], rows)


def _said(log: Log, lived: list[tuple[bool, Happened]]) -> Iterator[tuple[str, Attribute]]:
    """What leaves of forms and entries, each with its label."""
    for of_activity, one in lived:
        declaration = _lifecycle(log, one.declaration, of_activity)
        event = declaration.events.get(one.event)
        if event is None:
            continue
        labels = {name: key.text for name, (key, _required) in declaration.keys_of(event).items()}
        labels |= {name: field.text for name, field in declaration.form.items()} if event.form else {}
        for name, attribute in Leaving(declaration).of_event(one.event).items():
            yield labels.get(name, ""), attribute


def _own(log: Log, form: str) -> Iterator[tuple[str, str, str, str]]:
    """What every log says beside what was typed: its name, what it is, of which type, its codes."""
    yield "org:role" if form == XES else "coop_role", _("the role of whoever typed it"), TEXT, "roles"
    yield "coop_on_behalf", _("yes, where it was typed for the requester; absent elsewhere"), TRUTH, ""
    yield "coop_seq", _("the number of the entry in its history"), WHOLE, ""
    yield "coop_from", _("the state before; absent where there was none"), TEXT, "states"
    yield "coop_to", _("the state after"), TEXT, "states"
    yield "coop_recorded_at", _("when it was typed"), MOMENT, ""
    yield "coop_state", _("the state of the request or the activity"), TEXT, "states"
    yield "coop_tier", _("the tier of the request"), TEXT, "tiers"
    if form == XES:
        yield "coop_declaration", _("the version of the rules that the request obeys"), TEXT, ""
    if log.whole:
        yield "coop_corrected_by", _("the number of the entry that corrects this one"), WHOLE, ""
        yield "coop_corrects", _("the number of the entry that this one corrects"), WHOLE, ""


def _of_effects() -> dict[str, str]:
    """The names of what effects keep."""
    return {
        "meeting": _("the meeting, by its kind and its number"),
        "waived": _("the rules that were waived"),
        "cancelled": _("the meetings that this cancelled"),
        "restored": _("the meetings that this brought back"),
        "released": _("the meetings that stayed cancelled, their slot being taken"),
        "from_tier": _("the tier before"),
    }


def _kinds() -> Mapping[str, str]:
    return {TEXT: _("text"), WHOLE: _("whole number"), NUMBER: _("number"), TRUTH: _("yes or no"), MOMENT: _("moment")}


def _codes(declaration: Declaration, vocabulary: str, first: str, name: str) -> str:
    """The codes of a vocabulary with their labels, as the rules in force say them; written once, at the `first`."""
    if not vocabulary:
        return ""
    if first != name:
        return _("those of {name}", name=f"`{first}`")
    try:
        known = declaration.vocabulary(vocabulary)
    except AttributeError:  # of a version that is no longer in force
        return ""
    return ", ".join(f"`{code}` {item.text}" for code, item in known.items())


def _versions(log: Log, lived: Iterable[Happened]) -> Iterator[str]:
    zone = log.reader.declaration.lab.tz
    first: dict[str, str] = {}
    for one in lived:
        first[one.declaration] = min(first.get(one.declaration, one.first_at), one.first_at)
    rows = [
        [log.reader.declaration_of(digest).lab.version, f"`{digest[:12]}`", long_time(local(at, zone))]
        for digest, at in sorted(first.items(), key=lambda item: item[1])
    ]
    yield _table([_("version"), _("its digest"), _("first entry")], rows)


def _lifecycle(log: Log, digest: str, of_activity: bool) -> Declaration:
    declaration = log.reader.declaration_of(digest)
    return declaration.activities if of_activity else declaration


def _table(headers: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown."""
    lines = [
        headers,
        ["---"] * len(headers),
        *([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
