"""When comparable requests got there: a line of time for each milestone, then the counts behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from cli.output.layout import room_of
from cli.output.lines import Part, line, title
from cli.output.terminal import one_line, table, width, writes
from states.declaration.types import local
from states.flow.record import total
from states.flow.sentences import compared, reason
from states.language import MONTH_NAMES, _, _n, current, label_of, long_date, short_date

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.flow.forecasts import Forecast
    from states.flow.milestones import Milestone
    from states.flow.record import Record, Share
    from workflow.views.milestones import Prospect

WIDEST = 66  # columns that the line of time takes at most
_DAY = timedelta(days=1)


class Marks(NamedTuple):
    """What the earliest day, the two dates and what lies between them are drawn with."""

    earliest: str
    half: str
    most: str
    queue: str
    between: str


SIGNS, PLAIN = Marks("◇", "○", "●", "·", "─"), Marks("^", "o", "O", ".", "-")


def tell_prospect(found: Prospect, text: str | None, today: date) -> None:
    """What `coop forecast REF` prints; `text` is the title of the request."""
    line((found.journey.ref, "cyan"), (f" · {one_line(text or '—')}", "bold"))
    line(_where(found))
    if not found.forecasts:
        line(_("It has ended: nothing lies ahead of it."))
        return
    line()
    drawn = _Timeline(found, today)
    drawn.show()
    for sentences, those in groupby(found.forecasts, lambda one: _sentences(found, one)):
        title(" · ".join(milestone_label(found.journey.declaration, one.milestone) for one in those))
        for sentence in sentences:
            line("  ", sentence)
    line()
    line((", ".join(drawn.legend()) + ".", "dim"))
    if any(one.half for one in found.forecasts):
        line((_("The days that the others waited are counted from the day it came into its state."), "dim"))


def milestone_label(declaration: Declaration, milestone: Milestone) -> str:
    """`Entretien tenu`."""
    event = declaration.events[milestone.event]
    return label_of(event.past) or event.text


def _where(found: Prospect) -> str:
    """`En accompagnement depuis le lun. 4 mai, 41 jours ouvrés · Le Tuto`."""
    mine = found.journey
    declaration = mine.declaration
    since = short_date(local(mine.since, declaration.lab.tz).date())
    parts = [_("{state} since {day}", state=declaration.label("states", mine.state), day=since)]
    if found.forecasts:
        parts = [f"{parts[0]}, " + _n("{n} working day", "{n} working days", found.forecasts[0].age)]
    return " · ".join([*parts, *([declaration.label("tiers", mine.tier)] if mine.tier else [])])


def _sentences(found: Prospect, one: Forecast) -> list[str]:
    """By which day how many others were there, of whom; and why no more is said."""
    sentences = []
    if one.half:
        others = _("Of {those}:", those=compared(one))
        sentences += [others, _("; ").join(_dates_and_others(one)).removesuffix(".") + "."]  # « 11 sept. » has its own
        earliest = found.earliest.get(one.milestone.of)
        if earliest and earliest > one.half.by:
            sentences.append(_("Not before {day}: nothing is free, or planned, sooner.", day=short_date(earliest)))
    if why := reason(one):
        sentences.append(why if one.half else _("Nobody can say. {reason}", reason=why))
    return sentences


def _dates_and_others(one: Forecast) -> Iterator[str]:
    """`7 d’ici le ven. 12 mars, 12 d’ici le ven. 30 avril ; 2 attendent encore`."""
    dates = dict.fromkeys(reached for reached in (one.half, one.most) if reached)
    yield ", ".join(_("{n} by {day}", n=reached.requests, day=short_date(reached.by)) for reached in dates)
    others = []
    if one.still_waiting:
        others.append(_n("{n} still waits", "{n} still wait", one.still_waiting))
    if one.ended_otherwise:
        others.append(_n("{n} ended otherwise", "{n} ended otherwise", one.ended_otherwise))
    if others:
        yield ", ".join(others)


class _Timeline:
    """A line for each milestone, from today to the last of the dates; beside it, the dates."""

    def __init__(self, found: Prospect, today: date) -> None:
        self.today = today
        self.marks = SIGNS if writes("".join(SIGNS)) else PLAIN
        names = [milestone_label(found.journey.declaration, one.milestone) for one in found.forecasts]
        self.days = [_days(found, one) for one in found.forecasts]
        shown = [[self._day(day) for day in days] for days in self.days]
        self.heads = [_("Earliest"), _("Half"), _("85 %")]
        self.rooms = [max(map(room_of, column)) for column in zip(self.heads, *shown, strict=True)]
        self.first = max(map(room_of, names))
        self.rows = list(zip(names, self.days, shown, strict=True))
        last = max((day for days in self.days for day in days if day), default=today)
        left = width() - self.first - sum(self.rooms) - 2 * (len(self.rooms) + 1)
        length = max(1, (last - today).days + 1)
        self.each = -(-length // max(10, min(WIDEST, left)))  # days of a column
        self.room = max(10, -(-length // self.each))

    def show(self) -> None:
        self._row("", [(self._months(), "dim")], self.heads, "bold")
        for name, days, shown in self.rows:
            self._row(name, [(self._drawn(days), "cyan")], shown)

    def legend(self) -> Iterator[str]:
        yield _("{sign} the earliest, by the free slots", sign=self.marks.earliest)
        if any(half for _earliest, half, _most in self.days):
            yield _("{sign} half of the others were there", sign=self.marks.half)
        if any(most for _earliest, _half, most in self.days):
            yield _("{sign} 85 in 100 of them: one in seven comes later", sign=self.marks.most)

    def _row(self, name: str, drawn: Sequence[Part], side: Sequence[str], style: str = "") -> None:
        figures = ("  " + " " * (room - room_of(text)) + text for text, room in zip(side, self.rooms, strict=True))
        line((name + " " * (self.first - room_of(name) + 2), style), *drawn, ("".join(figures), style))

    def _day(self, day: date | None) -> str:
        if day is None:
            return "—"
        text = f"{day.day} {MONTH_NAMES[current()][1][day.month - 1]}"
        return text if day.year == self.today.year else f"{text} {day.year}"

    def _months(self) -> str:
        """Each month over the column of its first day, where there is room."""
        text = ""
        for column in range(self.room):
            days = (self.today + _DAY * (column * self.each + n) for n in range(self.each))
            begins = next((day for day in days if day.day == 1), None)
            name = MONTH_NAMES[current()][1][begins.month - 1] if begins else ""
            if name and (not text or len(text) < column) and column + len(name) <= self.room:
                text = text.ljust(column) + name
        return text.ljust(self.room)

    def _column(self, day: date | None) -> int | None:
        return None if day is None else max(0, (day - self.today).days // self.each)

    def _drawn(self, days: Sequence[date | None]) -> str:
        earliest, half, most = map(self._column, days)
        drawn = [" "] * self.room
        for start, end, sign in ((earliest, half, self.marks.queue), (half, most, self.marks.between)):
            if start is not None and end is not None and start < end:
                drawn[start:end] = sign * (end - start)
        for column, sign in ((earliest, self.marks.earliest), (half, self.marks.half), (most, self.marks.most)):
            if column is not None:
                drawn[column] = sign
        return "".join(drawn)


def _days(found: Prospect, one: Forecast) -> tuple[date | None, date | None, date | None]:
    """The earliest day of a milestone, and its two dates."""
    half, most = (reached.by if reached else None for reached in (one.half, one.most))
    return found.earliest.get(one.milestone.of), half, most


# --- The record ---


def tell_record(found: Record, declaration: Declaration) -> None:
    """What `coop forecast --record` prints."""
    first, last = long_date(found.first), long_date(found.last)
    line((_("What would have been announced each working day, with what was known then"), "bold"))
    line(_("From {first} to {last}, of the dates that have passed.", first=first, last=last))
    line()
    most = total(found.most)
    if not most.announced and not total(found.half).announced:
        line(_("Nothing to judge: no date would have been announced that has passed."))
        return
    rows = [
        [milestone_label(declaration, found.milestones[of]), *_cells(found.most[of]), *_cells(found.half[of])]
        for of in found.most
        if of in found.milestones
    ]
    whole = [_("All"), *_cells(most), *_cells(total(found.half))]
    table([_("Milestone"), _("85 %: kept"), _("share"), _("half: kept"), _("share")], [*rows, whole])
    line()
    line(
        _n(
            "Dates at 85 %: kept {kept} times in {n}, about {requests}.",
            "Dates at 85 %: kept {kept} times in {n}, about {requests}.",
            most.announced,
            kept=most.kept,
            requests=_n("{n} request", "{n} requests", len(found.requests)),
        )
    )
    if found.void:
        said = _n(
            "{n} date was of a request that had ended otherwise: it is not judged.",
            "{n} dates were of requests that had ended otherwise: they are not judged.",
            found.void,
        )
        line((said, "dim"))


def _cells(one: Share) -> list[str]:
    if not one.announced:
        return ["—", "—"]
    return [_("{kept} of {n}", kept=one.kept, n=one.announced), _("{n} %", n=one.kept * 100 // one.announced)]
