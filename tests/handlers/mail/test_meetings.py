"""What each person of a meeting is told: every kind of message, for the requester, who comes and who no longer does."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from attrs import frozen
from icalendar import Calendar
from mail_server import Server, send, statuses

from workflow.testing import NOTE, Lab


@frozen
class Got:
    """A message as it arrived: its subject, its text, its event, the method of its file."""

    subject: str
    text: str
    event: Any
    method: str

    @classmethod
    def of(cls, message: EmailMessage) -> Got:
        text, _html, calendar, _file = [part for part in message.walk() if not part.is_multipart()]
        whole = Calendar.from_ical(calendar.get_content())  # type: ignore[attr-defined]
        words = " ".join(text.get_content().split())  # type: ignore[attr-defined]
        return cls(str(message["Subject"]), words, whole.walk("VEVENT")[0], str(whole["method"]))


PEOPLE = {"noa.temoin": "requester", "sacha": "sacha", "rene": "rene"}


def got(lab: Lab, server: Server) -> dict[str, Got]:
    """What each person gets now of a meeting; what they got before is put away."""
    server.taken.clear()
    send(lab, server)
    about_meetings = [m for m in server.taken if "text/calendar" in {part.get_content_type() for part in m.walk()}]
    return {PEOPLE[m["To"].addresses[0].username]: Got.of(m) for m in about_meetings}  # type: ignore[union-attr,arg-type,misc]


@pytest.fixture
def invited(lab: Lab, planned: str, server: Server) -> str:
    """Both know of the interview."""
    assert set(got(lab, server)) == {"requester", "sacha"}
    return planned


GIVEN = {"meeting": "interview-1", "staff": "rene"}
SAME = {"meeting": "interview-1", "at": "2026-01-20T10:00"}
LATER = {"meeting": "interview-1", "at": "2026-01-21T10:00"}


# --- Who is replaced, who replaces, who is received by someone else ---


@pytest.mark.parametrize(
    ("event", "inputs"),
    [("assign_staff", GIVEN), ("move_meeting", {**LATER, **GIVEN})],
)
def test_who_is_replaced_is_told_by_whom_and_nobody_hears_of_a_cancellation(
    lab: Lab, invited: str, server: Server, event: str, inputs: dict[str, Any]
) -> None:
    lab.apply(invited, event, inputs)
    found = got(lab, server)
    assert set(found) == {"requester", "sacha", "rene"}
    freed = found["sacha"]
    assert "Votre présence n’est plus attendue à cette réunion, qui est maintenue. Rene" in freed.text
    assert "vous remplace" in freed.text
    assert freed.method == "CANCEL"
    assert "status" not in freed.event  # RFC 5546, 3.2.5: it is not cancelled
    assert "20 janvier" in freed.text  # what they were to come to
    assert "remplace Sacha" in found["requester"].text
    assert "Pour le laboratoire Rene" in found["requester"].text
    assert {found[who].method for who in ("requester", "rene")} == {"REQUEST"}
    assert not any("nnul" in message.subject + message.text for message in found.values())
    sequences = {int(message.event["sequence"]) for message in found.values()}
    assert len(sequences) == 1


def test_the_undo_of_an_assignment_is_told_likewise(lab: Lab, invited: str, server: Server) -> None:
    lab.apply(invited, "assign_staff", GIVEN)
    got(lab, server)
    lab.apply(invited, "correct", note=NOTE)
    found = got(lab, server)
    assert "vous remplace" in found["rene"].text
    assert "status" not in found["rene"].event
    assert "You are" not in found["sacha"].text
    assert "Nous vous invitons" in found["sacha"].text
    assert "Sacha" in found["requester"].text


def test_undone_before_anything_left_it_is_told_to_nobody(lab: Lab, invited: str, server: Server) -> None:
    lab.apply(invited, "assign_staff", GIVEN)
    lab.apply(invited, "correct", note=NOTE)
    assert got(lab, server) == {}
    whys = statuses(lab)
    assert (whys["requester"], whys["sacha"]) == (("dropped", "as_announced"),) * 2
    assert whys["rene"] == ("dropped", "never_announced")


def test_taken_from_someone_and_given_to_nobody(lab: Lab, invited: str, server: Server) -> None:
    lab.apply(invited, "assign_staff", {"meeting": "interview-1", "staff": "none"})
    found = got(lab, server)
    assert "qui est maintenue." in found["sacha"].text
    assert "remplace" not in found["sacha"].text
    assert "Sacha" in found["requester"].text
    assert "ne sera plus là" in found["requester"].text


# --- Every change says what has changed since what its reader was told last ---


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (LATER, "Cette réunion est déplacée : elle devait avoir lieu le mardi 20 janvier 2026 à 10 h."),
        ({**SAME, "duration": "90m"}, "Elle durera 1 h 30 au lieu de 1 h."),
        ({**SAME, "place": "toulouse", "agreed": True}, "le lieu prévu était Montpellier"),
        ({"meeting": "interview-1", "staff": "sacha,rene"}, "sera là pour le laboratoire."),
    ],
)
def test_a_change_says_what_has_changed(
    lab: Lab, invited: str, server: Server, inputs: dict[str, Any], said: str
) -> None:
    lab.apply(invited, "assign_staff" if "staff" in inputs else "move_meeting", inputs)
    found = got(lab, server)
    for reader in ("requester", "sacha"):
        assert said in found[reader].text.replace("\u00a0", " ")
        assert "Voici ce qui vaut désormais." in found[reader].text


def test_two_changes_that_leave_together_are_told_from_what_was_said_last(
    lab: Lab, invited: str, server: Server
) -> None:
    lab.apply(invited, "move_meeting", LATER)
    lab.apply(invited, "assign_staff", GIVEN)
    text = got(lab, server)["requester"].text
    assert "elle devait avoir lieu le mardi 20 janvier" in text
    assert "remplace Sacha" in text


# --- Where it is ---


def test_a_place_is_told_with_its_declared_address(lab: Lab, planned: str, server: Server) -> None:
    message = got(lab, server)["requester"]
    where = "Montpellier, Hôtel de Grave (sous-sol), 5 rue de la Salle l’Évêque, salle 2"
    assert where in message.text
    assert message.event["location"] == where


def test_away_from_the_labs_places_who_plans_is_told_that_the_address_is_missing(lab: Lab, server: Server) -> None:
    ref = lab.request("prequalified", place="hors_les_murs")
    (notice,) = lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "staff": "sacha"}).notices
    assert f'coop meeting move {ref}/interview-1 --address "…"' in notice
    assert "l’adresse n’est pas encore connue" in got(lab, server)["requester"].text
    assert lab.apply(ref, "move_meeting", {**SAME, "address": "12 rue des Écoles, Mende"}).notices == ()
    for message in got(lab, server).values():
        assert "L’adresse : 12 rue des Écoles, Mende." in message.text
        assert message.event["location"] == "Hors les murs, 12 rue des Écoles, Mende"


@pytest.mark.parametrize("place", ["montpellier", "hors_les_murs"])
def test_an_address_that_is_known_or_given_is_not_asked_for(lab: Lab, place: str) -> None:
    ref = lab.request("prequalified", place=place)
    given = {"address": "12 rue des Écoles"} if place == "hors_les_murs" else {}
    assert lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", **given}).notices == ()


# --- What stands in a calendar speaks to its reader ---


def test_a_summary_speaks_to_its_reader(lab: Lab, planned: str, server: Server) -> None:
    found = got(lab, server)
    assert found["requester"].event["summary"] == "Entretien de qualification avec La Coopérative – Projet confidentiel"
    assert found["sacha"].event["summary"] == f"Entretien de qualification – Projet confidentiel ({planned})"
    for message in found.values():
        assert message.subject.endswith(f"– Projet confidentiel ({planned})")


@pytest.mark.parametrize(
    ("event", "inputs", "expected"),
    [
        ("cancel_meeting", {"meeting": "interview-1"}, "au plus tard le lundi 19 janvier 2026"),
        ("suspend", {}, None),  # a letter of its own says what follows
        ("cancel", {"reason": "no_space"}, None),
        ("withdraw", {}, None),
    ],
)
def test_who_asked_is_told_what_follows_a_meeting_called_off(
    lab: Lab, invited: str, server: Server, event: str, inputs: dict[str, Any], expected: str | None
) -> None:
    lab.apply(invited, event, inputs, note=NOTE)
    told = got(lab, server)
    assert "Cette réunion est annulée." in told["requester"].text
    assert ("revenons vers vous" in told["requester"].text) == bool(expected)
    assert (expected or "") in told["requester"].text
    assert "revenons vers vous" not in told["sacha"].text


def test_a_cancelled_meeting_says_so_in_its_summary(lab: Lab, invited: str, server: Server) -> None:
    lab.apply(invited, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    for message in got(lab, server).values():
        assert message.event["summary"].startswith("Annulé\u00a0: ")
        assert message.event["status"] == "CANCELLED"
        assert "Annulation" in message.subject
