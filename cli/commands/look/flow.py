"""`flow`: where requests wait."""

from __future__ import annotations

import click

from cli.options import json_option, print_json, with_session
from cli.output.flow import tell_flow
from cli.session import Session
from states.language import _


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
