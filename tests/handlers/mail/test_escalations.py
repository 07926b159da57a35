"""What cannot wait: of each kind of deadline and of risk, the project, what is at stake, and the one thing asked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from handlers.mail.letter import SenderProfile
from handlers.mail.smtp import written
from states.declaration.documents import shipped
from states.declaration.types import moment
from states.verification.loading import load
from workflow.lab.staff import change_staff
from workflow.outbox.delivery import listed
from workflow.sweep import sweep
from workflow.testing import PILOT, Lab
from workflow.views.alerts import Alarms

PREAU = Path(__file__).parents[3] / "examples" / "preau"
SHIPPED = load(shipped())
SENDER = SenderProfile("labo@example.org", "La Coopérative")
# What is at stake, by kind of deadline, where it is not that the requester waits for the lab.
STAKES = {
    "info_requested": "Sa réponse est attendue depuis le",
    "hosted": "Sa réponse est attendue depuis le",
    "suspended": "Sa réponse est attendue depuis le",
    "meeting": "Rien ne l’attend : il reste à enregistrer",
    "follow_up_3": "Ce qu’est devenu son projet depuis sa clôture, le",
    "follow_up_6": "Ce qu’est devenu son projet depuis sa clôture, le",
}


@pytest.fixture
def preau(sqlite_places: Any) -> Iterator[Lab]:
    lab = Lab.open(sqlite_places.empty(), declaration=PREAU / "preau.toml", people={"camille": "coordinator"})
    lab.register(PILOT, "pilot", site="preau")
    yield lab
    lab.close()


def told(lab: Lab, rule: str, kind: str | None = None) -> EmailMessage:
    """What the pilot, or who keeps the registers, is told of the first risk of a rule, once a sweep has seen it."""
    sweep(lab.engine)
    with lab.reading() as reader:
        alarms = [a for a in Alarms(reader).alerts() if (a.risk.rule, a.risk.kind or None) == (rule, kind)]
    (alert,) = [alarm for alarm in alarms if alarm.risk.level == "critical"]
    queued = next(q for q in listed(lab.store) if q.payload.get("alert") == alert.id)
    return written(lab.engine, queued, SENDER)


def late(lab: Lab, ref: str, kind: str) -> EmailMessage:
    """What the pilot is told once a deadline of a request is escalated."""
    with lab.reading() as reader:
        found = [d for d in reader.deadlines(reader.request(ref)) if d.kind == kind and d.escalation_at]
    lab.clock.to(moment(found[0].escalation_at or ""))
    return told(lab, "deadline", kind)


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).replace("\u00a0", " ").split())


def says_all(message: EmailMessage, ref: str, service: str, stake: str) -> None:
    """The project by title and reference, its service, what is at stake, one command, and that one may answer."""
    subject, text = str(message["Subject"]).replace("\u00a0", " "), words(message)
    for said in (subject, text):
        assert f"Projet confidentiel ({ref})" in said
        assert service in said
    assert re.search(f"Pour (le demandeur|qui viendrait) {stake}", text), text
    assert re.search(r"CE QUI VOUS EST DEMANDÉ - coop (?!show)\S+", text), text
    assert "répondez à ce message" in text


def led(lab: Lab, kind: str) -> str:
    """A request of which that deadline is the one awaited."""
    alone = {"kind": "autonomous"} if kind == "hosted" else {}
    state = kind if kind in SHIPPED.states else "working" if kind == "meeting" else "closed"
    return lab.request(state, title="Projet confidentiel", service="drajes", place="montpellier", **alone)


@pytest.mark.parametrize("kind", SHIPPED.deadlines)
def test_an_escalated_deadline_says_it_all(sqlite_lab: Lab, kind: str) -> None:
    ref = led(sqlite_lab, kind)
    message = late(sqlite_lab, ref, kind)
    says_all(message, ref, "DRAJES", STAKES.get(kind, "Il attend depuis le"))


@pytest.mark.parametrize("kind", tomllib.loads((PREAU / "preau.toml").read_text("utf-8"))["deadlines"])
def test_that_of_another_lab_too(preau: Lab, kind: str) -> None:
    fiche = tomllib.loads((PREAU / "fiche.toml").read_text("utf-8")) | {"title": "Projet confidentiel"}
    ref = preau.engine.apply(preau.reception(fiche)).request.ref
    if kind == "meeting":
        preau.apply(ref, "prequalify")
        preau.apply(ref, "plan_interview", {"at": "2026-01-13T14:00"})
        preau.clock.to("2026-01-13T15:00+01:00")
        for event, given in (("hold_interview", {}), ("assign_tier", {"tier": "cafe"}), ("begin", {}),
                             ("plan_session", {"at": "2026-01-20T14:00"})):  # fmt: skip
            preau.apply(ref, event, given, note="ainsi")
    message = late(preau, ref, kind)
    says_all(message, ref, "Solidarités", STAKES.get(kind, "Il attend depuis le"))


# --- The other risks that are critical: who keeps the registers is told ---


@pytest.fixture
def lab(lab: Lab) -> Lab:
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    return lab


def test_a_week_that_asks_too_much_names_its_projects_and_nobody_in_its_subject(lab: Lab) -> None:
    change_staff(lab.engine, "camille", "sacha", {"hours": 1})
    ref = lab.request("prequalified", title="Projet confidentiel", service="drajes", place="montpellier")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "staff": "sacha"})
    message = told(lab, "overload")
    assert "trop d’heures, semaine du lundi 19 janvier 2026" in str(message["Subject"])
    text = words(message)
    assert f"Projet confidentiel ({ref}), DRAJES" in text
    assert re.search(r"CE QUI VOUS EST DEMANDÉ - coop \S+", text), text


def test_an_activity_is_announced_to_those_who_would_come(lab: Lab) -> None:
    visit = lab.activity(title="Visite", staff="none")
    text = words(told(lab, "unstaffed"))
    assert f"Visite ({visit})" in text
    assert "Pour qui viendrait C’est annoncé pour le" in text
