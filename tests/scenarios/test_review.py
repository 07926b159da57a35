"""A year of an invented lab, and the reviews a committee would read of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from half_year.simulation import build
from recount import recount

from states.errors import Invalid, NotFound
from states.review.document import document, explain, names
from workflow.lab.calendar import close
from workflow.reviews.book import changes, period_of, reasons, review_of, seal_review
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, SimulatedClock

BEGUN = "2026-01-05T08:00+01:00"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A year lived, the watch going round now and then."""
    from workflow.sweep import sweep

    file = tmp_path_factory.mktemp("year") / "lab.db"
    lab = Lab.open(f"sqlite:///{file}", clock=SimulatedClock(BEGUN), people={"camille": "coordinator"})
    build(lab.engine, lab.clock, months=12)
    sweep(lab.engine)
    yield lab
    lab.close()


def made(lab: Lab, code: str, known_at: str | None = None) -> dict[str, Any]:
    with lab.reading() as reader:
        return document(review_of(reader, period_of(reader.declaration, code), known_at))


def flat(found: dict[str, Any]) -> dict[str, Any]:
    """The figures of a document under the names the recount gives them."""
    times = {state: (one["n"], pytest.approx(one["median_days"])) for state, one in found["lead_times"].items()}
    rest = {name: found[name] for name in ("corrections", "alerts")}
    kept = {k: v for k, v in found["indicators"].items() if k not in ("services_declared", "projects_accompanied_year")}
    flow = {name: value for name, value in found["flow"].items() if name not in ("open", "by_family")}
    rest |= {name: found[name] for name in ("agreement", "exchange")}
    rest["project_committees"] = found["committee"]["project_committees"]
    assert found["flow"]["open"] == sum(flow["open_by_state"].values())
    return {**kept, **flow, **rest, "lead_times": times}


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [("2026-S1", date(2026, 1, 1), date(2026, 6, 30)), ("2026-S2", date(2026, 7, 1), date(2026, 12, 31))],
)
def test_another_program_counts_the_same(lab: Lab, code: str, first: date, last: date) -> None:
    declaration = lab.declaration
    regional = {name for name, service in declaration.services.items() if service.regional}
    counted = recount(str(lab.store.path), first, last, regional, declaration.lab.hourly_cost)
    found = flat(made(lab, code))
    assert {name: found[name] for name in counted} == {
        name: pytest.approx(value) if isinstance(value, float) else value for name, value in counted.items()
    }
    assert set(found) == set(counted)


def test_deadlines_count_by_their_due_moment(lab: Lab) -> None:
    met = missed = 0
    with lab.reading() as reader:
        for row in reader.requests(_everything()):
            for one in reader.deadlines(reader.request(row["ref"])):
                to_record = one.kind in ("meeting", "interview_planned")
                if not to_record and "2026-06-30T22:00:00Z" <= one.due_at < "2026-12-31T23:00:00Z":
                    met += one.status == "met"
                    missed += one.status == "missed" or one.is_late(reader.now)
    found = made(lab, "2026-S2")["deadlines"]
    assert (found["met"], found["missed"]) == (met, missed)
    assert met > 50
    assert missed > 5
    assert found["rate"] == pytest.approx(met / (met + missed))


def _everything() -> Any:
    from workflow.views.reader import Filters

    return Filters()


def test_previous_is_the_semester_before(lab: Lab) -> None:
    first, second = made(lab, "2026-S1"), made(lab, "2026-S2")
    before = second["previous"]
    assert before["indicators"] == first["indicators"]
    assert before["flow"] == first["flow"]
    assert before["deadlines"] == first["deadlines"]
    # The lab opened in January 2026: nothing precedes that semester.
    assert first["previous"] is None
    assert second["indicators"]["projects_accompanied_year"] >= second["indicators"]["projects_accompanied"]


def test_every_figure_can_be_followed_to_its_entries(lab: Lab) -> None:
    with lab.reading() as reader:
        found = review_of(reader, period_of(reader.declaration, "2026-S1"))
        told = document(found)
        for name, figure in names(found.figures).items():
            behind = explain(found, name)
            assert behind["value"] == figure.value or behind["value"] == pytest.approx(float(figure.value))
            for item in behind["items"]:
                ref, seq = item["ref"], item["seq"]
                if name.startswith("alerts."):
                    continue
                entry = next(e for e in reader.entries(ref) if e.seq == seq)
                assert entry.event == item["event"]
        assert len(explain(found, "received")["items"]) == told["flow"]["received"]
        assert len(explain(found, "lead_times.working")["items"]) == told["lead_times"]["working"]["n"]
        with pytest.raises(NotFound, match="received"):
            explain(found, "recieved")
        with pytest.raises(Invalid):
            period_of(reader.declaration, "2026-S3")


def test_a_rebuild_gives_the_same_digest(lab: Lab) -> None:
    before = made(lab, "2026-S1")["digest"]
    lab.rebuild()
    assert made(lab, "2026-S1")["digest"] == before


def test_as_it_was_known_before_a_later_correction(empty_url: str) -> None:
    """What was recorded after a moment does not exist then: neither an entry, nor its correction, nor a closure."""
    lab = Lab.open(empty_url)
    lab.clock.to("2026-02-02T09:00+01:00")
    refs = [lab.request(state) for state in ("working", "prequalified", "declined")]
    known = lab.clock.now
    before = made(lab, "2026-S1")
    lab.clock.to("2026-03-02T09:00+01:00")
    lab.apply(refs[2], "reopen", actor=PILOT, note=NOTE)
    lab.apply(refs[1], "correct", note=NOTE)
    lab.submit()
    lab.submit(submitted_at="2025-08-20T09:00+02:00")  # of the semester before, and not known of then
    close(lab.engine, "camille", "montpellier", (date(2026, 6, 1), date(2026, 6, 12)), NOTE)
    after, then = made(lab, "2026-S1"), made(lab, "2026-S1", known)
    assert then == before
    assert after["digest"] != before["digest"]
    assert (before["previous"], after["previous"]["flow"]["received"]) == (None, 1)
    assert after["flow"]["received"] == before["flow"]["received"] + 1
    assert after["corrections"] == 1
    assert after["flow"]["accepted"] == before["flow"]["accepted"] - 1
    assert after["indicators"]["space_usage_rate"] >= before["indicators"]["space_usage_rate"]
    lab.close()


def test_an_empty_semester_says_that_nothing_can_be_said(empty_url: str) -> None:
    lab = Lab.open(empty_url)
    found = made(lab, "2026-S1")
    assert found["flow"]["received"] == 0
    assert found["lead_times"] == {}
    assert found["previous"] is None
    for name in ("attendance_rate", "satisfaction", "return_on_investment"):
        assert found["indicators"][name] is None
    assert found["indicators"]["space_usage_rate"] == 0
    assert found["deadlines"] == {"met": 0, "missed": 0, "rate": None}
    assert (found["signals"], found["alerts"]) == ([], None)  # one semester, and the watch never went round
    lab.close()


def test_the_committee_decides_on_a_review_and_it_is_sealed(empty_url: str) -> None:
    lab = Lab.open(empty_url)
    ref = lab.request("working", tier="50_50")
    assert made(lab, "2026-S1")["to_ratify"] == [ref]
    lab.clock.to("2026-07-06T09:00+02:00")
    seal = seal_review(lab.engine, "camille", "2026-S1")
    lab.clock.forward(days=1)
    lab.apply(ref, "ratify", {"decision": "ratify", "review": "2026-S1"}, actor=COMMITTEE)
    found = made(lab, "2026-S1")
    assert found["to_ratify"] == []
    assert [(one["ref"], one["decision"], one["state"]) for one in found["decisions"]] == [(ref, "ratify", "working")]
    assert {change.name for change in changes(seal.document, found)} == {
        "to_ratify",
        "decisions",
        "committee.awaited",
    }
    with lab.reading() as reader:
        # Decided after the end of the semester, it is why all the same.
        why = reasons(review_of(reader, period_of(reader.declaration, "2026-S1")), seal)
    assert [(entry.stream, entry.event) for entry in why] == [(ref, "ratify")]
    assert seal.document["digest"] == seal.digest
    lab.close()
