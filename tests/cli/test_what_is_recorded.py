"""What is recorded of a request is on a screen: how it ended and why, who agreed, what was explained."""

from __future__ import annotations

import pytest
from desk import Desk

NO = ("--reason", "simple_meeting", "--orientation", "Réserver une salle.", "-n", "Une réunion suffit.")


def shown(desk: Desk, *words: str) -> str:
    return desk.coop(*words).out.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("said", "kept", "told"),
    [
        (("--agreed",), [True], "mardi 13 janvier 2026 — Non retenue : d’accord"),
        (("--not-agreed",), [False], "mardi 13 janvier 2026 — Non retenue : pas d’accord"),
        ((), [], ""),
    ],
)
def test_how_a_request_ended_is_shown(desk: Desk, said: tuple[str, ...], kept: list[bool], told: str) -> None:
    ref = desk.received()
    desk.at("2026-01-13T09:00+01:00").json("decline", ref, *NO, *said)
    document, text = desk.json("show", ref), shown(desk, "show", ref)
    assert [step["data"]["agreed"] for step in document["agreements"]] == kept
    assert (document["last_step"]["event"], document["last_step"]["note"]) == ("decline", "Une réunion suffit.")
    for line in (
        "Non retenue le mardi 13 janvier 2026",
        "orientation : Réserver une salle.",
        "« Une réunion suffit. »",
    ):
        assert line in text
    assert told in text
    assert ("Accord du demandeur" in text) is bool(kept)
    assert "Non retenue le" not in shown(desk, "show", ref, "--as-of", "2026-01-12T18:00+01:00")


def test_why_a_request_waits_is_shown_until_it_goes_on(desk: Desk) -> None:
    ref = desk.received()
    desk.json("ask", ref, "-n", "Quel public ?")
    assert "« Quel public ? »" in shown(desk, "show", ref)
    desk.json("answer", ref, "-n", "Les agents.")
    assert "Quel public" not in shown(desk, "show", ref)


def test_a_place_that_agrees_is_not_the_requester(desk: Desk) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "14/01 10h", "--place", "toulouse", "--not-agreed")
    assert desk.json("show", ref)["agreements"] == []
    assert "interview-1 : accord du lieu obtenu : non" in shown(desk, "show", ref)
    assert "réunion : interview-1" in shown(desk, "history", ref)
    desk.json("meeting", "assign", f"{ref}/interview-1", "--staff", "none")
    assert "équipe : personne" in shown(desk, "history", ref)


def test_what_explains_a_late_deadline_is_beside_it(desk: Desk) -> None:
    ref = desk.received()
    desk.at("2026-01-26T09:00+01:00").json("explain", ref, "received", "-n", "Une semaine d’absence.")
    assert desk.json("show", ref)["deadlines"][0]["explanation"] == "Une semaine d’absence."
    for command in ("show", "deadlines"):
        assert "Préqualifier ou répondre : « Une semaine d’absence. »" in shown(desk, command, ref)
    desk.json("undo", ref, "-n", "non")
    assert "explanation" not in desk.json("show", ref)["deadlines"][0]


def test_the_login_is_told_where_several_have_recorded(desk: Desk) -> None:
    ref = desk.received()
    assert "compte" not in shown(desk, "history", ref)
    desk.monkeypatch.setattr("workflow.store.database.login", lambda: "zoe")
    desk.json("comment", ref, "-n", "D’un autre poste.")
    assert "depuis le compte zoe" in shown(desk, "history", ref)
