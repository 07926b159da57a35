"""The chapter of the review on the support: tiers and caps, the flow, meetings."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from attrs import evolve

from handlers.review.cells import Telling, by_frequency, count, table, words
from handlers.review.chapters.pictures import by_department
from handlers.review.pack import Cell, Chapter, Chart, Table
from handlers.review.words import meeting_names
from states.calendar.day_ranges import monday
from states.declaration.vocabulary import UNSAID
from states.language import _, _n, enumeration
from states.review.semesters import midnight


def support(told: Telling) -> Chapter:
    """Tiers, meetings against caps, sessions, places."""
    year = (_of_the_year(told),) if told.scope.year.period.first != told.review.period.first else ()
    departments = told.broken_down(
        "by_department", "flow.by_department", _("Accompanied requests by department"), _("Department"), "departments"
    )
    return Chapter(
        "support",
        _("The support"),
        charts=(_cumulative(told), _caps(told), by_department(told, departments), by_department(told, _off_site(told))),
        tables=(
            *year,
            told.broken_down("by_axis", "flow.by_axis", _("Accompanied requests by axis"), _("Axis"), "axes"),
            _meetings(told),
        ),
    )


def _of_the_year(told: Telling) -> Table:
    """The projects of the semester stand on page one; those of the year differ once it has another semester."""
    name = "indicators.projects_accompanied_year"
    row = (words(_("Since 1 January")), told.cell(name), told.past(name))
    note = _("Requests that follow each other are one project.")
    title = _("Projects accompanied over the year")
    return told.compared("projects_accompanied_year", title, _("Since when"), [row], note)


def _caps(told: Telling) -> Chart:
    rows = []
    for code, tier in told.declaration.tiers.items():
        requests = told.cell(f"flow.by_tier.{code}")
        meetings = told.said(f"tiers.{code}")
        used, cap = (sum(one[name] for one in meetings) for name in ("work_held", "cap"))
        both = (evolve(count(n), evidence=requests.evidence) for n in (used, cap))
        rows.append((words(tier.text), requests, *both))
    columns = (_("Tier"), _("Requests"), _("Work meetings held"), _("Cap in all"))
    shown = table(
        "caps", _("Tiers and caps"), columns, rows, _("The cap counts the meetings granted beyond the tier’s.")
    )
    used_of_cap = enumeration([f"{row[0].value} {row[2].value}/{row[3].value}" for row in rows])
    said = _("Work meetings held, of the cap: {said}.", said=used_of_cap)
    return Chart("caps", "caps", _("Meetings used against caps"), said, shown)


def _cumulative(told: Telling) -> Chart:
    """Requests by state at the end of each week of the period."""
    scope = told.scope
    states = [code for code, state in told.declaration.states.items() if not state.final]
    last, week = scope.last_day, monday(scope.period.first)
    rows: list[tuple[Cell, ...]] = []
    used: Counter[str] = Counter()
    counted: list[tuple[date, Counter[str]]] = []
    while week <= last:
        standing: Counter[str] = Counter()
        end = min(midnight(told.declaration, week + timedelta(days=7)), scope.limit)
        for story in scope.sources.requests:
            stay = story.stay_at(end)
            if stay:
                standing[stay.state] += 1
        counted.append((week, standing))
        used += standing
        week += timedelta(days=7)
    shown = [code for code in states if used[code]]
    # Of a week that is over: the stays in a state, with their days, among which are those of that week's end.
    rows = [
        (Cell(day, "date"), *(told.led(f"stays.{code}", count(standing[code])) for code in shown))
        for day, standing in counted[:-1]
    ]
    # The last tells how many are under way at the end: figures of the review, which lead to their requests.
    rows += [
        (Cell(day, "date"), *(told.cell(f"flow.open_by_state.{code}") for code in shown)) for day, _ in counted[-1:]
    ]
    columns = (_("Week of"), *(told.label("states", code) for code in shown))
    most = max((sum(standing[code] for code in shown) for _day, standing in counted), default=0)
    said = _("The most under way at the end of a week: {n}.", n=most)
    below = _("Above, all of them; below, each state alone, in the same colour.")
    return Chart(
        "flow",
        "flow",
        _("Requests under way, week by week"),
        f"{said} {below}",
        table("flow", _("Requests by state at the end of each week"), columns, rows),
        until=last,
        states=told.places(shown),
    )


def _meetings(told: Telling) -> Table:
    """What was held, by kind and place."""
    places = list(told.declaration.places)
    rows = []
    for kind, label in meeting_names().items():
        names = [f"held.{kind}.{place}" for place in places]
        every = count(sum(map(told.number, names)))
        rows.append((words(label), *map(told.cell, names), told.led(f"held.{kind}", every)))
    columns = (_("Meeting"), *(told.label("places", place) for place in places), _("All"))
    return table("meetings", _("What was held, and where"), columns, rows)


def _off_site(told: Telling) -> Table:
    """How far the lab went: what was held outside its places, by department."""
    group = "flow.off_site_by_department"
    rows = [
        (
            words(_("not said") if code == UNSAID else told.label("departments", code)),
            told.cell(f"{group}.{code}"),
            told.past(f"{group}.{code}"),
        )
        for code in told.below(group)
    ]
    reached = sum(name != f"{group}.{UNSAID}" for name in told.figures if name.startswith(f"{group}."))
    what = _("Meetings of requests, and activities.")
    if reached:
        every = len(told.declaration.departments)
        count_of = _n("{n} department of {all}.", "{n} departments of {all}.", reached, all=every)
        what = f"{count_of} {what}"
    return told.compared("off_site", _("Held off site, by department"), _("Department"), by_frequency(rows), what)
