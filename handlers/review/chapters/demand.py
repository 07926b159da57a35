"""The chapters of the review on page one, the demand, the answers given and the support."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from handlers.review.cells import Telling, count, number, ref, table, words
from handlers.review.pack import Cell, Chapter, Chart, Headline, Table
from states.calendar.day_ranges import monday
from states.declaration.types import local
from states.language import _, _n, enumeration
from states.lifecycle.effects import Accept, Create
from states.lifecycle.effects_of_meetings import Hold
from states.requests.entry import Entry
from states.review.dataset import Held, Story
from states.review.figures import MEDIAN, P90, quantile
from states.review.governance import to_ratify, to_validate
from states.review.indicators import days_of


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


# --- Demand ---


def demand(told: Telling) -> Chapter:
    """Where requests came from and what they wished."""
    created = list(told.scope.of_effect(Create))
    by = (
        ("service", _("By service"), _("Service"), "services"),
        ("department", _("By department"), _("Department"), "departments"),
        ("axis", _("By axis"), _("Axis"), "axes"),
        ("wanted_tier", _("By tier wished for"), _("Tier"), "tiers"),
    )
    tables = [_received_by(told, created, *one) for one in by]
    return Chapter("demand", _("The demand"), charts=(_funnel(told),), tables=tuple(tables))


def _received_by(
    told: Telling, created: list[tuple[Story, Entry]], field: str, title: str, heading: str, vocabulary: str
) -> Table:
    found = Counter(story.request.form.get(field) for story, _entry in created)
    before = Counter(story.request.form.get(field) for story, _entry in told.scope.previous.of_effect(Create))
    rows = [
        (
            words(told.label(vocabulary, code) or _("not said")),
            count(found[code]),
            count(before[code] if told.before is not None else None),
        )
        for code in sorted({*found, *before}, key=lambda code: (-found[code], told.label(vocabulary, code)))
    ]
    return table(f"received_by_{field}", title, (heading, _("Requests"), _("Semester before")), rows)


def _funnel(told: Telling) -> Chart:
    """How far the requests received in the period have come."""
    created = [story for story, _entry in told.scope.of_effect(Create)]
    held = [{h.kind for h in _held(story)} for story in created]
    steps = (
        (_("Requests received"), len(created)),
        (_("Accepted"), sum(story.request.accepted for story in created)),
        (_("Interview held"), sum("interview" in kinds for kinds in held)),
        (_("Work begun"), sum(bool(kinds & {"work", "session"}) for kinds in held)),
        (_("Session held"), sum("session" in kinds for kinds in held)),
        (_("Closed"), sum(story.request.state == "closed" for story in created)),
    )
    shown = table(
        "funnel", _("How far they have come"), (_("Step"), _("Requests")), ((words(a), count(n)) for a, n in steps)
    )
    told_of = _("Of {all} requests received, {accepted} are accepted and {closed} closed so far.",
                all=steps[0][1], accepted=steps[1][1], closed=steps[-1][1])  # fmt: skip
    return Chart("funnel", "funnel", _("From the form to the closing"), told_of, shown)


def _held(story: Story) -> list[Held]:
    from states.review.dataset import held_of

    return [held_of(story, entry) for entry in story.effective if story.does(entry, Hold)]


# --- Answers ---


def answers(told: Telling) -> Chapter:
    """What was answered, why not, and how long it took."""
    flow = [
        (words(label), told.cell(f"flow.{name}"), told.past(f"flow.{name}"))
        for name, label in (
            ("accepted", _("Accepted")),
            ("declined", _("Declined")),
            ("withdrawn", _("Withdrawn by the requester")),
            ("cancelled", _("Cancelled")),
            ("closed", _("Closed")),
        )
    ]
    return Chapter(
        "answers",
        _("The answers"),
        tables=(
            table(
                "answers", _("What became of requests"), (_("Answer"), _("This semester"), _("Semester before")), flow
            ),
            told.broken_down(
                "decline_reasons", "flow.decline_reasons", _("Reasons for declining"), _("Reason"), "decline_reasons"
            ),
            _time_to_answer(told),
            _declined(told),
        ),
    )


def _time_to_answer(told: Telling) -> Table:
    days = []
    for story, entry in told.scope.entries:
        if story.does(entry, Accept) or (entry.to == "declined" != entry.source):
            first = next(e for e in story.effective if story.does(e, Create))
            days.append(_days(first.occurred_at, entry.occurred_at))
    row = (
        words(_("From the form to yes or no")),
        count(len(days)),
        number(quantile(days, MEDIAN), "days"),
        number(quantile(days, P90), "days"),
    )
    columns = (_("Path"), _("Answers"), _("Median"), _("Nine in ten under"))
    return table("time_to_answer", _("Time to answer"), columns, [row], _("In calendar days, pauses included."))


def _days(since: str, until: str) -> Fraction:
    from states.requests.request import Stay

    return days_of(Stay("", 0, since, until=until))


def _declined(told: Telling) -> Table:
    rows = [
        (
            ref(story.ref),
            words(told.label("services", story.request.form["service"])),
            words(told.label("decline_reasons", entry.data["reason"])),
            words(told.text(story.ref, entry.seq, "orientation") or "—"),
        )
        for story, entry in told.scope.into("declined")
    ]
    columns = (_("Request"), _("Service"), _("Reason"), _("Orientation given"))
    return table("declined", _("Where those declined were sent"), columns, rows)


# --- Support ---


def support(told: Telling) -> Chapter:
    """Tiers, meetings against caps, sessions, places."""
    return Chapter(
        "support",
        _("The support"),
        charts=(_caps(told), _cumulative(told)),
        tables=(
            _projects(told),
            told.broken_down("by_axis", "flow.by_axis", _("Accompanied requests by axis"), _("Axis"), "axes"),
            told.broken_down(
                "by_department", "flow.by_department", _("Accompanied requests by department"), _("Department"),
                "departments",
            ),
            _meetings(told),
            told.broken_down("open_by_state", "flow.open_by_state", _("Under way at the end"), _("State"), "states"),
        ),
    )  # fmt: skip


def _projects(told: Telling) -> Table:
    rows = [
        (words(label), told.cell(f"indicators.{name}"), told.past(f"indicators.{name}"))
        for name, label in (
            ("projects_accompanied", _("In the semester")),
            ("projects_accompanied_year", _("Since 1 January")),
        )
    ]
    columns = ("", _("Projects accompanied"), _("Semester before"))
    note = _("Requests that follow each other are one project.")
    return table("projects", _("Projects accompanied"), columns, rows, note)


def _caps(told: Telling) -> Chart:
    scope, rows = told.scope, []
    for code, tier in told.declaration.tiers.items():
        stories = [story for story in scope.accompanied if story.tier_at(scope.period.end) == code]
        # Those of earlier semesters too: the cap is that of the whole request.
        used = sum(
            h.kind == "work" and h.entry.occurred_at < scope.period.end for story in stories for h in _held(story)
        )
        cap = sum(story.request.cap(story.declaration) or 0 for story in stories)
        rows.append((words(tier.text), told.cell(f"flow.by_tier.{code}"), count(used), count(cap)))
    columns = (_("Tier"), _("Requests"), _("Work meetings held"), _("Cap in all"))
    shown = table(
        "caps", _("Tiers and caps"), columns, rows, _("The cap counts the meetings granted beyond the tier’s.")
    )
    said = enumeration([f"{row[0].value} {row[2].value}/{row[3].value}" for row in rows])
    return Chart(
        "caps", "caps", _("Meetings used against caps"), _("Work meetings held, of the cap: {said}.", said=said), shown
    )


def _cumulative(told: Telling) -> Chart:
    """Requests by state at the end of each week of the period."""
    scope, zone = told.scope, told.declaration.lab.tz
    states = [code for code, state in told.declaration.states.items() if not state.final]
    last, week = min(scope.period.last, local(scope.sources.now, zone).date()), monday(scope.period.first)
    rows: list[tuple[Cell, ...]] = []
    used: Counter[str] = Counter()
    counted: list[tuple[date, Counter[str]]] = []
    while week <= last:
        there: Counter[str] = Counter()
        end = min(_start_of(told, week + timedelta(days=7)), scope.limit)
        for story in scope.sources.requests:
            stay = story.stay_at(end)
            if stay:
                there[stay.state] += 1
        counted.append((week, there))
        used += there
        week += timedelta(days=7)
    shown = [code for code in reversed(states) if used[code]]  # those nearest the end at the bottom
    rows = [(Cell(day, "date"), *(count(there[code]) for code in shown)) for day, there in counted]
    columns = (_("Week of"), *(told.label("states", code) for code in shown))
    most = max((sum(there[code] for code in shown) for _day, there in counted), default=0)
    return Chart(
        "flow",
        "flow",
        _("Requests under way, week by week"),
        _("At most {n} requests were under way at the end of a week.", n=most),
        table("flow", _("Requests by state at the end of each week"), columns, rows),
    )


def _start_of(told: Telling, day: date) -> str:
    from states.review.semesters import midnight

    return midnight(told.declaration, day)


def _meetings(told: Telling) -> Table:
    """What was held, by kind and place."""
    places = list(told.declaration.places)
    found = Counter((held.kind, held.place) for held in told.scope.held)
    rows = [
        (words(label), *(count(found[kind, place]) for place in places), count(sum(found[kind, p] for p in places)))
        for kind, label in (
            ("interview", _("Interviews")),
            ("work", _("Work meetings")),
            ("session", _("Sessions")),
            ("debrief", _("Debriefs")),
        )
    ]
    columns = (_("Meeting"), *(told.label("places", place) for place in places), _("All"))
    return table("meetings", _("What was held, and where"), columns, rows)
