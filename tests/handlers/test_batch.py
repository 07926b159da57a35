"""Files of events, beside others who write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from handlers.batch import apply_file
from workflow.testing import NOTE, Lab, form, problems


def test_two_files_that_cross_wait_for_each_other_in_turn(lab: Lab, tmp_path: Path) -> None:
    """Over the same requests in opposite orders: neither locks the other out, and every line is applied."""
    one, two = (lab.request("received") for _time in range(2))

    def file(name: str, *refs: str) -> Callable[[Lab], int]:
        path = tmp_path / name
        lines = [{"ref": ref, "event": "comment", "note": NOTE} for ref in refs * 20]
        path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
        return lambda other: apply_file(other.engine, str(path), other.coordinator).applied

    assert lab.race(file("one.jsonl", one, two), file("two.jsonl", two, one)) == [40, 40]
    assert problems(lab) == []


def test_the_lines_of_a_batch_go_on_from_one_another(lab: Lab, tmp_path: Path) -> None:
    """What a line refused leaves nothing, and what it wrote is what the next one finds."""
    ref = lab.request("tier_assigned", tier="tuto")
    plan = [{"ref": ref, "event": "plan_meeting", "set": {"at": f"2026-03-{day:02}T10:00"}} for day in (3, 4, 6, 9, 10)]
    undo = {"ref": ref, "event": "correct", "note": NOTE}
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(map(json.dumps, [*plan, undo, plan[4]])), "utf-8")
    outcome = apply_file(lab.engine, str(path), lab.coordinator)
    assert [r.error and r.error["code"] for r in outcome.results] == [
        None,
        None,
        None,
        *2 * ["cap_reached"],
        None,
        None,
    ]
    assert [r.seq for r in outcome.results if r.seq] == [6, 7, 8, 9, 10]
    assert problems(lab) == []


def test_a_form_is_received_by_its_event_as_by_its_own_line(lab: Lab, tmp_path: Path) -> None:
    """A form is a command without a reference: however the line is written, it is the same thing, and the same key."""
    path = tmp_path / "lines.jsonl"
    lines = [{"event": "submit", "set": form(), "key": "k1"}, {"submit": form(), "key": "k1"}]
    path.write_text("\n".join(map(json.dumps, [*lines, {"ref": "@k1", "event": "prequalify"}])), "utf-8")
    outcome = apply_file(lab.engine, str(path), lab.coordinator)
    assert [(r.ref, r.seq, r.replayed) for r in outcome.results] == [
        ("2026-0001", 1, False),
        ("2026-0001", 1, True),
        ("2026-0001", 2, False),
    ]
    assert problems(lab) == []
