"""How one request, or one activity, looks to people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.output.history import values_told
from cli.output.layout import in_column
from cli.output.terminal import echo, heading, one_line, printable, table, width
from handlers.review.words import rule_name
from states.declaration.vocabulary import DECISION, EFFORT, FOLLOW_UP, SATISFACTION
from states.forms.form import flattened
from states.forms.wording import value_text
from states.language import (
    _,
    _n,
    duration,
    enumeration,
    label_of,
    labelled,
    listing,
    long_date,
    long_time,
    number,
    short_time,
)

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.declaration.tables import Event


def show_request(declaration: Declaration, found: dict[str, Any]) -> None:
    """A request on one screen: where it stands, its meetings, deadlines and records, then the form."""
    heading(f"{found['ref']} · {one_line(found['title'] or '—')}")
    _pairs(_summary(declaration, found))
    _arrival(declaration, found)
    if found["calendar"]:
        echo()
        heading(_("Calendar"))
        table(
            [_("Meeting"), _("When"), _("Length"), _("Place"), _("Status"), _("Staff")],
            [_meeting(declaration, m) for m in found["calendar"]],
        )
        for m in found["calendar"]:
            if told := _of_a_meeting(declaration, m):
                echo(printable("  " + labelled(m["id"], told)))
    shown = [d for d in found["deadlines"] if d["status"] in ("open", "paused", "missed")]
    if shown:
        echo()
        heading(_("Deadlines"))
        table([_("What"), _("Due"), _("Status")], [_deadline(declaration, found["kind"], d) for d in shown])
        for line in explained(declaration, found["kind"], shown):
            echo(printable(f"  {line}"))
    for title, lines in _records(declaration, found):
        echo()
        heading(title)
        for line in lines:
            echo(printable(f"  {line}"))
    echo()
    heading(_("Form"))
    _form(declaration, found["form"])


def _arrival(declaration: Declaration, found: dict[str, Any]) -> None:
    """How a request ended, or why it waits: when, what was given then, the note."""
    step, state = found["last_step"], declaration.states[found["state"]]
    if not step or not (state.final or state.pauses) or step["event"] not in declaration.events:
        return
    event, when = declaration.events[step["event"]], datetime.fromisoformat(step["at"])
    given = {name: value for name, value in step["data"].items() if name != "agreed"}  # told with the others
    echo()
    heading(_("{event}, on {day}", event=label_of(event.past) or event.text, day=long_date(when.date())))
    quoted = [_("“{words}”", words=one_line(step["note"]))] if step["note"] else []
    for told in [*values_told(declaration, event, given), *quoted]:
        for line in in_column(told, max(40, width() - 2)):
            echo(printable(f"  {line}"))


def _of_a_meeting(declaration: Declaration, m: dict[str, Any]) -> str:
    """What is known of a meeting beside its slot: where exactly, who leads it, who came."""
    keys = {
        name: key
        for event in declaration.events.values()
        if event.meeting
        for name, (key, _required) in declaration.keys_of(event).items()
    }
    asked = m["status"] == "planned" and declaration.places[m["place"]].by_agreement
    shown = ("address", *(["agreed"] if asked else []), "facilitation", "skill", "expected", "attended", "managers")
    known = [(keys[name], m[name]) for name in shown if name in keys and m.get(name) is not None]
    return " · ".join(labelled(key.text.lower(), one_line(value_text(declaration, key, value))) for key, value in known)


def explained(declaration: Declaration, kind: str, deadlines: list[dict[str, Any]]) -> list[str]:
    """What was said of deadlines past their moment, a line each."""
    return [
        labelled(_deadline_name(declaration, kind, d), _("“{words}”", words=one_line(d["explanation"])))
        for d in deadlines
        if d.get("explanation")
    ]


def show_activity(declaration: Declaration, found: dict[str, Any]) -> None:
    """An activity on one screen: where it stands, when and where, its figures."""
    heading(f"{found['ref']} · {one_line(found['title'] or '—')}")
    at = datetime.fromisoformat(found["started_at"] or found["at"])
    rows = [
        (_("State"), declaration.of(found["ref"]).label("states", found["state"])),
        (_("Type"), declaration.label("activity_types", found["type"])),
        (_("Axis"), declaration.label("axes", found["axis"])),
        (_("When"), f"{long_time(at)}, {duration(found['duration_minutes'])}"),
        (_("Place"), ", ".join(filter(None, [_where(declaration, found), found["address"]]))),
        (_("Staff"), ", ".join(found["staff"]) or "—"),
    ]
    if found["agreed"] is not None:
        rows.append((_("Agreed with the hosts"), _("yes") if found["agreed"] else _("no")))
    for name, label in (
        ("capacity", _("Capacity")),
        ("registered", _("Registered")),
        ("attended", _("Attended")),
        ("managers", _("Of whom managers")),
    ):
        if found[name] is not None:
            rows.append((label, number(found[name])))
    if found["services"]:
        rows.append((_("Services present"), listing([declaration.label("services", s) for s in found["services"]])))
    if found["satisfaction"]:
        rows.append((_("Satisfaction"), _satisfied(found["satisfaction"])))
    _pairs(rows)
    if found["description"]:
        echo()
        for line in found["description"].splitlines():
            echo(printable(f"  {line}"))


def registrations(registered: int | None, capacity: int | None) -> str:
    """How many have registered, of how many that fit; nothing while nobody has counted."""
    if registered is None:
        return ""
    if capacity is None:
        return _("{n} registered", n=registered)
    return _("{n} registered of {capacity}", n=registered, capacity=capacity)


def _satisfied(given: dict[str, Any]) -> str:
    text = _("{score} out of 5", score=number(given["score"]))
    if given["respondents"] is None:
        return text
    answers = _n("{n} answer", "{n} answers", given["respondents"])
    return f"{text} ({answers})"


def _pairs(rows: list[tuple[str, str]]) -> None:
    widest = max(len(name) for name, _value in rows)
    for name, value in rows:
        echo(printable(f"  {name.ljust(widest)}  {value}"))


def _summary(declaration: Declaration, found: dict[str, Any]) -> list[tuple[str, str]]:
    department = declaration.label("departments", found["department"])
    rows = [
        (_("State"), declaration.states[found["state"]].text),
        (_("Kind"), declaration.label("kinds", found["kind"])),
        (_("Axis"), declaration.label("axes", found["axis"])),
        (_("Service"), f"{declaration.label('services', found['service'])}, {department}"),
        (_("Place"), declaration.label("places", found["place"])),
    ]
    if found["kind"] == "accompanied":
        rows.append((_("Tier"), _tier(declaration, found)))
        work = found["meetings"]["work"]
        if work["cap"] is not None:
            text = _(
                "{held} held, {planned} planned, of {cap}", held=work["held"], planned=work["planned"], cap=work["cap"]
            )
            if found["derogation"]:
                text += _n(" ({n} by derogation)", " ({n} by derogation)", found["derogation"])
            rows.append((_("Work meetings"), text))
    if found["project"] != found["ref"]:
        rows.append((_("Project"), found["project"]))
    if found["waivers"]:
        rows.append((_("Waived"), enumeration([rule_name(declaration, w["rule"]) for w in found["waivers"]])))
    rows.append((_("Received"), long_time(datetime.fromisoformat(found["submitted_at"]))))
    return rows


def _tier(declaration: Declaration, found: dict[str, Any]) -> str:
    if found["tier"] is None:
        advice = declaration.label("tiers", found["recommended_tier"]) or "—"
        return _("not assigned; recommended: {tier} ({reason})", tier=advice, reason=found["recommendation_reason"])
    text = declaration.label("tiers", found["tier"])
    if declaration.tiers[found["tier"]].validation != "none":
        basis = declaration.label("bases", found["validation_basis"]).lower()
        text += ", " + (_("validated {basis}", basis=basis) if found["validated"] else _("not validated"))
    return text


def _where(declaration: Declaration, m: dict[str, Any]) -> str:
    """The place of a meeting and, off site, the department it is in."""
    department = declaration.label("departments", m.get("department"))
    return ", ".join(filter(None, [declaration.label("places", m["place"]), department]))


def _meeting(declaration: Declaration, m: dict[str, Any]) -> list[str]:
    status = {"planned": _("planned"), "held": _("held"), "cancelled": _("cancelled")}[m["status"]]
    at = datetime.fromisoformat(m.get("started_at") or m["at"])
    return [
        m["id"],
        short_time(at),
        duration(m["duration_minutes"]),
        _where(declaration, m),
        status,
        ", ".join(m["staff"]) or "—",
    ]


def _deadline_name(declaration: Declaration, kind: str, d: dict[str, Any]) -> str:
    return declaration.deadline_label(d["kind"], kind) + (f" ({d['meeting_id']})" if "meeting_id" in d else "")


def _deadline(declaration: Declaration, kind: str, d: dict[str, Any]) -> list[str]:
    status = {"open": _("open"), "paused": _("paused"), "missed": _("missed")}[d["status"]]
    stage = {"none": "", "reminder": _("reminder"), "due": _("late"), "escalated": _("escalated")}[d["stage"]]
    due = short_time(datetime.fromisoformat(d["due_at"])) if d["due_at"] else "—"
    if stage and d["status"] == "open":
        status = f"{status}, {stage}"
    return [_deadline_name(declaration, kind, d), due, status]


def _records(declaration: Declaration, found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    sections = []
    if found["deliverables"]:
        lines = [
            " ".join(
                filter(
                    None, [r["title"] or "—", f"({declaration.label('deliverable_types', r['type'])})", r.get("link")]
                )
            )
            for r in found["deliverables"]
        ]
        sections.append((_("Deliverables"), lines))
    for name, kind, title in (
        ("satisfaction", SATISFACTION, _("Satisfaction")),
        ("efforts", EFFORT, _("Effort")),
        ("follow_ups", FOLLOW_UP, _("Follow-ups")),
        ("decisions", DECISION, _("Committee")),
    ):
        events = [event for event in declaration.events.values() if event.records == kind]
        if found[name] and events:
            sections.append((title, [_record(declaration, events[0], r) for r in found[name]]))
    if found["agreements"]:
        said = [_agreement(declaration, answer) for answer in found["agreements"]]
        sections.append((_("Agreement of the requester"), said))
    if found["committees"]:
        sections.append((_("Project committee"), [_committee(said) for said in found["committees"]]))
    for code in dict.fromkeys(r["event"] for r in found["records"]):
        event = declaration.events[code]
        lines = [_record(declaration, event, r) for r in found["records"] if r["event"] == code]
        sections.append((label_of(event.past) or event.text, lines))
    return sections


def _record(declaration: Declaration, event: Event, record: dict[str, Any]) -> str:
    keys = declaration.keys_of(event)
    when = long_date(datetime.fromisoformat(record["at"]).date())
    parts = [
        labelled(keys[k][0].text.lower(), value_text(declaration, keys[k][0], v))
        for k, v in record.items()
        if k in keys and v is not None
    ]
    return f"{when} — {listing(parts)}"


def _agreement(declaration: Declaration, said: dict[str, Any]) -> str:
    event = declaration.events[said["event"]]
    what = labelled(label_of(event.past) or event.text, _("agrees") if said["data"]["agreed"] else _("does not agree"))
    return f"{long_date(datetime.fromisoformat(said['at']).date())} — {what}"


def _committee(said: dict[str, Any]) -> str:
    when = long_date(datetime.fromisoformat(said["at"]).date())
    return f"{when} — {committee_text(said)}"


def committee_text(said: dict[str, Any]) -> str:
    """Who came to a comité de projet, by role or function, and what it decided, or said when it decided nothing."""
    return " — ".join(filter(None, [said["who"], one_line(said["decisions"] or said["note"] or "")])) or "—"


def _form(declaration: Declaration, form: dict[str, Any]) -> None:
    values = flattened(form)
    for name, spec in declaration.form.items():
        if name not in values or values[name] in (None, ""):
            continue
        text = printable(value_text(declaration, spec, values[name]))
        lead = "  " + labelled(spec.text, "")
        lines = [line for part in text.splitlines() for line in in_column(part, max(40, width() - 6))]
        if len(lines) == 1 and len(lead) + len(lines[0]) <= width():
            echo(lead + lines[0])
        else:
            echo(lead.rstrip())
            for line in lines:
                echo(f"      {line}")
