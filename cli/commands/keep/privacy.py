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
from states.declaration.types import local
from states.errors import FieldError, Invalid, NotFound, WrongUsage
from states.language import N_, _, _n
from states.references import LAB

if TYPE_CHECKING:
    from workflow.privacy.holdings import Held, Holding
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


register_option = click.option(
    "--register", type=click.Path(), metavar="FILE", help=_("The register of erasures, if it is kept elsewhere.")
)


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
@register_option
@json_option
@with_session
def erase(
    session: Session, person: str, note: str | None, folders: Sequence[str], dry_run: bool, yes: bool,
    register: str | None, as_json: bool,
) -> None:  # fmt: skip
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
    _tell_removed(_removal(session, folders, register).person(person, note or ""), as_json)


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


@privacy.command(
    help=_(
        "Take a passage out of the texts of ENTRY (2026-0012/3, or lab/41): the words of --span wherever they stand in "
        "them, or the characters 12-20 of one."
    )
)
@click.argument("entry")
@click.option(
    "--span", "spans", multiple=True, required=True, metavar="WORDS", help=_("What is taken out (repeatable).")
)
@click.option("--field", metavar="FIELD", help=_("Which text of the entry; default: all, or the note for characters."))
@click.option("--note", help=_("Why: it stays, and names nobody."))
@register_option
@json_option
@with_session
def redact(
    session: Session, entry: str, spans: Sequence[str], field: str | None, note: str | None, register: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    from workflow.privacy.redacting import Passage

    stream, mark, seq = entry.strip().replace("#", "/").rpartition("/")
    if not mark or not seq.isdecimal():
        raise NotFound(_("“{given}” is no entry: {example}", given=printable(entry), example="2026-0012/3"))
    ref = stream if stream == LAB else session.ref(stream)
    removal = _removal(session, (), register)
    _tell_removed(removal.passage(Passage(ref, int(seq), spans, field), note), as_json)


@privacy.command(
    help=_("Erase again what the register says, in a store put back without coop db restore: a dump, a disk.")
)
@click.argument("file", required=False, type=click.Path(), metavar="[REGISTER]")
@register_option
@json_option
@with_session
def reapply(session: Session, file: str | None, register: str | None, as_json: bool) -> None:
    from workflow.privacy.register import Register

    if file and not Path(file).is_file():
        raise WrongUsage(_("There is no file {file}.", file=printable(file)))
    lines = Register(Path(file)).read() if file else []
    _tell_removed(_removal(session, (), register).again(lines), as_json)


def _removal(session: Session, folders: Sequence[str], register: str | None) -> Removal:
    from workflow.privacy.register import Register
    from workflow.privacy.removal import Removal

    path = Path(register) if register else session.register
    return Removal(session.engine, session.actor, Register(path), [Path(folder) for folder in folders])


def _tell_removed(removed: Removed, as_json: bool) -> None:
    if as_json:
        print_json({"erased": removed.erased, "rewritten": removed.rewritten, "left_elsewhere": list(removed.left)})
        return
    if removed.erased:
        echo(_n("{n} text erased, with its salt.", "{n} texts erased, with their salts.", removed.erased))
    if removed.rewritten:
        echo(_n("A passage taken out of {n} text.", "Passages taken out of {n} texts.", removed.rewritten))
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
