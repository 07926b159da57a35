"""`staff`: the people of the lab."""

from __future__ import annotations

from typing import Any

import click

from cli.base import json_option, print_json, with_session
from cli.session import Session
from cli.terminal import echo, table
from states.language import _


@click.group(help=_("The people of the lab: who may act, with which role and skills."))
def staff() -> None:
    pass


@staff.command(help=_("Register someone. Only a pilot, once there is one, registers a pilot or a committee member."))
@click.argument("id")
@click.option("--name", required=True, help=_("Their name."))
@click.option("--email", required=True, help=_("Their e-mail address."))
@click.option("--role", required=True, metavar="ROLE", help=_("coordinator, referent, pilot, committee or specialist."))
@click.option("--skill", "skills", multiple=True, metavar="SKILL", help=_("A skill (repeat for several)."))
@click.option("--hours", default=35, show_default=True, help=_("Hours a week."))
@click.option("--site", default="montpellier", show_default=True, metavar="PLACE", help=_("Where they work."))
@json_option
@with_session
def add(session: Session, id: str, as_json: bool, **given: Any) -> None:
    session.book.add_staff(session.actor, {"id": id, **given})
    _shown(session, id, as_json)


@staff.command(help=_("Change what is given of someone registered."))
@click.argument("id")
@click.option("--name", help=_("Their name."))
@click.option("--email", help=_("Their e-mail address."))
@click.option("--role", metavar="ROLE", help=_("coordinator, referent, pilot, committee or specialist."))
@click.option("--skill", "skills", multiple=True, metavar="SKILL", help=_("Their skills, all of them."))
@click.option("--hours", type=int, help=_("Hours a week."))
@click.option("--site", metavar="PLACE", help=_("Where they work."))
@click.option("--active/--left", default=None, help=_("Whether they are still part of the lab."))
@json_option
@with_session
def change(session: Session, id: str, as_json: bool, **given: Any) -> None:
    session.book.change_staff(session.actor, id, {k: v for k, v in given.items() if v is not None and v != ()})
    _shown(session, id, as_json)


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
            ", ".join(p["skills"]) or "—",
            "" if p["active"] else _("left"),
        ]
        for p in found
    ]
    table([_("Id"), _("Name"), _("Role"), _("Skills"), ""], rows, wrap=3)


@staff.command(help=_("One person."))
@click.argument("id")
@json_option
@with_session
def show(session: Session, id: str, as_json: bool) -> None:
    _shown(session, id, as_json)


def _shown(session: Session, id: str, as_json: bool) -> None:
    from states.errors import NotFound, did_you_mean

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
        echo(f"{name.ljust(widest)}  {value}")
