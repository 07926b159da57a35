"""`privacy`: what is held on a person, and how it is erased."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.input.prompts import confirm
from cli.options import json_option, print_json, with_session
from cli.output.terminal import echo, heading, one_line, printable
from cli.session import Session
from cli.settings import state_path
from states.declaration.types import local
from states.errors import FieldError, Invalid
from states.language import N_, _, _n

if TYPE_CHECKING:
    from workflow.privacy.holdings import Held, Holding
    from workflow.privacy.register import Register
    from workflow.privacy.removal import Removal, Removed

# What stands where, in the order in which it is shown.
TITLES = {
    "staff": N_("In the register of the lab"),
    "form": N_("In the forms, about them"),
    "named": N_("Texts that name them"),
    "perhaps": N_("Texts that perhaps speak of them: nothing of them is erased by guess"),
    "request": N_("What they asked, which is not about them"),
    "message": N_("Messages to them"),
    "history": N_("In the history, which keeps who did what"),
}


@click.group(help=_("Personal data: what is held on a person, and erasing it everywhere the product writes."))
def privacy() -> None:
    pass


@privacy.command(
    help=_("Everything held on PERSON: an id of the staff, an address, a whole name, or “Name <address>”.")
)
@click.argument("person")
@json_option
@with_session
def show(session: Session, person: str, as_json: bool) -> None:
    from workflow.privacy.holdings import held

    with session.reader() as reader:
        found = held(reader, person, "coop privacy show")
    if as_json:
        print_json(found.document())
        return
    _tell(session, found)


@privacy.command(
    help=_(
        "Erase PERSON: their own texts whole, the passages that name them in the others; then look for it everywhere, "
        "and say what is left out of reach. What they asked stays, without them; every count too."
    )
)
@click.argument("person")
@click.option("--note", help=_("Why: it stays, and names nobody."))
@click.option(
    "--search",
    "folders",
    multiple=True,
    type=click.Path(),
    metavar="PATH",
    help=_("Files and folders where exports were put: they are searched too, and changed by nobody."),
)
@click.option("--dry-run", is_flag=True, help=_("Show what would be erased; erase nothing."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@json_option
@with_session
def erase(
    session: Session, person: str, note: str | None, folders: Sequence[str], dry_run: bool, yes: bool, as_json: bool
) -> None:
    from workflow.privacy.holdings import FORM, NAMED, STAFF
    from workflow.privacy.removal import preview

    if not dry_run and not (note or "").strip():
        raise Invalid([FieldError("note", _("this text is required"))], _("Why is it erased? Say it with --note."))
    if dry_run:
        found = preview(session.engine, person)
        if as_json:
            print_json({"erased": len(found.of(STAFF, FORM)), "rewritten": len(found.of(NAMED)), "left_elsewhere": []})
        else:
            _tell(session, found)
            echo(_("Nothing was erased."))
        return
    if not yes and not as_json:
        _ask(session, person)
    _tell_removed(_removal(session, folders).person(person, note or ""), as_json)


def _ask(session: Session, person: str) -> None:
    from states.errors import NotFound
    from workflow.privacy.holdings import FORM, NAMED, STAFF
    from workflow.privacy.removal import preview

    try:
        found = preview(session.engine, person)
    except NotFound:  # perhaps it is to be finished
        return
    own, named = found.of(STAFF, FORM), found.of(NAMED)
    for one in (*own, *named):
        echo("  " + _line(session, one))
    confirm(_n("Erase {n} text for good?", "Erase {n} texts for good?", len(own) + len(named)))


def _removal(session: Session, folders: Sequence[str]) -> Removal:
    from workflow.privacy.removal import Removal

    return Removal(session.engine, session.actor, _register(session), [Path(folder) for folder in folders])


def _register(session: Session) -> Register:
    """Beside a file; of a database, among what this user's command keeps."""
    from workflow.privacy.register import SUFFIX, Register, beside
    from workflow.store.place import place_of

    store = session.store
    return Register(beside(store.path) if store.path else state_path() / f"{place_of(store)}{SUFFIX}")


def _tell_removed(removed: Removed, as_json: bool) -> None:
    if as_json:
        print_json({"erased": removed.erased, "rewritten": removed.rewritten, "left_elsewhere": list(removed.left)})
        return
    echo(_n("{n} text erased, with its salt.", "{n} texts erased, with their salts.", removed.erased))
    if removed.rewritten:
        echo(
            _n(
                "In {n} text, the passage that named them.",
                "In {n} texts, the passages that named them.",
                removed.rewritten,
            )
        )
    echo(
        _n(
            "Looked for in every table and in {n} file: nothing of it is left there. Done.",
            "Looked for in every table and in {n} files: nothing of it is left there. Done.",
            removed.searched,
        )
    )
    heading(_("Out of the product’s reach, or kept on purpose:"))
    for line in removed.left:
        echo(printable("  · " + line))


# --- What is held ---


def _tell(session: Session, found: Held) -> None:
    for where, title in TITLES.items():
        lines = found.of(where)
        if lines:
            heading(_(title))
        for one in lines:
            echo("  " + _line(session, one))
        if lines:
            echo()


def _line(session: Session, one: Holding) -> str:
    zone = session.declaration.lab.tz
    if one.where == "message":
        status, at = one.value.split()
        return printable(f"{one.ref or ''} {one.field} · {status} · {local(at, zone):%Y-%m-%d}")
    where = f"{one.entry} · " if one.seq else ""
    return where + one_line(f"{_field(session, one.field)} : {one.value}")


def _field(session: Session, name: str) -> str:
    spec: Any = session.declaration.form.get(name) or session.declaration.keys.get(name)
    return spec.text if spec else {"note": _("note"), "name": _("name"), "email": _("e-mail")}.get(name, name)
