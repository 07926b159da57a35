"""What the lab's own people are told: an alert that cannot wait, and the day's digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from handlers.calendars.export import meeting_name
from handlers.mail.letter import Item, Letter, Section, Unsendable, one_line
from states.declaration.types import local
from states.language import _, enumeration, long_date, numeric_date, short_time
from states.review.semesters import review_due
from states.risks.rules import CRITICAL, INFO
from workflow.outbox.queue import Queued
from workflow.views.agenda import Overview
from workflow.views.alerts import Alarms
from workflow.views.reader import Reader


def escalation(reader: Reader, queued: Queued) -> Letter:
    """An alert: what is at stake, and what settles it. One settled meanwhile is not told."""
    alarms = Alarms(reader)
    alert = next((a for a in alarms.alerts() if a.id == queued.payload["alert"]), None)
    if alert is None:
        raise Unsendable("settled", needed=False)
    found = alarms.document(alert)
    critical = alert.risk.level == CRITICAL
    heading = _("Critical alert") if critical else _("Alert")
    subject = _("{heading}: {ref}", heading=heading, ref=alert.risk.ref) if alert.risk.ref else heading
    ways = [Item(one_line(text)) for text in found["suggestions"]]
    return Letter(
        subject,
        heading,
        [one_line(found["message"])],
        reader.declaration.lab.text,
        sections=[Section(_("What could be done"), ways)] if ways else [],
        closing=[_("Seen it? coop alerts ack {id}", id=alert.id)],
        tone="critical" if critical else "",
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
    return Letter(
        _("Your day of {day}", day=numeric_date(day)),
        _("Your day: {day}", day=long_date(day)),
        [_("Here is what waits for you today.")],
        declaration.lab.text,
        sections=sections,
        closing=[_("The whole day, with what to type: coop today")],
    )


def _sections(reader: Reader) -> Iterator[Section]:
    found = Overview(reader).today()
    yield _alerts(reader)
    yield Section(_("Late"), _targets(found["late"]))
    yield Section(_("Meetings today"), [_meeting(reader, m) for m in found["meetings"][0]["meetings"]])
    yield Section(_("To record"), [_recording(m) for m in found["to_record"]])
    yield Section(_("Due this week"), _targets(found["due"]))
    yield Section(_("Semester review"), _review(reader))
    yield Section(_("New forms"), [_titled(row["ref"], row["title"]) for row in found["new"]])


def _alerts(reader: Reader) -> Section:
    """The alerts that stand and are not silenced; single points of failure on one line."""
    alarms = Alarms(reader)
    items, alone = [], []
    for alert in alarms.alerts():
        if alarms.status(alert) == "snoozed" or alert.risk.rule == "deadline":
            continue
        if alert.risk.rule == "single_point_of_failure" and alert.risk.level == INFO:
            alone.append(f"{alert.risk.ref}/{alert.risk.meeting}")
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
        what = target["label"]
        due = short_time(datetime.fromisoformat(target["due_at"]))
        found.append(_titled(target["ref"], target["title"], _("{what}, before {moment}", what=what, moment=due)))
    return found


def _meeting(reader: Reader, meeting: dict[str, Any]) -> Item:
    at = short_time(datetime.fromisoformat(meeting["at"]))
    place = reader.declaration.label("places", meeting["place"])
    who = ", ".join(meeting["staff"]) or _("nobody")
    said = f"{at} · {meeting_name(meeting['kind'])} · {place} · {who}"
    return _titled(meeting["ref"], meeting["title"], said)


def _recording(meeting: dict[str, Any]) -> Item:
    at = short_time(datetime.fromisoformat(meeting["at"]))
    return _titled(meeting["ref"], meeting["title"], f"{meeting_name(meeting['kind'])}, {at}")


def _titled(ref: str, title: str | None, *notes: str) -> Item:
    return Item(f"{ref} – {one_line(title or '—')}", notes)
