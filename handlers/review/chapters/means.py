"""The chapters of the review on means and load, risks and incidents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from handlers.review.cells import Telling, by_frequency, count, number, ref, table, words
from handlers.review.front import unwatched
from handlers.review.pack import Cell, Chapter, Chart, Table
from handlers.review.words import alert_name, meeting_names, rule_name, single_figures
from states.declaration.vocabulary import EFFORT, FOLLOW_UP
from states.language import _, enumeration, month_name
from states.review import governance
from states.review.figures import Item
from states.review.indicators import open_half_days, used_half_days


def means(told: Telling) -> Chapter:
    """What it cost, what it brings, and the space."""
    tables = (_money(told), _load(told), _exchange(told))
    return Chapter("means", _("Means and load"), charts=(_space(told),), tables=tables)


def _money(told: Telling) -> Table:
    hourly = told.declaration.lab.hourly_cost
    hours, cost, expected = (_sum(told, EFFORT, name) for name in ("hours", "cost", "gain"))
    rows = [
        (words(_("Hours recorded")), EFFORT, number(hours, "hours")),
        (
            words(_("Their cost, at {euros} € an hour", euros=hourly)),
            EFFORT,
            number(None if hours is None else hours * hourly, "euros"),
        ),
        (words(_("Other costs")), EFFORT, number(cost, "euros")),
        (words(_("Gains expected")), EFFORT, number(expected, "euros")),
        (words(_("Gains stated at follow-ups")), FOLLOW_UP, number(_sum(told, FOLLOW_UP, "gain"), "euros")),
    ]
    shown = [(what, told.led(f"money.{kind}", value)) for what, kind, value in rows]
    shown.append((words(_("Return on investment")), told.cell("indicators.return_on_investment", "rate")))
    return table("means", _("Time, costs and gains recorded"), (_("What was recorded"), told.headings()[0]), shown)


def _sum(told: Telling, kind: str, name: str) -> Fraction | None:
    """The sum of what was recorded; None when nobody recorded any."""
    said = [one[name] for one in told.said(f"money.{kind}") if name in one]
    return sum(said, Fraction()) if said else None


def _load(told: Telling) -> Table:
    """The lab's effort by kind of meeting: of the whole lab, never of a person."""
    rows = []
    for kind, label in meeting_names().items():
        group = f"held.{kind}"
        said = (one["effort"] for place in told.below(group) for one in told.said(f"{group}.{place}"))
        hours = sum(said, Fraction())
        rows.append((words(label), told.led(group, number(hours, "hours"))))
    note = _("Meeting and preparation, as the declaration counts the lab’s effort for each tier.")
    return table("load", _("The lab’s effort"), (_("Meeting"), _("Effort")), rows, note)


def _space(told: Telling) -> Chart:
    used = Counter(day.replace(day=1) for day, _half in used_half_days(told.scope))
    opened = Counter(day.replace(day=1) for day, _half in open_half_days(told.scope))
    rows = [
        (words(month_name(first)), told.led(f"space.{first:%Y-%m}", count(used[first])), count(opened[first]))
        for first in sorted({*used, *opened})
    ]
    columns = (_("Month"), _("Half-days used"), _("Half-days open to the lab"))
    shown = table("space", _("Use of the space, by month"), columns, rows)
    said = _("Half-days used: {used}; open to the lab: {open}.", used=sum(used.values()), open=sum(opened.values()))
    return Chart("space", "space", _("Use of the space"), said, shown)


def _exchange(told: Telling) -> Table:
    """What the usage charter asks to be mutual: days swapped with the other lab, its space by arrangement."""
    names = ("days_gained", "days_gained_used", "days_given", "held_agreed", "held_not_agreed")
    rows = [(words(single_figures()[n]), told.cell(n), told.past(n)) for n in (f"exchange.{name}" for name in names)]
    hosts = [place.text for place in told.declaration.places.values() if place.by_agreement]
    note = _("By arrangement: {places}. Days and meetings, never persons.", places=enumeration(hosts) or "—")
    return told.compared("exchange", _("Lent and borrowed between labs"), _("What was exchanged"), rows, note)


# --- Risks ---


def risks(told: Telling) -> Chapter:
    """What went wrong or out of the ordinary, and what it may mean."""
    return Chapter(
        "risks",
        _("Risks and incidents"),
        (_("The signals and the alerts that stand are on page one."),),
        tables=(
            _cancellations(told),
            _alerts(told),
            *((_out_of_the_ordinary(told),) if told.public else ()),
            _listed(told, "waivers", _("Rules waived"), "rule", governance.waivers(told.scope)),
            _listed(told, "derogations", _("Granted beyond the cap"), "extra", governance.derogations(told.scope)),
            _corrections(told),
        ),
    )


def _cancellations(told: Telling) -> Table:
    rows = [
        (words(told.label("cancel_reasons", code) or _("not said")), told.cell(f"cancelled.{code}"))
        for code in told.below("cancelled")
    ]
    note = _("What costs requesters most is a session promised and cancelled, because the team is short of someone.")
    columns = (_("Reason"), _("Requests"))
    return table("cancellations", _("Requests cancelled, by reason"), columns, by_frequency(rows), note)


def _alerts(told: Telling) -> Table:
    rows = [
        (words(_sentence(alert_name(r))), told.cell(f"alerts.{r}"), told.past(f"alerts.{r}"))
        for r in told.below("alerts")
    ]
    note = "" if told.scope.watched else unwatched()
    return told.compared("alerts", _("Alerts raised"), _("What was at stake"), by_frequency(rows), note)


def _out_of_the_ordinary(told: Telling) -> Table:
    """What the public is told of rules waived and meetings granted: how many."""
    waived = Counter(item.said["rule"] for item in governance.waivers(told.scope))
    rows = [(_waived_or_granted(told, "rule", code), count(n)) for code, n in waived.most_common()]
    granted = sum(item.said["extra"] for item in governance.derogations(told.scope))
    rows.append((words(_("Meetings granted beyond the cap")), count(granted)))
    return table("out_of_the_ordinary", _("Rules waived, meetings granted"), (_("What"), _("How many")), rows)


def _listed(told: Telling, code: str, title: str, said: str, items: Sequence[Item]) -> Table:
    rows = [
        (
            ref(item.ref),
            words(told.title(item.ref) or "—"),
            _waived_or_granted(told, said, item.said[said]),
            told.day(item.occurred_at),
            words(told.text(item.ref, item.seq, "note") or "—"),
        )
        for item in items
    ]
    columns = (_("Request"), _("Title"), _("Rule") if said == "rule" else _("Meetings granted"), _("Date"), _("Why"))
    return table(code, title, columns, rows)


def _waived_or_granted(told: Telling, name: str, value: Any) -> Cell:
    return words(_sentence(rule_name(told.declaration, value))) if name == "rule" else count(value)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _corrections(told: Telling) -> Table:
    row = (words(_("Entries corrected")), told.cell("corrections"), told.past("corrections"))
    note = _("The right to error: nobody’s mistakes are counted, and what was struck counts nowhere else.")
    return told.compared("corrections", _("Corrections"), _("Entries"), [row], note)
