"""`import`: forms from the State's form platform, and what it says otherwise since."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from cli.commands.receive.submit import counts_of, tell_next, tell_received, tell_rejected
from cli.options import json_option, print_json, with_session
from cli.output.lines import tell_changed
from cli.output.terminal import echo, one_line, printable, progress, stderr
from cli.session import Session
from handlers.exchange.demarche.dossiers import STATES, WAITING, why_deleted
from states.errors import WrongUsage
from states.forms.wording import value_text
from states.language import _, _n, enumeration

if TYPE_CHECKING:
    from handlers.exchange.demarche.importing import Imported
    from handlers.exchange.demarche.pages import Page
    from handlers.exchange.demarche.platform import Platform
    from states.declaration.model import Declaration
    from states.declaration.tables import Field
    from workflow.conflicts import SourceConflict


@click.group("import", help=_("Forms from another program: the State’s form platform."))
def import_() -> None:
    pass


@import_.command(
    help=_(
        "Receive the dossiers of a démarche: from the platform, with the token of COOP_DEMARCHE_TOKEN, or from its "
        "answers kept in files. Safe to repeat: a dossier is received once; what it changes before anything is done "
        "with it is taken over, later it is a conflict (coop import conflicts)."
    )
)
@click.option("--number", type=click.IntRange(1), metavar="N", help=_("The number of the démarche."))
@click.option(
    "--mapping", type=click.Path(), metavar="FILE", help=_("A TOML file that says which question is which field.")
)
@click.option("--describe", is_flag=True, help=_("Write a first mapping from the questions, and receive nothing."))
@click.option(
    "--state", type=click.Choice(STATES), help=_("Only the dossiers of this state; by default those that wait.")
)
@click.option("--since", metavar="DATE", help=_("Only what was changed there since that day."))
@click.option("--url", help=_("Where the platform answers, if not at its usual address."))
@click.option("--token-file", type=click.Path(), metavar="FILE", help=_("A file only you may read, with the token."))
@click.option("--from-files", is_flag=True, help=_("From answers of the platform that are kept in files."))
@click.option("--dry-run", is_flag=True, help=_("Check everything, store nothing."))
@click.argument("files", nargs=-1, metavar="[PAGE…]", type=click.Path())
@json_option
@with_session
def demarche(session: Session, as_json: bool, describe: bool, **options: Any) -> int:
    if bool(options["files"]) != options["from_files"] or bool(options["number"]) == options["from_files"]:
        raise WrongUsage(
            _("Which démarche? For example: coop import demarche --number 4242 --mapping FILE"),
            hint="coop import demarche --help",
        )
    if describe:
        return _describe(session, options)
    if not options["mapping"]:
        raise WrongUsage(
            _("Which question is which field? A first mapping is written with --describe."),
            hint=_described_by(options),
        )
    with progress(_("Receiving")) as advance:
        found = _received(session, options, advance)
    if found.intake.received and not options["dry_run"]:
        session.touch(found.intake.received[-1].ref)
    if as_json:
        print_json(_document(found))
    else:
        _tell(session, found, dry_run=options["dry_run"])
    return 0 if found.intake.received or not found.intake.rejected else 6


def _described_by(options: dict[str, Any]) -> str:
    """The command that writes a first mapping of the same démarche."""
    from handlers.intake import shell_word

    files = [shell_word(file) for file in options["files"]]
    named = ["--from-files", *files] if files else ["--number", str(options["number"])]
    elsewhere = ["--url", shell_word(options["url"])] if options["url"] else []
    return " ".join(["coop import demarche --describe", *elsewhere, *named])


def _describe(session: Session, options: dict[str, Any]) -> int:
    from handlers.exchange.demarche.mapping import described, questions_of

    pages = list(_pages(session, options))
    click.echo(described(questions_of(pages), session.declaration), nl=False)
    return 0


def _received(session: Session, options: dict[str, Any], advance: Any) -> Imported:
    from handlers.exchange.demarche.importing import Importer
    from handlers.forms.tables import read_mapping
    from handlers.intake import Reception

    mapping = read_mapping(options["mapping"], session.declaration)
    how = Reception(session.actor, dry_run=options["dry_run"], keep_going=True)
    states = (options["state"],) if options["state"] else WAITING
    importer = Importer(session.engine, mapping, how, states)
    found = importer.receive(_pages(session, options), lambda done: advance(done, None))
    if not options["from_files"] and not options["dry_run"]:
        importer.deleted(_platform(options).deleted(_since(session, options)), found)
    return found


def _pages(session: Session, options: dict[str, Any]) -> Iterator[Page]:
    if options["from_files"]:
        from handlers.exchange.demarche.files import pages_in

        return pages_in(options["files"])
    return _platform(options).dossiers(options["state"], _since(session, options))


def _platform(options: dict[str, Any]) -> Platform:
    from handlers.exchange.demarche.platform import HOME, Platform

    token = _token(options["token_file"])
    return Platform(options["number"], token, options["url"] or HOME, told=lambda said: stderr(printable(said)))


def _token(file: str | None) -> str:
    """The token: a variable, else the first line of a file that nobody else may read. It is never printed."""
    from handlers.secrets import secret_in

    if found := os.environ.get("COOP_DEMARCHE_TOKEN"):
        return found
    if file is None:
        raise WrongUsage(_("The platform wants a token: COOP_DEMARCHE_TOKEN, or --token-file FILE."))
    return secret_in(file)


def _since(session: Session, options: dict[str, Any]) -> str | None:
    return session.moment(options["since"], "since", toward="past") if options["since"] else None


def _document(found: Imported) -> dict[str, Any]:
    return {
        **found.intake.document(),
        "amended": [again.document() for again in found.amended],
        "conflicts": found.conflicts,
        "left_out": dict(found.left_out),
        "repeated": found.repeated,
        "pages": found.pages,
    }


def _tell(session: Session, found: Imported, *, dry_run: bool) -> None:
    tell_received(found.intake)
    for again in found.amended:
        names = enumeration([session.declaration.form[change.field].text for change in again.changed])
        echo(_("{ref}: taken over from the platform: {fields}", ref=again.ref, fields=names))
    tell_rejected(found.intake)
    counts = counts_of(found.intake, dry_run)
    if found.left_out:
        states = enumeration([f"{state} ({n})" for state, n in sorted(found.left_out.items())])
        counts.append(_("left out for their state on the platform: {states}", states=states))
    if found.repeated:
        counts.append(_n("{n} given twice", "{n} given twice", found.repeated))
    echo(", ".join(counts) + ".")
    if found.conflicts:
        echo(_n("{n} conflict to settle: coop import conflicts", "{n} conflicts to settle: coop import conflicts",
                len(found.conflicts)))  # fmt: skip
    tell_next(session, found.intake, dry_run)


@import_.command(help=_("What the platform says otherwise of requests that we moved on with: to settle one by one."))
@json_option
@with_session
def conflicts(session: Session, as_json: bool) -> None:
    from workflow.conflicts import standing

    with session.reader() as reader:
        found = standing(reader)
    if as_json:
        print_json({"conflicts": [_document_of(conflict) for conflict in found]})
        return
    if not found:
        echo(_("No conflict is to be settled."))
    for conflict in found:
        _tell_conflict(session, conflict)


def _document_of(conflict: SourceConflict) -> dict[str, Any]:
    changes = [{"field": c.field, "ours": c.before, "theirs": c.after, "frozen": c.frozen} for c in conflict.changes]
    return {
        "ref": conflict.ref,
        "title": conflict.title,
        "external_id": conflict.external_id,
        "found_at": conflict.found_at,
        "changes": changes,
        "deleted": conflict.deleted,
    }


def _tell_conflict(session: Session, conflict: SourceConflict) -> None:
    from handlers.intake import Skipped

    declaration = session.lifecycle(conflict.ref)
    number = one_line(conflict.external_id)
    echo(f"{conflict.ref} · {one_line(conflict.title)} · " + _("dossier {number}", number=number))
    if conflict.deleted:
        echo("  " + _("Deleted on the platform ({reason}).", reason=one_line(why_deleted(conflict.deleted))))
        echo("  → coop next " + conflict.ref)
    for change in conflict.changes:
        field = declaration.form[change.field]
        here, there = (_shown(declaration, field, value) for value in (change.before, change.after))
        echo(f"  {field.text}")
        echo("    " + _("here: {value}", value=here))
        echo("    " + _("there: {value}", value=there))
    tell_changed(Skipped(conflict.external_id, conflict.ref, "", conflict.changes), session.declaration)
    echo("  → " + _("Or keep what is here: coop import settle {ref} --note …", ref=conflict.ref))


def _shown(declaration: Declaration, field: Field, value: Any) -> str:
    return _("(nothing)") if value is None else one_line(value_text(declaration, field, value))


@import_.command(help=_("Keep what the request says, whatever the platform says: the note says why."))
@click.argument("ref", metavar="REF")
@click.option("--note", required=True, help=_("Why what is here is right."))
@json_option
@with_session
def settle(session: Session, ref: str, note: str, as_json: bool) -> None:
    from workflow.conflicts import settle as keep

    ref = session.ref(ref)
    keep(session.engine, session.actor, ref, note)
    session.touch(ref)
    if as_json:
        print_json({"ref": ref})
    else:
        echo(_("{ref} stays as it is here.", ref=ref))
