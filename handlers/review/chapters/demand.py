"""The chapters of the review on the demand and the answers given."""

from __future__ import annotations

from handlers.review.cells import Telling, count, number, ref, table, words
from handlers.review.chapters.pictures import by_department, counts
from handlers.review.pack import Chapter, Chart, Table
from handlers.review.words import agreement_names, answer_names, step_names
from states.declaration.vocabulary import DECLINED
from states.language import _, _n
from states.review.figures import MEDIAN, P90, quantile
from states.review.splits import STEPS


def demand(told: Telling) -> Chapter:
    """Where requests came from and what they wished."""

    def received(by: str, title: str, heading: str, vocabulary: str) -> Table:
        return told.broken_down(f"received_by_{by}", f"received.{by}", title, heading, vocabulary)

    departments = received("department", _("Requests by department"), _("Department"), "departments")
    axes = received("axis", _("Requests by axis"), _("Axis"), "axes")
    tables = [received("service", _("Requests by service"), _("Service"), "services")]
    if any(told.below("received.wanted_tier")):
        tables.append(received("wanted_tier", _("Requests by tier wished for"), _("Tier"), "tiers"))
    tables.append(_of_groups(told, "family", _("By family of services"), _("Family"), "families"))
    if told.declaration.academies:
        tables.append(_of_groups(told, "academy", _("By academy"), _("Academy"), "academies"))
    charts = (_funnel(told), by_department(told, departments), counts(axes))
    return Chapter("demand", _("The demand"), charts=charts, tables=tuple(tables))


def _of_groups(told: Telling, code: str, title: str, by: str, vocabulary: str) -> Table:
    """Requests received and accompanied by family or academy: a few groups of all services and departments."""
    known = {*told.below(f"received.{code}"), *told.below(f"flow.by_{code}")}
    rows = [
        (words(told.label(vocabulary, name)), told.cell(f"received.{code}.{name}"), told.cell(f"flow.by_{code}.{name}"))
        for name in told.declaration.vocabulary(vocabulary)
        if name in known
    ]
    return table(f"by_{code}", title, (by, _("Requests received"), _("Accompanied requests")), rows)


def _funnel(told: Telling) -> Chart:
    """How far the requests received in the period and to be accompanied had come at its end: each step within the last.

    A session in autonomy goes another way: those are said apart.
    """
    reached = {step: sum(told.number(f"furthest.{later}") for later in STEPS[n:]) for n, step in enumerate(STEPS)}
    autonomous = told.number("flow.received") - reached[STEPS[0]]
    apart = _n("And {n} autonomous session asked for, apart.", "And {n} autonomous sessions asked for, apart.",
               autonomous) if autonomous else ""  # fmt: skip
    rows = ((words(step_names()[step]), told.led(f"furthest.{step}", count(n))) for step, n in reached.items())
    shown = table("funnel", _("How far they had come"), (_("Step"), _("Requests to accompany")), rows, apart)
    said = _("Requests to accompany received: {all}; accepted: {accepted}; closed by the end: {closed}.",
             all=reached[STEPS[0]], accepted=reached[STEPS[1]], closed=reached[STEPS[-1]])  # fmt: skip
    return Chart("funnel", "funnel", _("From the form to the closing"), said, shown)


# --- Answers ---


def answers(told: Telling) -> Chapter:
    """What was answered, why not, and how long it took."""
    flow = [
        (words(label), told.cell(f"flow.{name}"), told.past(f"flow.{name}"))
        for name, label in (
            ("open_at_start", _("Under way at the start")),
            ("received", _("Requests received")),
            ("reopened", _("Reopened")),
            *(
                (name, _ended(told, name, label))
                for name, label in (
                    ("declined", _("Declined")),
                    ("withdrawn", _("Withdrawn")),
                    ("cancelled", _("Cancelled")),
                    ("closed", _("Closed")),
                )
            ),
            ("open", _("Under way at the end")),
            ("accepted", _("Accepted")),
        )
    ]
    note = _("Those under way at the start, received and reopened are those that ended and those under way at the end.")
    return Chapter(
        "answers",
        _("The answers"),
        tables=(
            told.compared("answers", _("What became of requests"), _("Requests"), flow, note),
            told.broken_down(
                "decline_reasons", "flow.decline_reasons", _("Reasons for declining"), _("Reason"), "decline_reasons"
            ),
            _time_to_answer(told),
            *(() if told.public else (_agreement(told),)),
            _declined(told),
        ),
    )


def _ended(told: Telling, outcome: str, label: str) -> str:
    """What an ending is called: with how many of them came after a reopening, for those requests ended twice."""
    again = sum(story.ended_before(entry) for story, entry in told.scope.ended(outcome))
    if not again:
        return label
    return _n("{ending}, {n} of them after a reopening", "{ending}, {n} of them after a reopening", again, ending=label)


def _time_to_answer(told: Telling) -> Table:
    days = [one["days"] for one in told.said("answered")]
    row = (
        words(_("From the form to yes or no")),
        told.cell("answered"),
        told.led("answered", number(quantile(days, MEDIAN), "days")),
        told.led("answered", number(quantile(days, P90), "days")),
    )
    columns = (_("Path"), _("Answers"), _("Median"), _("Nine in ten under"))
    return table("time_to_answer", _("Time to answer"), columns, [row], _("In calendar days, pauses included."))


def _declined(told: Telling) -> Table:
    rows = [
        (
            ref(story.ref),
            words(told.title(story.ref) or "—"),
            words(told.label("services", story.request.form["service"])),
            words(told.label("decline_reasons", entry.data["reason"])),
            words(told.text(story.ref, entry.seq, "orientation") or "—"),
        )
        for story, entry in told.scope.ended(DECLINED)
    ]
    columns = (_("Request"), _("Title"), _("Service"), _("Reason"), _("Orientation given"))
    return table("declined", _("Where those declined were sent"), columns, rows)


def _agreement(told: Telling) -> Table:
    """What requesters said of what was decided: opinions, of which a published review tells nothing."""
    answers = answer_names()
    rows = [
        (words(label), *(told.cell(f"agreement.{what}.{answer}") for answer in answers))
        for what, label in agreement_names().items()
    ]
    columns = (_("Decision"), *(text[:1].upper() + text[1:] for text in answers.values()))
    return table("agreement", _("Whether the requester agrees"), columns, rows)
