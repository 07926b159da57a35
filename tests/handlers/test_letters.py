"""What letters to the requester say: the dates and the words of this request, in both languages, and nothing else."""

from __future__ import annotations

import re
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from aiosmtpd.controller import Controller
from attrs import evolve
from mail_server import Server, free_port, settings
from pdf_text import bare_text, bare_word
from sqlalchemy import text as sql

from handlers.documents.letter import letter_pdf
from handlers.mail.letter import SenderProfile
from handlers.mail.requester.markup import page
from handlers.mail.smtp import deliver, written
from states.declaration.types import moment
from states.language import spoken
from workflow.outbox.delivery import listed
from workflow.outbox.holding import release
from workflow.outbox.queue import STATUSES, Queued
from workflow.sweep import sweep
from workflow.testing import NOTE, Lab
from workflow.views.letters import about

SENDER = SenderProfile("labo@example.org", "La Coopérative")
NASTY = 'Élodie & "Jo" <b>x</b> | # -'
LONG = " ".join(["Nom-très-très-long"] * 10)


def letters(lab: Lab) -> dict[str, Queued]:
    return {q.payload["letter"]: q for q in listed(lab.store, STATUSES) if q.kind == "letter"}


def mail(lab: Lab, code: str, language: str = "fr", profile: SenderProfile = SENDER) -> EmailMessage:
    return written(lab.engine, letters(lab)[code], evolve(profile, languages={"requester": language}))


def text(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\u00a0", " ")


def lived(lab: Lab, **fields: Any) -> None:
    """Requests for which every letter has been queued: one that goes to its end, one refused, one hosted."""
    lab.request("declined", **fields)
    lab.request("hosted", kind="autonomous", **fields)
    halted = lab.request("interview_planned", **fields)
    lab.apply(halted, "suspend", note=NOTE)
    lab.apply(halted, "resume", note=NOTE)
    lab.apply(halted, "cancel", {"reason": "no_space"}, note=NOTE)
    ref = lab.request("info_requested", **fields)
    lab.apply(ref, "provide_info", {}, note=NOTE)
    lab.step(ref, "prequalify")
    lab.step(ref, "plan_interview")
    for event in ("hold_interview", "assign_tier", "plan_meeting", "hold_meeting", "plan_session", "hold_session"):
        lab.step(ref, event)
    lab.apply(ref, "record_deliverable", {"title": fields.get("title", "Une méthode"), "type": "method"})
    for event in ("plan_debrief", "hold_debrief", "close"):
        lab.step(ref, event)
    due = next(d["due_at"] for d in lab.show(ref)["deadlines"] if d["kind"] == "follow_up_3")
    lab.clock.to(moment(due))
    sweep(lab.engine)


CODES = ("reception", "question", "acceptance", "no", "hosting", "tier", "suspension", "resumption", "cancellation",
         "closing", "follow_up")  # fmt: skip


@pytest.fixture
def lab(sqlite_lab: Lab) -> Lab:
    return sqlite_lab


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_of_what_people_write_is_markup(lab: Lab, language: str) -> None:
    lived(lab, title=f"{NASTY} {LONG}"[:200], requester={"name": f"{NASTY} {LONG}"[:200], "email": "noa@example.org"})
    assert set(letters(lab)) == set(CODES)
    for code in CODES:
        message = mail(lab, code, language)
        html, plain = text(message, "html"), text(message)
        assert "<b>" not in html
        assert NASTY in plain, code
        assert "Élodie &amp; &#34;Jo&#34; &lt;b&gt;x&lt;/b&gt; | # -" in html
        assert "\n" not in message["Subject"]
        assert f'lang="{language}"' in html
        assert "{{" not in plain
        assert "None" not in plain
        assert "Undefined" not in plain


def on_paper(lab: Lab, code: str, language: str = "fr", profile: SenderProfile = SENDER) -> list[str]:
    """What each page of a letter's PDF says, without spaces: a document for screen readers and for archives."""
    with lab.reading() as reader, spoken(language):
        made = letter_pdf(reader, about(reader, letters(lab)[code]), profile)
    with pikepdf.open(BytesIO(made)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang).startswith(language)
        described = document.open_metadata()
        assert (described["pdfuaid:part"], described["pdfaid:part"]) == ("1", "2")
        return [bare_text(page) for page in document.pages]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_stands_on_one_page_whatever_people_are_called(lab: Lab, language: str) -> None:
    """With the longest title and name that a form takes, full of marks; to whom, when, about what, signed."""
    name = f"{NASTY} {LONG}"[:200]
    lived(lab, title=name, requester={"name": name, "email": "noa@example.org", "function": "Cheffe & co"})
    for code in CODES:
        (page,) = on_paper(lab, code, language)
        subject, body = mail(lab, code, language)["Subject"].partition("] ")[2], text(mail(lab, code, language))
        for said in (NASTY, subject, "Cheffe & co", "labo@example.org", letters(lab)[code].ref or ""):
            assert bare_word(said) in page, (code, said)
        lines = [
            bare_word(line.removeprefix("- ").removeprefix("> ")) for line in body.splitlines() if "  " not in line
        ]
        assert [line for line in lines if line.lower() not in page.lower()] == [], code


def test_a_long_letter_goes_on_and_numbers_its_pages(lab: Lab) -> None:
    ref = lab.request()
    lab.apply(ref, "request_info", note="Une question très longue. " * 380)
    pages = on_paper(lab, "question")
    assert len(pages) > 1
    assert f"2/{len(pages)}" in pages[1]


def test_a_letter_on_paper_names_nobody_who_was_erased(lab: Lab) -> None:
    lab.submit(requester={"name": "Zoé Échantillon", "email": "zoe@example.org"}, service="drajes", title="Un projet")
    (page,) = on_paper(lab, "reception")
    assert "ZoéÉchantillonDRAJES" in page
    with lab.store.engine.begin() as connection:
        connection.execute(sql("DELETE FROM vault WHERE stream = '2026-0001'"))
    (page,) = on_paper(lab, "reception")
    assert "DRAJES" in page
    assert not {word for word in ("Zoé", "projet«", "None") if word in page}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("code", CODES)
def test_each_says_what_comes_next_and_whom_to_write_to(lab: Lab, code: str, language: str) -> None:
    lived(lab)
    message = mail(lab, code, language)
    said = text(message)
    assert re.search(r"20(26|27)", said) or code in ("question", "tier"), "a date"  # theirs is past by then
    assert ("ET MAINTENANT" if language == "fr" else "WHAT HAPPENS NEXT") in said
    assert "labo@example.org" in said
    assert letters(lab)[code].ref in message["Subject"]
    assert message["To"].addresses[0].addr_spec == "noa.temoin@example.org"


# What each says of this request: the words that must be there.
SAID = [
    ("reception", {}, ["reçue le", "lundi 12 janvier 2026", "au plus tard le lundi 19 janvier 2026", "Vos données"]),
    ("reception", {"kind": "autonomous"}, ["convenons avec vous de la date", "19 janvier 2026"]),
    ("question", {}, ["> parce que", "avant le lundi 26 janvier 2026", "dans les 5 jours ouvrés qui suivent"]),
    ("acceptance", {}, ["une date d’entretien", "au plus tard le lundi 19 janvier 2026"]),
    ("no", {}, ["Pas de disponibilité du laboratoire", "Le laboratoire voisin", "ne juge ni votre idée"]),
    ("hosting", {"kind": "autonomous"}, ["préparez, animez et documentez", "convenons avec vous de la date"]),
    ("tier", {}, ["Le Tuto", "de 1 à 3", "Animer la session", "vous", "ensemble", "le laboratoire"]),
    ("suspension", {}, ["depuis le lundi 12 janvier 2026", "au plus tard le mardi 7 avril 2026", "reprendre avant"]),
    ("cancellation", {}, ["Pas de lieu disponible", "ne juge ni votre idée", "une nouvelle demande est bienvenue"]),
    ("closing", {}, ["Une méthode (Méthode)", "vers le", "3 mois après", "6 mois après", "en réponse à ce message"]),
]
STATE = {"reception": "received", "question": "info_requested", "acceptance": "prequalified", "no": "declined",
         "hosting": "hosted", "tier": "tier_assigned", "closing": "closed", "suspension": "suspended",
         "cancellation": "cancelled"}  # fmt: skip


@pytest.mark.parametrize(("code", "fields", "expected"), SAID, ids=[f"{code} {fields}" for code, fields, _e in SAID])
def test_what_each_says(lab: Lab, code: str, fields: dict[str, Any], expected: list[str]) -> None:
    lab.request(STATE[code], **fields)
    said = text(mail(lab, code)).lower()
    assert [words for words in expected if words.lower() not in said] == []


@pytest.mark.parametrize("code", ["reception", "question", "acceptance", "tier", "suspension"])
@pytest.mark.parametrize(("language", "promise"), [("fr", "au plus tard|avant le"), ("en", r"\bby|before ")])
def test_a_letter_that_leaves_late_promises_no_day_gone_by(lab: Lab, code: str, language: str, promise: str) -> None:
    """As long as no mail is set letters wait, and drafts may be opened weeks later."""
    lab.request(STATE[code])
    year = r".{0,30}20\d\d"
    assert re.search(f"({promise}){year}", text(mail(lab, code, language)))
    lab.clock.forward(days=90)
    assert not re.search(f"({promise}){year}", text(mail(lab, code, language)))


def test_an_acknowledgement_recites_no_law(lab: Lab) -> None:
    lab.submit()
    assert not re.search(r"L\. ?11\d|code des relations|RGPD|décision implicite|recours", text(mail(lab, "reception")))


def test_the_tier_is_a_table(lab: Lab) -> None:
    lab.request("tier_assigned")
    html = text(mail(lab, "tier"), "html")
    assert html.count('<th scope="col">') == 3
    assert html.count("<tr>") == 3 + 1 + len(lab.declaration.tiers["tuto"].tasks)
    assert "(si utile)" in html


def test_a_meeting_planned_meanwhile_is_told_rather_than_promised(lab: Lab) -> None:
    lab.request("interview_planned")
    said = text(mail(lab, "acceptance"))
    assert "Entretien de qualification : lundi 12 janvier 2026 à 10 h, Hors les murs (1 h)" in said
    assert "au plus tard" not in said


ADDRESS = "Hôtel de Grave (sous-sol), 5 rue de la Salle l’Évêque"
ELSEWHERE = {"place": "hors_les_murs", "address": "2 rue <b>Neuve</b>\nBât. C"}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"place": "montpellier"}, f"Montpellier, {ADDRESS} (1 h)"),
        ({"place": "toulouse", "agreed": True}, "Toulouse (1 h)"),
        (ELSEWHERE, "Hors les murs, 2 rue <b>Neuve</b> Bât. C (1 h)"),
        ({**ELSEWHERE, "department": "30"}, "Hors les murs, 2 rue <b>Neuve</b> Bât. C, Gard (1 h)"),
    ],
)
def test_a_meeting_is_told_with_the_address_of_its_place(lab: Lab, given: dict[str, Any], where: str) -> None:
    ref = lab.request("prequalified")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", **given})
    assert f"mardi 20 janvier 2026 à 10 h, {where}" in text(mail(lab, "acceptance"))
    assert "<b>" not in text(mail(lab, "acceptance"), "html")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "dans les 5 jours ouvrés qui suivent la vôtre"),
        (3, "dans les 2 jours ouvrés qui suivent la vôtre"),
        (4, "le jour ouvré qui suit la vôtre"),
        (7, "dès que votre réponse est là"),
        (8, "dès que votre réponse est là"),  # late already: nothing is halted
    ],
)
def test_a_question_says_when_the_lab_answers_in_its_turn(lab: Lab, days: int, expected: str) -> None:
    ref = lab.request()
    lab.clock.forward(days=days)
    lab.apply(ref, "request_info", note=NOTE)
    assert expected in text(mail(lab, "question"))


def test_what_is_put_on_hold_or_cancelled_tells_which_meetings_do_not_take_place(lab: Lab) -> None:
    ref = lab.request("prequalified")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "place": "hors_les_murs"})
    lab.apply(ref, "suspend", note=NOTE)
    gone = "- Entretien de qualification : mardi 20 janvier 2026 à 10 h"
    assert gone in text(mail(lab, "suspension"))
    lab.apply(ref, "resume", note=NOTE)
    lab.apply(ref, "cancel", {"reason": "no_space"}, note=NOTE)
    assert gone not in text(mail(lab, "cancellation"))


@pytest.mark.parametrize(
    ("state", "fields", "expected"),
    [
        ("prequalified", {}, "Nous revenons vers vous au plus tard le lundi 19 janvier 2026"),
        ("info_requested", {}, "La suite dépend de vous : donnez-nous des nouvelles, si possible avant le lundi 26"),
        ("hosted", {"kind": "autonomous"}, "La suite dépend de vous"),
    ],
)
def test_what_is_taken_up_again_says_whose_turn_it_is(
    lab: Lab, state: str, fields: dict[str, Any], expected: str
) -> None:
    ref = lab.request(state, **fields)
    lab.apply(ref, "suspend", note=NOTE)
    lab.apply(ref, "resume", note=NOTE)
    assert expected in text(mail(lab, "resumption"))


@pytest.mark.parametrize("event", ["suspend", "cancel"])
def test_a_note_the_lab_wrote_for_itself_is_read_by_nobody_else(lab: Lab, event: str) -> None:
    ref = lab.request("prequalified")
    lab.apply(ref, event, {"reason": "staff_absence"} if event == "cancel" else {}, note="L’équipe n’y croit plus.")
    code = {"suspend": "suspension", "cancel": "cancellation"}[event]
    assert "croit" not in mail(lab, code).as_string()


def test_a_change_of_tier_says_that_it_replaces(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    first = text(mail(lab, "tier"))
    lab.apply(ref, "change_tier", {"tier": "50_50"})
    second = text(mail(lab, "tier"))
    assert "remplace notre message précédent" in second
    assert "remplace" not in first
    assert "de 1 à 6" in second


def test_a_tier_to_validate_says_so_until_it_is(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    assert "valident d’abord" not in text(mail(lab, "tier"))
    lab.apply(ref, "change_tier", {"tier": "50_50"})
    assert "Nos responsables valident d’abord cet accompagnement" in text(mail(lab, "tier"))
    lab.apply(ref, "validate", {"basis": "delegation"}, actor="paule")
    assert "valident d’abord" not in text(mail(lab, "tier"))


def test_a_note_of_several_lines_stays_one_quotation(lab: Lab) -> None:
    ref = lab.request()
    lab.apply(ref, "request_info", note="Quel public ?\n# Titre\n- point\n| a | b |")
    message = mail(lab, "question")
    assert "> Quel public ?\n> # Titre\n> - point\n> | a | b |" in text(message)
    html = text(message, "html")
    assert "<br># Titre<br>- point<br>| a | b |</blockquote>" in html
    assert html.count("<h2>") == 1  # that of what comes next


def test_without_a_sender_no_address_is_given(lab: Lab) -> None:
    lab.submit()
    assert "localhost.invalid" not in text(mail(lab, "reception", profile=SenderProfile()))


def test_the_lab_s_person_who_leads_is_named(lab: Lab) -> None:
    ref = lab.request("prequalified")
    assert "camille" in text(mail(lab, "acceptance"))
    lab.apply(ref, "plan_interview", {"at": lab.slot(), "staff": "rene"})
    assert "Rene" in text(mail(lab, "acceptance"))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("# S\n\na\nb\n\nc", [("", ["a", "b"]), ("", ["c"])]),
        ("# S\na\n- b\n- c\nd", [("", ["a"]), ("- ", ["b", "c"]), ("", ["d"])]),
        ("# S\n{% if x %}\nnever\n{% else %}\nhere\n{% endif %}\nend", [("", ["here", "end"])]),
        ("# S\n{{ x or '# a\n- b' }}\n", [("", ["# a\n- b"])]),
        ("# S\n## T\n## U\n> q\n> r", [("## ", ["T"]), ("## ", ["U"]), ("> ", ["q", "r"])]),
    ],
)
def test_a_source_is_read_as_blocks(template: str, expected: list[tuple[str, list[str]]]) -> None:
    found = page(template, {"x": ""})
    assert found.subject == "S"
    assert [(block.kind, block.lines) for block in found.blocks] == expected


def test_a_table_keeps_its_cells() -> None:
    (block,) = page("# S\n| A | B |\n|---|---|\n| {{ x }} | c |\n|  | d |", {"x": "1 | 2\n3"}).blocks
    assert block.titles == ["A", "B"]
    assert block.rows == [["1 | 2 3", "c"], ["", "d"]]


def test_a_letter_to_an_address_that_bounces_is_failed_and_nothing_else(lab: Lab) -> None:
    release(lab.engine, "camille", rehearsal=False)
    lab.submit(requester={"name": "Noa", "email": "nobody@example.org"})
    lab.submit()
    server = Server()
    server.said["nobody@example.org"] = "550 5.1.1 unknown"
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        done = deliver(lab.engine, settings(controller.port))
    finally:
        controller.stop()
    assert (done.sent, done.failed, server.to) == (1, 1, ["noa.temoin@example.org"])
    assert [(q.ref, q.status, q.last_error) for q in listed(lab.store, STATUSES)] == [
        ("2026-0001", "failed", "550 5.1.1"),
        ("2026-0002", "sent", None),
    ]
