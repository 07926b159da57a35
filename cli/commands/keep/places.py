"""`place`: where the lab works: closures, swaps with the other lab, the next free slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from cli.commands.keep.impact import say, tell_falls
from cli.input.codes import code_meant
from cli.input.days import day_given, moment_given, range_given, range_recorded, range_told, slot_told, today, weekdays
from cli.options import Listing, json_option, print_json, with_session
from cli.output.terminal import echo, heading, one_line
from cli.session import Session
from states.calendar.day_ranges import Days, merged, read
from states.declaration.types import Malformed, end_of, local, offset_time, parse_minutes
from states.errors import FieldError, Invalid, NotFound
from states.language import _, _n, clock_time, enumeration, long_date

if TYPE_CHECKING:
    from states.calendar.working_days import Closure
    from states.declaration.model import Declaration
    from states.planning.slots import Surroundings, Swap
    from workflow.lab.calendar import Closing


@click.group(
    cls=Listing,
    alone="list",
    help=_("The places of the lab: when they are ours, when they are closed, when they are free."),
)
def place() -> None:
    pass


@place.command("list", help=_("Every place, the days it is the lab’s, the closures and the swaps ahead."))
@json_option
@with_session
def list_(session: Session, as_json: bool) -> None:
    from workflow.views.forecast import Outlook

    with session.reader() as reader:
        outlook = Outlook(reader)
        declaration, around, day = outlook.declaration, outlook.around, today(session)
    if as_json:
        print_json([_document(declaration, around, code, day) for code in declaration.places])
        return
    for code, declared in declaration.places.items():
        heading(f"{code} · {declared.text}")
        if declared.address:
            echo(f"  {one_line(declared.address)}")
        echo("  " + _opening(declaration, code))
        for closure in _closures(around, code, day):
            echo("  " + closed_told(closure))
        for swap in _swaps(around, code, day):
            echo("  " + swap_told(swap))


def _opening(declaration: Declaration, code: str) -> str:
    from states.declaration.tables import WEEKDAYS

    declared = declaration.places[code]
    if declared.anywhere:
        return _("anywhere, any day; never closed, never taken")
    names = dict(zip(WEEKDAYS, weekdays(), strict=True))
    days = enumeration([names[day] for day in WEEKDAYS if day in declared.open_days])
    return days + (_(", by agreement with the other lab") if declared.by_agreement else "")


def _closures(around: Surroundings, code: str, day: date) -> list[Closure]:
    return sorted((c for c in around.closures if c.place == code and c.last >= day), key=lambda c: c.first)


def _swaps(around: Surroundings, code: str, day: date) -> list[Swap]:
    return sorted(
        (s for s in around.swaps if s.place == code and max(s.gained, s.given) >= day), key=lambda s: s.gained
    )


def closed_told(closure: Closure) -> str:
    """`closed from … to …: works`."""
    told = _("closed {days}", days=range_told((closure.first, closure.last)))
    return told + (_(": {note}", note=one_line(closure.note)) if closure.note else "")


def swap_told(swap: Swap) -> str:
    """`Thursday 12 March 2026 is ours, Tuesday 10 March 2026 is the other lab’s`."""
    return _("{gained} is ours, {given} the other lab’s", gained=long_date(swap.gained), given=long_date(swap.given))


def _document(declaration: Declaration, around: Surroundings, code: str, day: date) -> dict[str, Any]:
    declared = declaration.places[code]
    return {
        "place": code,
        "label": declared.text,
        "address": declared.address or None,
        "open_days": list(declared.open_days),
        "by_agreement": declared.by_agreement,
        "anywhere": declared.anywhere,
        "closures": [
            {"from": c.first.isoformat(), "to": c.last.isoformat(), "note": c.note or None}
            for c in _closures(around, code, day)
        ],
        "swaps": [{"gained": s.gained.isoformat(), "given": s.given.isoformat()} for s in _swaps(around, code, day)],
    }


# --- Closing ---


@place.command(
    help=_(
        "Close a place on some days, both included. What falls is printed at once, with the next slots, the places "
        "free at the same time and the commands that settle it. With --cancel, it is open after all."
    )
)
@click.argument("place", metavar="PLACE")
@click.option("--from", "start", required=True, metavar="D", help=_("The first day: 10/03, 2026-03-10, tomorrow…"))
@click.option("--to", "end", metavar="D", help=_("The last day, included; default: the first."))
@click.option("--note", "-n", metavar="TEXT", help=_("Why: people read it where the day is refused. [required]"))
@click.option("--cancel", is_flag=True, help=_("It is open after all on those days."))
@json_option
@with_session
def close(session: Session, place: str, as_json: bool, **given: Any) -> None:
    close_days(session, code_meant(session.declaration.places, "PLACE", place), given, as_json)


def close_days(session: Session, place: str | None, given: Mapping[str, Any], as_json: bool) -> None:
    """Closes a place, or the whole lab, on the days given; or opens it again."""
    from workflow.lab.calendar import close, reopen

    if given["cancel"]:
        days = range_recorded(session, given["start"], given["end"], _closed_days(session, place))
        _reopened(session, place, days, reopen(session.engine, session.actor, place, days), as_json)
    else:
        days, note = range_given(session, given["start"], given["end"]), _note_given(given["note"])
        _closed(session, place, days, close(session.engine, session.actor, place, days, note), as_json)


def _closed_days(session: Session, place: str | None) -> list[Days]:
    """The closures recorded of a place, or of the whole lab."""
    with session.reader() as reader:
        return [
            (closure.first, closure.last)
            for closure in reader.calendar(session.declaration).closures
            if closure.place == place
        ]


def _note_given(note: str | None) -> str:
    """The note of a closure; Invalid when there is none."""
    found = (note or "").strip()
    if not found:
        raise Invalid([FieldError("note", _("say why with --note"))], _("A closure needs its note."))
    return found


def _closed(session: Session, place: str | None, days: Days, closing: Closing, as_json: bool) -> None:
    """Prints what was closed, and what falls."""
    from states.risks.impact import Cause, document
    from workflow.views.forecast import Outlook

    with session.reader() as reader:
        outlook = Outlook(reader)
        cause = Cause((days,), place=place)
        fallen = outlook.falls(cause)
        if as_json:
            found = document(outlook.declaration, cause, fallen)
            print_json({**found, "recorded": bool(closing.entries), "deadlines_moved": closing.moved})
            return
        label = outlook.declaration.label("places", place) if place else _("The lab")
        said = (
            _("Recorded: {place} is closed {days}.", place=label, days=range_told(days))
            if closing.entries
            else _("Already recorded: {place} is closed {days}.", place=label, days=range_told(days))
        )
        say(said)
        tell_moved(closing)
        tell_falls(outlook, fallen)


def _reopened(session: Session, place: str | None, days: Days, closing: Closing, as_json: bool) -> None:
    """Prints what is open again."""
    open_again = merged(
        read((e.data["first"], e.data["last"]) for e in closing.entries if e.event.endswith("reopened"))
    )
    if as_json:
        first, last = days
        ranges = [{"from": a.isoformat(), "to": b.isoformat()} for a, b in open_again]
        found = {"place": place, "from": first.isoformat(), "to": last.isoformat(), "reopened": ranges}
        print_json({**found, "deadlines_moved": closing.moved})
        return
    label = session.declaration.label("places", place) if place else _("The lab")
    for one in open_again:
        say(_("Recorded: {place} is open after all {days}.", place=label, days=range_told(one)))
    if not open_again:
        say(_("{place} was not closed on those days: nothing to cancel.", place=label))
    tell_moved(closing)


def tell_moved(closing: Closing) -> None:
    """Says how many requests have another deadline now."""
    if closing.moved:
        echo(_n("{n} request has another next deadline.", "{n} requests have another next deadline.", closing.moved))


# --- Swapping ---


@place.command(
    help=_(
        "Record a swap both labs agreed: a day of the other lab is ours, a day of ours in the same week is theirs. "
        "What falls on the day given is printed at once."
    )
)
@click.argument("place", metavar="PLACE")
@click.option("--gained", required=True, metavar="D", help=_("The other lab’s day that becomes ours."))
@click.option("--given", required=True, metavar="D", help=_("Our day of that week that becomes theirs."))
@click.option("--cancel", is_flag=True, help=_("The swap is off: each lab has its own day back."))
@json_option
@with_session
def swap(session: Session, place: str, gained: str, given: str, cancel: bool, as_json: bool) -> None:
    from states.risks.impact import Cause, fallen_document
    from workflow.lab.calendar import cancel_swap, swap_place
    from workflow.views.forecast import Outlook

    ours = day_given(session, gained, "--gained")
    theirs = day_given(session, given, "--given")
    act = cancel_swap if cancel else swap_place
    entry = act(session.engine, session.actor, place, ours, theirs)
    lost = ours if cancel else theirs
    with session.reader() as reader:
        outlook = Outlook(reader)
        fallen = outlook.falls(Cause(((lost, lost),), place=place)) if entry or not cancel else []
        if as_json:
            found = {"place": place, "gained": ours.isoformat(), "given": theirs.isoformat()}
            at_risk = [fallen_document(outlook.declaration, one) for one in fallen]
            print_json({**found, "cancelled" if cancel else "recorded": entry is not None, "at_risk": at_risk})
            return
        label = outlook.declaration.label("places", place)
        say(_swapped(label, long_date(ours), long_date(theirs), cancel=cancel, done=entry is not None))
        if entry or not cancel:
            tell_falls(outlook, fallen)


def _swapped(place: str, ours: str, theirs: str, *, cancel: bool, done: bool) -> str:
    days = {"place": place, "gained": ours, "given": theirs}
    if cancel and done:
        return _("Recorded: in {place}, {gained} is the other lab’s again and {given} ours.", **days)
    if cancel:
        return _("In {place}, {gained} and {given} were not swapped: nothing to cancel.", **days)
    if done:
        return _("Recorded: in {place}, {gained} is ours and {given} the other lab’s.", **days)
    return _("Already recorded: in {place}, {gained} is ours and {given} the other lab’s.", **days)


# --- Free slots ---


@place.command(
    help=_(
        "The next slots in which a place is free, and the people named with it; at most one a half-day. School "
        "holidays are told, never left out."
    )
)
@click.argument("place", metavar="PLACE")
@click.option("--duration", default="1h", show_default=True, metavar="LENGTH", help=_("How long: 90m, 2h, 1h30."))
@click.option("--from", "start", metavar="D", help=_("From that day, or moment, on; default: now."))
@click.option("--staff", multiple=True, metavar="ID", help=_("Someone who must be free too (repeat for several)."))
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help=_("How many slots."))
@json_option
@with_session
def free(
    session: Session, place: str, duration: str, start: str | None, staff: tuple[str, ...], count: int, as_json: bool
) -> None:
    from workflow.lab.calendar import check_place
    from workflow.views.forecast import Outlook

    check_place(session.declaration, place)
    with session.reader() as reader:
        outlook = Outlook(reader)
        for id in staff:
            if not outlook.person(id).active:
                raise NotFound(_("{person} is no longer part of the lab.", person=id), hint="coop staff list")
        minutes, after = _minutes(duration), moment_given(session, start, "--from")
        slots = reader.next_slots(place, minutes, staff, after=after, count=count)
    if as_json:
        print_json({"place": place, "slots": [_slot(session.declaration, at, minutes) for at in slots]})
    else:
        _tell_slots(session.declaration, place, slots, minutes)


def _minutes(text: str) -> int:
    try:
        found = parse_minutes(text)
    except Malformed as problem:
        raise Invalid([FieldError("duration", str(problem))], _("The length was not understood.")) from None
    if not found:
        raise Invalid(
            [FieldError("duration", _("a slot lasts at least a minute"))], _("The length was not understood.")
        )
    return found


def _slot(declaration: Declaration, at: str, minutes: int) -> dict[str, Any]:
    zone = declaration.lab.tz
    school = declaration.school_holidays_on(local(at, zone).date())
    return {
        "from": offset_time(at, zone),
        "to": offset_time(end_of(at, minutes), zone),
        "school_holidays": school.text if school else None,
    }


def _tell_slots(declaration: Declaration, place: str, slots: Sequence[str], minutes: int) -> None:
    label = declaration.label("places", place)
    if not slots:
        say(_("{place} has no such slot in the four months ahead.", place=label))
        return
    heading(_("{place}, next free slots:", place=label))
    zone = declaration.lab.tz
    for at in slots:
        end = clock_time(local(end_of(at, minutes), zone))
        echo("  " + _("{slot}, until {end}", slot=slot_told(declaration, at), end=end))
    if declaration.places[place].by_agreement:
        say(_("By agreement with the other lab: say --agreed when planning, once it is."))
