"""Figures of a review that a reader adds up, divides or follows: each as it is defined, in every format."""

from __future__ import annotations

import pytest
from desk import Desk

SLOT, PLANNED = ("--slot", "2026-01-12T09:00"), "plan"
CLOSED = (
    ("prequalify", "1"),
    ("interview", PLANNED, "1", *SLOT),
    ("interview", "done", "1"),
    ("tier", "assign", "1", "tuto", "--note", "x"),
    ("meeting", PLANNED, "1", *SLOT),
    ("meeting", "done", "1"),
    ("session", PLANNED, "1", *SLOT, "--for", "1h"),
    ("session", "done", "1", "--attended", "12", "--expected", "15", "--managers", "4"),
    ("debrief", PLANNED, "1", *SLOT),
    ("debrief", "done", "1"),
    ("deliverable", "1", "--title", "Guide", "--type", "method"),
    ("close", "1"),
)
AUTONOMOUS = (
    ("prequalify", "2"),
    ("host", "2"),
    ("session", PLANNED, "2", *SLOT),
    ("session", "done", "2"),
)


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """A request closed and one of an autonomous session held, all at one moment."""
    desk.monkeypatch.setenv("COOP_LANG", "fr")
    desk.monkeypatch.setenv("COLUMNS", "200")
    pilot = ("staff", "add", "agnes", "--name", "Agnès", "--email", "agnes@example.org", "--role", "pilot")
    for words in (("init",), pilot):
        assert desk.coop(*words).exit == 0
    desk.received()
    desk.received(kind="autonomous", place="montpellier")
    typed(desk, *CLOSED, *AUTONOMOUS)
    return desk


def typed(desk: Desk, *lines: tuple[str, ...]) -> None:
    for words in lines:
        printed = desk.coop(*words)
        assert printed.exit == 0, (words, printed.err)


def block(lab: Desk, title: str) -> list[str]:
    """The lines of a titled block of the CSV, its title left out."""
    text = lab.coop("review", "2026-S1", "--format", "csv").out.replace("\r\n", "\n")
    assert f"\n{title}\n" in text
    return text.partition(f"\n{title}\n")[2].partition("\n\n")[0].splitlines()


def test_a_participation_is_a_request_worked_on_however_often(lab: Desk) -> None:
    assert "DRAJES — jeunesse, engagement et sports;2;oui" in block(lab, "Participation des services régionaux")
    found = lab.json("review", "explain", "2026-S1", "services_participating")
    assert (found["value"], [item["ref"] for item in found["items"]]) == (1, ["2026-0001", "2026-0002"])


def test_what_nobody_recorded_is_no_data(lab: Desk) -> None:
    typed(lab, ("effort", "1", "--gain", "1000"), ("effort", "1", "--cost", "100"), ("followup", "1", "--done", "x"))
    rows = dict(line.split(";") for line in block(lab, "Temps, coûts et gains enregistrés")[1:])
    unsaid = {name for name, value in rows.items() if value == "sans donnée"}
    assert unsaid == {"Heures enregistrées", "Leur coût, à 40\u00a0€ l’heure", "Gains constatés lors des suivis"}
    assert rows["Gains attendus"] == "1000\u00a0€"
    printed = lab.coop("review", "explain", "2026-S1", "return_on_investment").out
    assert printed.count("sans donnée") == 2  # the cost of the one, the gain of the other
    assert "0\u00a0€" not in printed.replace("1\u00a0000\u00a0€", "").replace("100\u00a0€", "")


def test_a_return_without_a_gain_is_no_data(lab: Desk) -> None:
    typed(lab, ("effort", "1", "--cost", "300"))
    assert lab.json("review", "2026-S1")["indicators"]["return_on_investment"] is None


def test_a_request_closed_again_adds_up(lab: Desk) -> None:
    typed(lab, ("--as", "agnes", "reopen", "1", "--note", "x"), ("close", "1"))
    flow = lab.json("review", "2026-S1")["flow"]
    assert (flow["closed"], flow["reopened"], flow["received"], flow["open"], flow["open_at_start"]) == (2, 1, 2, 1, 0)
    assert "Closes, dont 1 après réouverture;2" in block(lab, "Ce que les demandes sont devenues")
    assert lab.json("review", "explain", "2026-S1", "reopened")["items"][0]["event"] == "reopen"


def test_the_funnel_counts_requests_to_accompany_and_only_goes_down(lab: Desk) -> None:
    heading, *lines, apart = block(lab, "Où elles en étaient")
    assert [int(line.split(";")[1]) for line in lines] == [1] * 6
    assert apart == "Et 1 session en autonomie demandée, à part."
    assert heading == "Étape;Demandes d’accompagnement"


def test_a_deadline_is_in_the_words_of_the_request_it_is_of(lab: Desk) -> None:
    lab.at("2026-02-02T09:00+01:00")
    rows = block(lab, "Échéances par nature")
    assert "Clore la demande;1;1" in rows
    assert rows.count("Tenir le debrief;1;0") == 1
    assert not any(row.startswith("Enregistrer") for row in rows)  # to record is no duty towards anyone
    printed = lab.coop("review", "explain", "2026-S1", "deadlines.missed").out
    assert "Clore la demande" in printed
    assert "debrief" not in printed
    page = " ".join(lab.coop("review", "2026-S1").out.split())
    assert "« Clore la demande », 1 sur 2" in page


def test_every_output_names_the_axis(lab: Desk) -> None:
    assert (
        "Participations de responsables, innovation managériale;"
        in lab.coop("review", "2026-S1", "--format", "csv").out
    )
    for name, axis in (("attendance_rate", "acculturation"), ("managers_participating", "innovation managériale")):
        assert axis in lab.coop("review", "explain", "2026-S1", name).out.splitlines()[0]
    heading, first, *_rest = block(lab, "Présence par axe")
    assert heading.endswith(";Présence;Sessions;Activités")
    assert first == "Incubation et accélération de projets;2;12;15;80%;2 · 80\u00a0%;0"


def test_each_name_of_the_document_explains(lab: Desk) -> None:
    found = lab.json("review", "2026-S1")
    facts = {"semester", "from", "to", "running", "known_at", "previous", "compared_with", "digest"}
    asked = [name for name in found if name not in facts]
    asked += [below for name in ("indicators", "flow", "deadlines", "committee") for below in found[name]]
    for name in asked:
        told = lab.json("review", "explain", "2026-S1", name)
        assert told["semester"] == "2026-S1"
        assert lab.coop("review", "explain", "2026-S1", name).exit == 0
        if isinstance(found.get(name), list):
            assert told["value"] == len(found[name])
    assert [item["event"] for item in lab.json("review", "explain", "2026-S1", "by_axis")["items"]] == ["hold_meeting"]
