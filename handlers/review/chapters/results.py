"""The chapters of the review on culture, deliverables and follow-ups, satisfaction, deadlines and lead times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from handlers.review.cells import Telling, by_frequency, count, judges, number, ref, table, words
from handlers.review.pack import Cell, Chapter, Chart, Table
from handlers.review.text import written
from states.declaration.tables import ACTIVITY
from states.declaration.vocabulary import FOLLOW_UP
from states.language import _, enumeration
from states.review.dataset import Held
from states.review.governance import reached
from states.review.indicators import attendance, regional
from states.review.persons import EVALUATIONS, EVERYBODY, after, evaluations, on_axis
from states.review.splits import kind_of


def culture(told: Telling) -> Chapter:
    """Activities, attendance, the services reached and those not yet."""
    return Chapter(
        "culture",
        _("The culture of innovation"),
        charts=(_services(told), _present(_attendance(told))),
        tables=(_activities(told),),
    )


def _activities(told: Telling) -> Table:
    """Activities held, by type."""
    rows = []
    for kind in told.below("proposed"):
        name = f"proposed.{kind}"
        said = told.said(name)
        # Published, persons are split once, by axis: of two ways to split the same people, one gives away the other's.
        people = () if told.public else (count(_sum(one[of] for one in said)) for of in _PEOPLE)
        services = count(len({service for one in said for service in one["services"]}))
        rows.append((words(told.label("activity_types", kind)), told.cell(name),
                     *(told.led(name, cell) for cell in (*people, services))))  # fmt: skip
    headings = () if told.public else (_("Registered"), _("Present"), _("Of which managers"))
    columns = (_("Activity"), _("Held"), *headings, _("Services present"))
    return table("activities", _("Activities held"), columns, rows)


_PEOPLE = ("registered", "attended", "managers")


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum of what was said; None when nothing was."""
    said = [value for value in values if value is not None]
    return sum(said) if said else None


def _present(shown: Table) -> Chart:
    said = enumeration([f"{written(row[0])} {written(row[4])}" for row in shown.rows])
    return Chart("attendance", "attendance", shown.title, _("Present, of those expected: {said}.", said=said), shown)


def _attendance(told: Telling) -> Table:
    """Present among those registered or expected, by axis; sessions of requests and activities of the lab apart."""
    rows = [_attended(told, axis) for axis in (*told.declaration.axes, None)]
    columns = (
        _("Axis"), _("Sessions and activities"), _("Present"), _("Registered or expected"), _("Attendance"),
        _("Sessions"), _("Activities"),
    )  # fmt: skip
    return table("attendance", _("Attendance by axis"), columns, rows, _("Only what gave both numbers counts."))


def _attended(told: Telling, axis: str | None) -> tuple[Cell, ...]:
    """An axis, or all of them; what leads to which list of entries."""
    name, whom, listed = _("All axes"), EVERYBODY, ("gathered", "held.session", "proposed")
    if axis is not None:
        name, whom = told.label("axes", axis), on_axis(axis)
        listed = (f"gathered.{axis}", f"gathered.{axis}.session", f"gathered.{axis}.activity")
    held = [h for h in told.scope.gatherings if axis in (None, h.axis)]
    activities = [h for h in held if h.meeting.kind == ACTIVITY]
    sessions = [h for h in held if h.meeting.kind != ACTIVITY]
    every, of_sessions, of_activities = listed
    people = (told.of_persons(says, whom) for says in ("present", "expected", "rate"))
    return (
        words(name),
        *(told.led(every, cell) for cell in (count(len(held)), *people)),
        told.led(of_sessions, _and_attendance(told, sessions)),
        told.led(of_activities, _and_attendance(told, activities)),
    )


def _and_attendance(told: Telling, held: Sequence[Held]) -> Cell:
    """How many, and their attendance; published, the people are split once."""
    rate = attendance(held).value
    return count(len(held)) if told.public or rate is None else words(f"{len(held)} · {written(number(rate, 'rate'))}")


def _services(told: Telling) -> Chart:
    """Each regional service: how many times it took part, those not yet reached included."""
    asked = reached(told.scope)
    declared = regional(told.declaration)
    found = {code: told.number(f"taking_part.{code}") for code in declared}
    order = sorted(declared, key=lambda code: (-found[code], told.label("services", code)))
    rows = [
        (
            words(told.label("services", code)),
            told.cell(f"taking_part.{code}"),
            words(_("yes") if code in asked else _("not yet")),
        )
        for code in order
    ]
    missing = [told.label("services", code) for code in order if not found[code]]
    said = _("Regional services that took part: {n} of {all}.", n=len(declared) - len(missing), all=len(declared))
    if missing:
        said = f"{said} " + _("Not yet: {services}.", services=enumeration(missing))
    columns = (_("Regional service"), _("Participations"), _("Reached"))
    note = _("A participation: a request of the service worked on, or its people present at an activity.")
    shown = table("services", _("Participation of regional services"), columns, rows, note)
    return Chart("services", "services", _("Regional services"), said, shown)


# --- What came of it ---


def deliverables(told: Telling) -> Chapter:
    """What was produced, and what became of it three and six months on."""
    by_type = [
        (words(told.label("deliverable_types", code)), told.cell(f"produced.{code}")) for code in told.below("produced")
    ]
    rows = by_frequency(by_type)
    rows.append((words(_("All")), told.cell("indicators.deliverables")))
    note = (
        "" if told.public else _("Each stands with its project, in the chapter “{chapter}”.", chapter=_("The projects"))
    )
    return Chapter(
        "deliverables",
        _("Deliverables and follow-ups"),
        tables=(
            table("deliverables_by_type", _("Deliverables by type"), (_("Type"), _("Deliverables")), rows, note),
            _follow_ups_in_numbers(told) if told.public else _follow_ups(told),
        ),
    )


def _follow_ups_in_numbers(told: Telling) -> Table:
    recorded = [entry for _story, entry in told.scope.recorded(FOLLOW_UP)]
    rows = (
        (words(_("Follow-ups recorded")), count(len(recorded))),
        (words(_("Taken up by a service")), count(sum("reused_by" in entry.data for entry in recorded))),
    )
    columns = (_("Follow-ups"), _("This semester"))
    return table("follow_ups_in_numbers", _("Follow-ups: done, results, impacts"), columns, rows)


def _follow_ups(told: Telling) -> Table:
    recorded = told.scope.recorded(FOLLOW_UP)
    gained = any("gain" in entry.data for _story, entry in recorded)
    rows = [
        (
            ref(story.ref),
            words(told.title(story.ref) or "—"),
            words(told.text(story.ref, entry.seq, "done") or "—"),
            words(told.text(story.ref, entry.seq, "changed") or "—"),
            *((number(Fraction(entry.data["gain"]) if "gain" in entry.data else None, "euros"),) if gained else ()),
            words(told.label("services", entry.data.get("reused_by")) or "—"),
        )
        for story, entry in recorded
    ]
    gain = (_("Gain stated"),) if gained else ()
    columns = (_("Request"), _("Title"), _("What was done"), _("What it changed"), *gain, _("Taken up by"))
    return table("follow_ups", _("Follow-ups: done, results, impacts"), columns, rows)


def satisfaction(told: Telling) -> Chapter:
    """How satisfied people were, and how many said so."""
    groups = {group for group, _entry in evaluations(told.scope)}
    named = sorted((judges(told.declaration, group), after(group)) for group in groups)
    rows = [_mean(told, name, whom) for name, whom in (*named, (_("All"), EVALUATIONS))]
    note = _("Weighted by respondents; one when their number was not said.")
    columns = (_("After"), _("Respondents"), _("Mean, out of 5"))
    return Chapter(
        "satisfaction",
        _("Satisfaction"),
        charts=(_scored(table("satisfaction", _("What people thought of it"), columns, rows, note)),),
    )


def _scored(shown: Table) -> Chart:
    _all, people, mean = shown.rows[-1]
    said = _("A mean of {mean} out of 5; respondents: {people}.", mean=written(mean), people=written(people))
    return Chart("satisfaction", "satisfaction", shown.title, said, shown)


def _mean(told: Telling, name: str, whom: str) -> tuple[Cell, ...]:
    respondents = told.of_persons("respondents", whom)
    if respondents.value is None and not respondents.masked:
        respondents = count(0)
    _after, _dot, judged = whom.partition(".")
    listed = f"judged.{judged}" if judged else "indicators.satisfaction"
    return words(name), told.led(listed, respondents), told.led(listed, told.of_persons("mean", whom))


# --- Time ---


def deadlines(told: Telling) -> Chapter:
    """Deadlines met and missed, and how long requests stay where."""
    return Chapter(
        "deadlines",
        _("Deadlines and lead times"),
        (_("A deadline is a target: a missed one refuses nothing, and counts against nobody."),),
        charts=(_deadlines(told), _lead_times(told)),
        tables=(_deadline_totals(told),),
    )


def _deadline_totals(told: Telling) -> Table:
    rows = [
        (words(label), told.cell(f"deadlines.{name}", kind), told.past(f"deadlines.{name}", kind))
        for name, kind, label in (
            ("met", "count", _("Met")),
            ("missed", "count", _("Missed")),
            ("rate", "rate", _("Share of deadlines met")),
        )
    ]
    return told.compared("deadline_totals", _("Deadlines that fell due"), _("Deadlines"), rows)


def _deadlines(told: Telling) -> Chart:
    order = {kind: n for n, kind in enumerate(told.declaration.deadlines)}
    known = sorted({*told.below("met"), *told.below("missed")}, key=lambda code: (order.get(kind_of(code), 99), code))
    rows = [(words(told.due(code)), told.cell(f"met.{code}"), told.cell(f"missed.{code}")) for code in known]
    kept = [(told.due(code), told.number(f"met.{code}"), told.number(f"missed.{code}")) for code in known]
    missed = sorted((met / (met + late), label, met, met + late) for label, met, late in kept if late)
    least = [_("{what} ({met} of {all})", what=label, met=met, all=every)
             for _share, label, met, every in missed[:LEAST_MET]]  # fmt: skip
    said = _("Least met: {kinds}.", kinds=enumeration(least)) if least else _("None was missed.")
    shown = table("deadlines", _("Deadlines by kind"), (_("Deadline"), _("Met"), _("Missed")), rows)
    return Chart("deadlines", "deadlines", _("Deadlines met"), said, shown)


def _lead_times(told: Telling) -> Chart:
    tree, rows, points = told.review.figures["lead_times"], [], []
    for state in tree:
        label = told.label("states", state)
        n, median, p90 = (told.cell(f"lead_times.{state}.{name}", kind) for name, kind in _OF_A_STATE)
        if tree[state]["n"].value < ENOUGH:
            p90 = words("—")
        rows.append((words(label), n, median, p90))
        points += [(label, item.said["days"]) for item in tree[state]["n"].items]
    longest = max(rows, key=lambda row: row[2].value or 0, default=None)
    said = _("No request left a state in the period.")
    if longest:
        said = _("The longest wait, by its median, is in the state “{state}”.", state=longest[0].value)
    columns = (_("State"), _("Stays"), _("Median"), _("Nine in ten under"))
    note = _("In calendar days: the stays that ended in the period, and their median; nine in ten, from {n} on.",
             n=ENOUGH)  # fmt: skip
    last = 4 if any(row[3].kind == "days" for row in rows) else 3
    shown = table("lead_times", _("Time spent in each state"), columns[:last], (row[:last] for row in rows), note)
    return Chart("lead_times", "lead_times", shown.title, said, shown, tuple(points), states=told.places(tree))


LEAST_MET = 3  # kinds of deadline that the words under their chart name
ENOUGH = 10  # stays of which nine in ten says something
_OF_A_STATE = (("n", "count"), ("median_days", "days"), ("p90_days", "days"))
