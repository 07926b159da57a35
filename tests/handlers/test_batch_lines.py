"""One malformed line of `apply` is one refused line: whatever it holds, its neighbours stand and all is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.batch import Outcome, apply_file
from states.errors import NotFound
from workflow.testing import NOTE, Lab, problems

GOOD = {"ref": "2026-0001", "event": "comment", "note": NOTE}
DEEP = b'{"ref":"2026-0001","event":"comment","note":"n","set":{"committee":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"

# A line, and the key that is blamed for it.
MALFORMED: dict[str, tuple[bytes | dict[str, Any], str]] = {
    "waive of objects": ({**GOOD, "waive": [{}]}, "waive"),
    "waive of lists": ({**GOOD, "waive": [["a"]]}, "waive"),
    "waive of mixed things": ({**GOOD, "event": "resume", "waive": ["a", 1]}, "waive"),
    "waive and key": ({**GOOD, "key": "k", "waive": ["a", 1]}, "waive"),
    "key of another type": ({**GOOD, "key": ["k"]}, "key"),
    "set that is a list": ({**GOOD, "set": []}, "set"),
    "number of an entry that is none": ({**GOOD, "expect_seq": True}, "expect_seq"),
    "nested too deep to be read": (DEEP, "line"),
    "nested too deep to be kept": ({**GOOD, "set": {"committee": json.loads("[" * 400 + "]" * 400)}}, "line"),
    "half a pair in ref": ({**GOOD, "ref": "\ud800"}, "line"),
    "half a pair in a key named": ({**GOOD, "ref": "@\ud800"}, "line"),
    "half a pair in event": ({**GOOD, "event": "\udfff"}, "line"),
    "half a pair in at": ({**GOOD, "at": "\ud800"}, "line"),
    "half a pair in waive": ({**GOOD, "waive": ["\ud800"]}, "line"),
    "half a pair in an unknown key": ({**GOOD, "\ud800": 1}, "line"),
    "half a pair in a key of set": ({**GOOD, "set": {"\ud800": 1}}, "line"),
    "half a pair in who": ({**GOOD, "as": "\ud800"}, "line"),
    "half a pair in a form": ({"submit": {"title": ["\ud800"]}}, "line"),
    "a key given twice": (b'{"ref":"2026-0001","ref":"2026-0002","event":"comment","note":"n"}', "line"),
    "not UTF-8": (b'{"ref":"2026-0001","event":"comment","note":"\xe9"}', "line"),
    "not JSON": (b"{", "line"),
    "no object": (b"[]", "line"),
}


def written(line: bytes | dict[str, Any]) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line).encode()


def applied(lab: Lab, path: Path, *lines: bytes | dict[str, Any]) -> Outcome:
    path.write_bytes(b"\n".join(map(written, lines)))
    return apply_file(lab.engine, str(path), lab.coordinator)


@pytest.mark.parametrize("how", MALFORMED)
def test_a_malformed_line_is_refused_alone(lab: Lab, tmp_path: Path, how: str) -> None:
    lab.request()
    line, blamed = MALFORMED[how]
    outcome = applied(lab, tmp_path / "lines.jsonl", GOOD, line, GOOD)
    assert [result.seq for result in outcome.results] == [2, None, 3]
    assert (outcome.applied, outcome.invalid, outcome.exit) == (2, 1, 6)
    error = outcome.results[1].error
    assert error is not None
    assert [field["field"] for field in error["fields"]] == [blamed]
    json.dumps(outcome.document(), ensure_ascii=False).encode("utf-8")


def test_a_line_that_brings_out_a_fault_takes_nothing_with_it(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.request()
    deciding = lab.engine.apply_in

    def fails_after_writing(tx: Any, command: Any) -> Any:
        done = deciding(tx, command)
        if command.note == "faute":
            raise KeyError("a fault of ours, after the entry was written")
        return done

    monkeypatch.setattr(type(lab.engine), "apply_in", lambda _engine, tx, command: fails_after_writing(tx, command))
    outcome = applied(lab, tmp_path / "lines.jsonl", GOOD, {**GOOD, "note": "faute"}, GOOD)
    assert [result.seq for result in outcome.results] == [2, None, 3]
    assert (outcome.applied, outcome.invalid, outcome.exit) == (2, 1, 1)
    assert problems(lab) == []


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=8,
)
KNOWN = ("ref", "event", "set", "note", "at", "as", "on_behalf", "key", "waive", "expect_seq", "submit")
EVENTS = (
    "comment",
    "prequalify",
    "amend",
    "record_deliverable",
    "plan_interview",
    "correct",
    "plan_activity",
    "decline",
)
SETS = ("title", "at", "duration", "reason", "staff", "committee", "seq", "requester", "type", "managers", "place")
LINES = st.fixed_dictionaries(
    {"event": st.sampled_from(EVENTS) | ANYTHING, "note": st.just(NOTE) | ANYTHING},
    optional={
        **{name: ANYTHING for name in KNOWN if name not in ("event", "note", "ref", "set")},
        "ref": st.just("2026-0001") | ANYTHING,
        "set": st.dictionaries(st.sampled_from(SETS), ANYTHING, max_size=3) | ANYTHING,
    },
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=LINES)
def test_whatever_a_line_holds_its_neighbours_stand(sqlite_lab: Lab, tmp_path: Path, line: dict[str, Any]) -> None:
    try:
        before = sqlite_lab.now("2026-0001").seq
    except NotFound:  # the first example
        before = sqlite_lab.now(sqlite_lab.request()).seq
    outcome = applied(sqlite_lab, tmp_path / "lines.jsonl", GOOD, line, GOOD)
    first, tried, last = outcome.results
    assert first.seq == before + 1
    assert last.error is None
    assert tried.error is None or tried.error["exit"] in (2, 3, 4, 5, 6), tried.error
    assert sum((outcome.applied, outcome.replayed, outcome.refused, outcome.invalid)) == 3
    json.dumps(outcome.document(), ensure_ascii=False).encode("utf-8")
