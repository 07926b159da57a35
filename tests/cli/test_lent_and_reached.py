"""Where the lab goes, what labs lend each other, what requesters agree to: typed, shown, counted in the review."""

from __future__ import annotations

import pytest
from desk import Desk

ADDRESS = "3 rue du Pont, Mende"


@pytest.fixture
def ref(desk: Desk) -> str:
    """A request at work: a meeting held off site, in Lozère, one to come in Toulouse, a day swapped."""
    ref = desk.received(title="Le plan", place="montpellier", sponsor="La rectrice")
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "12/01 9h")
    desk.json("interview", "done", ref)
    desk.json("tier", "assign", ref, "50_50", "-n", "Sujet complexe")
    desk.json("staff", "add", "agnes", "--name", "Agnès", "--email", "agnes@example.org", "--role", "pilot")
    desk.json("validate", ref, "--as", "agnes")
    there = ("--place", "hors_les_murs", "--address", ADDRESS, "--department", "48")
    desk.json("meeting", "plan", ref, "--slot", "12/01 9h", *there)
    desk.json("meeting", "done", f"{ref}/work-1")
    desk.json("place", "swap", "montpellier", "--gained", "15/01", "--given", "13/01")
    desk.json("meeting", "plan", ref, "--slot", "15/01 9h")
    desk.json("meeting", "plan", ref, "--slot", "16/01 9h", "--place", "toulouse", "--agreed")
    return ref


def test_a_meeting_off_site_says_where(desk: Desk, ref: str) -> None:
    shown = desk.coop("show", ref).out
    assert "Hors les murs, Lozère" in shown
    assert f"work-1\u00a0: adresse\u00a0: {ADDRESS}" in shown
    (first, *_rest) = [m for m in desk.json("show", ref)["calendar"] if m["id"] == "work-1"]
    assert (first["address"], first["department"]) == (ADDRESS, "48")


def test_a_calendar_says_where(desk: Desk, ref: str) -> None:
    lines = desk.coop("export", "ics").out.replace("\r\n ", "").splitlines()
    assert f"LOCATION:Hors les murs, {ADDRESS}, Lozère".replace(",", "\\,") in lines


def test_a_meeting_that_moves_elsewhere_leaves_its_address(desk: Desk, ref: str) -> None:
    there = ("--place", "hors_les_murs", "--address", "1 place X", "--department", "09")
    desk.json("meeting", "move", f"{ref}/work-2", "--slot", "14/01 9h", *there)
    desk.json("meeting", "move", f"{ref}/work-2", "--department", "11")
    moved = next(m for m in desk.json("show", ref)["calendar"] if m["id"] == "work-2")
    assert (moved["address"], moved["department"]) == ("1 place X", "11")
    moved = desk.json("meeting", "move", f"{ref}/work-2", "--slot", "14/01 9h", "--place", "montpellier")["calendar"]
    assert not {"address", "department"} & set(next(m for m in moved if m["id"] == "work-2"))
    assert desk.coop("db", "verify").exit == 0


@pytest.mark.parametrize("words", [("meeting", "plan", "REF"), ("meeting", "move", "REF/work-2")])
def test_a_place_of_the_lab_has_its_own_department(desk: Desk, ref: str, words: tuple[str, ...]) -> None:
    asked = [word.replace("REF", ref) for word in words]
    wrong = desk.fails(6, *asked, "--slot", "19/01 9h", "--department", "48")
    assert [field["field"] for field in wrong["fields"]] == ["department"]


def test_the_review_counts_what_was_reached_and_exchanged(desk: Desk, ref: str) -> None:
    desk.at("2026-01-16T12:00+01:00")
    desk.json("meeting", "done", f"{ref}/work-2")
    desk.json("meeting", "done", f"{ref}/work-3")
    desk.json("tier", "change", ref, "tuto", "--not-agreed")
    found = desk.json("review", "2026-S1")
    assert found["flow"]["off_site_by_department"] == {"48": 1}
    assert (found["flow"]["by_family"], found["flow"]["by_academy"]) == ({"menj_mesr_msjop": 1}, {"montpellier": 1})
    assert found["exchange"] == {
        "days_gained": 1, "days_gained_used": 1, "days_given": 1, "held_agreed": 1, "held_not_agreed": 0,
    }  # fmt: skip
    assert found["agreement"] == {"closed": {}, "declined": {}, "tier_changed": {"no": 1}}
    for name, events in (
        ("exchange.days_given", ["place_swapped"]),
        ("agreement.tier_changed.no", ["change_tier"]),
    ):
        assert [item["event"] for item in desk.json("review", "explain", "2026-S1", name)["items"]] == events
    printed = desk.coop("review", "2026-S1", "--format", "csv").out
    for line in (
        "Lozère;1",
        "Montpellier;1;1",
        "Changement de niveau;0;1;0",
        "Jours du laboratoire, cédés en échange;1",
    ):
        assert line in printed.splitlines()


def test_a_published_review_tells_no_opinion_and_no_sponsor(desk: Desk, ref: str) -> None:
    internal, public = (desk.coop("review", "2026-S1", "--format", "csv", *more).out for more in ((), ("--public",)))
    assert "La rectrice" in internal
    assert "Décision;D’accord;" in internal
    assert "La rectrice" not in public
    assert "Décision;D’accord;" not in public
    assert "Lozère;1" in public
    assert desk.json("review", "2026-S1", "--public", "--again")["agreement"] is None
