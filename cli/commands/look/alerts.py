"""`alerts`: what the lab should know now, who or when instead, and the command that settles it."""

from __future__ import annotations

from typing import Any

import click

from cli.input.codes import codes_meant
from cli.options import COUNT, Among, json_option, print_json, with_session
from cli.output.terminal import echo, heading, printable, stderr
from cli.output.watch import watch_sentence
from cli.session import Session
from states.errors import AlertFound
from states.language import _, _n, long_date

LEVELS = ("info", "warning", "critical")


@click.group(
    invoke_without_command=True, help=_("What to know now: the gravest first, with the command that settles it.")
)
@click.option("--level", type=Among(LEVELS), help=_("Only of this level or above."))
@click.option("--rule", "rules", multiple=True, metavar="RULE", help=_("Only of this rule (repeat for several)."))
@click.option("--all", "everything", is_flag=True, help=_("Settled and snoozed ones too."))
@click.option("--fail-on", type=Among(LEVELS), help=_("End with code 8 if one is that grave, snoozed ones apart."))
@json_option
@with_session
@click.pass_context
def alerts(
    ctx: click.Context,
    session: Session,
    level: str | None,
    rules: tuple[str, ...],
    everything: bool,
    fail_on: str | None,
    as_json: bool,
) -> None:
    if ctx.invoked_subcommand is not None:
        return
    from handlers.review.words import alert_names
    from workflow.store.heartbeat import rounds
    from workflow.views.alerts import Alarms

    rules = codes_meant(alert_names(), "--rule", rules)
    with session.reader() as reader:
        alarms = Alarms(reader)
        wanted = [
            alert
            for alert in alarms.alerts(settled=everything)
            if _is_as_grave(alert.risk.level, level) and (not rules or alert.risk.rule in rules)
        ]
        shown = [alert for alert in wanted if everything or alarms.status(alert) != "snoozed"]
        found = [alarms.document(alert) for alert in shown]
    watch = rounds(session.store, session.now)
    watched = watch_sentence(watch, session.declaration.lab.tz)
    if as_json:
        if watch.stale:
            stderr(watched)
        print_json(found)
    else:
        echo(watched)
        _told(found)
        _end(len(found), len(wanted) - len(shown), watch.stale, everything=not (rules or level))
    grave = [a for a in found if a["status"] in ("open", "acknowledged") and _is_as_grave(a["level"], fail_on)]
    if fail_on and grave:
        raise AlertFound(_n("{n} alert is that grave.", "{n} alerts are that grave.", len(grave)))


def _is_as_grave(level: str, least: str | None) -> bool:
    return least is None or LEVELS.index(level) >= LEVELS.index(least)


def _end(shown: int, snoozed: int, stale: bool, *, everything: bool) -> None:
    """What there is besides: the silent ones; that there is nothing, of what was asked and looked at."""
    if snoozed:
        echo(_n("{n} is silent for now: coop alerts --all", "{n} are silent for now: coop alerts --all", snoozed))
    elif not shown and not stale:
        echo(_("No alert stands.") if everything else _("No alert of that kind stands."))


def _told(found: list[dict[str, Any]]) -> None:
    titles = {"critical": _("Critical"), "warning": _("Warning"), "info": _("For information")}
    signs = {"critical": "‼", "warning": "!", "info": "·"}
    before = None
    for alert in found:
        if alert["level"] != before:
            if before:
                echo()
            heading(titles[alert["level"]])
            before = alert["level"]
        status = {"acknowledged": _("acknowledged"), "snoozed": _("snoozed"), "resolved": _("settled")}.get(
            alert["status"], ""
        )
        echo(
            printable(
                f"{signs[alert['level']]} {alert['id']:>3}  {alert['message']}" + (f" ({status})" if status else "")
            )
        )
        for suggestion in alert["suggestions"]:
            echo(printable(f"       → {suggestion}"))


@alerts.command(help=_("Say that an alert has been seen."))
@click.argument("id", type=COUNT)
@json_option
@with_session
def ack(session: Session, id: int, as_json: bool) -> None:
    from workflow.lab.service import attend_alert

    attend_alert(session.engine, session.actor, id)
    _said(as_json, id, _("Alert {id} acknowledged.", id=id))


@alerts.command(help=_("Silence an alert until a day; it settles by itself if its cause goes."))
@click.argument("id", type=COUNT)
@click.option("--until", required=True, metavar="DAY", help=_("The day it comes back, in the morning."))
@json_option
@with_session
def snooze(session: Session, id: int, until: str, as_json: bool) -> None:
    from workflow.lab.service import attend_alert

    day = session.day(until, "--until")
    attend_alert(session.engine, session.actor, id, day)
    _said(as_json, id, _("Alert {id} is silent until {day}.", id=id, day=long_date(day)))


def _said(as_json: bool, id: int, text: str) -> None:
    if as_json:
        print_json({"id": id})
    else:
        echo(text)
