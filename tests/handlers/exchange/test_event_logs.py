"""The logs of events of a half-year, checked by the rules that their readers do not check."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import r4pm
from event_logs import Trace, in_order, traces
from sqlalchemy import text

from handlers.exchange.event_logs.moments import Moments
from handlers.exchange.event_logs.xes import Xes
from states.declaration.types import local
from workflow.testing import Lab

REQUESTS = "FROM entries WHERE stream LIKE '____-0%'"


def xes(lab: Lab, file: Path, *, whole: bool = False) -> list[Trace]:
    with lab.reading() as reader:
        file.write_bytes(b"".join(Xes(reader, whole=whole).pieces(lambda _done, _total: None)))
    return traces(file)


@pytest.fixture
def lived(half_year: Lab, tmp_path: Path) -> list[Trace]:
    return xes(half_year, tmp_path / "log.xes")


def stored(lab: Lab, question: str) -> list[tuple[object, ...]]:
    with lab.store.reading() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def test_every_entry_that_stands_is_an_event_and_no_other(half_year: Lab, lived: list[Trace]) -> None:
    entries = stored(
        half_year, "SELECT stream, seq, event, data FROM entries WHERE stream LIKE '____-0%' ORDER BY 1, 2"
    )
    corrected = {(row[0], data["corrects"]) for row in entries if "corrects" in (data := json.loads(str(row[3])))}
    assert corrected
    standing = [row[:3] for row in entries if row[:2] not in corrected and "corrects" not in json.loads(str(row[3]))]
    found = [(t["concept:name"], e["coop_seq"], e["concept:name"]) for t in lived for e in t.events]
    assert found == standing


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


def test_no_person_and_no_text_of_the_vault_is_in_a_log(half_year: Lab, lived: list[Trace], tmp_path: Path) -> None:
    written = (tmp_path / "log.xes").read_text("utf-8")
    private = {json.loads(str(row[0])) for row in stored(half_year, "SELECT value FROM vault")}
    people = {str(row[0]) for row in stored(half_year, "SELECT DISTINCT id FROM staff")}
    people |= {str(row[0]) for row in stored(half_year, "SELECT DISTINCT entered_by FROM entries")}
    assert not {value for value in private if isinstance(value, str) and value and f'"{value}"' in written}
    assert not {person for person in people if f'"{person}"' in written}
    assert {event["org:role"] for trace in lived for event in trace.events} >= {"coordinator", "pilot"}


def test_a_program_of_process_mining_reads_all_of_it(lived: list[Trace], tmp_path: Path) -> None:
    again = tmp_path / "again.xes"
    r4pm.export_item(r4pm.import_item("EventLog", str(tmp_path / "log.xes")), str(again))
    found = traces(again, version="2.0")
    assert [(dict(trace), trace.events) for trace in found] == [(dict(trace), trace.events) for trace in lived]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"])
def test_moments_have_the_offset_of_their_place(zone: str) -> None:
    moments = Moments(ZoneInfo(zone))
    days = ("2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:30:01Z")
    halves = ("2026-04-04T15:29:59Z", "2026-04-04T15:30:00Z", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z")
    assert [moments(day) for day in (*days, *halves)] == [
        local(day, ZoneInfo(zone)).isoformat() for day in (*days, *halves)
    ]
