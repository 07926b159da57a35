"""Where requests wait, drawn: a line a state, its past stays as a small histogram, the open ones on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cli.output.layout import room_of
from cli.output.lines import Part, line, named_day, title
from cli.output.terminal import one_line, width, writes
from states.flow.waits import NINE_IN_TEN, least
from states.language import _, _n, duration, long_date, short_date

if TYPE_CHECKING:
    from states.declaration.outline import Outline
    from states.flow.passages import StateFlow
    from workflow.views.flow import Flow, Hours

WIDEST, NARROWEST = 60, 12  # columns that the drawing takes
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # working days between two numbers of the axis
ROOM = 5  # columns between two numbers of the axis, at least
SHOWN = 12  # requests that are named


class Signs(NamedTuple):
    """What stays, one of few stays, an open request and the axis are drawn with."""

    bars: str
    dot: str
    open: str
    axis: str
    tick: str


BLOCKS, PLAIN = Signs("▁▂▃▄▅▆▇█", "·", "●", "─", "┴"), Signs("-=#", ".", "o", "-", "+")


def tell_flow(found: Flow, hours: Hours, outline: Outline, titles: Mapping[str, str | None]) -> None:
    """What `coop flow` prints."""
    _headline(found, hours)
    if found.states:
        line()
        _Drawing(found.states, outline).show()
        _longest(found.states, outline, titles)


def _headline(found: Flow, hours: Hours) -> None:
    counted = _n("{n} request under way", "{n} requests under way", found.open)
    line((named_day(found.today), "bold"), f" — {counted}")
    line(" ".join(_since(found)))
    if hours.there:
        line(
            _(
                "Load of the lab until {day}: {asked} of {there}, {percent} %.",
                day=short_date(hours.until),
                asked=duration(hours.committed) if hours.committed else "0\u00a0h",
                there=duration(hours.there),
                percent=hours.committed * 100 // hours.there,
            )
        )


def _since(found: Flow) -> list[str]:
    """What came in and what ended; where as many did, how long that makes a request stay."""
    day = long_date(found.since)
    received, ended = (_n("{n} received", "{n} received", found.received), _n("{n} ended", "{n} ended", found.ended))
    moved = _("Since {day}: {received}, {ended}.", day=day, received=received, ended=ended)
    if not found.received:
        return [moved]
    if not found.is_steady:
        return [moved, _("What is under way changes in number: an average would say nothing.")]
    weeks = -(-found.open * (found.today - found.since).days // (found.received * 7))
    return [moved, _n("A request stays about {n} week.", "A request stays about {n} weeks.", weeks)]


def in_days(days: int | None) -> str:
    """`12 j`; a dash where nobody can say."""
    return "—" if days is None else _("{n} d", n=days)


class _Drawing:
    """The states under one axis of working days; beside each, what is said of it."""

    def __init__(self, states: Sequence[StateFlow], outline: Outline) -> None:
        self.states = states
        self.signs = BLOCKS if writes("".join(BLOCKS)) else PLAIN
        self.names = [one_line(outline.label("states", one.state)) for one in states]
        self.heads = [_("Open"), _("Half"), _("9 in 10"), _("Share")]
        self.sides = [_figures(one) for one in states]
        self.rooms = [max(map(room_of, column)) for column in zip(self.heads, *self.sides, strict=True)]
        self.first = max(map(room_of, [_("State"), *self.names]))
        left = width() - self.first - sum(self.rooms) - 2 * (len(self.rooms) + 1)
        days = 1 + max(passage.wait.days for one in states for passage in (*one.open, *one.past))
        self.each = -(-days // max(NARROWEST, min(WIDEST, left)))  # working days of a column
        self.room = max(NARROWEST, -(-days // self.each))

    def show(self) -> None:
        numbers, marks = self._axis()
        line(" " * (self.first + 2), (numbers, "dim"))
        self._row(_("State"), [(marks, "dim")], self.heads, "bold")
        for one, name, side in zip(self.states, self.names, self.sides, strict=True):
            self._row(name, self._strip(one), side)
        line()
        line((_("In working days. {signs}.", signs=", ".join(self._legend())), "dim"))

    def _row(self, name: str, strip: Sequence[Part], side: Sequence[str], style: str = "") -> None:
        figures = ("  " + " " * (room - room_of(text)) + text for text, room in zip(side, self.rooms, strict=True))
        line((name + " " * (self.first - room_of(name) + 2), style), *strip, ("".join(figures), style))

    def _axis(self) -> tuple[str, str]:
        """The numbers over the drawing, and the marks under them."""
        step = next((step for step in STEPS if step >= self.each * ROOM), STEPS[-1])
        numbers, marks = "", ""
        for column in range(self.room):
            number = -(-column * self.each // step) * step  # the first round one from there on
            ticks = number < (column + 1) * self.each and len(numbers) <= column
            marks += self.signs.tick if ticks else self.signs.axis
            numbers = numbers.ljust(column) + str(number) if ticks else numbers
        return numbers, marks

    def _strip(self, one: StateFlow) -> list[Part]:
        """The past stays, which are drawn one by one where they are few, and the open ones over them."""
        past, open_, late = (
            Counter(passage.wait.days // self.each for passage in those) for those in (one.past, one.open, one.overdue)
        )
        bars = self.signs.dot if _are_few(one) else self.signs.bars
        tallest = max(past.values(), default=1)
        parts: list[Part] = []
        for column in range(self.room):
            if open_[column]:
                parts.append((self.signs.open, "bold red" if late[column] else "bold"))
            else:
                high = -(-past[column] * len(bars) // tallest)
                parts.append((bars[high - 1], "cyan") if high else " ")
        return parts

    def _legend(self) -> list[str]:
        signs = [_("{sign} a request under way", sign=self.signs.open)]
        if any(not _are_few(one) for one in self.states):
            signs.append(_("{sign} stays that ended", sign=self.signs.bars))
        if any(one.past and _are_few(one) for one in self.states):
            signs.append(_("{sign} each stay, where they are fewer than nine", sign=self.signs.dot))
        return signs


def _are_few(one: StateFlow) -> bool:
    return len(one.past) < least(NINE_IN_TEN)


def _figures(one: StateFlow) -> list[str]:
    sign = "! " if one.overdue else ""
    share = "—" if one.share is None else _("{n} %", n=round(one.share * 100))
    return [f"{sign}{len(one.open)}" if one.open else "—", in_days(one.median), in_days(one.p90), share]


def _longest(states: Sequence[StateFlow], outline: Outline, titles: Mapping[str, str | None]) -> None:
    """The requests that have been where they are for longer than nine in ten were."""
    late = sorted((p for one in states for p in one.overdue), key=lambda p: (-p.wait.days, p.ref))
    if not late:
        return
    title(_("In their state for longer than nine in ten were, or than all were where these are fewer than nine:"))
    labels = [outline.label("states", passage.state) for passage in late]
    room = max(map(room_of, labels))
    for passage, label in list(zip(late, labels, strict=True))[:SHOWN]:
        named, days = one_line(titles.get(passage.ref) or "—"), in_days(passage.wait.days)
        line((f"  {passage.ref}", "cyan"), f"  {days:>6}  {label.ljust(room)}  {named}", cut=True)
    if len(late) > SHOWN:
        line("  ", _n("and {n} more: --json names them", "and {n} more: --json names them", len(late) - SHOWN))
