"""What is held happened when it ended, whenever it is typed."""

from __future__ import annotations

from typing import Any

import pytest
from pure import at, lab, planned

from states.lifecycle.effects import effect_of
from states.requests.request import HELD, PLANNED, Meeting, Request

HOLDING = {
    **{code: e for code, e in lab().events.items() if effect_of(e).holds_meeting},
    **{code: e for code, e in lab().activities.events.items() if effect_of(e).holds_meeting},
}


def with_meetings(kind: str, *starts: str, last: str) -> Request:
    meetings = []
    for number, start in enumerate(starts, 1):
        slot = planned("0001", start).slot
        meetings.append(Meeting(f"{kind}-{number}", kind, PLANNED, slot.at, 120, slot.place, [], at(last)))
    return Request("2026-0001", "", "working", at("06-01 09:00"), {}, meetings=meetings, last_at=at(last))


@pytest.mark.parametrize(
    ("given", "last", "now", "happened"),
    [
        pytest.param({}, "06-22 09:00", "07-02 09:00", "06-30 11:00", id="planned start, planned length"),
        pytest.param({"duration": 45}, "06-22 09:00", "07-02 09:00", "06-30 09:45", id="real length"),
        pytest.param({"started_at": at("06-29 14:00")}, "06-22 09:00", "07-02 09:00", "06-29 16:00", id="real start"),
        pytest.param({}, "07-01 10:00", "07-02 09:00", "07-01 10:00", id="not before the last step"),
        pytest.param({}, "06-22 09:00", "06-30 10:00", "06-30 10:00", id="not after now"),
        pytest.param({}, "06-22 09:00", "06-30 11:00", "06-30 11:00", id="just over"),
        pytest.param({}, "06-22 09:00", "06-30 08:00", "06-30 08:00", id="not begun: refused, and never in the future"),
    ],
)
@pytest.mark.parametrize("code", HOLDING)
def test_what_is_held_happened_when_it_ended(
    code: str, given: dict[str, Any], last: str, now: str, happened: str
) -> None:
    event = HOLDING[code]
    request = with_meetings(event.meeting or "", "06-30 09:00", last=last)
    assert effect_of(event).happened(request, event, given, at(now)) == at(happened)


def test_it_is_the_meeting_named_or_else_the_earliest_planned() -> None:
    event, now = HOLDING["hold_meeting"], at("07-02 09:00")
    request = with_meetings("work", "06-29 09:00", "06-26 09:00", "06-25 09:00", last="06-22 09:00")
    request.meetings[2].status = HELD
    happened = effect_of(event).happened
    assert happened(request, event, {}, now) == at("06-26 11:00")
    assert happened(request, event, {"meeting": "work-1"}, now) == at("06-29 11:00")
    assert happened(request, event, {"meeting": "work-9"}, now) == now


@pytest.mark.parametrize("code", [code for code in lab().events if code not in HOLDING])
def test_all_else_happens_when_it_is_typed(code: str) -> None:
    event = lab().events[code]
    request = with_meetings("work", "06-29 09:00", last="06-22 09:00")
    assert effect_of(event).happened(request, event, {"meeting": "work-1"}, at("07-02 09:00")) == at("07-02 09:00")
