"""What may be undone: entry 4 of a request whose last step is entry 5 → what is refused, and what is said to do."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import (
    FIT,
    Case,
    entry,
    every_guard_of,
    meeting,
    refuses,
    request,
    rows,
)
from pure import at

from states.errors import Refusal
from states.lifecycle.guards import corrections
from states.requests.request import CANCELLED, Record, Request

STEP = entry("hold_meeting", 4, meeting="work-1")
RECORDED = entry("record_deliverable", 4)
AMENDED = entry("amend", 4, participants=3)
SOUND = {**FIT, "department": "34"}


def undoing(
    *taken: Any, of: Request | None = None, undone: Request | None = None, slots: Any = (), **how: Any
) -> tuple[str, Request, dict[str, Any]]:
    """Entry 4 of a request whose last step is entry 5 is undone."""
    before = of or request(last_seq=5, form=SOUND)
    facts = {"entries": taken, "undone": undone or before, "invalid_slots": slots, **how.pop("facts", {})}
    return "correct", before, {"seq": 4, "note": "n", "facts": facts, **how}


def closed(**how: Any) -> Request:
    return request("closed", last_seq=5, form=SOUND, **how)


TAKEN = Refusal("place_taken", "Montpellier is taken.", "See elsewhere.")
KEPT = [Record(3, "record_deliverable", at("03-02 09:00"), {})]

CORRECTABLE: list[Case] = [
    ("a recording", *undoing(RECORDED), []),
    (
        "nothing left", "correct", request(), {"facts": {"entries": [], "undone": None}},
        ["nothing_to_correct: Nothing of 2026-0001 is left to undo. See the history with: coop history 2026-0001"],
    ),
    (
        "not that one", *undoing(RECORDED, facts={"undone": None}),
        ["nothing_to_correct: Entry 4 of 2026-0001 cannot be undone."],
    ),
    ("no such entry", *undoing(entry("comment", 3)), ["nothing_to_correct: Entry 4 of 2026-0001 cannot be undone."]),
    ("the last step", *undoing(STEP, of=request(last_seq=4, form=SOUND)), []),
    (
        "a step followed by another", *undoing(entry("validate", 4)),
        ["nothing_to_correct: Entry 4 is followed by another step, entry 5. Undo entry 5 first: coop undo 2026-0001 "
         "--seq 5 --note …"],
    ),
    (
        "a meeting held, followed", *undoing(STEP),
        ["nothing_to_correct: Put its figures right without undoing it: coop meeting amend 2026-0001/work-1 --attended "
         "… --note …; or undo entry 5 first: coop undo 2026-0001 --seq 5 --note …"],
    ),
    (
        "someone else’s", *undoing(entry("comment", 4, actor="awa")),
        ["role: Entry 4 was made by awa: who has the role Coordinator undoes only their own. Ask awa, or who has"],
    ),
    ("someone else’s, by the pilot", *undoing(entry("comment", 4, actor="awa"), role="pilot"), []),
    ("an amendment", *undoing(AMENDED), []),
    (
        "of a field that is settled",
        *undoing(entry("amend", 4, axis="management"), undone=request(last_seq=5, form=SOUND, accepted=True)),
        ["form_inconsistent: 2026-0001 was prequalified with what entry 4 says: it stays. First undo back to "
         "“received”: coop undo 2026-0001 --note …"],
    ),
    (
        "of a free field, once accepted",
        *undoing(AMENDED, undone=request(last_seq=5, form=SOUND, accepted=True)), [],
    ),
    ("of a settled field, before", *undoing(entry("amend", 4, axis="management")), []),
    (
        "a step that says an axis too",
        *undoing(entry("comment", 4, axis="management"), undone=request(last_seq=5, form=SOUND, accepted=True)), [],
    ),
    (
        "the form would not hold",
        *undoing(AMENDED, undone=request(last_seq=5, form=SOUND | {"participants": 3, "managers": 4})),
        ["form_inconsistent: Without entry 4, the form of 2026-0001 would not hold together: "],
    ),
    (
        "what to amend instead",
        *undoing(AMENDED, undone=request(last_seq=5, form=SOUND | {"participants": 3, "managers": 4})),
        ["form_inconsistent: Amend the fields as they should be instead: coop amend 2026-0001 --set managers=…"],
    ),
    (
        "it did not hold before either",
        *undoing(
            RECORDED,
            of=request(last_seq=5, form=SOUND | {"participants": 3, "managers": 4}),
        ),
        [],
    ),
    (
        "it would follow itself", *undoing(AMENDED, facts={"circle": True}),
        ["form_inconsistent: Without entry 4, 2026-0001 would follow itself. First change what the later requests of "
         "the project follow: coop amend REF --set follows=…"],
    ),
    (
        "the deliverable of a closing", *undoing(RECORDED, entry("close", 5), of=closed(records=KEPT), undone=closed()),
        ["deliverable: 2026-0001 was closed with what entry 4 records: it stays. Record the right one first (coop "
         "deliverable 2026-0001 --title … --type …), then undo this one: coop undo 2026-0001 --seq 4 --note …"],
    ),
    (
        "another is left", *undoing(RECORDED, entry("close", 5), of=closed(records=KEPT), undone=closed(records=KEPT)),
        [],
    ),
    (
        "it was waived",
        *undoing(RECORDED, entry("close", 5, waived=["deliverable"]), of=closed(records=KEPT), undone=closed()), [],
    ),
    (
        "the closing goes too",
        *undoing(
            RECORDED, entry("close", 5), of=closed(records=KEPT),
            undone=request("debriefed", last_seq=5, form=SOUND),
        ),
        [],
    ),
    (
        "it ended otherwise",
        *undoing(
            RECORDED, entry("withdraw", 5), of=request("withdrawn", last_seq=5, form=SOUND),
            undone=request("withdrawn", last_seq=5, form=SOUND),
        ),
        [],
    ),
    ("it is still open", *undoing(RECORDED, entry("plan_meeting", 5)), []),
    (
        "a slot that is taken now", *undoing(RECORDED, slots=[("work-1", [TAKEN])]),
        ["place_taken: work-1 cannot come back: Montpellier is taken. Leave it cancelled with --release"],
    ),
    ("released", *undoing(RECORDED, slots=[("work-1", [TAKEN])], release=True), []),
    (
        "cancelled, taken now",
        *undoing(
            RECORDED, of=request("working", meeting("work-1", status=CANCELLED), last_seq=5, form=SOUND),
            slots=[("work-1", [TAKEN])],
        ),
        ["place_taken: work-1 cannot come back"],
    ),
    (
        "moved, where it was is taken",
        *undoing(
            RECORDED, of=request("working", meeting("work-1"), last_seq=5, form=SOUND),
            slots=[("work-1", [TAKEN])], release=True,
        ),
        ["place_taken: work-1 stays as it is, on Tuesday 10 March 2026 at 14:00: it cannot go back to what it was. "
         "Montpellier is taken. Move it elsewhere: coop meeting move 2026-0001/work-1 --slot …"],
    ),
    (
        "each meeting and reason", *undoing(RECORDED, slots=[("work-1", [TAKEN, TAKEN]), ("work-2", [TAKEN])]),
        ["place_taken: work-1", "place_taken: work-1", "place_taken: work-2"],
    ),
]  # fmt: skip

CASES = {"correctable": CORRECTABLE}


@pytest.mark.parametrize(("name", "case"), rows(CASES))
def test_a_guard_refuses_what_it_should_and_nothing_else(name: str, case: Case) -> None:
    refuses(name, *case[1:])


def test_every_guard_has_its_table() -> None:
    every_guard_of(corrections, CASES)
