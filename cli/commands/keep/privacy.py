"""`privacy`: what is held on a person, and how it is erased."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.input.prompts import confirm
from cli.options import json_option, print_json, with_session
from cli.output.messages import message_kind, message_status
from cli.output.terminal import echo, heading, one_line, printable, stderr, table, write_out
from cli.session import Session
from cli.settings import config_path, state_path
from states.declaration.types import local
from states.errors import FieldError, Invalid, NotFound, WrongUsage
from states.language import N_, _, _n, short_date
from states.references import LAB

if TYPE_CHECKING:
    from handlers.documents.sheet import Sheet
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


@privacy.command(
    help=_(
        "What is private is kept for the time the declaration says, by how a request ended. Alone: what is due now, "
        "the slip of elimination for the archivist. With the slip’s code and the visa: takes it away."
    )
)
@click.option("--out", metavar="FILE", help=_("Where to write the slip: .html or .pdf."))
@click.option("--slip", metavar="CODE", help=_("The code of the slip that the archivist has agreed to."))
@click.option("--visa", metavar="TEXT", help=_("Their visa: who, when, under which reference. It stays."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@register_option
@json_option
@with_session
def purge(
    session: Session, out: str | None, slip: str | None, visa: str | None, yes: bool, register: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    if bool(slip) != bool((visa or "").strip()):
        raise WrongUsage(_("A purge needs the code of its slip and the visa: --slip CODE --visa …"))
    if slip and visa:
        if not yes and not as_json:
            confirm(_("Take away for good what is on the slip {code}?", code=slip))
        _tell_removed(_removal(session, (), register).purge(slip, visa), as_json)
        return
    from handlers.documents.elimination import facts, slip_sheet
    from workflow.privacy.retention import due

    with session.reader() as reader:
        found, declaration = due(reader), reader.declaration
    if out:
        _write(session, slip_sheet(declaration, found), out)
    if as_json:
        print_json(found.document())
        return
    sheet = slip_sheet(declaration, found)
    heading(sheet.title)
    for label, value in facts(found):
        echo(f"  {label} : {value}")
    if not found.files:
        echo(_("Nothing is due: nothing is to be taken away."))
        return
    table(sheet.sections[0].columns, sheet.sections[0].rows)
    echo(printable(", ".join(one.ref for one in found.files)))
    echo(_("Once the archivist agrees: {command}", command=f'coop privacy purge --slip {found.code} --visa "…"'))


@privacy.command(help=_("The sheet of the register of processing activities, made from the declaration."))
@click.option("--out", metavar="FILE", help=_("Where to write it: .html or .pdf."))
@json_option
@with_session
def register(session: Session, out: str | None, as_json: bool) -> None:
    from handlers.documents.processing import register_document, register_sheet

    with session.reader() as reader:
        declaration, today = reader.declaration, local(reader.now, reader.declaration.lab.tz).date()
    sheet = register_sheet(declaration, today)
    if out:
        _write(session, sheet, out)
    if as_json:
        print_json(register_document(declaration))
    elif not out:
        _tell_sheet(sheet)


def _tell_sheet(sheet: Sheet) -> None:
    """A sheet on a terminal."""
    heading(sheet.title)
    echo(printable(sheet.subject))
    for label, value in sheet.facts:
        echo(printable(f"  {label} : {value}"))
    for section in sheet.sections:
        echo()
        heading(section.title)
        for paragraph in section.paragraphs:
            echo(printable(f"  {paragraph}"))
        if section.rows:
            table(section.columns, section.rows)


def _write(session: Session, sheet: Sheet, out: str) -> None:
    """A sheet as a file, by what its name ends with."""
    from handlers.documents import sheet as sheets

    path = Path(out)
    if path.suffix not in (".html", ".pdf"):
        raise WrongUsage(_("{file} is to be .html or .pdf.", file=printable(out)))
    moment = local(session.now, session.declaration.lab.tz)
    write_out(path, sheets.html(sheet).encode() if path.suffix == ".html" else sheets.pdf(sheet, moment))
    stderr(_("Written: {file}", file=printable(path)))


def _removal(session: Session, folders: Sequence[str], register: str | None) -> Removal:
    from workflow.privacy.register import Register
    from workflow.privacy.removal import Removal

    path = Path(register) if register else session.register
    ours = [path, config_path(), state_path()]
    return Removal(session.engine, session.actor, Register(path), [*ours, *map(Path, folders)])


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
        about = one.ref or _("the lab")
        return f"{about} · {message_kind(one.field)}, {message_status(status)} · {short_date(local(at, zone).date())}"
    where = f"{one.entry} · " if one.seq else ""
    return where + one_line(_("{label}: {value}", label=_field(session, one.field), value=one.value))


def _field(session: Session, name: str) -> str:
    spec: Any = session.declaration.form.get(name) or session.declaration.keys.get(name)
    return spec.text if spec else {"note": _("note"), "name": _("name"), "email": _("e-mail")}.get(name, name)
