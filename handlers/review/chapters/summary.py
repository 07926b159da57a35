"""The chapter of the review on page one."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.review.cells import Telling
from handlers.review.pack import Chapter, Headline
from states.language import _, _n, enumeration
from states.review.governance import to_ratify, to_validate


def summary(told: Telling) -> Chapter:
    """Page one: what a committee should know in a minute."""
    return Chapter("summary", _("In one page"), tuple(_sentences(told)), tuple(_headlines(told)))


def _sentences(told: Telling) -> Iterator[str]:
    figure = {name: found.value for name, found in told.figures.items()}
    received, accepted, declined = (figure[f"flow.{name}"] for name in ("received", "accepted", "declined"))
    yield " ".join(
        (
            _n("{n} request was received.", "{n} requests were received.", received)
            if received
            else _("No request was received."),
            _n("{n} was accepted.", "{n} were accepted.", accepted) if accepted else _("None was accepted."),
            _n("{n} was declined, with another way out.", "{n} were declined, each with another way out.", declined)
            if declined
            else _("None was declined."),
        )
    )
    yield _n("{n} request is under way at the end.", "{n} requests are under way at the end.", figure["flow.open"])
    validating, ratifying = len(to_validate(told.scope)), len(to_ratify(told.scope))
    waiting = []
    if validating:
        waiting.append(_n("{n} project to validate", "{n} projects to validate", validating))
    if ratifying:
        waiting.append(_n("{n} project to ratify", "{n} projects to ratify", ratifying))
    if waiting:
        yield _("The committee is asked for: {decisions}.", decisions=enumeration(waiting))


def _headlines(told: Telling) -> Iterator[Headline]:
    declared = told.figures["indicators.services_declared"].value
    shown = (
        ("flow.received", "count", _("Requests received"), _("forms that came in")),
        ("flow.accepted", "count", _("Requests accepted"), _("against the charter, with or without a waiver")),
        ("flow.declined", "count", _("Requests declined"), _("each with its reason and an orientation")),
        ("flow.open", "count", _("Requests under way at the end"), _("received, and not ended yet")),
        ("flow.closed", "count", _("Requests closed"), _("after their debrief, or an autonomous session")),
        ("indicators.projects_accompanied", "count", _("Projects accompanied"),
         _("with a work meeting or a session held")),
        ("deadlines.rate", "rate", _("Deadlines met"), _("of those that fell due")),
        ("indicators.services_participating", "count", _("Regional services taking part"),
         _("of {n} there are: with a request worked on, or present at an activity", n=declared)),
        ("indicators.managers_participating", "count", _("Participations of managers"),
         _("in sessions and activities on management; participations, not persons")),
        ("indicators.attendance_rate", "rate", _("Attendance"),
         _("present among those registered or expected, on acculturation")),
        ("indicators.satisfaction", "number", _("Satisfaction, out of 5"), _("the mean, weighted by respondents")),
        ("indicators.deliverables", "count", _("Deliverables"), _("reports, prototypes, methods, services, training")),
        ("indicators.space_usage_rate", "rate", _("Use of the space"),
         _("half-days with something held, of those open to the lab")),
        ("indicators.return_on_investment", "rate", _("Return on investment"),
         _("gains expected and stated less the costs, over the costs")),
        ("committee.awaited", "count", _("Decisions awaited"), _("projects to validate, or to ratify")),
    )  # fmt: skip
    for name, kind, label, meaning in shown:
        yield Headline(label, told.cell(name, kind), told.past(name, kind), meaning)
