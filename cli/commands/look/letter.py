"""`letter`: what the requester is written, before it leaves or as it left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from cli import settings
from cli.commands.keep.outbox import user_mail, user_profile
from cli.input.codes import code_meant
from cli.options import json_option, print_json, with_session
from cli.output.messages import message_reason, message_status
from cli.output.terminal import document, echo, heading, one_line, printable, table, write_out
from cli.session import Session
from states.declaration.types import local, offset_time
from states.errors import Conflict, NotFound, WrongUsage
from states.language import _, enumeration, short_time, spoken
from states.notifications import REQUESTER
from states.references import is_activity

if TYPE_CHECKING:
    from handlers.mail.letter import SenderProfile
    from states.declaration.model import Declaration
    from workflow.views.letters import About, Written
    from workflow.views.reader import Reader

FORMATS = ("text", "html", "eml", "pdf")
ON_PAPER = "pdf"  # a file of the folder, unless --out says where: nobody reads it at a terminal


@click.command(help=_("The letters to the requester: those of REF, or the one of a KIND as it would leave now."))
@click.argument("ref")
@click.argument("letter", metavar="[KIND]", required=False)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help=_("How."))
@click.option("--out", metavar="PATH", help=_("Where to write it; - is the standard output."))
@json_option
@with_session
@click.pass_context
def letter(
    ctx: click.Context, session: Session, ref: str, letter: str | None, form: str, out: str | None, as_json: bool
) -> None:
    from workflow.views.letters import letters

    ref = session.ref(ref)
    if is_activity(ref):
        raise NotFound(_("Nobody asked for an activity: no letter is written about it."), hint="coop outbox")
    session.touch(ref)
    with session.reader() as reader:
        request = reader.request(ref)
        declaration = reader.declaration_of(request.declaration)
        found = {one.code: one for one in letters(reader, request)}
        if letter is None:
            _list(declaration, ref, list(found.values()), as_json)
            return
        code = code_meant({code: one.letter for code, one in found.items()}, "letter", letter)
        content = _written(reader, _about(declaration, ref, found[code]), form, ctx.find_root().params["lang"])
    path = out or (f"letter-{ref}-{code}.pdf" if form == ON_PAPER else "-")
    _given(path, {"ref": ref, "letter": code, "format": form}, content, as_json)


def _given(path: str, what: dict[str, str], content: bytes, as_json: bool) -> None:
    """The letter written where it was asked for, or printed: the whole of it, or in a document of what it is."""
    if path != "-":
        write_out(Path(path), content)
    if as_json and (path != "-" or what["format"] != ON_PAPER):
        print_json({**what, "out": path} if path != "-" else {**what, "text": content.decode()})
    elif path == "-":
        document(content)
    else:
        echo(_("Written: {file}", file=printable(path)))


def _about(declaration: Declaration, ref: str, found: Written) -> About:
    """What a letter would be about now. Raises Conflict when nothing has happened yet that it follows."""
    if found.about is None:
        message = _("The letter “{letter}” follows what has not happened yet: {what}.")
        said = message.format(letter=found.letter.text, what=_when(declaration, found))
        raise Conflict(said, hint=f"coop letter {ref}")
    return found.about


def _written(reader: Reader, about: About, form: str, asked: str | None) -> bytes:
    """The letter, as it would leave now; in the language asked for, else in that of the requester."""
    from handlers.mail.letter import Unsendable
    from handlers.mail.requester.writing import as_html, as_text, letter_page

    profile = user_profile()
    language = asked or profile.languages.get(REQUESTER, reader.declaration.lab.language)
    try:
        if form == "eml":
            return _draft(reader, about, evolve(profile, languages={REQUESTER: language}))
        with spoken(language):
            if form == ON_PAPER:
                from handlers.documents.letter import letter_pdf

                return letter_pdf(reader, about, profile)
            page = letter_page(reader, about, profile)
            if form == "html":
                return as_html(page, reader.declaration.lab.text).encode()
            return (_("Subject: {subject}", subject=page.subject) + f"\n\n{as_text(page).rstrip()}\n").encode()
    except Unsendable as problem:
        raise Conflict(_("It cannot be written: {reason}.", reason=message_reason(problem.reason))) from None


def _draft(reader: Reader, about: About, profile: SenderProfile) -> bytes:
    from handlers.mail.compose import draft

    if not profile.answers_to:
        message = _("No sender is set: answers to these messages would reach nobody. Set it in {path}: [mail] sender.")
        raise WrongUsage(message.format(path=printable(settings.config_path())))
    return draft(reader, about, profile).as_bytes()


def _when(declaration: Declaration, found: Written) -> str:
    """After what a letter leaves, in the words of its request's version."""
    events = [declaration.events[code].text for code in found.letter.after]
    return enumeration([*events, *(declaration.deadlines[code].text for code in found.letter.due)], _("or"))


def _list(declaration: Declaration, ref: str, found: list[Written], as_json: bool) -> None:
    zone = declaration.lab.tz
    if as_json:
        print_json([_document(one, zone) for one in found])
        return
    if not found:
        echo(_("This request’s version of the declaration has no letter for it."))
        return
    heading(_("Letters of {ref}", ref=ref))
    table(
        [_("Letter"), _("What"), _("After"), _("Status")],
        [[one.code, one.letter.text, one_line(_when(declaration, one)), _status(one, zone)] for one in found],
    )
    shown = next((one.code for one in reversed(found) if one.about), found[0].code)
    echo()
    echo(_("To read one: coop letter {ref} {letter}", ref=ref, letter=shown))


def _document(one: Written, zone: Any) -> dict[str, Any]:
    queued = one.queued
    return {
        "letter": one.code,
        "label": dict(one.letter.label),
        "after": list(one.letter.after),
        "due": list(one.letter.due),
        "seq": one.about.seq if one.about else None,
        "status": queued.shown if queued else None,
        "unwanted": one.unwanted,
        "sent_at": offset_time(queued.sent_at, zone) if queued else None,
    }


def _status(one: Written, zone: Any) -> str:
    if one.queued is None:
        return _("not written") if one.about else "—"
    if one.unwanted:
        return message_reason(one.unwanted)
    if one.queued.sent_at:
        return f"{message_status(one.queued.shown)}, {short_time(local(one.queued.sent_at, zone))}"
    return message_status(one.queued.shown)


def waiting_lines(session: Session, ref: str, seq: int) -> list[str]:
    """That a letter an entry made waits, and how to read it, where no mail is set to take it."""
    from workflow.outbox.letters import letters_of

    with session.reader() as reader:
        made = [one for one in letters_of(reader.tx, ref) if one.sequence == seq and one.status == "waiting"]
        if not made or _mail_is_set():
            return []
        declaration = reader.declaration_of(reader.request(ref).declaration)
    return [
        _(
            "A letter waits, for no mail is set: {letter} (coop letter {ref} {code})",
            letter=declaration.letters[one.payload["letter"]].text,
            ref=ref,
            code=one.payload["letter"],
        )
        for one in made
    ]


def _mail_is_set() -> bool:
    try:
        return user_mail() is not None
    except WrongUsage:  # settings that cannot be used take no message: what needs them says so
        return False
