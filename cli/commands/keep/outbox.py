"""`outbox`: the messages that wait, that failed, of which nobody knows whether they left; and what to do with one."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cli import settings
from cli.options import json_option, print_json, with_session
from cli.output.messages import message_kind, message_reason, message_status
from cli.output.terminal import echo, printable, table
from cli.session import Session
from states.causes import cause
from states.declaration.types import local, offset_time
from states.errors import WrongUsage
from states.language import _, _n, short_time

if TYPE_CHECKING:
    from handlers.mail.letter import SenderProfile
    from handlers.mail.settings import MailSettings
    from workflow.outbox.queue import Queued


def user_mail() -> MailSettings | None:
    """How this user's mail is handed over: config.toml and COOP_MAIL_ variables; None where it is off."""
    from handlers.mail.settings import mail_settings

    return mail_settings(_said(), os.environ)


def rehearsing() -> bool:
    """Whether the environment sets the clock of someone whose mail would leave."""
    from handlers.mail.settings import rehearses

    return rehearses(os.environ) and user_mail() is not None


def tell_held(why: str) -> None:
    """Why the messages stay here, and what lets them leave."""
    reason = {
        "store_restored": _("this store was put back from a copy"),
        "elsewhere": _("this store is a copy, or was moved: its messages leave from another place"),
        "rehearsal": _("COOP_NOW sets the clock, as in a rehearsal"),
    }[why]
    echo(_("The messages are kept: {reason}.", reason=reason))
    echo(_("If they are to reach people from here: coop outbox release"))


def user_profile(sender: str | None = None) -> SenderProfile:
    """In whose name this user's messages are written: what the settings say, or a sender given."""
    from handlers.mail.settings import sender_profile

    return sender_profile(_said(), os.environ | ({"COOP_MAIL_SENDER": sender} if sender else {}))


def _said() -> dict[str, Any]:
    found = settings.whole_file().get("mail", {})
    if not isinstance(found, dict):
        raise WrongUsage(_("In {path}, mail is a table: [mail].", path=settings.config_path()))
    return found


@click.group(invoke_without_command=True, help=_("The messages: what waits, what failed, what is uncertain."))
@click.option("--all", "everything", is_flag=True, help=_("Those sent and given up too."))
@click.option(
    "--to-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=_("Write what waits as .eml files, to be opened and sent by a mail program; nothing is marked."),
)
@click.option("--sender", metavar="ADDRESS", help=_("With --to-dir: who writes, where [mail] sender does not say it."))
@json_option
@with_session
@click.pass_context
def outbox(
    ctx: click.Context, session: Session, everything: bool, to_dir: Path | None, sender: str | None, as_json: bool
) -> None:
    if ctx.invoked_subcommand is not None:
        return
    if to_dir is not None:
        _write(session, to_dir, sender, as_json)
    else:
        _list(session, everything, as_json)


def _list(session: Session, everything: bool, as_json: bool) -> None:
    from workflow.outbox.delivery import listed
    from workflow.outbox.queue import STATUSES

    zone = session.declaration.lab.tz
    found = listed(session.store, STATUSES) if everything else listed(session.store)
    if as_json:
        print_json([_document(queued, zone) for queued in found])
        return
    if not found:
        echo(_("No message waits."))
        return
    rows = [
        [q.key, _what(session, q), message_status(q.shown), _since(q, zone), message_reason(q.last_error)]
        for q in found
    ]
    table([_("Message"), _("What"), _("Status"), _("When"), _("Why")], rows)
    _advise(session, found)


def _what(session: Session, queued: Queued) -> str:
    kind, code = message_kind(queued.kind), queued.payload.get("letter")
    return _("{what}: {which}", what=kind, which=session.declaration.label("letters", code)) if code else kind


def _document(queued: Queued, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "key": queued.key,
        "kind": queued.kind,
        "status": queued.shown,
        "recipient": queued.recipient,
        "ref": queued.ref,
        "meeting_id": queued.meeting,
        "letter": queued.payload.get("letter"),
        "sequence": queued.sequence,
        "urgent": queued.urgent,
        "created_at": offset_time(queued.created_at, zone),
        "not_before": offset_time(queued.not_before, zone),
        "attempts": queued.attempts,
        "claimed_by": queued.claimed_by,
        "claimed_at": offset_time(queued.claimed_at, zone),
        "reason": queued.last_error,
        "sent_at": offset_time(queued.sent_at, zone),
    }


def _since(queued: Queued, zone: ZoneInfo) -> str:
    at = {"waiting": queued.not_before, "sent": queued.sent_at}.get(queued.status, queued.claimed_at)
    return short_time(local(at or queued.created_at, zone))


def _advise(session: Session, found: list[Queued]) -> None:
    from workflow.outbox.holding import held

    statuses = {queued.shown for queued in found}
    echo()
    if "uncertain" in statuses:
        echo(_("Uncertain: sent perhaps, perhaps not. Ask whom it was for, then coop outbox sent KEY, or retry KEY."))
    if "failed" in statuses:
        echo(_("Failed: once the cause is settled, coop outbox retry KEY; or drop KEY."))
    if why := held(session.store, rehearsal=rehearsing()):
        tell_held(why)
    if "waiting" in statuses and user_mail() is None:
        echo(_("Mail is off: messages wait until [mail] is set in {path}.", path=printable(settings.config_path())))
        echo(_("Meanwhile, write them as files: {command}", command=_drafting(session, "DIR")))


def _write(session: Session, folder: Path, sender: str | None, as_json: bool) -> None:
    from handlers.mail.smtp import write_files

    profile = user_profile(sender)
    if not profile.answers_to:
        raise WrongUsage(
            _(
                "No sender is set: answers to these messages would reach nobody. Set it in {path}: [mail] sender.",
                path=printable(settings.config_path()),
            ),
            hint=_drafting(session, folder),
        )
    try:
        drafts = write_files(session.engine, folder, profile)
    except OSError as problem:
        raise WrongUsage(
            _("{path} cannot be written: {problem}.", path=printable(folder), problem=cause(problem))
        ) from None
    if as_json:
        files = [str(path) for path in drafts.files]
        print_json({"files": files, "not_written": drafts.failed, "left_aside": drafts.aside})
        return
    n = len(drafts.files)
    if n:
        echo(_n("{n} message written to {path}.", "{n} messages written to {path}.", n, path=printable(folder)))
    else:
        echo(_("No message to write."))
    for key, reason in drafts.failed.items():
        echo(printable(f"  · {key}: {message_reason(reason)}"))
    if drafts.aside:
        _tell_aside(drafts.aside)
    if drafts.files:
        echo(_("Once one is sent: coop outbox sent KEY"))


def _drafting(session: Session, folder: Path | str) -> str:
    """The command that writes the messages as files: with a sender, where none is set; whoever types, if known."""
    command = f"coop outbox --to-dir {shlex.quote(str(folder))}"
    if user_profile().answers_to:
        return command
    with session.reader() as reader:
        own = next((person["email"] for person in reader.staff() if person["id"] == session.actor), None)
    sender = own or _("lab@example.org")
    return f"{command} --sender {shlex.quote(sender)}"


def _tell_aside(aside: Mapping[str, str]) -> None:
    """How many messages would not be sent either, and why."""
    echo(
        _n(
            "{n} message left aside, which nothing would send:",
            "{n} messages left aside, which nothing would send:",
            len(aside),
        )
    )
    for reason, n in Counter(aside.values()).most_common():
        echo(f"  · {n} – {message_reason(reason)}")


def _decide(session: Session, keys: tuple[str, ...], everything: bool, decision: str, as_json: bool) -> None:
    from workflow.outbox.delivery import decidable, decide

    if bool(keys) is everything:
        raise WrongUsage(_("Give the keys of messages, or --all."), hint="coop outbox")
    zone = session.declaration.lab.tz
    wanted = decidable(session.store, decision) if everything else keys
    found = [decide(session.engine, session.actor, key, decision) for key in wanted]
    if as_json:
        print_json([_document(queued, zone) for queued in found])
        return
    for queued in found:
        echo(printable(f"{queued.key} : {message_status(queued.shown)}"))
    if not found:
        echo(_("No message waits."))


def _which(command: Any) -> Any:
    """The messages to decide of: by their keys, or all."""
    every = click.option("--all", "everything", is_flag=True, help=_("All those that this can be said of."))
    return click.argument("keys", nargs=-1, metavar="KEY…")(every(command))


@outbox.command(help=_("Send messages again: uncertain ones that did not arrive, failed ones whose cause is settled."))
@_which
@json_option
@with_session
def retry(session: Session, keys: tuple[str, ...], everything: bool, as_json: bool) -> None:
    _decide(session, keys, everything, "retry", as_json)


@outbox.command(help=_("Say that messages have reached whom they were for."))
@_which
@json_option
@with_session
def sent(session: Session, keys: tuple[str, ...], everything: bool, as_json: bool) -> None:
    _decide(session, keys, everything, "sent", as_json)


@outbox.command(help=_("Give messages up."))
@_which
@json_option
@with_session
def drop(session: Session, keys: tuple[str, ...], everything: bool, as_json: bool) -> None:
    _decide(session, keys, everything, "drop", as_json)


@outbox.command(
    help=_("Let this store send, from here: after it was copied, moved or put back, or while COOP_NOW is set.")
)
@json_option
@with_session
def release(session: Session, as_json: bool) -> None:
    from workflow.outbox.holding import held
    from workflow.outbox.holding import release as let_go

    why = held(session.store, rehearsal=rehearsing())
    if why is not None:
        let_go(session.engine, session.actor, rehearsal=rehearsing())
    if as_json:
        print_json({"released": why is not None, "was_held": why})
    elif why is None:
        echo(_("Nothing kept the messages of this store."))
    else:
        echo(_("The messages of this store may leave from here."))
