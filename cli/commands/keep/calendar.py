"""`calendar`: the days of the lab: holidays, closures, swaps, the other lab's days, school holidays."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from cli.commands.keep.impact import say
from cli.commands.keep.places import close_days, closed_told, swap_told
from cli.input.days import range_given, range_told, today, weekdays
from cli.options import Listing, json_option, print_json, with_session
from cli.output.terminal import echo, heading
from cli.session import Session
from states.declaration.written import simplified
from states.errors import FieldError, Invalid, WrongUsage
from states.language import MONTH_NAMES, _, enumeration, long_date, month_name

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.planning.day_view import DayView
    from workflow.views.forecast import Outlook

LONGEST = 732  # days shown at once: two years
CELL = 10  # columns of a day


@click.group(
    cls=Listing,
    alone="show",
    help=_("The days of the lab: which count, which are closed, on which teams are hard to gather."),
)
def calendar() -> None:
    pass


@calendar.command(
    help=_(
        "The days of a month, or of any range: public holidays, closures, swaps, the other lab’s days, and the school "
        "holidays of zone C, which close nothing and count nowhere: teams are only harder to gather."
    )
)
@click.option("--month", metavar="M", help=_("A month: 2026-03, 03/2026, March; default: this one."))
@click.option("--from", "start", metavar="D", help=_("The first day of a range."))
@click.option("--to", "end", metavar="D", help=_("The last day of the range, included."))
@json_option
@with_session
def show(session: Session, month: str | None, start: str | None, end: str | None, as_json: bool) -> None:
    from states.planning.day_view import day_views
    from workflow.views.forecast import Outlook

    if (month and (start or end)) or (end and not start):
        raise WrongUsage(_("Give either --month, or --from and --to."), hint="coop calendar show --help")
    first, last = range_given(session, start, end) if start else _month(session, month)
    if (last - first).days > LONGEST:
        raise Invalid([FieldError("to", _("at most two years are shown at once"))], _("The range is too long."))
    with session.reader() as reader:
        outlook = Outlook(reader)
        views = day_views(outlook.declaration, outlook.around, first, last)
        if as_json:
            days = [view.document() for view in views]
            print_json({"from": first.isoformat(), "to": last.isoformat(), "days": days})
            return
        heading(_period(first, last))
        _grid(views)
        _legend(outlook, views)


def _month(session: Session, text: str | None) -> tuple[date, date]:
    here = today(session)
    year, month = (here.year, here.month) if text is None else _month_given(text, here)
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _month_given(text: str, here: date) -> tuple[int, int]:
    """`2026-03`, `03/2026`, `3`, `mars`, `March 2026` → year and month; without a year, the next one from now on."""
    numbers = {simplified(name): n for names, _short in MONTH_NAMES.values() for n, name in enumerate(names, start=1)}
    words = simplified(text)
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})", words):
        year, month = int(iso[1]), int(iso[2])
    elif found := re.fullmatch(r"([^\d\W]+|\d{1,2})(?:[ /](\d{4}))?", words):
        month = int(found[1]) if found[1].isdigit() else numbers.get(found[1], 0)
        year = int(found[2]) if found[2] else here.year + (month < here.month)
    else:
        year, month = 0, 0
    if not (1 <= month <= 12 and 1900 <= year <= 9000):
        raise Invalid(
            [FieldError("month", _("expected a month, like 2026-03 or March, got “{given}”", given=text))],
            _("The date was not understood."),
        )
    return year, month


# --- Drawing ---


def _period(first: date, last: date) -> str:
    """`March 2026` for a whole month, else the days."""
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and first.month == last.month and first.year == last.year:
        name = month_name(first)
        return name[:1].upper() + name[1:]
    return _("Days {days}", days=range_told((first, last)))


HOLIDAY, CLOSED, PLACE_CLOSED, OTHER_LAB, GAINED, GIVEN, SCHOOL = "*", "X", "x", "L", "+", "-", "~"


def _signs(view: DayView) -> str:
    return "".join(
        sign
        for sign, holds in (
            (HOLIDAY, view.holiday),
            (CLOSED, any(c.place is None for c in view.closures)),
            (PLACE_CLOSED, any(c.place is not None for c in view.closures)),
            (OTHER_LAB, view.lent),
            (GAINED, view.gained),
            (GIVEN, view.given),
            (SCHOOL, view.school),
        )
        if holds
    )


def _grid(views: Sequence[DayView]) -> None:
    """A line for each week, a column for each day, with its signs."""
    echo("      " + "".join(name.ljust(CELL) for name in weekdays(short=True)).rstrip())
    month = 0
    for week, days in groupby(views, key=lambda view: view.day.isocalendar()[:2]):
        cells = [" " * CELL] * 7
        for view in days:
            day = f"{view.day.day:>2}" if view.day.month == month else f"{view.day:%d/%m}"
            month = view.day.month
            cells[view.day.weekday()] = f"{day}{_signs(view)}".ljust(CELL)
        number = _("W{n}", n=format(week[1], "02d"))
        echo(f"{number}   {''.join(cells)}".rstrip())


def _legend(outlook: Outlook, views: Sequence[DayView]) -> None:
    lines = list(_lines(outlook, views))
    if lines:
        echo()
    for sign, text in lines:
        say(f"{sign:<2} {text}", "  ")


def _lines(outlook: Outlook, views: Sequence[DayView]) -> Iterator[tuple[str, str]]:
    declaration, first, last = outlook.declaration, views[0].day, views[-1].day
    for view in views:
        if view.holiday:
            yield HOLIDAY, _("{day}: {name}", day=long_date(view.day), name=view.holiday)
    for closure in sorted(outlook.around.closures, key=lambda c: (c.first, c.last)):
        if closure.first <= last and first <= closure.last:
            told = {"place": _place(declaration, closure.place), "days": closed_told(closure)}
            yield (PLACE_CLOSED if closure.place else CLOSED), _("{place}: {days}", **told)
    for swap in sorted(outlook.around.swaps, key=lambda s: s.gained):
        if first <= swap.gained <= last or first <= swap.given <= last:
            told = {"place": _place(declaration, swap.place), "days": swap_told(swap)}
            yield f"{GAINED}{GIVEN}", _("{place}: {days}", **told)
    for school in declaration.school_holidays:
        if school.first <= last and first <= school.last:
            days = range_told((school.first, school.last))
            yield SCHOOL, _("School holidays, {name}, {days}: low availability", name=school.text, days=days)
    lent = sorted({place for view in views for place in view.lent})
    if lent:
        places = enumeration([_lent(declaration, place) for place in lent])
        yield OTHER_LAB, _("The other lab’s days: {places}", places=places)


def _place(declaration: Declaration, place: str | None) -> str:
    return declaration.label("places", place) if place else _("The lab")


def _lent(declaration: Declaration, place: str) -> str:
    from states.declaration.tables import WEEKDAYS
    from states.planning.day_view import lent_days

    names = dict(zip(WEEKDAYS, weekdays(), strict=True))
    days = enumeration([names[day] for day in lent_days(declaration, place)])
    return _("{place}, {days}", place=_place(declaration, place), days=days)


# --- Closing ---


@calendar.command(
    help=_(
        "Close the whole lab on some days, both included: they are no working days, and the deadlines not yet due "
        "move. What falls is printed at once. With --cancel, the lab works after all on those days."
    )
)
@click.option("--from", "start", required=True, metavar="D", help=_("The first day: 10/03, 2026-03-10, tomorrow…"))
@click.option("--to", "end", metavar="D", help=_("The last day, included; default: the first."))
@click.option("--note", "-n", metavar="TEXT", help=_("Why: people read it where the day is refused. [required]"))
@click.option("--cancel", is_flag=True, help=_("The lab works after all on those days."))
@json_option
@with_session
def close(session: Session, as_json: bool, **given: Any) -> None:
    close_days(session, None, given, as_json)
