"""What people are written: invitations, cancellations, what the lab’s own people are told."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest
from attrs import evolve
from icalendar import Calendar
from mail_server import Server, send, statuses

from handlers.mail.smtp import Delivered
from states.risks.rules import Risk
from workflow.alerts import Scribe
from workflow.lab.service import keeping
from workflow.lab.staff import change_staff
from workflow.outbox.delivery import decide, listed, queue_digests
from workflow.outbox.queue import queue_alert
from workflow.testing import NOTE, PILOT, Lab

# --- Accepted ---


def test_messages_leave_once(lab: Lab, planned: str, server: Server) -> None:
    assert send(lab, server).sent == 2
    assert sorted(server.to) == ["noa.temoin@example.org", "sacha@example.org"]
    assert send(lab, server) == Delivered()
    assert len(server.taken) == 2
    assert {status for status, _why in statuses(lab).values()} == {"sent"}


def test_what_an_invitation_looks_like(lab: Lab, planned: str, server: Server) -> None:
    send(lab, server)
    message = next(m for m in server.taken if "noa" in m["To"])
    assert message["From"] == "La Coopérative <labo@example.org>"
    assert message["To"] == "Noa Témoin <noa.temoin@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    text, html, calendar, attached = (part for part in message.walk() if not part.is_multipart())
    assert "Projet confidentiel" in text.get_content()
    assert "salle 2" in html.get_content()
    assert calendar.get_param("method") == "REQUEST"
    (event,) = Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert event["attendee"] == "mailto:noa.temoin@example.org"
    assert Calendar.from_ical(calendar.get_content()).walk("VEVENT")[0]["uid"] == event["uid"]


def test_nobody_is_named_in_a_subject(lab: Lab, planned: str, server: Server) -> None:
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-21T10:00"})
    send(lab, server)
    lab.apply(planned, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    send(lab, server)
    queue_digests(lab.engine)
    send(lab, server)
    subjects = [str(m["Subject"]) for m in server.taken]
    assert len(subjects) >= 4
    for subject in subjects:
        assert not re.search("Noa|Témoin|Sacha|@|salle", subject)


def test_a_message_id_is_always_the_same(lab: Lab, planned: str, server: Server) -> None:
    server.dies = "after"
    assert send(lab, server).uncertain == 1
    (first,) = server.taken
    server.dies = None
    key = next(q.key for q in listed(lab.store) if q.shown == "uncertain")
    decide(lab.engine, "camille", key, "retry")
    send(lab, server)
    again = [m for m in server.taken[1:] if m["To"] == first["To"]]
    assert [m["Message-ID"] for m in again] == [first["Message-ID"]]


def test_a_cancellation_takes_the_event_away(lab: Lab, planned: str, server: Server) -> None:
    send(lab, server)
    invited = server.taken.pop(0)
    server.taken.clear()
    lab.apply(planned, "withdraw", note=NOTE)
    assert send(lab, server).sent == 2
    cancelled = next(m for m in server.taken if m["To"] == invited["To"])
    first, second = (Calendar.from_ical(list(m.walk())[-1].get_content()) for m in (invited, cancelled))
    assert (first["method"], second["method"]) == ("REQUEST", "CANCEL")
    before, after = first.walk("VEVENT")[0], second.walk("VEVENT")[0]
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert cancelled["References"] == invited["References"]


def test_one_reads_english_the_other_french(lab: Lab, planned: str, server: Server) -> None:
    send(lab, server, languages={"requester": "en"})
    by = {m["To"].addresses[0].username: list(m.walk())[2].get_content() for m in server.taken}  # type: ignore[union-attr]
    assert "Tuesday 20 January 2026" in by["noa.temoin"]
    assert "mardi 20 janvier 2026" in by["sacha"]


def test_an_address_outside_ascii(lab: Lab, server: Server) -> None:
    ref = lab.request("prequalified", requester={"name": "Zoé", "email": "zoé@exemple.fr"})
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    assert send(lab, server).sent == 1
    assert server.to == ["zoé@exemple.fr"]


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: x@example.org", "Eve <x@example.org>,", '"', "\u202eeve\x1b[2J", "é" * 90]
)
def test_a_name_cannot_write_headers(lab: Lab, server: Server, name: str) -> None:
    ref = lab.request("prequalified", requester={"name": name, "email": "eve@example.org"})
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    assert send(lab, server).sent == 1
    (message,) = server.taken
    assert server.to == ["eve@example.org"]
    assert message["Bcc"] is None
    assert [a.addr_spec for a in message["To"].addresses] == ["eve@example.org"]  # type: ignore[union-attr]


def test_html_is_escaped(lab: Lab, server: Server) -> None:
    ref = lab.request("prequalified", title="<img src=x onerror=alert(1)> & co")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    send(lab, server)
    html = list(server.taken[0].walk())[3].get_content()
    assert "<img" not in html
    assert "&lt;img src=x" in html


# --- What the lab's own people are told ---


def words(message: EmailMessage) -> str:
    text = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    return " ".join(text.get_content().split())  # type: ignore[attr-defined]


def raised(lab: Lab, risk: Risk) -> None:
    """An alert, and what it queues."""
    with lab.store.writing() as tx:
        Scribe(tx, lab.engine.in_force(tx), lab.clock.now).raise_(risk)


@pytest.mark.parametrize(
    ("risk", "stake"),
    [
        (
            Risk("unstaffed", "critical", "c", "{ref}", "interview-1", due_at="2026-01-20T09:00:00Z"),
            "Il est attendu le mardi 20 janvier 2026 à 10 h",
        ),
        (
            Risk("staff_absence", "critical", "c", "{ref}", "interview-1", "sacha", due_at="2026-01-20T09:00:00Z"),
            "Il est attendu le mardi 20 janvier 2026 à 10 h",
        ),
        (
            Risk("deadline", "critical", "c", "{ref}", kind="prequalified", stage="escalated",
                 due_at="2026-01-09T17:00:00Z", facts={"anchor": "2"}),
            "Il attend depuis le",
        ),
    ],
    ids=["unstaffed", "absence", "late"],
)  # fmt: skip
def test_an_escalation_says_what_for_whom_and_the_one_thing_asked(
    lab: Lab, planned: str, server: Server, risk: Risk, stake: str
) -> None:
    raised(lab, evolve(risk, ref=planned, addressed_to="pilot"))
    send(lab, server)
    message = next(m for m in server.taken if PILOT in m["To"])
    subject, text = str(message["Subject"]), words(message)
    for told in (subject, text):
        assert f"Projet confidentiel ({planned}" in told
        assert "DRAIO" in told
    assert stake in text.replace("\u00a0", " ")
    before, mark, asked = text.partition("CE QUI VOUS EST DEMANDÉ - ")
    assert mark
    assert asked.startswith("coop ")
    assert "répondez à ce message" in text
    assert "coop alerts ack 1" in text
    assert not re.search(r"\b(sacha|rene|camille)\b", before)


def test_an_alert_settled_before_it_leaves_is_not_told(lab: Lab, planned: str, server: Server) -> None:
    risk = Risk("unstaffed", "critical", "c", planned, "interview-1", due_at="2026-01-20T09:00:00Z")
    with lab.store.writing() as tx:
        scribe = Scribe(tx, lab.engine.in_force(tx), lab.clock.now)
        scribe.raise_(risk)
        queue_alert(tx, lab.engine.in_force(tx), 1, risk, lab.clock.now)
        scribe.settle(1, "gone")
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    done = send(lab, server)
    assert done.dropped == 1
    assert statuses(lab)["camille"] == ("dropped", "settled")


def test_the_digest_tells_the_day(lab: Lab, planned: str, server: Server) -> None:
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    lab.submit(title="Une nouvelle fiche")
    assert queue_digests(lab.engine) == 1
    send(lab, server)
    message = next(m for m in server.taken if "camille" in m["To"])
    assert "Une nouvelle fiche" in words(message)
    assert str(message["Subject"]).endswith(": 2 points")


def test_the_digest_names_people_and_says_what_was_to_be_done(lab: Lab, planned: str, server: Server) -> None:
    lab.submit(title="Une fiche qui attend")
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    change_staff(lab.engine, "camille", "sacha", {"name": "Sacha Modèle"})
    text = digest_of(lab, server, "2026-01-20T08:30+01:00")
    subject = str(server.taken[-1]["Subject"])
    assert "mar. 20 janv. à 10\u00a0h · Entretien de qualification · Montpellier · Sacha Modèle" in text
    assert "était à faire le lun. 19 janv. à 18\u00a0h" in text
    assert re.search(r": \d+ points, dont 1 en retard$", subject.replace("\u00a0", " "))
    assert not re.search(r"\bsacha\b", text)


def digest_of(lab: Lab, server: Server, moment: str) -> str:
    """What the coordinator's digest of a moment says; nothing if none leaves."""
    lab.clock.to(moment)
    before = len(server.taken)
    queue_digests(lab.engine)
    send(lab, server)
    found = [m for m in server.taken[before:] if "camille" in m["To"] and "journée" in m["Subject"]]
    return "".join(list(message.walk())[2].get_content() for message in found)


def test_the_digest_calls_for_the_review_until_it_is_sealed(lab: Lab, server: Server) -> None:
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    assert "coop review" not in digest_of(lab, server, "2026-06-16T09:00+02:00")
    assert "coop review 2026-S1" in digest_of(lab, server, "2026-06-17T09:00+02:00")
    assert "coop review 2026-S1" in digest_of(lab, server, "2026-07-02T09:00+02:00")
    with keeping(lab.engine, "camille") as work:
        work.write("review_sealed", {"semester": "2026-S1"})
    assert "coop review" not in digest_of(lab, server, "2026-07-03T09:00+02:00")


def test_a_digest_is_not_sent_another_day(lab: Lab, server: Server) -> None:
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    queue_digests(lab.engine)
    lab.clock.forward(days=1)
    assert send(lab, server).dropped == 1
    assert server.taken == []
