"""`submit`: forms in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.failures import field_line
from cli.input.form import ask_form
from cli.options import json_option, print_json, with_session
from cli.output.lines import alike, tell_skipped
from cli.output.terminal import echo, one_line, printable, progress, stderr
from cli.session import Session
from handlers.forms.text import ENCODINGS
from states.errors import Invalid, WrongUsage
from states.language import _, _n

if TYPE_CHECKING:
    from handlers.intake import Intake


@click.command(
    help=_(
        "Receive forms: TOML, JSON or CSV files, “-” for standard input. A file is all or nothing unless --keep-going. "
        "With --ask, one form question by question; a FILE is then a draft to go on from."
    )
)
@click.argument("files", nargs=-1, metavar="FILE…", type=click.Path(allow_dash=True))
@click.option(
    "--map", "mapping", type=click.Path(), metavar="FILE", help=_("A TOML file that says which column is which field.")
)
@click.option(
    "--encoding",
    type=click.Choice(ENCODINGS, case_sensitive=False),
    help=_("How the files are encoded, where it is not found: a table saved by an old program, or by a Mac."),
)
@click.option("--ask", is_flag=True, help=_("Ask for one form, question by question."))
@click.option("--dry-run", is_flag=True, help=_("Check everything, store nothing."))
@click.option("--keep-going", is_flag=True, help=_("Receive the good rows of a file even if others are rejected."))
@click.option("--on-behalf", is_flag=True, help=_("The requester filed it through you."))
@click.option("--key", help=_("Makes it safe to repeat: the same key and form again changes nothing."))
@click.option("--note", help=_("A word for the history."))
@json_option
@with_session
def submit(session: Session, files: tuple[str, ...], ask: bool, as_json: bool, **options: Any) -> int:
    how_read = {name: options.pop(name) for name in ("mapping", "encoding")}
    intake = _asked(session, files, as_json, options) if ask else _read(session, files, how_read, options)
    if intake.received and not options["dry_run"]:
        session.touch(intake.received[-1].ref)
    if not intake.refused or intake.received or intake.skipped:
        if as_json:
            print_json(intake.document())
        else:
            _told(session, intake, options["dry_run"])
    if intake.refused:
        raise _together(intake.refused)
    return 0 if intake.received or not intake.rejected else 6


def _asked(session: Session, files: tuple[str, ...], as_json: bool, options: Mapping[str, Any]) -> Intake:
    if len(files) > 1:
        raise WrongUsage(_("One form is asked for at a time: give one draft."))
    return ask_form(session, files[0] if files else None, options, aside=as_json)


def _read(
    session: Session, files: tuple[str, ...], how_read: Mapping[str, str | None], options: Mapping[str, Any]
) -> Intake:
    from handlers.intake import Reception, receive

    if not files:
        raise WrongUsage(_("Which file? For example: coop submit fiche.toml"), hint="coop submit --help")
    if options["key"] and len(files) > 1:
        raise WrongUsage(_("A key goes with one form: give one file."))
    with progress(_("Receiving")) as advance:
        how = Reception(session.actor, **options)
        return receive(session.engine, files, how_read["mapping"], how, advance, how_read["encoding"])


def _together(refused: list[Invalid]) -> Invalid:
    """The files of which nothing was stored, as one error."""
    fields = [field for problem in refused for field in problem.fields]
    return Invalid(fields, " ".join(dict.fromkeys(p.message for p in refused)), hint=refused[0].hint)


def _told(session: Session, intake: Intake, dry_run: bool) -> None:
    tell_received(intake)
    for skipped in intake.skipped:
        tell_skipped(skipped, session.declaration)
    tell_rejected(intake)
    echo(_counts(intake, dry_run))
    tell_next(session, intake, dry_run)


def tell_received(intake: Intake) -> None:
    """The notices, then each form received, and those that look like another."""
    for notice in intake.notices:
        stderr(printable(notice))
    for form in intake.received:
        again = "  " + _("(already done by the same key)") if form.replayed else ""
        echo(f"{form.ref}  {one_line(form.title)}{again}")
        if form.alike:
            echo(f"  {alike(form.alike)}")


def tell_rejected(intake: Intake) -> None:
    for rejected in intake.rejected:
        for field in rejected.fields:
            stderr(printable(f"  · {field_line(field)}"))


def tell_next(session: Session, intake: Intake, dry_run: bool) -> None:
    """What to do with the forms received: the letters that wait, and the first of them."""
    if intake.received and not dry_run:
        from cli.commands.look.letter import waiting_lines

        for line in waiting_lines(session, intake.received[0].ref, 1):
            echo(printable(line))
        echo(_("Next: coop next {ref}", ref=intake.received[0].ref))


def _counts(intake: Intake, dry_run: bool) -> str:
    return ", ".join(counts_of(intake, dry_run)) + "."


def counts_of(intake: Intake, dry_run: bool) -> list[str]:
    """How many forms were received, known, rejected."""
    counts = [
        _n("{n} form would be received", "{n} forms would be received", len(intake.received))
        if dry_run
        else _n("{n} form received", "{n} forms received", len(intake.received))
    ]
    if intake.skipped:
        counts.append(_n("{n} already known", "{n} already known", len(intake.skipped)))
    if intake.rejected:
        counts.append(_n("{n} rejected", "{n} rejected", len(intake.rejected)))
    return counts
