"""A half-year of the lab, told step by step: what a coordinator, a pilot and the committee live through.

Each scene goes on from the one before. At the end the history proves itself, and makes every table again.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from workflow.lab.calendar import close, record_absence
from workflow.testing import COMMITTEE, PILOT, Lab, problems


def states(lab: Lab, *refs: str) -> list[str]:
    return [lab.now(ref).state for ref in refs]


def deadlines(lab: Lab, ref: str) -> dict[str, tuple[str, str]]:
    """Each deadline's latest status, and the local day and hour it is due."""
    return {d["kind"]: (d["status"], d["due_at"][:16]) for d in lab.show(ref)["deadlines"]}


def test_a_half_year(lab: Lab) -> None:
    charter = january(lab)
    festival = february(lab, charter)
    march(lab, charter, festival)
    april(lab, charter, festival)
    may(lab, charter, festival)
    june(lab, charter, festival)
    assert problems(lab) == []


def january(lab: Lab) -> str:
    """Three forms come. One is accepted, one is sent back for a precision, one is answered no, with where to go."""
    charter = lab.request(title="Une charte du télétravail", axis="management", experience="some", place="montpellier")
    vague = lab.request(title="Un séminaire", need="Voir plus tard")
    meeting = lab.request(title="Une réunion de service", collaborative_share=20, service="partenaire")

    lab.clock.to("2026-01-13T10:00+01:00")
    lab.apply(charter, "prequalify")
    lab.apply(vague, "request_info", note="Quel problème, et pour qui ?")
    assert lab.refused(meeting, "prequalify") == {"collaborative_share", "scope"}
    no = {"reason": "simple_meeting", "orientation": "La salle 12 se réserve auprès de l’accueil."}
    lab.apply(meeting, "decline", no, note="Une réunion ordinaire")
    assert states(lab, charter, vague, meeting) == ["prequalified", "info_requested", "declined"]
    assert deadlines(lab, vague) == {
        "received": ("paused", "2026-01-19T18:00"),
        "info_requested": ("open", "2026-01-27T18:00"),
    }

    # The requester answers after ten days: four working days were left, and are counted again.
    lab.clock.to("2026-01-23T09:00+01:00")
    lab.apply(vague, "provide_info", {"need": "Nos agents ne se parlent plus."}, on_behalf=True)
    assert deadlines(lab, vague)["received"] == ("open", "2026-01-29T18:00")
    lab.clock.to("2026-01-30T09:00+01:00")
    assert lab.refused(vague, "prequalify") == set()  # late, and nothing refuses it
    assert deadlines(lab, vague)["received"][0] == "missed"
    lab.apply(vague, "explain_deadline", {"kind": "received"}, note="La semaine du déménagement")
    lab.apply(vague, "withdraw", note="Le service a changé d’avis", on_behalf=True)
    return charter


def february(lab: Lab, charter: str) -> str:
    """The charter gets a Tuto: three meetings, not four. A festival comes, new and complex: a 50/50."""
    lab.clock.to("2026-02-02T09:00+01:00")
    assert lab.refused(charter, "plan_interview", {"at": "2026-02-05T14:00"}) == {"place_closed"}  # a Thursday
    lab.apply(charter, "plan_interview", {"at": "2026-02-03T14:00", "staff": "camille"})
    lab.clock.to("2026-02-03T15:30+01:00")
    lab.apply(charter, "hold_interview", {"attended": 4, "managers": 1})
    assert lab.show(charter)["recommended_tier"] == "tuto"
    lab.apply(charter, "assign_tier", {"tier": "tuto"})
    for day in (10, 17, 24):
        lab.apply(charter, "plan_meeting", {"at": f"2026-02-{day}T10:00", "duration": "2h", "staff": "camille"})
    assert lab.refused(charter, "plan_meeting", {"at": "2026-02-27T10:00"}) == {"cap_reached"}

    festival = lab.request(
        title="Un festival", experience="none", complexity="complex", place="montpellier", participants=80
    )
    lab.apply(festival, "prequalify")
    taken = {"at": "2026-02-10T11:00", "staff": "camille"}
    assert lab.refused(festival, "plan_interview", taken) == {"place_taken", "staff_busy"}
    lab.apply(festival, "plan_interview", {"at": "2026-02-11T11:00", "staff": "rene"})
    lab.clock.to("2026-02-11T13:00+01:00")
    lab.apply(festival, "hold_interview")
    lab.apply(charter, "hold_meeting", {"attended": 5})
    lab.apply(festival, "assign_tier", {"tier": "50_50"})
    assert lab.refused(festival, "plan_meeting", {"at": "2026-02-18T10:00"}) == {"not_validated"}
    lab.apply(festival, "validate", {"basis": "delegation"}, actor=PILOT)
    for day in ("02-18", "02-25", "03-04", "03-11", "03-18", "03-25"):
        lab.apply(festival, "plan_meeting", {"at": f"2026-{day}T10:00", "staff": "rene"})
    return festival


def march(lab: Lab, charter: str, festival: str) -> None:
    """Someone is away, the building closes, and the pilot grants one meeting more. The charter has its session."""
    lab.clock.to("2026-02-25T12:00+01:00")
    for meeting in ("work-2", "work-3"):
        lab.apply(charter, "hold_meeting", {"meeting": meeting})
    for meeting in ("work-1", "work-2"):
        lab.apply(festival, "hold_meeting", {"meeting": meeting})

    record_absence(lab.engine, "camille", "rene", [(date(2026, 3, 9), date(2026, 3, 13))])
    assert lab.refused(festival, "assign_staff", {"meeting": "work-4", "staff": "rene,sacha"}) == {"staff_absent"}
    lab.apply(festival, "assign_staff", {"meeting": "work-4", "staff": "camille"})
    close(lab.engine, "camille", "montpellier", (date(2026, 3, 18), date(2026, 3, 18)), "travaux")
    moved = {"meeting": "work-5", "at": "2026-03-18T14:00", "place": "toulouse", "agreed": True}
    assert lab.refused(festival, "move_meeting", {**moved, "place": "montpellier"}) == {"place_closed"}
    lab.apply(festival, "move_meeting", moved)
    assert lab.refused(festival, "grant_derogation", {"extra": 1}, note="Un sujet de plus") == {"role"}
    lab.apply(festival, "grant_derogation", {"extra": 1}, note="Un sujet de plus", actor=PILOT)
    lab.apply(festival, "plan_meeting", {"at": "2026-03-27T10:00", "staff": "rene"})
    assert lab.show(festival)["meetings"]["work"] == {"planned": 5, "held": 2, "cap": 7, "min": 1}

    lab.apply(charter, "plan_session", {"at": "2026-03-03T09:00", "staff": "camille"})
    lab.clock.to("2026-03-03T13:00+01:00")
    lab.apply(charter, "hold_session", {"expected": 20, "attended": 18, "managers": 6})
    lab.apply(charter, "plan_debrief", {"at": "2026-03-06T09:00"})
    lab.clock.to("2026-03-06T11:00+01:00")
    lab.apply(charter, "hold_debrief")
    lab.apply(charter, "record_satisfaction", {"score": "4.5", "respondents": 16})
    assert lab.refused(charter, "close") == {"deliverable"}
    lab.apply(charter, "record_deliverable", {"title": "La charte", "type": "method"})
    lab.apply(charter, "close")
    assert deadlines(lab, charter)["follow_up_3"] == ("open", "2026-06-08T18:00")  # 6 June is a Saturday


def april(lab: Lab, charter: str, festival: str) -> None:
    """The committee refuses the festival: nothing more is planned, until it is validated again. A mistake is undone."""
    lab.clock.to("2026-03-28T09:00+01:00")
    for number in range(3, 8):
        lab.apply(festival, "hold_meeting", {"meeting": f"work-{number}"})
    lab.apply(festival, "ratify", {"decision": "refuse", "review": "2026-S1"}, actor=COMMITTEE, note="Trop cher")
    session: dict[str, Any] = {
        "at": "2026-04-14T09:00",
        "duration": "7h",
        "facilitation": "lab",
        "skill": "facilitation",
    }
    assert lab.refused(festival, "plan_session", session) == {"refused_by_committee"}
    lab.apply(festival, "validate", {"basis": "committee"}, actor=COMMITTEE, note="Le budget est revu")
    lab.apply(festival, "plan_session", session)

    lab.clock.to("2026-04-01T09:00+02:00")
    lab.apply(festival, "suspend", note="La salle est menacée")
    assert lab.now(festival).meeting("session-1").status == "cancelled"  # type: ignore[union-attr]
    lab.clock.to("2026-04-01T09:20+02:00")
    lab.apply(festival, "correct", note="Un poisson d’avril")
    assert lab.now(festival).meeting("session-1").status == "planned"  # type: ignore[union-attr]
    with lab.reading() as reader:
        assert reader.request(festival, known_at="2026-04-01T07:10:00Z").state == "suspended"
        assert reader.request(festival, as_of="2026-04-01T07:10:00Z").state == "working"

    lab.clock.to("2026-04-14T17:00+02:00")
    assert lab.refused(festival, "withdraw", note="Trop tard") == {"not_recorded"}
    lab.apply(festival, "hold_session", {"attended": 74, "expected": 80, "managers": 12})
    assert states(lab, charter, festival) == ["closed", "session_held"]


def may(lab: Lab, charter: str, festival: str) -> None:
    """A bridge: the lab closes, and what was not yet due moves. An autonomous session has the space."""
    assert deadlines(lab, festival)["session_held"] == ("open", "2026-04-28T18:00")
    close(lab.engine, "camille", None, (date(2026, 4, 27), date(2026, 4, 30)), "fermeture de printemps")
    assert deadlines(lab, festival)["session_held"] == ("open", "2026-05-05T18:00")  # past 1 May and a weekend too
    lab.apply(festival, "plan_debrief", {"at": "2026-05-05T10:00", "place": "hors_les_murs"})
    lab.clock.to("2026-05-05T12:00+02:00")
    lab.apply(festival, "hold_debrief")
    assert deadlines(lab, festival)["session_held"][0] == "met"

    guest = lab.request(title="Un comité de lecture", kind="autonomous", follows=charter, place="montpellier")
    lab.apply(guest, "prequalify")
    lab.apply(guest, "accept_autonomous")
    assert lab.refused(guest, "plan_session", {"at": "2026-05-14T09:00"}) == {"place_closed"}  # Ascension
    lab.apply(guest, "plan_session", {"at": "2026-05-12T09:00"})
    lab.clock.to("2026-05-12T13:00+02:00")
    lab.apply(guest, "hold_session", {"attended": 11})
    lab.apply(guest, "close")
    assert lab.show(guest)["project"] == charter


def june(lab: Lab, charter: str, festival: str) -> None:
    """The follow-up of the charter is told; it was closed too soon, and the pilot opens it again."""
    lab.clock.to("2026-06-05T09:00+02:00")
    told = {"done": "Signée par douze services", "gain": "3000", "reused_by": "dsden_34"}
    lab.apply(charter, "record_follow_up", told, note="Par téléphone")
    follow_ups = deadlines(lab, charter)
    assert (follow_ups["follow_up_3"][0], follow_ups["follow_up_6"][0]) == ("met", "open")
    assert lab.refused(charter, "reopen", note="Une suite") == {"role"}
    lab.apply(charter, "reopen", note="Une suite", actor=PILOT)
    assert deadlines(lab, charter)["follow_up_6"][0] == "dropped"
    assert lab.refused(festival, "close", waive=("deliverable",), note="Le film est en montage") == set()
    assert lab.now(festival).waivers == [{"seq": lab.now(festival).seq, "rule": "deliverable"}]
    assert states(lab, charter, festival) == ["debriefed", "closed"]
    events = [entry["event"] for entry in lab.history(festival)]
    assert (events.count("plan_meeting"), events.count("hold_meeting")) == (7, 7)
