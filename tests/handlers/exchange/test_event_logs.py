"""The logs of events of a half-year, checked by the rules that their readers do not check."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import r4pm
from event_logs import Trace, as_json, in_order, ocel, of_json, traces
from sqlalchemy import text

from handlers.exchange.event_logs import ocel_json, ocel_sqlite
from handlers.exchange.event_logs.leaving import LEAVING
from handlers.exchange.event_logs.moments import Moments
from handlers.exchange.event_logs.ocel import Ocel
from handlers.exchange.event_logs.xes import Xes
from states.declaration.types import TYPES, local
from workflow.testing import Lab

REQUESTS = "FROM entries WHERE stream LIKE '____-0%'"


def xes(lab: Lab, file: Path, *, whole: bool = False) -> list[Trace]:
    with lab.reading() as reader:
        file.write_bytes(b"".join(Xes(reader, whole=whole).pieces(quiet)))
    return traces(file)


@pytest.fixture
def lived(half_year: Lab, tmp_path: Path) -> list[Trace]:
    return xes(half_year, tmp_path / "log.xes")


def stored(lab: Lab, question: str) -> list[tuple[Any, ...]]:
    with lab.store.reading() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def test_every_entry_that_stands_is_an_event_and_no_other(half_year: Lab, lived: list[Trace]) -> None:
    entries = stored(
        half_year, "SELECT stream, seq, event, data FROM entries WHERE stream LIKE '____-0%' ORDER BY 1, 2"
    )
    corrected = {(row[0], data["corrects"]) for row in entries if "corrects" in (data := json.loads(row[3]))}
    assert corrected
    standing = [row[:3] for row in entries if row[:2] not in corrected and "corrects" not in json.loads(row[3])]
    found = [(t["concept:name"], e["coop_seq"], e["concept:name"]) for t in lived for e in t.events]
    assert found == standing


def test_what_was_typed_for_the_requester_says_so(half_year: Lab, lived: list[Trace], tmp_path: Path) -> None:
    told = {(ref, seq) for ref, seq in stored(half_year, f"SELECT stream, seq {REQUESTS} AND on_behalf")}
    assert told
    found = {(t["concept:name"], e["coop_seq"]) for t in lived for e in t.events if e.get("coop_on_behalf")}
    log = objects(half_year, tmp_path)
    said = [one["id"] for one in log["events"] if {"name": "coop_on_behalf", "value": "true"} in one["attributes"]]
    assert found == told == {(ref, int(seq)) for ref, _slash, seq in (id.partition("/") for id in said)}


def test_with_all_what_was_corrected_is_marked_with_its_correction(half_year: Lab, tmp_path: Path) -> None:
    found = xes(half_year, tmp_path / "all.xes", whole=True)
    count = stored(half_year, f"SELECT count(*) {REQUESTS}")
    assert sum(len(trace.events) for trace in found) == count[0][0]
    for trace in found:
        marked = {e["coop_seq"]: e["coop_corrected_by"] for e in trace.events if "coop_corrected_by" in e}
        assert marked == {e["coop_corrects"]: e["coop_seq"] for e in trace.events if "coop_corrects" in e}


def test_events_stand_in_the_order_of_the_history(lived: list[Trace]) -> None:
    for trace in lived:
        in_order(trace)
        before = None
        for event in trace.events:  # and their states follow one another
            assert event.get("coop_from") == before
            before = event["coop_to"]
        assert trace["coop_state"] == before


def quiet(_done: int, _total: int) -> None:
    pass


def objects(lab: Lab, folder: Path, *, whole: bool = False) -> dict[str, Any]:
    """The log of events and objects, in JSON and as a database, which say the same."""
    with lab.reading() as reader:
        (folder / "log.json").write_bytes(b"".join(ocel_json.pieces(Ocel(reader, whole=whole), quiet)))
        (folder / "log.sqlite").unlink(missing_ok=True)
        ocel_sqlite.write(Ocel(reader, whole=whole), folder / "log.sqlite", quiet)
    found = ocel(folder / "log.json")
    assert as_json(folder / "log.sqlite") == of_json(found)
    return found


@pytest.mark.parametrize("whole", [False, True])
def test_the_objects_of_a_log_are_those_of_the_lab(half_year: Lab, tmp_path: Path, whole: bool) -> None:
    found = objects(half_year, tmp_path, whole=whole)
    of_type = Counter(one["type"] for one in found["objects"])
    for table, kind in (("requests", "request"), ("activities", "activity")):
        assert of_type[kind] == stored(half_year, f"SELECT count(*) FROM {table}")[0][0]
    meetings = stored(half_year, "SELECT stream, id FROM meetings WHERE stream LIKE '____-0%' ORDER BY 1, 2")
    known = {one["id"] for one in found["objects"] if one["type"] == "meeting"}
    assert known >= {f"{stream}/{id}" for stream, id in meetings}
    assert whole or len(known) == len(meetings)
    entries = stored(half_year, "SELECT count(*) FROM entries WHERE stream <> 'lab'")[0][0]
    assert (len(found["events"]) == entries) is whole


def test_an_object_ends_as_its_history_does(half_year: Lab, tmp_path: Path) -> None:
    """The last value of each attribute, by its time, is the one that the store knows."""
    found = objects(half_year, tmp_path)
    last = {
        (one["id"], a["name"]): a["value"]
        for one in found["objects"]
        for a in sorted(one["attributes"], key=lambda a: datetime.fromisoformat(a["time"]))
    }
    told = stored(half_year, "SELECT ref, state, tier, axis, service, department, place, kind FROM requests")
    for ref, *values in told:
        names = ("coop_state", "coop_tier", "axis", "service", "department", "place", "kind")
        assert [last.get((ref, name)) for name in names] == values
    for ref, state in stored(half_year, "SELECT ref, state FROM activities"):
        assert last[ref, "coop_state"] == state
    for ref, id, status in stored(half_year, "SELECT stream, id, status FROM meetings WHERE stream LIKE '____-0%'"):
        assert last[f"{ref}/{id}", "status"] == status


def test_no_person_and_no_text_of_the_vault_is_in_a_log(half_year: Lab, lived: list[Trace], tmp_path: Path) -> None:
    objects(half_year, tmp_path, whole=True)
    private = {json.loads(row[0]) for row in stored(half_year, "SELECT value FROM vault")}
    people = {row[0] for row in stored(half_year, "SELECT DISTINCT id FROM staff")}
    people |= {row[0] for row in stored(half_year, "SELECT DISTINCT entered_by FROM entries")}
    hidden = {text for text in private | people if isinstance(text, str) and len(text) > 3}
    for file in ("log.xes", "log.json", "log.sqlite"):
        written = (tmp_path / file).read_bytes()
        assert not {text for text in hidden if text.encode() in written}
    assert {event["org:role"] for trace in lived for event in trace.events} >= {"coordinator", "pilot"}


@pytest.mark.parametrize("form", ["json", "sqlite"])
def test_a_program_of_process_mining_reads_the_objects(half_year: Lab, tmp_path: Path, form: str) -> None:
    found, again = objects(half_year, tmp_path), tmp_path / "again.json"
    r4pm.export_item(r4pm.import_item("OCEL", str(tmp_path / f"log.{form}")), str(again))
    read = json.loads(again.read_text("utf-8"))
    for kind in ("events", "objects"):
        assert {one["id"]: _related(one) for one in read[kind]} == {one["id"]: _related(one) for one in found[kind]}


def _related(one: dict[str, Any]) -> tuple[str, int, set[tuple[str, str]]]:
    return one["type"], len(one["attributes"]), {(r["objectId"], r["qualifier"]) for r in one["relationships"]}


def test_a_program_of_process_mining_reads_all_of_it(lived: list[Trace], tmp_path: Path) -> None:
    again = tmp_path / "again.xes"
    r4pm.export_item(r4pm.import_item("EventLog", str(tmp_path / "log.xes")), str(again))
    found = traces(again, version="2.0")
    assert [(dict(trace), trace.events) for trace in found] == [(dict(trace), trace.events) for trace in lived]


def test_of_each_type_of_value_it_is_said_whether_it_leaves() -> None:
    stays = {"text", "line", "link", "email", "identifier", "staff"}  # who, and what somebody or something else wrote
    assert {*TYPES} == {*LEAVING, *stays}
    assert stays.isdisjoint(LEAVING)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"])
def test_moments_have_the_offset_of_their_place(zone: str) -> None:
    moments = Moments(ZoneInfo(zone))
    days = ("2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:30:01Z")
    halves = ("2026-04-04T15:29:59Z", "2026-04-04T15:30:00Z", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z")
    assert [moments(day) for day in (*days, *halves)] == [
        local(day, ZoneInfo(zone)).isoformat() for day in (*days, *halves)
    ]
