"""The flow of a whole half-year, against a recount of its own from the requests as they are shown."""

from __future__ import annotations

from collections import Counter

from workflow.testing import Lab
from workflow.views.flow import flow_document, flow_of
from workflow.views.milestones import prospect, prospect_document
from workflow.views.reader import Filters
from workflow.views.track_record import record_document, track_record

ENDS = ("closed", "declined", "withdrawn", "cancelled")


def test_where_the_requests_of_a_half_year_wait(half_year: Lab) -> None:
    with half_year.reading() as reader:
        found = flow_of(reader)
        states = Counter(row["state"] for row in reader.requests(Filters()))
        left = Counter(
            entry["from"]
            for row in reader.requests(Filters())
            for entry in reader.history(row["ref"])
            if entry["from"] not in (None, entry["to"], *ENDS) and entry["corrected_by"] is None
            and entry["event"] not in ("correct", "withdraw", "cancel")
        )  # fmt: skip
    rows = {row["state"]: row for row in flow_document(found)}
    assert {state: row["open"] for state, row in rows.items() if row["open"]} == {
        state: n for state, n in states.items() if state not in ENDS
    }
    assert {state: row["stays"] for state, row in rows.items() if row["stays"]} == left
    assert (found.received, found.ended) == (states.total(), sum(states[state] for state in ENDS))


def test_what_is_announced_in_a_half_year_is_kept_about_as_often_as_it_says(half_year: Lab) -> None:
    with half_year.reading() as reader:
        found = record_document(track_record(reader, lambda _done, _total: None))
    assert found["announced"] > 500
    assert 0.8 <= found["share"] <= 0.9
    assert found["half"]["share"] >= 0.5
    assert sum(milestone["announced"] for milestone in found["milestones"]) == found["announced"]


def test_every_request_of_a_half_year_has_its_forecast_or_a_reason(half_year: Lab) -> None:
    with half_year.reading() as reader:
        for row in reader.requests(Filters(without=ENDS)):
            found = prospect_document(prospect(reader, reader.request(row["ref"])))
            assert found["milestones"]
            for milestone in found["milestones"]:
                assert (milestone["reason"] is None) == (milestone["most_by"] is not None)
                assert milestone["half_by"] or milestone["most_by"] is None
                assert milestone["comparable"] >= 6 or milestone["half_by"] is None
