"""`coop export`: logs of events, and the page that goes beside each."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from event_logs import as_json, ocel, of_json, traces

from states.declaration.documents import shipped

LOGS = {"log.xes": "xes", "log.json": "ocel", "log.sqlite": "ocel"}


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """A lab with one request, whose only work meeting was planned by mistake."""
    ref = desk.at("2026-01-13T09:00+01:00").received(title="Un titre à taire")
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "2026-01-20T10:00+01:00")
    desk.at("2026-01-20T12:00+01:00").json("interview", "done", ref)
    desk.json("tier", "assign", ref, "tuto")
    desk.json("meeting", "plan", ref, "--slot", "2026-01-27T10:00+01:00", "--staff", "none")
    desk.json("undo", ref, "--note", "Pas encore")
    return desk


def exported(desk: Desk, file: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.json("export", LOGS[file.name], "--out", str(file), *more)
    return found


@pytest.mark.parametrize("name", LOGS)
def test_a_log_says_what_it_holds_and_what_it_leaves_out(lab: Desk, tmp_path: Path, name: str) -> None:
    kept, whole = exported(lab, tmp_path / name), exported(lab, tmp_path / name, "--all")
    assert (kept["cases"], kept["events"], kept["left_out"]) == (1, 5, 2)
    assert (whole["cases"], whole["events"], whole["left_out"]) == (1, 7, 0)
    assert kept["head"] == lab.json("db", "verify")["head"]


@pytest.mark.parametrize("name", LOGS)
def test_a_log_and_its_page_are_for_their_owner_alone(lab: Desk, tmp_path: Path, name: str) -> None:
    found = exported(lab, tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir() if name in file.name) == [name, f"{name}.md"]
    assert [os.stat(found[one]).st_mode & 0o777 for one in ("out", "dictionary")] == [0o600, 0o600]


def test_a_meeting_planned_by_mistake_is_an_object_where_its_entry_is_an_event(lab: Desk, tmp_path: Path) -> None:
    for more, expected in ((), {"interview-1"}), (("--all",), {"interview-1", "work-1"}):
        exported(lab, tmp_path / "log.json", *more)
        exported(lab, tmp_path / "log.sqlite", *more)
        found = ocel(tmp_path / "log.json")
        meetings = {one["id"].partition("/")[2] for one in found["objects"] if one["type"] == "meeting"}
        assert meetings == expected
        assert as_json(tmp_path / "log.sqlite") == of_json(found)


def test_the_page_names_each_event_and_each_value_of_its_log(lab: Desk, tmp_path: Path) -> None:
    exported(lab, tmp_path / "log.xes", "--all")
    page = (tmp_path / "log.xes.md").read_text("utf-8")
    (trace,) = traces(tmp_path / "log.xes")
    said = {name for event in trace.events for name in event} | trace.keys()
    codes = {event["concept:name"] for event in trace.events}
    shown = {word for line in page.splitlines() if line.startswith("| `") for word in [line.split("`")[1]]}
    assert said - shown == {"concept:name", "time:timestamp", "lifecycle:transition"}
    assert codes <= shown
    assert "Un titre à taire" not in page


def test_a_log_goes_to_a_pipe_too(lab: Desk, tmp_path: Path) -> None:
    exported(lab, tmp_path / "log.xes")
    exported(lab, tmp_path / "log.json")
    assert lab.coop("export", "xes").out == (tmp_path / "log.xes").read_text("utf-8")
    assert lab.coop("export", "ocel").out == (tmp_path / "log.json").read_text("utf-8")
    assert lab.fails(2, "export", "ocel", "--format", "sqlite")["message"]


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_cannot_be_written_leaves_the_one_before(
    lab: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    exported(lab, tmp_path / name)
    before = (tmp_path / name).read_bytes()
    lab.fails(2, "export", LOGS[name], "--out", str(tmp_path / "nowhere" / name))
    with monkeypatch.context() as disk:
        disk.setattr("workflow.durable.os.replace", _refuses)
        lab.fails(2, "export", LOGS[name], "--out", str(tmp_path / name), "--all")
    assert (tmp_path / name).read_bytes() == before
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def _refuses(*_given: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("name", LOGS)
def test_a_request_that_cannot_be_read_is_named_and_stops_no_other(lab: Desk, tmp_path: Path, name: str) -> None:
    other = lab.received(title="Un autre")
    with closing(sqlite3.connect(tmp_path / "coop.db")) as store, store:
        store.execute("UPDATE requests SET document = '[]' WHERE ref = ?", (other,))
    printed = lab.coop("export", LOGS[name], "--out", str(tmp_path / name), "--json")
    assert (printed.exit, printed.json["cases"], printed.json["events"]) == (0, 1, 5)
    assert other in printed.err
    if name == "log.json":
        assert other not in {one["id"] for one in ocel(tmp_path / name)["objects"]}


def test_what_two_versions_of_the_rules_say_is_in_one_log(lab: Desk, tmp_path: Path) -> None:
    """An event that only the newer version has: each entry as its own version says."""
    declaration = shipped().replace('version = "2026.1"', 'version = "2026.2"')
    declaration = declaration.replace("[events.comment]", STORY + "[events.comment]")
    (tmp_path / "lab.toml").write_text(declaration, "utf-8")
    lab.json("lifecycle", "adopt", str(tmp_path / "lab.toml"), "--yes")
    newer = lab.received(title="Sous la suivante")
    lab.json("advance", newer, "tell_story", "--set", "done=oui")
    for name in LOGS:
        exported(lab, tmp_path / name)
    (_older, trace) = traces(tmp_path / "log.xes")
    assert [event["concept:name"] for event in trace.events] == ["submit", "tell_story"]
    assert [one["coop_declaration"] for one in traces(tmp_path / "log.xes")] == ["2026.1", "2026.2"]
    assert as_json(tmp_path / "log.sqlite") == of_json(ocel(tmp_path / "log.json"))
    assert "| `tell_story` | Raconter" in (tmp_path / "log.json.md").read_text("utf-8")
    assert "2026.2" in (tmp_path / "log.xes.md").read_text("utf-8")


STORY = """
[events.tell_story]
label = { fr = "Raconter", en = "Tell" }
help = { fr = "raconter ce qui en reste", en = "tell what is left of it" }
transitions = [{ from = ["any"], to = ["same"] }]
roles = ["coordinator"]
effect = "record"
records = "story"
needs = ["task_done"]
undo = "by_seq"

"""


@pytest.mark.parametrize("name", LOGS)
def test_a_lab_without_a_request_has_an_empty_log(desk: Desk, tmp_path: Path, name: str) -> None:
    assert exported(desk, tmp_path / name)["events"] == 0
    if name == "log.json":
        assert ocel(tmp_path / name)["events"] == []
