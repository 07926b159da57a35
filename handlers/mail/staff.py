"""What the lab's own people are told: an alert that cannot wait, and the day's digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from handlers.calendars.export import meeting_name
from handlers.mail.letter import Item, Letter, Section, Unsendable
from handlers.plain_text import one_line
from states.declaration.types import local
from states.language import _, _n, clock_time, enumeration, long_date, long_time, numeric_date, short_date
from states.references import is_activity
from states.requests.request import Request
from states.review.semesters import review_due
from states.risks.rules import CRITICAL, INFO, Risk
from workflow.outbox.queue import Queued
from workflow.views.agenda import Overview
from workflow.views.alerts import Alarms
from workflow.views.reader import Reader


def escalation(reader: Reader, queued: Queued) -> Letter:
    """An alert: the project, what is at stake and for whom, the one thing asked. One settled meanwhile is not told."""
    alarms = Alarms.in_names(reader)
    alert = next((a for a in alarms.alerts() if a.id == queued.payload["alert"]), None)
    if alert is None:
        raise Unsendable("settled", needed=False)
    found, risk = alarms.document(alert), alert.risk
    critical = risk.level == CRITICAL
    heading = _("Critical alert") if critical else _("Alert")
    request = reader.told(risk.ref) if risk.ref else None
    project = _project(reader, request) if request else None
    return Letter(
        _("{heading}: {project}", heading=heading, project=_short(project)) if project else heading,
        heading,
        [one_line(found["message"])],
        reader.declaration.lab.text,
        facts=[*(project or {}).items(), *(_stake(reader, request, risk) if request else ())],
        sections=list(_asked(found["suggestions"])),
        closing=[
            _("Or answer this message to say what you decide; the lab types it."),
            _("Seen it? coop alerts ack {id}", id=alert.id),
        ],
        tone="critical" if critical else "",
    )


COMMAND = "coop "


def _asked(suggestions: Sequence[str]) -> Iterator[Section]:
    """The one command that settles an alert, with what helps to choose; then the others."""
    commands = [one_line(text) for text in suggestions if text.startswith(COMMAND)]
    hints = [one_line(text) for text in suggestions if not text.startswith(COMMAND)]
    if commands:
        yield Section(_("What is asked of you"), [Item(commands[0], hints)])
    if commands[1:]:
        yield Section(_("Or else"), [Item(command) for command in commands[1:]])


def _project(reader: Reader, request: Request) -> dict[str, str]:
    """What a request is called, and whose it is."""
    title = reader.texts(request.ref).get(request.form["title"]["seq"], "title")
    found = {_("Project"): f"{one_line(title)} ({request.ref})" if title else request.ref}
    if service := request.form.get("service"):
        found[_("Service")] = reader.declaration_of(request.declaration).label("services", service)
    return found


def _short(project: dict[str, str]) -> str:
    """For a subject: of a service, the name before its explanation."""
    return ", ".join(value.partition(" — ")[0] for value in project.values())


def _stake(reader: Reader, request: Request, risk: Risk) -> Iterator[tuple[str, str]]:
    """What a risk is to the requester."""
    if is_activity(request.ref):
        return
    declaration = reader.declaration_of(request.declaration)
    zone = declaration.lab.tz
    if risk.rule != "deadline":
        if risk.meeting and risk.due_at:
            at = long_time(local(risk.due_at, zone))
            yield (
                _("For the requester"),
                _("They are expected on {at}: unless this is settled, it is to be cancelled.", at=at),
            )
        return
    since = long_date(local(request.stays[-1].since, zone).date())
    if risk.meeting:
        yield _("For the requester"), _("Nothing waits but the record of what was held.")
    elif owes := declaration.states[request.state].owes:
        waiting = _("An answer has been awaited from them since {day}.", day=since)
        yield (
            _("For the requester"),
            waiting if owes == "requester" else _("They have been waiting since {day}.", day=since),
        )


def daily(reader: Reader, queued: Queued) -> Letter:
    """The day as `coop today` has it, and the alerts that stand. Not sent another day, nor when nothing waits."""
    declaration = reader.declaration
    day = date.fromisoformat(queued.payload["day"])
    if local(reader.now, declaration.lab.tz).date() != day:
        raise Unsendable("past", needed=False)
    sections = [section for section in _sections(reader) if section.items]
    if not sections:
        raise Unsendable("nothing_to_say", needed=False)
    n, late = sum(len(section.items) for section in sections), sum(len(s.items) for s in sections if s.pressing)
    subject = _n("Your day of {day}: {n} thing", "Your day of {day}: {n} things", n, day=numeric_date(day))
    return Letter(
        subject + (_(", {late} of them late", late=late) if late else ""),
        _("Your day: {day}", day=long_date(day)),
        [_("Here is what waits for you today.")],
        declaration.lab.text,
        sections=sections,
        closing=[_("The whole day, with what to type: coop today")],
    )


def _sections(reader: Reader) -> Iterator[Section]:
    found = Overview(reader).today()
    yield _alerts(reader)
    yield Section(_("Late"), _targets(found["late"]), pressing=True)
    yield Section(_("Meetings today"), [_meeting(reader, m) for m in found["meetings"][0]["meetings"]])
    yield Section(_("To record"), [_recording(m) for m in found["to_record"]])
    yield Section(_("Due this week"), _targets(found["due"]))
    yield Section(_("Semester review"), _review(reader))
    yield Section(_("New forms"), [_titled(row["ref"], row["title"]) for row in found["new"]])


def _alerts(reader: Reader) -> Section:
    """The alerts that stand and are not silenced; single points of failure on one line."""
    alarms = Alarms.in_names(reader)
    items, alone = [], []
    for alert in alarms.alerts():
        if alarms.status(alert) == "snoozed" or alert.risk.rule == "deadline":
            continue
        if alert.risk.rule == "single_point_of_failure" and alert.risk.level == INFO:
            alone.append(alarms.called(alert.risk))
            continue
        found = alarms.document(alert)
        items.append(Item(one_line(found["message"]), [one_line(text) for text in found["suggestions"]]))
    if alone:
        items.append(Item(_("Nobody else is free and skilled for: {meetings}", meetings=enumeration(alone))))
    return Section(_("Alerts"), items)


def _review(reader: Reader) -> list[Item]:
    """The review to prepare these days, if it is not sealed."""
    declaration = reader.declaration
    day = local(reader.now, declaration.lab.tz).date()
    calendar = reader.calendar(declaration)
    if review_due(declaration, calendar, day, ()) is None:  # most of the year: no need to read the lab's stream
        return []
    term = review_due(declaration, calendar, day, reader.sealed_reviews())
    if term is None:
        return []
    until = numeric_date(term.last)
    return [Item(_("{semester}, until {day}: coop review {semester}", semester=term.code, day=until))]


def _targets(targets: Sequence[dict[str, Any]]) -> list[Item]:
    found = []
    for target in targets:
        what, at = target["label"], _moment(target["due_at"])
        due = _("{what}, was to be done by {moment}") if target["overdue"] else _("{what}, before {moment}")
        found.append(_titled(target["ref"], target["title"], due.format(what=what, moment=at)))
    return found


def _meeting(reader: Reader, meeting: dict[str, Any]) -> Item:
    place = reader.declaration.label("places", meeting["place"])
    names = {person["id"]: person["name"] for person in reader.staff()}
    who = enumeration([one_line(names.get(id) or id) for id in meeting["staff"]]) or _("nobody")
    said = f"{_moment(meeting['at'])} · {meeting_name(meeting['kind'])} · {place} · {who}"
    return _titled(meeting["ref"], meeting["title"], said)


def _recording(meeting: dict[str, Any]) -> Item:
    return _titled(meeting["ref"], meeting["title"], f"{meeting_name(meeting['kind'])}, {_moment(meeting['at'])}")


def _moment(text: str) -> str:
    """`lun. 15 juin à 18 h`."""
    at = datetime.fromisoformat(text)
    return _("{date} at {time}", date=short_date(at.date()), time=clock_time(at))


def _titled(ref: str, title: str | None, *notes: str) -> Item:
    return Item(f"{ref} – {one_line(title or '—')}", notes)
