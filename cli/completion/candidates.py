"""What completion offers for a parameter: references, meetings, people, events, and the codes of the declaration.

A key of an event says itself what it takes; any other parameter is known by its name. Only what makes sense now is
offered: for `coop close`, the requests that can be closed from where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

import click
from click.shell_completion import CompletionItem

from cli.session import Session
from handlers.review.words import alert_names, figure_groups, lists_and_groups, single_figures
from states.declaration.documents import shipped_document
from states.declaration.outline import Item, Outline
from states.declaration.types import local
from states.language import LANGUAGES, _
from states.references import is_activity
from workflow.views.completion import Glance, Seen

Candidate = CompletionItem[str]
Offer = tuple[str, str]  # a value and its help

# Parameters of the commands that take a code, and the vocabulary it is of. Those of events say so themselves.
CODES: Mapping[str, str] = {
    "state": "states", "tier": "tiers", "axis": "axes", "service": "services", "department": "departments",
    "place": "places", "site": "places", "kind": "kinds", "skill": "skills", "skills": "skills",
    "states": "states", "services": "services", "decision": "decisions",
}  # fmt: skip
FILES = ("db", "file", "mapping", "out", "css")  # texts that name a file, as an address or a plain path


class Glancing(Session):
    """A session that only glances at the store, and whose declaration is an outline."""

    @cached_property
    def glance(self) -> Glance:
        return Glance(self.url)

    @cached_property
    def declaration(self) -> Any:
        """The declaration in force; where there is no store yet, the one that comes with the product."""
        try:
            return self.glance.declaration
        except Exception:
            return Outline(shipped_document())

    def close(self) -> None:
        if "glance" in self.__dict__:
            self.glance.close()


class Question:
    """What is being typed: the parameter, its beginning, and what stands before it on the line."""

    def __init__(self, session: Glancing, ctx: click.Context, param: click.Parameter, incomplete: str) -> None:
        self.session, self.ctx, self.param, self.incomplete = session, ctx, param, incomplete

    @property
    def declaration(self) -> Outline:
        """The lifecycle of what is led: of activities under `coop activity`, else that of the reference given."""
        return self._version.activities if self.of_activities else self._version

    @cached_property
    def _version(self) -> Outline:
        """What the reference on the line obeys; without one, or for the command of an event, what is in force."""
        if getattr(self.ctx.command, "shorthand", None) is None:
            with suppress(Exception):
                return self.session.glance.obeyed(self.ref)
        found: Outline = self.session.declaration
        return found

    @property
    def of_activities(self) -> bool:
        """Whether an activity is what stands, or is to stand, on the line."""
        group = self.ctx.parent.info_name if self.ctx.parent else ""
        return group == "activity" or is_activity(str(self.ctx.params.get("ref") or ""))

    @property
    def event(self) -> Item | None:
        """The event of a shorthand, or the one named to `advance`."""
        return self.declaration.vocabulary("events").get(self.code)

    @property
    def code(self) -> str:
        shorthand = getattr(self.ctx.command, "shorthand", None)
        return shorthand.event if shorthand else self.said("event")

    @property
    def ref(self) -> str:
        """The request named on the line, whole."""
        return self.session.ref_and_meeting(self.said("ref") or self.said("refs"))[0]

    def said(self, name: str) -> str:
        """An argument given before; the first, of several. Click leaves them unread when an option lacks its value."""
        given = self.ctx.params.get(name)
        if given:
            return str(given if isinstance(given, str) else given[0])
        names = [p.name for p in self.ctx.command.get_params(self.ctx) if isinstance(p, click.Argument)]
        place = names.index(name) if name in names else len(self.ctx.args)
        return self.ctx.args[place] if place < len(self.ctx.args) else ""


def offers(session: Glancing, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Candidate]:
    """What the shell is offered; nothing where nothing is known."""
    asked = Question(session, ctx, param, incomplete)
    name = param.name or ""
    key = _key(asked, name)
    if key is not None:
        return _items(_of_key(asked, key), incomplete)
    if name in FILES:
        return [CompletionItem(incomplete, type="file")]
    if name in BY_NAME:
        return _items(BY_NAME[name](asked), incomplete)
    if name in CODES:
        return _items(_codes(asked.declaration, CODES[name]), incomplete)
    return []


def _key(asked: Question, name: str) -> Item | None:
    """The key of a shorthand's event that an option stands for."""
    if getattr(asked.ctx.command, "shorthand", None) is None or asked.event is None or asked.event.form:
        return None
    found = asked.declaration.keys_of(asked.event).get(name)
    return found[0] if found else None


def _items(found: Iterable[Offer], incomplete: str) -> list[Candidate]:
    return [CompletionItem(value, help=help) for value, help in found if value.startswith(incomplete)]


# --- By what is expected ---


def _of_key(asked: Question, spec: Item) -> Iterable[Offer]:
    if spec.codes:
        return _codes(asked.declaration, spec.codes)
    if spec.type == "staff":
        return _staff(asked) if not spec.many else _several_staff(asked)
    by_type: Mapping[str, Callable[[Question], Iterable[Offer]]] = {
        "bool": _yes_or_no,
        "datetime": _moments,
        "meeting": _meetings,
        "reference": _references,
        "semester": _semesters,
        "task": _tasks,
    }
    offer = by_type.get(spec.type)
    return offer(asked) if offer else ()


def _codes(declaration: Outline, vocabulary: str) -> Iterable[Offer]:
    return [(code, item.text) for code, item in declaration.vocabulary(vocabulary).items()]


def _yes_or_no(_asked: Question) -> Iterable[Offer]:
    return [("true", _("yes")), ("false", _("no"))]


def _moments(asked: Question) -> Iterable[Offer]:
    return [("first", _("the next valid slot"))] if asked.param.name == "at" else []


def _semesters(asked: Question) -> Iterable[Offer]:
    year = int(asked.session.now[:4])
    found = [
        (f"{y}-{code}", item.text)
        for y in (year - 1, year)
        for code, item in asked.declaration.vocabulary("semesters").items()
    ]
    return reversed(found)


# --- People ---


def _staff(asked: Question) -> list[Offer]:
    label = asked.declaration.label
    people = asked.session.glance.staff()
    return [(id, " · ".join(filter(None, [name, label("roles", role)]))) for id, role, name in people]


def _roles(asked: Question) -> Iterable[Offer]:
    return [(code, role.text) for code, role in asked.declaration.held_roles.items()]


def _several_staff(asked: Question) -> Iterable[Offer]:
    """Identifiers by comma: those already given are not offered again."""
    before, comma, _last = asked.incomplete.rpartition(",")
    taken = before.split(",")
    none = [] if comma else [("none", _("nobody"))]
    return [(before + comma + id, help) for id, help in _staff(asked) if id not in taken] + none


def _ids(asked: Question) -> Iterable[Offer]:
    """An `id` is an alert's, or one of the staff register; but `staff add` names a new one."""
    group = asked.ctx.parent.info_name if asked.ctx.parent else ""
    if group == "alerts":
        return [(str(id), " · ".join(filter(None, said))) for id, *said in asked.session.glance.alerts()]
    return _staff(asked) if group == "staff" and asked.ctx.info_name != "add" else []


def _rules(_asked: Question) -> Iterable[Offer]:
    """The rules that raise alerts."""
    return alert_names().items()


def _indicators(asked: Question) -> Iterable[Offer]:
    """The figures of a review: by their short names, then, once a group is typed, by their full ones."""
    declaration = asked.declaration
    names = dict(single_figures())
    for group, (counted, vocabulary) in figure_groups().items():
        for code, row in declaration.vocabulary(vocabulary).items():
            names[f"flow.{group}.{code}"] = f"{counted} · {row.text}"
    names |= {f"lead_times.{code}": row.text for code, row in declaration.vocabulary("states").items()}
    names |= {f"alerts.{rule}": text for rule, text in alert_names().items()}
    names |= lists_and_groups()
    short: dict[str, str] = {}
    for name, text in names.items():  # the first to bear a short name is the one explained
        short.setdefault(name.partition(".")[2] or name, text)
    return [*short.items(), *(names.items() if asked.incomplete else ())]


def _messages(asked: Question) -> Iterable[Offer]:
    """The messages of which `outbox sent`, `retry` and `drop` decide."""
    taken = asked.ctx.params.get("keys") or ()
    waiting = asked.session.glance.messages()
    return [(key, " · ".join(filter(None, words))) for key, *words in waiting if key not in taken]


def _setting(asked: Question) -> Iterable[Offer]:
    """The value of a setting: `config set NAME VALUE`."""
    name = asked.said("name")
    return [(language, "") for language in LANGUAGES] if name == "lang" else _staff(asked) if name == "actor" else []


# --- Requests ---


def _references(asked: Question) -> Iterable[Offer]:
    """Whole references; and, once digits are typed, the short ones of this year: 12 for 2026-0012."""
    shorthand, event = getattr(asked.ctx.command, "shorthand", None), asked.event
    if shorthand is not None and event is not None and "meeting" in asked.declaration.keys_of(event):
        return _planned(asked, event)
    if "/" in asked.incomplete and "/MEETING" in (asked.param.metavar or ""):
        return _of_one_request(asked)
    states = _sources(asked) if shorthand is not None else ()
    glance, typed = asked.session.glance, asked.incomplete
    if asked.of_activities:
        return [(seen.ref, _told(asked, seen)) for seen in glance.activities(typed, states)]
    found = []
    if re.fullmatch(r"\d{1,4}", typed):
        year = int(asked.session.now[:4])
        found = [(str(int(seen.ref[5:])), _told(asked, seen)) for seen in glance.numbered(year, typed, states)]
    found += [(seen.ref, _told(asked, seen)) for seen in glance.requests(typed, states)]
    taken = asked.ctx.params.get("refs") or ()
    return [offer for offer in found if offer[0] not in taken]


def _sources(asked: Question) -> tuple[str, ...]:
    """The states from which the event of a shorthand is possible."""
    return tuple(asked.declaration.sources(asked.code))


def _told(asked: Question, seen: Seen) -> str:
    return " · ".join(filter(None, [seen.title, asked.declaration.label("states", seen.state)]))


def _planned(asked: Question, event: Item) -> Iterable[Offer]:
    """The planned meetings the event is about, named REF/MEETING as the reference was begun."""
    kind = event.meeting
    typed, _slash, _id = asked.incomplete.partition("/")
    short = re.fullmatch(r"\d{1,3}", typed)
    year = asked.session.now[:4]
    found = []
    for seen in asked.session.glance.planned("" if short else typed, kind):
        ref = seen.ref
        if short:
            if not ref.startswith(f"{year}-"):
                continue
            ref = str(int(ref[5:]))
        found.append((f"{ref}/{seen.meeting}", " · ".join(filter(None, [_when(asked, seen.at), seen.title]))))
    return found


def _of_one_request(asked: Question) -> Iterable[Offer]:
    """The meetings of the request that was begun, REF/MEETING, whether they are to come or held."""
    typed, _slash, _id = asked.incomplete.partition("/")
    found = asked.session.glance.meetings(asked.session.ref(typed))
    return [(f"{typed}/{id}", _when(asked, at)) for id, status, at in found if status != "cancelled"]


def _letters(asked: Question) -> Iterable[Offer]:
    """The letters of the request named before."""
    kind = asked.session.glance.request(asked.ref)["form"]["kind"]
    return [(code, letter.text) for code, letter in asked.declaration.letters_for(kind).items()]


def _when(asked: Question, at: str) -> str:
    """`10/03 14:00`: short, and without waiting for the library of dates."""
    return f"{local(at, asked.declaration.lab.tz):%d/%m %H:%M}"


def _meetings(asked: Question) -> Iterable[Offer]:
    """The meetings of the request named before: for most events, only the planned ones make sense."""
    found = asked.session.glance.meetings(asked.ref)
    return [(id, _when(asked, at)) for id, status, at in found if status == "planned"]


def _tasks(asked: Question) -> Iterable[Offer]:
    """The checklist of the request named before: to tick what is open, to untick what is done."""
    request = asked.session.glance.request(asked.ref)
    tier, done = asked.declaration.vocabulary("tiers").get(request["tier"] or ""), request["tasks"]
    ticked = asked.param.name == "undone"
    tasks = (tier.tasks if tier else None) or {}
    return [(id, Item(task).text) for id, task in tasks.items() if bool(done.get(id)) == ticked]


# --- Events ---


def _events(asked: Question) -> Iterable[Offer]:
    """The events of `advance`: those possible from where the request stands, or all when it is not known."""
    declaration = asked.declaration
    try:
        state = asked.session.glance.request(asked.ref)["state"]
    except Exception:
        state = None
    return [
        (code, event.text)
        for code, event in declaration.vocabulary("events").items()
        if (sources := declaration.sources(code)) and (state is None or state in sources)
    ]


def _waivable(asked: Question) -> Iterable[Offer]:
    rules = asked.event.waives if asked.event else ()
    eligibility = asked.declaration.vocabulary("eligibility")
    return [(rule, eligibility[rule].text if rule in eligibility else "") for rule in rules]


def _pairs(asked: Question) -> Iterable[Offer]:
    """K=V: the keys of the event, or the form's fields; then the values of that key."""
    if asked.event is None:
        return []
    specs: Mapping[str, Item]
    if asked.event.form:
        specs = {name: field for name, field in asked.declaration.vocabulary("form").items() if field.amendable}
    else:
        specs = {name: key for name, (key, _required) in asked.declaration.keys_of(asked.event).items()}
    name, equals, value = asked.incomplete.partition("=")
    if not equals:
        return [(f"{key}=", spec.text) for key, spec in specs.items()]
    if name not in specs:
        return []
    inner = Question(asked.session, asked.ctx, asked.param, value)
    return [(f"{name}={found}", help) for found, help in _of_key(inner, specs[name])]


BY_NAME: Mapping[str, Callable[[Question], Iterable[Any]]] = {
    "ref": _references,
    "refs": _references,
    "follows": _references,
    "event": _events,
    "given": _pairs,
    "pairs": _pairs,
    "waive": _waivable,
    "actor": _staff,
    "staff": _several_staff,
    "role": _roles,
    "letter": _letters,
    "people": _several_staff,
    "id": _ids,
    "meeting": _meetings,
    "done": _tasks,
    "undone": _tasks,
    "semester": _semesters,
    "rules": _rules,
    "indicator": _indicators,
    "keys": _messages,
    "value": _setting,
}
