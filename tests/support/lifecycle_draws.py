"""What the property test of the lifecycle draws: commands likely and unlikely, slots, people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from lifecycle_model import (
    CAPS,
    HOLDS,
    PARIS,
    PLANS,
    Case,
    Command,
    Slot,
)
from lifecycle_world import World

PEOPLE = ("camille", "rene", "paule", "comite", "sacha")

often = st.sampled_from
rarely = st.sampled_from([False] * 7 + [True])


@st.composite
def slots(draw: st.DrawFn) -> tuple[int, int, int, str, tuple[str, ...]]:
    """Days ahead, the minute of the day, minutes, a place, people."""
    return (
        draw(often([0, 1, 1, 2, 3, 5])),
        draw(often([600, 600, 660, 690, 840, 1020, 450, 1110])),
        draw(often([60, 60, 120])),
        draw(often(["montpellier", "montpellier", "toulouse", "hors_les_murs"])),
        draw(often([(), ("camille",), ("camille",), ("sacha",), ("camille", "sacha")])),
    )


class Drawing:
    """Draws a command on a request of the `world`."""

    world: World

    def drawn(self, data: st.DataObject, case: Case, event: str, *, likely: bool) -> Command:
        view, draw = case.view(), data.draw
        actor = able(event) if likely and not draw(rarely) else draw(often(PEOPLE))
        given, slot, flaw = self.given(data, case, event, actor, likely=likely)
        back = draw(often([0] * 8 + [1, 50, 200, -1]))  # hours
        at = None if not back else self.world.now - timedelta(hours=back)
        note = True if likely and not draw(rarely) else draw(st.booleans())
        waive: tuple[str, ...] = ()
        if draw(rarely) or (event == "prequalify" and view.share < 50 and draw(st.booleans())):
            waive = (
                draw(often(["outside_hours", "day_off", "deliverable", "collaborative_share", "collaborative_share"])),
            )
            actor = "paule" if likely else actor
        return Command(case, event, actor, given, slot, note, at, waive, flaw)

    def given(
        self, data: st.DataObject, case: Case, event: str, actor: str, *, likely: bool
    ) -> tuple[dict[str, Any], Slot | None, int]:
        """The keys of an event, the slot they mean, and whether something in them is unknown (4) or malformed (6)."""
        draw, view, slot, flaw = data.draw, case.view(), None, 0
        given: dict[str, Any] = {}
        if event in PLANS or event == "move_meeting":
            slot = self.slot(draw(slots()))
            given = {"at": slot.at}
            if event in PLANS:
                given |= {"duration": f"{slot.minutes}m", "place": slot.place, "staff": ",".join(sorted(slot.staff))}
        if event in ("move_meeting", "assign_staff", "cancel_meeting"):
            given["meeting"] = self.meeting(data, view, "", likely=likely)
        if event == "assign_staff":
            given["staff"] = draw(often(["none", "camille", "sacha", "camille,sacha", "rene"]))
        if event in HOLDS:
            if not draw(often([True, True, False])):
                given["meeting"] = self.meeting(data, view, HOLDS[event], likely=likely)
            if draw(rarely):
                given["started"] = self.world.now - timedelta(minutes=draw(often([-30, 0, 30])))
        if event in ("assign_tier", "change_tier"):
            given["tier"] = draw(often(list(CAPS)))
        if event == "grant_derogation":
            given["extra"] = draw(often([1, 2]))
        if event == "validate":
            given["basis"] = "committee" if actor == "comite" or draw(rarely) else "delegation"
        if event == "ratify":
            given["decision"] = draw(often(["ratify", "postpone", "refuse"]))
        if event == "decline":
            given |= {"reason": "other", "orientation": "Ailleurs"}
        if event == "cancel":
            given["reason"] = "no_space"
        if event == "correct":
            if draw(often([False, False, True])):
                given["seq"] = draw(st.integers(1, len(case.done) + 1))
            if draw(often([False, False, True])):
                given["release"] = True
        if event == "amend":
            given = draw(often([{"participants": 8}, {"participants": 9}, {"collaborative_share": 70}]))
        if event == "record_deliverable":
            given |= {"title": "Un guide", "type": "report"}
        if event == "record_satisfaction":
            given["score"] = "4.5"
        if event == "record_effort":
            given["hours"] = "2"
        if event == "record_follow_up":
            given["gain"] = "100"
        if not likely and draw(rarely):
            name, value, flaw = draw(often([("bogus", "1", 6), ("staff", "inconnue", 4), ("meeting", "work-99", 4)]))
            takes = {
                "staff": [*PLANS, "move_meeting", "assign_staff", "record_effort"],
                "meeting": [*HOLDS, "cancel_meeting"],
            }
            flaw = flaw if event in takes.get(name, [event]) else 6
            given[name] = value
        return given, slot, flaw

    def meeting(self, data: st.DataObject, view: Any, kind: str, *, likely: bool) -> str:
        known = list(view.meetings) if not likely else (view.of(kind, "planned") if kind else view.planned)
        return str(data.draw(often(known or list(view.meetings) or ["work-1"])))

    def slot(self, drawn: tuple[int, int, int, str, tuple[str, ...]]) -> Slot:
        ahead, minute, minutes, place, staff = drawn
        day = self.world.now.astimezone(PARIS).date() + timedelta(days=ahead)
        start = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=PARIS)
        return Slot(start.astimezone(UTC), minutes, place, frozenset(staff))


def able(event: str) -> str:
    return {
        "grant_derogation": "paule",
        "reopen": "paule",
        "validate": "paule",
        "ratify": "comite",
        "correct": "paule",
    }.get(event, "camille")
