"""Page one of the review: what a secretary general reads in a minute, made from the figures alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from handlers.review.cells import Telling, number, ref, table, words
from handlers.review.pack import Front, Headline, Table
from handlers.review.text import written
from handlers.review.words import alert_name, figure_name
from states.declaration.types import local
from states.declaration.vocabulary import ATTENDANCE, MANAGERS
from states.language import _, _n, enumeration, long_date, long_time, numeric_date
from states.lifecycle.effects import Validate
from states.requests.request import HELD
from states.review.dataset import Raised, Story
from states.review.governance import judged, last, standing, to_ratify, to_validate
from states.risks.rules import CRITICAL, WARNING

NAMED = 3  # projects that a line of what stands names
ASKED = 8  # projects named on page one; the others are in the chapter for the committee
TITLE = 80  # characters of a title on page one: it is whole in the chapter for the committee

# The figures of page one, each with what kind of number it is: what a lab is for, by axis, then what it takes.
HEADLINES = (
    ("flow.received", "count"),
    ("indicators.projects_accompanied", "count"),
    ("indicators.services_participating", "count"),
    ("indicators.managers_participating", "count"),
    ("indicators.attendance_rate", "rate"),
    ("indicators.satisfaction", "number"),
    ("indicators.space_usage_rate", "rate"),
    ("indicators.return_on_investment", "rate"),
)
# Of those that no axis of the lab counts there is nothing to say.
COUNTED_ON_AXES = {"indicators.managers_participating": MANAGERS, "indicators.attendance_rate": ATTENDANCE}


def front(told: Telling) -> Front:
    """Page one: three sentences, the decisions asked for, what stands, the figures."""
    counted = {axis.counts for axis in told.declaration.axes.values()}
    headlines = tuple(
        _headline(told, name, kind) for name, kind in HEADLINES if COUNTED_ON_AXES.get(name) in (None, *counted)
    )
    if told.scope.has_history:
        reading: tuple[str, ...] = (_changed(told, headlines), _worries(told), _asked(told))
        stands = tuple(_standing(told))
    else:
        reading, stands = (_no_history(told),), ()
    return Front(_("In one page"), reading, _projects(told), stands, headlines, told.headings())


# --- What to read ---


def _no_history(told: Telling) -> str:
    """Why nothing can be said of a time before the lab's history."""
    first = told.scope.sources.first_at
    if first is None:
        return _("No data: nothing of the lab was recorded yet.")
    day = long_date(local(first, told.declaration.lab.tz).date())
    return _("No data: the history of the lab begins on {day}, after this period.", day=day)


def _so_far(told: Telling) -> Iterator[str]:
    """How much of the period is counted if it runs, and how much of the semester before beside it."""
    scope = told.scope
    if scope.running:
        moment = long_time(local(scope.sources.now, told.declaration.lab.tz))
        yield _("The semester is running: it is counted up to {moment}.", moment=moment)
    if told.before is None:
        return
    before = scope.previous
    first, last = before.first_day, long_date(before.last_day)
    if first is None:
        yield _("Nothing to compare with: over as many days of the semester before, the lab had no history yet.")
    elif first > before.period.first:
        yield _("The semester before is counted from {first}, when the history of the lab begins, to {last}.",
                first=long_date(first), last=last)  # fmt: skip
    elif scope.running:
        yield _("The semester before is counted over as many days, to {last}.", last=last)


def _changed(told: Telling, headlines: tuple[Headline, ...]) -> str:
    """How far the period is counted, what came in, what was accompanied, what changed most since the one before."""
    return " ".join((*_so_far(told), _came(told, headlines)))


def _came(told: Telling, headlines: tuple[Headline, ...]) -> str:
    """What came in, what was accompanied, and what changed most since the semester before."""
    received, accepted, accompanied = (told.figures[name].value for name in _CHANGED)
    parts = [
        _n("{n} request received", "{n} requests received", received) if received else _("no request received"),
        _n("{n} accepted", "{n} accepted", accepted) if accepted else _("none accepted"),
        _n("{n} project accompanied", "{n} projects accompanied", accompanied) if accompanied else
        _("no project accompanied"),
    ]  # fmt: skip
    differences = (told.difference(name) for name in _CHANGED)
    parts = [f"{part} ({by})" if by else part for part, by in zip(parts, differences, strict=True)]
    if told.before is None:
        return _("First semester: {parts}.", parts=enumeration(parts))
    if not told.scope.previous.has_history:
        return _("So far: {parts}.", parts=enumeration(parts))
    said = _("Since the semester before: {parts}.", parts=enumeration(parts))
    moved = max(headlines[2:], key=_moved, default=None)
    if moved is None or not _moved(moved):
        return said
    most = _("What changed most: {figure}, from {before} to {now}.", figure=_inside(moved.label),
             before=written(moved.previous), now=written(moved.cell))  # fmt: skip
    return f"{said} {most}"


_CHANGED = ("flow.received", "flow.accepted", "indicators.projects_accompanied")


def _moved(headline: Headline) -> Fraction:
    """By how much of itself a figure changed; 0 where nothing can be compared."""
    before, now = headline.previous.value, headline.cell.value
    if not isinstance(before, int | Fraction) or not isinstance(now, int | Fraction) or not before:
        return Fraction(0)
    return abs(Fraction(now) - before) / abs(Fraction(before))


def _inside(label: str) -> str:
    """A label within a sentence."""
    return label[:1].lower() + label[1:]


def _worries(told: Telling) -> str:
    """The deadline least met, the signals, the alerts that stand: what of it there is."""
    parts = []
    kept: dict[str, Counter[bool]] = {}
    for story, deadline, met in judged(told.scope):
        kept.setdefault(told.deadline(story.ref, deadline.kind), Counter())[met] += 1
    missed = [label for label, judgements in kept.items() if judgements[False]]
    if missed:
        worst = min(missed, key=lambda label: Fraction(kept[label][True], kept[label].total()))
        parts.append(
            _("the deadline least met (“{deadline}”, {met} of {all})", deadline=worst,
              met=kept[worst][True], all=kept[worst].total())
        )  # fmt: skip
    if told.signals:
        parts.append(_n("{n} signal", "{n} signals", len(told.signals)))
    critical = sum(alert.level == CRITICAL for alert in standing(told.scope))
    if critical:
        parts.append(_n("{n} critical alert that stands", "{n} critical alerts that stand", critical))
    if cancelled := told.figures["flow.cancelled"].value:
        parts.append(_n("{n} request cancelled", "{n} requests cancelled", cancelled))
    if not told.scope.watched:
        nothing = _("Nothing missed: no deadline passed, no signal, no request cancelled.")
    else:
        nothing = _("Nothing missed: no deadline passed, no signal, no critical alert, no request cancelled.")
    said = _("To watch: {parts}.", parts=enumeration(parts)) if parts else nothing
    return said if told.scope.watched else f"{said} {unwatched()}"


def unwatched() -> str:
    """What is said in place of alerts when nothing looked for any."""
    return _("The watch did not go round: nobody knows what alerts there were to raise.")


def _asked(told: Telling) -> str:
    validating, ratifying = len(to_validate(told.scope)), len(to_ratify(told.scope))
    waiting = []
    if validating:
        waiting.append(_n("to validate {n} project", "to validate {n} projects", validating))
    if ratifying:
        waiting.append(_n("to ratify {n} project", "to ratify {n} projects", ratifying))
    if not waiting:
        return _("No decision is asked of the committee.")
    return _("The committee is asked {decisions}.", decisions=enumeration(waiting))


# --- What is asked ---


def _projects(told: Telling) -> Table:
    """The projects to decide on by name; a published review names none, nor one of before the lab's history."""
    unnamed = told.public or not told.scope.has_history
    rows = [
        (ref(story.ref), words(_cut(told.title(story.ref) or "—")), words(told.service(story.ref)),
         words(told.label("tiers", story.request.tier)), words(needs))
        for story, needs in ([] if unnamed else _deciding(told))
    ]  # fmt: skip
    rest = len(rows) - ASKED
    note = _n(
        "And {n} other, in the chapter for the committee.", "And {n} others, in the chapter for the committee.", rest
    ) if rest > 0 else ""  # fmt: skip
    columns = (_("Request"), _("Project"), _("Service"), _("Tier"), _("What it needs"))
    return table("asked", _("Decisions asked of the committee"), columns, rows[:ASKED], note)


def _cut(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1].rstrip()}…"


def _deciding(told: Telling) -> Iterator[tuple[Story, str]]:
    """Each project that waits for the committee, and what it needs."""
    for story in to_validate(told.scope):
        refused = story.request.refused
        yield story, _("to validate: the committee refused it before") if refused else _("to validate")
    zone = told.declaration.lab.tz
    for story in to_ratify(told.scope):
        validated = last(story, Validate)
        assert validated is not None  # it is validated, or it would not be to ratify
        held = len(story.request.of_kind("work", HELD) + story.request.of_kind("session", HELD))
        day = numeric_date(local(validated.occurred_at, zone).date())
        yield story, _n(
            "to ratify: validated by delegation on {day}, {n} meeting held",
            "to ratify: validated by delegation on {day}, {n} meetings held", held, day=day,
        )  # fmt: skip


# --- What stands ---


def _standing(told: Telling) -> Iterator[str]:
    """The signals, then the alerts that stood at the end of the period, by level."""
    yield from signal_lines(told)
    alerts = standing(told.scope)
    critical, to_watch = ([one for one in alerts if one.level == level] for level in (CRITICAL, WARNING))
    if critical:
        stands = _n("{n} critical alert stands: {what}.", "{n} critical alerts stand: {what}.", len(critical),
                    what=_what(critical))  # fmt: skip
        projects = _whose(told, critical)
        yield _("{sentence} For {projects}.", sentence=stands, projects=projects) if projects else stands
    if to_watch:
        yield _n("{n} alert to watch: {what}.", "{n} alerts to watch: {what}.", len(to_watch), what=_what(to_watch))


def _what(alerts: Sequence[Raised]) -> str:
    """What is at stake, the most frequent first, each with how many where there are several."""
    rules = Counter(alert.rule for alert in alerts)
    if len(rules) == 1:
        return _at_stake(alerts[0].rule)
    return enumeration([f"{_at_stake(rule)} ({n})" for rule, n in rules.most_common()])


def _whose(told: Telling, alerts: Sequence[Raised]) -> str:
    """The first requests and activities that alerts are about, by name; a published review names none."""
    about = dict.fromkeys(alert.ref for alert in alerts if alert.ref)
    named = [(title, told.service(ref)) for ref in about if (title := told.title(ref))]
    shown = [_("“{title}” ({service})", title=_cut(title), service=service) if service else
             _("“{title}”", title=_cut(title)) for title, service in named[:NAMED]]  # fmt: skip
    rest = len(named) - len(shown)
    return enumeration([*shown, *([_n("{n} other", "{n} others", rest)] if rest else [])])


def _at_stake(rule: str) -> str:
    # One that is not yet due is raised for information only.
    return _("a deadline passed") if rule == "deadline" else alert_name(rule)


def signal_lines(told: Telling) -> Iterator[str]:
    """The signals of the review, a sentence each; the services not reached in one."""
    found = told.signals
    unreached = [told.label("services", one["service"]) for one in found if one["rule"] == "low_use"]
    if unreached:
        yield _n(
            "{n} regional service neither asked for anything nor took part for two semesters: {services}.",
            "{n} regional services neither asked for anything nor took part for two semesters: {services}.",
            len(unreached), services=enumeration(unreached),
        )  # fmt: skip
    for one in found:
        if one["rule"] != "low_use":
            yield _mismatch(one)


def _mismatch(signal: Mapping[str, Any]) -> str:
    value = signal["value"]
    share = written(number(value, "rate"))
    match signal["cause"]:
        case "declined_share":
            return _("{share} of the answers were no: the offer may not match the needs.", share=share)
        case "tiers_changed":
            return _("{share} of the tiers were changed: they may not match the needs.", share=share)
    return _("The mean satisfaction is {mean} out of 5.", mean=written(number(value, "number")))


# --- Figures ---


def _headline(told: Telling, name: str, kind: str) -> Headline:
    cell = told.cell(name, kind)
    course = told.course(name, kind)
    return Headline(
        name, figure_name(told.declaration, name), cell, told.past(name, kind), told.difference(name, kind),
        "" if cell.masked or not told.scope.has_history else _rests(told, name), course if len(course) > 1 else (),
    )  # fmt: skip


def _rests(told: Telling, name: str) -> str:
    """What a figure of page one is and on how many of how many it rests."""
    figure = told.figures[name]
    n, whole = figure.coverage or (0, 0)
    match name.partition(".")[2]:
        case "received":
            accepted, declined = (told.figures[f"flow.{end}"].value for end in ("accepted", "declined"))
            return _("accepted: {accepted}, declined: {declined}", accepted=accepted, declined=declined)
        case "projects_accompanied":
            return _("with a work meeting or a session held")
        case "services_participating":
            return _("declared: {n}", n=whole)
        case "managers_participating":
            return _("participations, not persons; sessions and activities that say them: {n} of {all}", n=n, all=whole)
        case "attendance_rate":
            return _("sessions and activities that say it: {n} of {all}", n=n, all=whole)
        case "satisfaction":
            return _("requests and activities that say it: {n} of {all}", n=n, all=whole)
        case "space_usage_rate":
            return _("half-days used, of those open to the lab: {n} of {all}", n=n, all=whole)
    return _("accompanied requests that say a gain, expected or stated: {n} of {all}", n=n, all=whole)
