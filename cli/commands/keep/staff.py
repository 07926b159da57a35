"""`staff`: the people of the lab."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from cli.commands.keep.impact import say, tell_falls
from cli.input.codes import code_meant, codes_meant
from cli.input.days import range_given, range_recorded, range_told, today
from cli.options import Listing, json_option, print_json, with_session
from cli.output.terminal import echo, one_line, printable, stderr, table
from cli.output.workload import load_document, tell_load
from cli.session import Session
from handlers.calendars.absences import read_calendar
from states.calendar.day_ranges import Days, monday, read
from states.errors import NotFound, WrongUsage, did_you_mean
from states.language import _, _n, enumeration, long_date


@click.group(cls=Listing, alone="list", help=_("The people of the lab: who may act, with which role and skills."))
def staff() -> None:
    pass


@staff.command(help=_("Register someone. Once somebody oversees, only they register who oversees or decides."))
@click.argument("id")
@click.option("--name", required=True, help=_("Their name."))
@click.option("--email", required=True, help=_("Their e-mail address."))
@click.option("--role", required=True, metavar="ROLE", help=_("Their role, by its code: see coop codes roles."))
@click.option("--skill", "skills", multiple=True, metavar="SKILL", help=_("A skill (repeat for several)."))
@click.option("--hours", default=35, show_default=True, help=_("Hours a week."))
@click.option("--site", metavar="PLACE", help=_("Where they work; default: the first place of the lab."))
@json_option
@with_session
def add(session: Session, id: str, as_json: bool, **given: Any) -> None:
    from workflow.lab.staff import add_staff

    given["site"] = given["site"] or next(iter(session.declaration.places))
    add_staff(session.engine, session.actor, {"id": id, **_by_codes(session, given)})
    _cleaned(session, given)
    _shown(session, id, as_json)


def _cleaned(session: Session, given: Mapping[str, Any]) -> None:
    """Says which characters nobody can see were left out of an address."""
    from states.forms.inputs import removed

    for notice in removed({"email": given.get("email")}, {"email": session.declaration.form["requester.email"]}):
        stderr(printable(notice))


@staff.command(help=_("Change what is given of someone registered."))
@click.argument("id")
@click.option("--name", help=_("Their name."))
@click.option("--email", help=_("Their e-mail address."))
@click.option("--role", metavar="ROLE", help=_("Their role, by its code: see coop codes roles."))
@click.option("--skill", "skills", multiple=True, metavar="SKILL", help=_("Their skills, all of them."))
@click.option("--hours", type=int, help=_("Hours a week."))
@click.option("--site", metavar="PLACE", help=_("Where they work."))
@click.option("--active/--left", default=None, help=_("Whether they are still part of the lab."))
@json_option
@with_session
def change(session: Session, id: str, as_json: bool, **given: Any) -> None:
    from workflow.lab.staff import change_staff

    changed = {k: v for k, v in given.items() if v is not None and v != ()}
    change_staff(session.engine, session.actor, id, _by_codes(session, changed))
    _cleaned(session, given)
    if given["active"] is not False:
        _shown(session, id, as_json)
        return
    from states.risks.impact import Cause, document
    from workflow.views.forecast import Outlook

    with session.reader() as reader:
        outlook = Outlook(reader)
        cause = Cause(((today(session), date.max),), staff=id)
        fallen = outlook.falls(cause)
        if as_json:
            person = next(p for p in reader.staff() if p["id"] == id)
            print_json({**person, "at_risk": document(outlook.declaration, cause, fallen)["at_risk"]})
            return
        _shown(session, id, as_json)
        echo()
        tell_falls(outlook, fallen)


def _by_codes(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """What was given of someone, their role, skills and site by code where labels were typed."""
    declaration, found = session.declaration, dict(given)
    if "role" in given:
        found["role"] = code_meant(declaration.held_roles, "--role", given["role"])
    if "skills" in given:
        found["skills"] = codes_meant(declaration.skills, "--skill", given["skills"])
    if "site" in given:
        found["site"] = code_meant(declaration.places, "--site", given["site"])
    return found


@staff.command("list", help=_("Everyone registered."))
@json_option
@with_session
def list_(session: Session, as_json: bool) -> None:
    with session.reader() as reader:
        found, declaration = reader.staff(), reader.declaration
    if as_json:
        print_json(found)
        return
    rows = [
        [
            p["id"],
            p["name"] or "—",
            declaration.label("roles", p["role"]),
            ", ".join(declaration.label("skills", skill) for skill in p["skills"]) or "—",
            declaration.label("places", p["site"]),
            "" if p["active"] else _("left"),
        ]
        for p in found
    ]
    table([_("Id"), _("Name"), _("Role"), _("Skills"), _("Site"), ""], rows)


@staff.command(help=_("One person."))
@click.argument("id")
@json_option
@with_session
def show(session: Session, id: str, as_json: bool) -> None:
    _shown(session, id, as_json)


def _shown(session: Session, id: str, as_json: bool) -> None:
    with session.reader() as reader:
        people, declaration = {p["id"]: p for p in reader.staff()}, reader.declaration
    if id not in people:
        raise NotFound(
            _("“{id}” is not registered in this lab.", id=id) + did_you_mean(id, people), hint="coop staff list"
        )
    person = people[id]
    if as_json:
        print_json(person)
        return
    rows = [
        (_("Id"), person["id"]),
        (_("Name"), person["name"] or "—"),
        (_("E-mail"), person["email"] or "—"),
        (_("Role"), declaration.label("roles", person["role"])),
        (_("Skills"), ", ".join(declaration.label("skills", s) for s in person["skills"]) or "—"),
        (_("Hours a week"), str(person["hours"])),
        (_("Site"), declaration.label("places", person["site"])),
    ]
    if not person["active"]:
        rows.append((_("Status"), _("no longer part of the lab")))
    widest = max(len(name) for name, _value in rows)
    for name, value in rows:
        echo(f"{name.ljust(widest)}  {one_line(value)}")


# --- Absences ---


@staff.command(
    help=_(
        "Record days someone is away, or come back from: whole days, both included, and never a reason. What falls, "
        "who could replace and the next slots are printed at once. With neither days nor file: the absences ahead."
    )
)
@click.argument("id")
@click.option("--from", "start", metavar="D", help=_("The first day: 10/03, 2026-03-10, tomorrow, Monday…"))
@click.option("--to", "end", metavar="D", help=_("The last day, included; default: the first."))
@click.option(
    "--ics",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help=_("A calendar file: each day its events touch, repetitions included, two years ahead. Titles are not kept."),
)
@click.option("--cancel", is_flag=True, help=_("They are there after all on those days."))
@json_option
@with_session
def absence(
    session: Session, id: str, start: str | None, end: str | None, ics: str | None, cancel: bool, as_json: bool
) -> None:
    if ics and (start or end):
        raise WrongUsage(_("Give either --ics or --from and --to, not both."), hint="coop staff absence --help")
    if not (ics or start):
        if end or cancel:
            raise WrongUsage(_("Which days? Give --from and --to, or --ics."), hint="coop staff absence --help")
        _absences(session, id, as_json)
        return
    if ics:
        days = _days_of_file(session, ics, as_json)
    elif cancel:
        days = [range_recorded(session, start or "", end, _all_absences(session, id))]
    else:
        days = [range_given(session, start or "", end)]
    if cancel:
        _cancelled(session, id, days, as_json)
    else:
        _recorded(session, id, days, as_json)


def _days_of_file(session: Session, ics: str, as_json: bool) -> list[Days]:
    found = read_calendar(ics, session.declaration.lab.tz, today(session))
    if not as_json:
        echo(
            _n("{n} event read", "{n} events read", found.events)
            + _(", followed until {day}.", day=long_date(found.until))
        )
    return list(found.days)


def _all_absences(session: Session, id: str) -> list[Days]:
    from workflow.views.forecast import Outlook

    with session.reader() as reader:
        return Outlook(reader).absences(id, date.min)


def _absences(session: Session, id: str, as_json: bool) -> None:
    from workflow.views.forecast import Outlook

    with session.reader() as reader:
        outlook = Outlook(reader)
        outlook.person(id)
        found = outlook.absences(id, today(session))
    if as_json:
        print_json({"staff": id, "absences": _written(found)})
        return
    if not found:
        say(_("No absence of {person} is recorded ahead.", person=id))
    for days in found:
        say(_("{person} is away {days}.", person=id, days=range_told(days)))


def _recorded(session: Session, id: str, days: list[Days], as_json: bool) -> None:
    from states.risks.impact import document
    from workflow.lab.calendar import record_absence
    from workflow.views.forecast import Outlook

    entry = record_absence(session.engine, session.actor, id, days)
    new = read(entry.data["days"]) if entry else []
    with session.reader() as reader:
        outlook = Outlook(reader)
        cause, fallen = outlook.if_absent(id, days)
        if as_json:
            print_json({**document(outlook.declaration, cause, fallen), "recorded": _written(new)})
            return
        for one in new:
            say(_("Recorded: {person} is away {days}.", person=id, days=range_told(one)))
        if not days:
            say(_("No day of this file lies ahead: nothing to record."))
        elif not new:
            told = ", ".join(range_told(one) for one in cause.days)
            say(_("Already recorded: {person} is away {days}.", person=id, days=told))
        tell_falls(outlook, fallen)


def _cancelled(session: Session, id: str, days: list[Days], as_json: bool) -> None:
    from workflow.lab.calendar import cancel_absence

    entry = cancel_absence(session.engine, session.actor, id, days)
    back = read(entry.data["days"]) if entry else []
    if as_json:
        print_json({"staff": id, "cancelled": _written(back)})
        return
    for one in back:
        say(_("Recorded: {person} is there after all {days}.", person=id, days=range_told(one)))
    if not back:
        told = enumeration([range_told(one) for one in days])
        say(_("{person} was not away {days}: nothing to cancel.", person=id, days=told))


def _written(days: list[Days]) -> list[dict[str, str]]:
    return [{"from": first.isoformat(), "to": last.isoformat()} for first, last in days]


@staff.command(
    "what-if",
    help=_("What an absence would cost, without recording it: what would fall, who could replace, the next slots."),
)
@click.argument("id")
@click.option("--from", "start", required=True, metavar="D", help=_("The first day: 10/03, 2026-03-10, tomorrow…"))
@click.option("--to", "end", metavar="D", help=_("The last day, included; default: the first."))
@json_option
@with_session
def what_if(session: Session, id: str, start: str, end: str | None, as_json: bool) -> None:
    from states.risks.impact import document
    from workflow.views.forecast import Outlook

    with session.reader() as reader:
        outlook = Outlook(reader)
        outlook.person(id)
        days = range_given(session, start, end)
        cause, fallen = outlook.if_absent(id, [days])
        if as_json:
            print_json(document(outlook.declaration, cause, fallen))
            return
        say(_("If {person} were away {days}:", person=id, days=range_told(days)))
        tell_falls(outlook, fallen, would=True)


# --- Load ---


@staff.command(
    help=_(
        "The load of each week: the hours that meetings ask, preparation included, against the hours there, absences "
        "and closed days taken away. A week over 100 % is marked !, over 120 % !!."
    )
)
@click.argument("id", required=False)
@click.option("--weeks", type=click.IntRange(1, 53), default=6, show_default=True, help=_("How many weeks ahead."))
@json_option
@with_session
def load(session: Session, id: str | None, weeks: int, as_json: bool) -> None:
    from workflow.views.forecast import Outlook

    with session.reader() as reader:
        outlook = Outlook(reader)
        if id:
            outlook.person(id)
        found = outlook.load(monday(today(session)), weeks)
        names = {p["id"]: p["name"] for p in reader.staff()}
    if id:
        found = [one for one in found if one.person and one.person.id == id]
    if as_json:
        print_json(load_document(found, names))
    else:
        tell_load(found, names)
