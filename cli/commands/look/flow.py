"""`flow`: where requests wait; `forecast`: when comparable ones reached what one waits for."""

from __future__ import annotations

import click

from cli.options import json_option, print_json, with_session
from cli.output.flow import tell_flow
from cli.output.forecast import tell_prospect, tell_record
from cli.output.terminal import progress
from cli.session import Session
from states.declaration.types import local
from states.errors import NotFound
from states.language import _
from states.references import is_activity


@click.command(help=_("Where requests wait: those that are in each state, against those that were, in working days."))
@click.option("--since", metavar="DAY", help=_("The first day of what counts; default: a year ago."))
@json_option
@with_session
def flow(session: Session, since: str | None, as_json: bool) -> None:
    from workflow.history.in_force import every_code
    from workflow.views.flow import flow_document, flow_of, hours_ahead
    from workflow.views.forecast import Outlook

    first = session.day(since, "--since", "past") if since else None
    with session.reader() as reader:
        found = flow_of(reader, first)
        if as_json:
            print_json(flow_document(found))
            return
        late = [passage.ref for one in found.states for passage in one.overdue]
        hours, titles, outline = hours_ahead(reader), Outlook(reader).titles(late), every_code(reader.tx)
    tell_flow(found, hours, outline, titles)


@click.command(help=_("When comparable requests reached what this one waits for, as counts; or why nobody can say."))
@click.argument("ref", required=False)
@click.option("--record", is_flag=True, help=_("How often what would have been announced each past day held."))
@click.option("--since", metavar="DAY", help=_("With --record: the first of these days; default: the first there is."))
@json_option
@with_session
def forecast(session: Session, ref: str | None, record: bool, since: str | None, as_json: bool) -> None:
    if record == bool(ref) or (since and not record):
        raise click.UsageError(_("Give a reference, or --record alone (with --since, if you like)."))
    if ref:
        _prospect(session, session.ref(ref), as_json)
    else:
        _record(session, since, as_json)


def _prospect(session: Session, ref: str, as_json: bool) -> None:
    from workflow.views.forecast import Outlook
    from workflow.views.milestones import prospect, prospect_document

    if is_activity(ref):
        raise NotFound(_("{ref} is an activity: only requests are forecast.", ref=ref), hint="coop list")
    with session.reader() as reader:
        found = prospect(reader, reader.request(ref))
        title = Outlook(reader).titles([ref])[ref]
    session.touch(ref)
    if as_json:
        print_json(prospect_document(found))
        return
    tell_prospect(found, title, local(session.now, found.journey.declaration.lab.tz).date())


def _record(session: Session, since: str | None, as_json: bool) -> None:
    from workflow.views.track_record import record_document, track_record

    first = session.day(since, "--since", "past") if since else None
    with session.reader() as reader:
        with progress(_("Looking back")) as tell:
            found = track_record(reader, tell, first)
        declaration = reader.declaration
    if as_json:
        print_json(record_document(found))
    else:
        tell_record(found, declaration)
