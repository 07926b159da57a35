"""The chapters of the review on the demand and the answers given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable
from fractions import Fraction
from functools import partial

from handlers.review.cells import Telling, count, number, ref, table, words
from handlers.review.chapters.pictures import by_department, counts
from handlers.review.pack import Chapter, Chart, Table
from handlers.review.words import agreement_names, answer_names
from states.declaration.vocabulary import CLOSED, DECLINED
from states.language import _, _n
from states.lifecycle.effects import Accept, Create
from states.requests.entry import Entry
from states.requests.request import Stay
from states.review.dataset import Story
from states.review.figures import MEDIAN, P90, quantile
from states.review.indicators import academy_of, days_of, family_of


def demand(told: Telling) -> Chapter:
    """Where requests came from and what they wished."""
    created = list(told.scope.of_effect(Create))

    def received(field: str, title: str, heading: str, vocabulary: str) -> Table:
        return _received_by(told, created, field, title, heading, vocabulary)

    departments = received("department", _("Requests by department"), _("Department"), "departments")
    axes = received("axis", _("Requests by axis"), _("Axis"), "axes")
    tables = [received("service", _("Requests by service"), _("Service"), "services")]
    if any(story.request.form.get("wanted_tier") for story, _entry in created):
        tables.append(received("wanted_tier", _("Requests by tier wished for"), _("Tier"), "tiers"))
    tables.append(_of_groups(told, created, "family", _("By family of services"), _("Family"), "families", family_of))
    if told.declaration.academies:
        of_academy = partial(academy_of, told.declaration)
        tables.append(_of_groups(told, created, "academy", _("By academy"), _("Academy"), "academies", of_academy))
    charts = (_funnel(told), by_department(told, departments), counts(axes))
    return Chapter("demand", _("The demand"), charts=charts, tables=tuple(tables))


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
    return told.compared(f"received_by_{field}", title, heading, rows)


def _of_groups(
    told: Telling, created: list[tuple[Story, Entry]], code: str, title: str, by: str, vocabulary: str,
    group_of: Callable[[Story], str | None],
) -> Table:  # fmt: skip
    """Requests received and accompanied by family or academy: a few groups of all services and departments."""
    received = Counter(group_of(story) for story, _entry in created)
    found = [
        name
        for name in told.declaration.vocabulary(vocabulary)
        if received[name] or name in told.below(f"flow.by_{code}")
    ]
    rows = [
        (words(told.label(vocabulary, name)), count(received[name]), told.cell(f"flow.by_{code}.{name}"))
        for name in found
    ]
    return table(f"by_{code}", title, (by, _("Requests received"), _("Accompanied requests")), rows)


def _funnel(told: Telling) -> Chart:
    """How far the requests received in the period and to be accompanied had come at its end: each step within the last.

    A session in autonomy goes another way: those are said apart.
    """
    created = [story for story, _entry in told.scope.of_effect(Create)]
    stories, autonomous = _apart(created)
    steps = [(_("Requests received"), len(stories))]
    for label, reached in (
        (_("Accepted"), _accepted),
        (_("Interview held"), partial(_held, kinds={"interview"})),
        (_("Work begun"), partial(_held, kinds={"work", "session"})),
        (_("Session held"), partial(_held, kinds={"session"})),
        (_("Closed"), _closed),
    ):
        stories = [story for story in stories if reached(story, told.scope.limit)]
        steps.append((label, len(stories)))
    apart = _n("And {n} autonomous session asked for, apart.", "And {n} autonomous sessions asked for, apart.",
               len(autonomous)) if autonomous else ""  # fmt: skip
    rows = ((words(label), count(n)) for label, n in steps)
    shown = table("funnel", _("How far they had come"), (_("Step"), _("Requests to accompany")), rows, apart)
    said = _("Requests to accompany received: {all}; accepted: {accepted}; closed by the end: {closed}.",
             all=steps[0][1], accepted=steps[1][1], closed=steps[-1][1])  # fmt: skip
    return Chart("funnel", "funnel", _("From the form to the closing"), said, shown)


def _apart(stories: Iterable[Story]) -> tuple[list[Story], list[Story]]:
    """Those to be accompanied, and the others."""
    both: tuple[list[Story], list[Story]] = [], []
    for story in stories:
        both[not story.request.accompanied].append(story)
    return both


def _accepted(story: Story, limit: str) -> bool:
    return any(entry.occurred_at < limit and story.does(entry, Accept) for entry in story.effective)


def _held(story: Story, limit: str, kinds: Container[str]) -> bool:
    return any(held.meeting.kind in kinds and held.meeting.begins_at < limit for held in story.held)


def _closed(story: Story, limit: str) -> bool:
    stay = story.stay_at(limit)
    return stay is not None and story.declaration.outcome(stay.state) == CLOSED


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
    days = []
    for story, entry in told.scope.entries:
        if story.does(entry, Accept) or story.ending(entry) == DECLINED:
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
    return days_of(Stay("", 0, since, until=until))


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
