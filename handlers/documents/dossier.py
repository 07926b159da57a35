"""A request on two pages, for a folder or a meeting: what was asked, decided and why, its calendar, who does what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from handlers.calendars.export import meeting_name
from handlers.documents.sheet import Section, Sheet
from states.declaration.types import local
from states.declaration.vocabulary import DECISION
from states.errors import FieldError, Invalid
from states.forms.form import flattened
from states.forms.wording import value_text
from states.language import _, _n, clock_time, enumeration, labelled, long_date, short_date
from states.lifecycle.effects import AssignTier, effect_of
from states.references import is_activity
from workflow.views.reader import Reader

if TYPE_CHECKING:
    from states.declaration.model import Declaration

LONG, WORDS = 1400, 320  # characters of an answer of the form, of a note: what is longer is cut, and says so
LINES = 14  # decisions, the last ones


def dossier(reader: Reader, ref: str) -> Sheet:
    """The request as it stands, on two pages. NotFound for what is not there, Invalid for an activity."""
    if is_activity(ref):
        raise Invalid([FieldError("ref", _("an activity has no such sheet: coop activity show {ref}", ref=ref))])
    request = reader.request(ref)
    declaration = reader.declaration_of(request.declaration)
    names = {person["id"]: person["name"] or person["id"] for person in reader.staff()}
    told = _Telling(reader, declaration, reader.show(request), names)
    sections = [told.asked(), told.decided(), told.calendar(), told.tasks(), told.deliverables(), told.awaited()]
    return Sheet(
        told.found["title"] or ref,
        _("Request {ref}, as it stood on {day}", ref=ref, day=long_date(told.today)),
        declaration.lab.text,
        list(told.facts()),
        [section for section in sections if not section.empty],
        pages=2,
    )


@frozen
class _Telling:
    """One request as `show` has it, told part by part."""

    reader: Reader
    declaration: Declaration
    found: dict[str, Any]
    names: dict[str, str]

    @property
    def today(self) -> date:
        return local(self.reader.now, self.declaration.lab.tz).date()

    def facts(self) -> Iterator[tuple[str, str]]:
        found, declaration = self.found, self.declaration
        requester = found["form"].get("requester") or {}
        who = ", ".join(filter(None, [requester.get("name"), requester.get("function")]))
        yield _("Service"), declaration.label("services", found["service"])
        if who:
            yield _("Requester"), who
        yield _("State"), declaration.label("states", found["state"])
        if found["tier"]:
            validated = "" if not found["validated"] else ", " + _("validated")
            yield _("Tier"), declaration.label("tiers", found["tier"]) + validated
        yield _("Received"), long_date(datetime.fromisoformat(found["submitted_at"]).date())

    def asked(self) -> Section:
        """What the requester wrote, then the rest of the form in a few words."""
        values, long, short = flattened(self.found["form"]), [], []
        for name, spec in self.declaration.form.items():
            if values.get(name) in (None, "") or name in _ELSEWHERE or name.startswith("requester."):
                continue
            text = value_text(self.declaration, spec, values[name])
            if spec.type == "text":
                long.append(_cut(text, LONG))
            else:
                short.append(labelled(spec.text, text))
        return Section(_("What is asked"), [*long, *([" · ".join(short)] if short else [])])

    def decided(self) -> Section:
        entries = self.reader.history(self.found["ref"])
        rows = [row for entry in entries if entry["corrected_by"] is None for row in self._decision(entry)]
        columns = [_("Date"), _("Decision"), _("Why")]
        return Section(_("What was decided, and why"), (), columns, rows[-LINES:], (3, 6, 9))

    def _decision(self, entry: dict[str, Any]) -> Iterator[list[str]]:
        event = self.declaration.events.get(entry["event"])
        if event is None or event.creates or "corrects" in entry["data"]:
            return
        effect = effect_of(event)
        of_meetings = effect.of_a_meeting or effect.makes_meeting or effect.holds_meeting
        if of_meetings or not (entry["from"] != entry["to"] or event.records == DECISION or event.undo == "in_turn"):
            return
        specs = self.declaration.specs_of(event)
        values = [self._value(specs[n], v) for n, v in entry["data"].items() if n in specs and v != []]
        what = effect.done(event, entry["data"])
        said = what if event.form or not values else labelled(what, ", ".join(values))
        recommended = isinstance(effect, AssignTier) and entry["data"]["tier"] == self.found["recommended_tier"]
        why = entry["note"] or (self.found["recommendation_reason"] if recommended else "")
        yield [short_date(datetime.fromisoformat(entry["occurred_at"]).date()), _cut(said, WORDS), _cut(why, WORDS)]

    def _value(self, spec: Any, value: Any) -> str:
        """A value that says what it is: a yes or a no does not."""
        text = value_text(self.declaration, spec, value)
        return labelled(spec.text.lower(), text) if isinstance(value, bool) else text

    def calendar(self) -> Section:
        columns = [_("When"), _("Meeting"), _("Where"), _("For the lab"), _("Status")]
        rows = [self._meeting(m) for m in self.found["calendar"] if m["status"] != "cancelled"]
        return Section(_("Calendar"), (), columns, rows, (4, 5, 4, 5, 4))

    def _meeting(self, m: dict[str, Any]) -> list[str]:
        at = datetime.fromisoformat(m.get("started_at") or m["at"])
        held = m["status"] == "held"
        came = m.get("attended")
        status = _("held") if held else _("planned")
        if held and came is not None:
            status = _n("held, {n} person", "held, {n} people", came)
        return [
            _("{date} at {time}", date=short_date(at.date()), time=clock_time(at)),
            meeting_name(m["kind"]),
            self.declaration.label("places", m["place"]),
            enumeration([self.names.get(id, id) for id in m["staff"]]) or "—",
            status,
        ]

    def tasks(self) -> Section:
        owners = {"lab": _("the lab"), "requester": _("the requester"), "both": _("both")}
        rows = [
            [
                task["label"],
                owners[task["owner"]],
                _("done") if task["done"] else _("optional") if task["optional"] else "—",
            ]
            for task in self.found["tasks"]
        ]
        return Section(_("Who does what"), (), [_("Task"), _("Who"), _("Done")], rows, (10, 4, 3))

    def deliverables(self) -> Section:
        label = self.declaration.label
        rows = [
            [r["title"] or "—", label("deliverable_types", r["type"]), r.get("link") or "—"]
            for r in self.found["deliverables"]
        ]
        return Section(_("Deliverables"), (), [_("Title"), _("Type"), _("Link")], rows, (8, 4, 7))

    def awaited(self) -> Section:
        """What comes next, and by when."""
        kind = self.found["kind"]
        lines = []
        for deadline in self.found["deadlines"]:
            if deadline["status"] == "open" and deadline["due_at"]:
                what = self.declaration.deadline_label(deadline["kind"], kind)
                day = datetime.fromisoformat(deadline["due_at"]).date()
                late = day < self.today
                said = _("{what}, was to be done by {moment}") if late else _("{what}, by {moment}")
                lines.append(said.format(what=what, moment=long_date(day)))
        return Section(_("What comes next"), lines)


_ELSEWHERE = ("title", "service", "submitted_at", "external_id", "family")  # told above, or of no use on paper


def _cut(text: str, most: int) -> str:
    """The beginning of a long text, at the end of a word."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + " […]"
