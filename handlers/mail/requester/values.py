"""What fills the placeholders of a letter: the dates, the names and the words of this request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from handlers.calendars.export import location, meeting_name
from handlers.mail.letter import SenderProfile
from handlers.plain_text import one_line, plain
from states.deadlines import OPEN, PAUSED, deadlines, explain
from states.declaration.model import Declaration
from states.declaration.types import local
from states.declaration.vocabulary import DELIVERABLE
from states.forms.wording import value_text
from states.language import _, duration, label_of, long_date, long_time
from states.requests.entry import Entry, struck
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Request
from workflow.history.vault import Texts
from workflow.views.documents import records, tasks
from workflow.views.letters import About
from workflow.views.reader import Reader


def values(reader: Reader, about: About, profile: SenderProfile) -> dict[str, Any]:
    """A value for every placeholder, in the current language; what was erased is empty."""
    request = about.request
    declaration = reader.declaration_of(request.declaration)
    texts = reader.texts(request.ref)
    entries = reader.entries(request.ref)
    entry = next(entry for entry in entries if entry.seq == about.seq)
    form = texts.filled(request.form, 1)
    called_off = entry.data.get("cancelled", ())
    label, zone = declaration.label, declaration.lab.tz
    return {
        "requester": one_line(form.get("requester.name") or ""),
        "ref": request.ref,
        "title": one_line(form.get("title") or request.ref),
        "service": label("services", form.get("service")),
        "kind": label("kinds", request.kind),
        "accompanied": request.accompanied,
        "form": _form(declaration, form),
        "received": _day(declaration, request.submitted_at),
        "on": _day(declaration, entry.occurred_at),
        "today": long_date(local(reader.now, zone).date()),
        "note": plain(texts.get(entry.seq, "note") or "").strip(),
        "given": _given(declaration, about.letter, entry, texts.filled(entry.data, entry.seq)),
        "first": _is_first(declaration, about.letter, entries, entry),
        "tier": _tier(declaration, request),
        "to_validate": request.needs_validation(declaration) and not request.validated,
        "tasks": list(_tasks(declaration, request)),
        "meetings": _meetings(declaration, texts, _ahead(request, reader.now)),
        "held": _meetings(declaration, texts, (m for m in request.meetings if m.status == HELD)),
        "called_off": _meetings(declaration, texts, (m for m in request.meetings if m.id in called_off)),
        "deliverables": [
            {
                "title": one_line(one.get("title") or ""),
                "type": label("deliverable_types", one.get("type")),
                "link": one_line(one.get("link") or ""),
            }
            for one in records(declaration, request, DELIVERABLE, texts)
        ],
        **_awaited(reader, declaration, about, entries),
        "leader": _leader(reader, request, entry),
        "reply_to": profile.answers_to,
        "lab": declaration.lab.name,
        "signature": declaration.lab.text,
    }


def _day(declaration: Declaration, at: str) -> str:
    return long_date(local(at, declaration.lab.tz).date())


def _form(declaration: Declaration, form: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _words(declaration, spec, form.get(name)) for name, spec in declaration.form.items() if "." not in name
    }


def _given(declaration: Declaration, letter: str, entry: Entry, data: Mapping[str, Any]) -> dict[str, str]:
    """What the event was given, under the names of every event the letter follows."""
    events = [declaration.events[code] for code in declaration.letters[letter].after]
    names = dict.fromkeys(name for event in events for name in declaration.keys_of(event))
    specs = declaration.specs_of(declaration.events[entry.event])
    return {name: _words(declaration, specs[name], data.get(name)) if name in specs else "" for name in names}


def _words(declaration: Declaration, spec: Any, value: Any) -> str:
    return "" if value is None else plain(value_text(declaration, spec, value)).strip()


def _is_first(declaration: Declaration, letter: str, entries: list[Entry], entry: Entry) -> bool:
    gone, after = struck(entries), declaration.letters[letter].after
    return not any(e.seq < entry.seq and e.event in after and e.seq not in gone for e in entries)


def _tier(declaration: Declaration, request: Request) -> dict[str, Any]:
    tier = declaration.tiers.get(request.tier or "")
    if tier is None:
        return {"label": "", "meant_for": "", "meetings": 0, "least": 0}
    return {
        "label": tier.text,
        "meant_for": label_of(tier.meant_for),
        "meetings": request.cap(declaration),
        "least": tier.work.min,
    }


def _tasks(declaration: Declaration, request: Request) -> Iterator[dict[str, Any]]:
    owners = {"lab": _("the lab"), "requester": _("you"), "both": _("together")}
    stages = {
        "run_sheet": _("Run sheet"),
        "organising": _("Organisation"),
        "facilitation": _("Facilitation"),
        "documentation": _("Documentation"),
    }
    for task in tasks(declaration, request):
        yield {
            "stage": stages[task["stage"]],
            "task": task["label"],
            "owner": owners[task["owner"]],
            "optional": task["optional"],
        }


def _ahead(request: Request, now: str) -> list[Meeting]:
    return sorted((m for m in request.meetings if m.status == PLANNED and m.at > now), key=lambda m: m.at)


def _meetings(declaration: Declaration, texts: Texts, meetings: Iterable[Meeting]) -> list[dict[str, str]]:
    return [
        {
            "what": meeting_name(meeting.kind),
            "when": long_time(local(meeting.begins_at, declaration.lab.tz)),
            "where": one_line(location(declaration, meeting, texts.address(meeting))),
            "length": duration(meeting.duration),
        }
        for meeting in meetings
    ]


def _awaited(reader: Reader, declaration: Declaration, about: About, entries: list[Entry]) -> dict[str, Any]:
    """By when what comes next is to happen: that of the state the entry led to, or the answer to a follow-up."""
    calendar, now = reader.calendar(declaration), reader.now
    mine = deadlines(declaration, about.request, calendar, now)
    months, due, days_left, yours = 0, "", 0, False
    if about.deadline:
        late = next((d for d in mine if d.kind == about.deadline and d.seq == about.seq), None)
        months = (late and late.months) or 0
        due = (late and late.escalation_at) or ""
    else:
        then = reader.replayed([entry for entry in entries if entry.seq <= about.seq])
        awaited = deadlines(declaration, then, calendar, now)
        due = next((d.due_at for d in awaited if d.status == OPEN and d.kind == then.state), "")
        halted = next((d for d in reversed(awaited) if d.status == PAUSED), None)
        if halted:
            counted = sum(step.counted for step in explain(declaration, then, calendar, halted))
            days_left = halted.days - counted
        yours = declaration.states[then.state].owes == "requester"
    ahead = [d for d in mine if d.months is not None and d.status == OPEN and d.due_at > now]
    return {
        "due": _day(declaration, due) if due > now else "",  # nothing is promised for a day gone by
        "months": months,
        "days_left": days_left,
        "yours": yours,
        "follow_ups": [{"day": _day(declaration, d.due_at), "months": d.months} for d in ahead],
    }


def _leader(reader: Reader, request: Request, entry: Entry) -> str:
    """Who leads the request: whoever takes its latest meeting, else who recorded what the letter is about."""
    known = {person["id"]: person for person in reader.staff() if person["active"]}
    took = [id for m in reversed(request.meetings) if m.status != CANCELLED for id in m.staff]
    for id in (*took, entry.actor):
        if id in known:
            return one_line(known[id]["name"] or "")
    return ""
