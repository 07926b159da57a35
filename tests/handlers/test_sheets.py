"""The sheets of a request: on how many pages, what they say, and what the attendance sheet does not."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from handlers.documents.attendance import attendance
from handlers.documents.dossier import dossier
from handlers.documents.sheet import Sheet, html, pdf
from states.errors import Invalid, NotFound
from workflow.testing import NOTE, Lab

AT = datetime.fromisoformat("2026-01-12T09:00:00+01:00")


@pytest.fixture
def lab(sqlite_lab: Lab) -> Lab:
    return sqlite_lab


def planned(lab: Lab, **form: Any) -> str:
    ref = lab.request("prequalified", **{"title": "Repenser l’accueil", "place": "montpellier", **form})
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "staff": "sacha", "address": "salle 2"})
    return ref


def of_meeting(lab: Lab, ref: str, id: str = "interview-1") -> Sheet:
    with lab.reading() as reader:
        return attendance(reader, ref, id)


def of_request(lab: Lab, ref: str) -> Sheet:
    with lab.reading() as reader:
        return dossier(reader, ref)


def pages(sheet: Sheet) -> int:
    with pikepdf.open(BytesIO(pdf(sheet, AT))) as document:
        assert document.Root.MarkInfo.Marked  # tagged
        assert str(document.Root.Lang) in ("fr-FR", "en-GB")
        assert sheet.subject in str(document.docinfo["/Title"])
        return len(document.pages)


# --- Attendance ---


def test_an_attendance_sheet_says_what_when_where_and_names_nobody(lab: Lab) -> None:
    sheet = of_meeting(lab, planned(lab, participants=22))
    text = html(sheet)
    for said in ("Repenser l’accueil", "mardi 20 janvier 2026", "10 h", "11 h", "Hôtel de Grave", "salle 2"):
        assert said.replace(" h", "\u00a0h") in text
    for name in ("Noa", "Témoin", "Sacha", "sacha", "example.org"):
        assert name not in text
    assert "mercredi 21 janvier 2026" in text  # until when it is kept: the interview is to be recorded by then
    assert pages(sheet) == 1


@pytest.mark.parametrize(("expected", "lines"), [(None, 22), (3, 16), (22, 26), (45, 50), (100_000, 120)])
def test_there_are_lines_for_those_expected_and_a_few_more(lab: Lab, expected: int | None, lines: int) -> None:
    sheet = of_meeting(lab, planned(lab, **({"participants": expected} if expected else {"participants": None})))
    assert sheet.blanks is not None
    assert sheet.blanks.lines == lines
    assert html(sheet).count("<td></td>") == lines


def test_a_long_attendance_sheet_has_several_pages(lab: Lab) -> None:
    assert pages(of_meeting(lab, planned(lab, participants=200))) > 1


def test_what_has_no_attendance_sheet(lab: Lab) -> None:
    ref = planned(lab)
    with pytest.raises(NotFound):
        of_meeting(lab, ref, "session-1")
    lab.apply(ref, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    with pytest.raises(Invalid):
        of_meeting(lab, ref)
    visit = lab.apply("", "plan_activity", {"title": "Visite", "type": "visit", "axis": "acculturation",
                      "at": "2026-01-22T10:00", "place": "hors_les_murs"}).request.ref  # fmt: skip
    with pytest.raises(Invalid):
        of_meeting(lab, visit, "activity-1")
    with pytest.raises(Invalid):
        of_request(lab, visit)


# --- The request ---


@pytest.mark.parametrize("state", ["received", "declined", "prequalified", "tier_assigned", "working", "closed"])
def test_a_request_is_told_on_two_pages_at_most_whatever_its_state(lab: Lab, state: str) -> None:
    sheet = of_request(lab, lab.request(state, title="Repenser l’accueil"))
    assert sheet.title == "Repenser l’accueil"
    assert pages(sheet) <= 2
    text = html(sheet)
    assert "Ce qui est demandé" in text
    assert "Noa Témoin" in text


LONG = "Un besoin très détaillé, avec beaucoup de mots. " * 200


@pytest.mark.parametrize(
    "title", ["Un projet", "Un intitulé " * 16, '<b>& "guillemets" $x$ #set text', "\u202e日本 🎈"]
)
def test_a_long_one_still_stands_on_two_pages(lab: Lab, title: str) -> None:
    ref = lab.request("working", title=title.strip(), need=LONG, expected_outcome=LONG)
    for _n in range(3):
        lab.apply(ref, "suspend", note=LONG[:900])
        lab.apply(ref, "resume", note=LONG[:900])
    sheet = of_request(lab, ref)
    assert pages(sheet) <= 2
    assert "[…]" in html(sheet)
    assert "<b>&" not in html(sheet)


def test_a_request_says_what_was_decided_and_why_its_calendar_and_who_does_what(lab: Lab) -> None:
    ref = lab.request("working")
    text = html(of_request(lab, ref))
    for said in ("Ce qui a été décidé, et pourquoi", "Calendrier", "Qui fait quoi", "Ce qui vient ensuite"):
        assert said in text
    declined = lab.request("received")
    reasons = {"reason": "simple_meeting", "orientation": "Réserver une salle."}
    lab.apply(declined, "decline", reasons, note="Une réunion suffit.")
    text = html(of_request(lab, declined))
    assert "Réserver une salle." in text
    assert "Une réunion suffit." in text


def test_what_was_corrected_is_not_a_decision(lab: Lab) -> None:
    ref = lab.request("received")
    lab.apply(ref, "suspend", note="Par erreur")
    lab.apply(ref, "correct", note=NOTE)
    assert "Par erreur" not in html(of_request(lab, ref))
