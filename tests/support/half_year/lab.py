"""What befalls the lab itself in an invented half-year: people, absences, closures, swaps, the committee's meetings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from half_year.activities import programme, story
from half_year.desk import COMMITTEE, DESIGNER, PEOPLE, PILOT, REFERENT, Desk, words
from states.declaration.tables import ACTIVITY, WEEKDAYS
from states.lifecycle.effects import Ratify, effect_of
from states.requests.request import Request
from states.risks.impact import Fallen
from workflow.views.forecast import Outlook
from workflow.views.reader import Reader

Story = Iterator[str]


def register(desk: Desk) -> None:
    """The people: the coordinator's name, then the pilot, who registers the committee."""
    details = {"name": "Camille Brouillon", "email": "camille@example.org", "skills": ["design", "facilitation"]}
    desk.of_lab("change", id=desk.coordinator, **details)
    for id, name, role, skills, hours, site in PEOPLE:
        by = PILOT if role == "committee" else desk.coordinator
        person = {"id": id, "name": name, "role": role, "skills": skills, "hours": hours, "site": site}
        desk.of_lab("register", by, **person, email=f"{id}@example.org")


def stories(desk: Desk, first: date, last: date) -> list[tuple[str, Story]]:
    """What happens to the lab between two days, and when each story begins."""

    def day(fraction: float) -> date:
        """A working day, so far into the period."""
        return desk.calendar.add(first + (last - first) * fraction, 1)

    def morning(fraction: float) -> str:
        return desk.at(day(fraction), 8, 30)

    monday = day(0.3) + timedelta(days=(7 - day(0.3).weekday()) % 7)
    return [
        *((morning(when), story(desk, told)) for when, told in programme()),
        (desk.at(first, 18, 5), _watch(desk)),
        (morning(0.02), _bridges(desk, first, last)),
        (morning(0.05), _holiday(desk, desk.coordinator, monday + timedelta(days=63), 9)),
        (morning(0.3), _absence(desk, desk.coordinator, monday, 4)),
        (morning(0.45), _absence(desk, REFERENT, day(0.46), 1)),
        (morning(0.6), _absence(desk, DESIGNER, day(0.61), 0)),
        (morning(0.4), _works(desk, day(0.46))),
        (morning(0.2), _swap(desk, day(0.33))),
        (morning(0.5), _committee(desk, postponing=True)),
        (morning(0.96), _committee(desk, postponing=False)),
    ]


def _watch(desk: Desk) -> Story:
    """The scheduler's round, once deadlines have fallen, every third working day: alerts are raised and settled."""
    while True:
        desk.of_lab("tick")
        yield desk.at(desk.calendar.add(desk.today(), 3), 18, 5)


def _holiday(desk: Desk, who: str, first: date, days: int) -> Story:
    """Leave known long before: nothing gets planned then."""
    desk.of_lab("absence", who, id=who, **_days(first, days))
    yield from _settle(desk)


def _absence(desk: Desk, who: str, first: date, days: int) -> Story:
    """Someone will not be there: what falls is taken by a colleague, or moved."""
    desk.of_lab("absence", id=who, **_days(first, days))
    yield from _settle(desk)


def _days(first: date, more: int) -> dict[str, str]:
    return {"first": first.isoformat(), "last": (first + timedelta(days=more)).isoformat()}


def _works(desk: Desk, first: date) -> Story:
    """The building closes two days for works."""
    desk.of_lab("close_place", place="montpellier", note="Travaux dans l’immeuble", **_days(first, 1))
    yield from _settle(desk)


def _bridges(desk: Desk, first: date, last: date) -> Story:
    """The Fridays after a public holiday on a Thursday: nobody works."""
    for day in sorted(desk.calendar.holidays):
        if first < day < last and day.weekday() == 3:
            friday = day + timedelta(days=1)
            desk.of_lab("close", note="Pont", **_days(friday, 0))
    yield from _settle(desk)


def _swap(desk: Desk, around: date) -> Story:
    """The other lab lends its Thursday against one of our days: the first week where nothing is in the way."""
    thursday = around + timedelta(days=(3 - around.weekday()) % 7)
    while not all(desk.calendar.is_working(thursday - timedelta(days=n)) for n in (0, 1)):
        thursday += timedelta(days=7)
    open_days = desk.declaration.places["montpellier"].open_days
    given = next(day for n in (1, 2, 3) if WEEKDAYS[(day := thursday - timedelta(days=n)).weekday()] in open_days)
    desk.of_lab("swap", place="montpellier", gained=thursday.isoformat(), given=given.isoformat())
    yield from _settle(desk)


def _settle(desk: Desk) -> Story:
    """A quarter of an hour later: each meeting that falls is given to someone else, moved, or cancelled."""
    yield desk.later(15)
    with desk.engine.store.looking() as tx:
        fallen = Outlook(Reader(tx, desk.now)).falls()
    for one in fallen:
        _save(desk, one)
        yield desk.later(3)


def _save(desk: Desk, fallen: Fallen) -> None:
    meeting, ways, rng = fallen.meeting, fallen.ways_out, Random(fallen.meeting.name)
    there = [id for id in meeting.staff if id not in fallen.absent]
    if meeting.kind == ACTIVITY:
        if ways.slots:
            note = None if desk.request(meeting.ref).form["type"] == "peer_group" else words()["notes"]["move"][0]
            desk.do(meeting.ref, "move_activity", note=note, at=_still_free(desk, fallen))
        else:
            desk.do(meeting.ref, "cancel_activity", note=words()["notes"]["settle"])
    elif ways.replacements and rng.random() < 0.5:
        staff = ",".join([*there, ways.replacements[0]])
        now = desk.request(meeting.ref).meeting(meeting.id)
        if now is not None and ",".join(now.staff) == staff:
            return  # another absence of the same person has already been settled so
        desk.do(meeting.ref, "assign_staff", meeting=meeting.id, staff=staff)
    elif ways.slots:
        # Suggestions are made for each meeting alone: another one saved just before may have taken this slot.
        slot = _still_free(desk, fallen)
        desk.do(meeting.ref, "move_meeting", note=words()["notes"]["move"][0], meeting=meeting.id, at=slot)
    else:
        desk.do(meeting.ref, "cancel_meeting", note=words()["notes"]["settle"], meeting=meeting.id)


def _still_free(desk: Desk, fallen: Fallen) -> str:
    """The first slot for the same people and place from the one that was suggested on."""
    meeting = fallen.meeting
    after = desk.at(desk.calendar.local_day(fallen.ways_out.slots[0]), 7)
    with desk.engine.store.looking() as tx:
        found = Reader(tx, desk.now).next_slots(
            meeting.place, meeting.duration, meeting.staff, after=max(after, desk.now), count=1
        )
    return found[0]


def _committee(desk: Desk, *, postponing: bool) -> Story:
    """The committee's meeting: what the pilot validated by delegation is ratified; one is put off, one refused."""
    yield desk.later(90)
    waiting = [request for request in desk.requests if _to_decide(desk, request)]
    notes = words()["notes"]
    running = [request for request in waiting if request.state == "working"]
    for n, request in enumerate(waiting):
        if postponing and n == 0:
            desk.do(request.ref, "ratify", COMMITTEE, notes["postpone"], decision="postpone")
        elif postponing and len(running) > 1 and request is running[-1]:
            desk.do(request.ref, "ratify", COMMITTEE, notes["cancel"]["out_of_scope"], decision="refuse")
        else:
            desk.do(request.ref, "ratify", COMMITTEE, notes["ratify"][n % 2], decision="ratify")
        yield desk.later(5)


def _to_decide(desk: Desk, request: Request) -> bool:
    """Whether it is validated and neither ratified nor past the moment of it."""
    event = next(e for e in desk.declaration.events.values() if isinstance(effect_of(e), Ratify))
    ratified = any(r.event == "ratify" and r.data.get("decision") == "ratify" for r in request.records)
    return bool(request.validated) and not ratified and request.state in event.transitions[0].sources
