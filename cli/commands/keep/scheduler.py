"""`scheduler` and `status`: the watch, and whether it goes round."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.keep.outbox import rehearsing, tell_held, user_mail
from cli.options import json_option, print_json, with_session
from cli.output.terminal import echo, printable, table, tell_odd
from cli.session import Session
from states.declaration.types import instant, local, moment
from states.errors import WrongUsage
from states.language import _, _n, long_time, short_time
from workflow.store.address import shown

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from handlers.scheduler import Tick


@click.group(help=_("The watch: raises what is due, settles what no longer is. Any number of them may run."))
def scheduler() -> None:
    pass


@scheduler.command(help=_("One sweep now: for cron, a systemd timer or a task planner."))
@json_option
@with_session
def tick(session: Session, as_json: bool) -> None:
    from handlers.scheduler import tick as go_round

    done = go_round(session.engine, user_mail())
    if as_json:
        print_json(done.document(session.declaration.lab.tz))
    else:
        _told(done, session.declaration.lab.tz)
    if done.failures:  # the rest of the round was done
        raise done.failures[0]


def _told(done: Tick, zone: ZoneInfo) -> None:
    raised = _n("{n} alert raised", "{n} alerts raised", done.raised)
    if done.replaced:  # a deadline whose stages have all passed has a row for each, and one alert that stands
        raised = _n(
            "{raised} (of which {n} replaced at once)",
            "{raised} (of which {n} replaced at once)",
            done.replaced,
            raised=raised,
        )
    settled = _n("{n} settled", "{n} settled", done.resolved)
    echo(f"{raised}, {settled}, " + _n("{n} message sent.", "{n} messages sent.", done.delivered))
    if done.problem:
        echo(_("The mail stopped early ({problem}): what waits leaves later. See: coop outbox", problem=done.problem))
    tell_odd(done.odd)
    if done.held:
        tell_held(done.held)
    if done.late:
        since = local(instant(moment(done.now) - timedelta(minutes=done.late_minutes)), zone)
        echo(_("The watch had not gone round since {when}: this catches up.", when=long_time(since)))


@scheduler.command(help=_("Sweep until stopped: every minute, and a backup every night."))
@click.option(
    "--every", default=60, show_default=True, type=click.IntRange(5, 3600), metavar="SECONDS", help=_("How often.")
)
@click.option(
    "--backups", type=click.Path(file_okay=False), metavar="DIR", help=_("Where nightly copies go; none without it.")
)
@click.option(
    "--keep", default=14, show_default=True, type=click.IntRange(1, 366), help=_("How many nightly copies are kept.")
)
@with_session
def run(session: Session, every: int, backups: str | None, keep: int) -> None:
    from handlers.scheduler import run as keep_watch

    if backups and session.store.path is None:
        raise WrongUsage(_("Nightly copies are for a SQLite store: a PostgreSQL one is copied with its own tools."))
    echo(_("Watching {url}: Ctrl-C or SIGTERM ends it.", url=printable(shown(session.store.url))))
    keep_watch(
        session.engine, user_mail(), every=every, backups=Path(backups) if backups else None, keep=keep, say=echo
    )
    echo(_("Stopped cleanly."))


@click.command(help=_("When the watch last went round, how many alerts stand, what is late."))
@json_option
@with_session
def status(session: Session, as_json: bool) -> None:
    from handlers.scheduler import status as look

    found = look(session.store, session.now, rehearsal=rehearsing())
    tell_odd(found.odd)
    if as_json:
        print_json(found.document(session.declaration.lab.tz))
        return
    zone = session.declaration.lab.tz
    last = short_time(local(found.last_tick, zone)) if found.last_tick else _("never")
    rows = [
        [_("Last tick"), last],
        [_("Alerts that stand"), str(found.alerts)],
        [_("Of which critical"), str(found.critical)],
        [_("Of which silent for now"), str(found.snoozed)],
        [_("Deadlines to raise"), str(found.to_raise)],
        [_("Messages that wait"), str(found.messages["waiting"])],
        [_("Messages uncertain"), str(found.messages["uncertain"])],
        [_("Messages that failed"), str(found.messages["failed"])],
    ]
    table([_("What"), _("How many")], rows)
    if found.held:
        tell_held(found.held)
    for kept in found.kept[:1]:
        echo(_("An earlier store is kept in {file}.", file=printable(kept)))
    if found.stale:
        echo(_("The watch is not going round: start it with coop scheduler run, or cron and coop scheduler tick."))
