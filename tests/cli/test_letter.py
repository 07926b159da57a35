"""`letter`: what the requester is written, read before it leaves; and what the other commands say of it."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from desk import Desk

NO = ("--reason", "simple_meeting", "--orientation", "Réserver une salle.", "-n", "Une réunion suffit.")


def test_the_letters_of_a_request_are_listed(desk: Desk) -> None:
    ref = desk.received()
    found = {row["letter"]: row for row in desk.json("letter", ref)}
    assert list(found) == [
        "reception",
        "question",
        "acceptance",
        "no",
        "tier",
        "suspension",
        "resumption",
        "cancellation",
        "closing",
        "follow_up",
    ]
    assert (found["reception"]["status"], found["reception"]["seq"]) == ("waiting", 1)
    assert found["no"]["status"] is None
    shown = desk.coop("letter", ref).out
    assert "Préqualifier" in shown
    assert f"coop letter {ref} reception" in shown


def test_one_is_read_as_it_would_leave(desk: Desk) -> None:
    ref = desk.received(title="Un projet")
    shown = desk.coop("letter", ref, "reception").out.replace("\u00a0", " ")
    assert shown.startswith(f"Objet : Nous avons reçu votre demande {ref}\n\nBonjour Alix Modèle,\n")
    assert "au plus tard le lundi 19 janvier 2026" in shown
    assert "by Monday 19 January 2026" in desk.coop("letter", ref, "reception", "--lang", "en").out
    assert desk.coop("letter", ref, "accusé de réception").out.replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        (("9", "reception"), 4),
        (("1", "recption"), 6),
        (("1", "no"), 5),
        (("A1",), 4),
        (("1", "no", "--format", "x"), 2),
    ],
)
def test_what_cannot_be_read(desk: Desk, words: tuple[str, ...], exit: int) -> None:
    desk.received()
    desk.fails(exit, "letter", *words)


def test_it_is_written_to_a_file(desk: Desk, tmp_path: Path) -> None:
    ref = desk.received(title="A & <b>")
    assert desk.coop("letter", ref, "reception", "--format", "html", "--out", "l.html").exit == 0
    assert "A &amp; &lt;b&gt;" in (tmp_path / "l.html").read_text("utf-8")
    assert (tmp_path / "l.html").stat().st_mode & 0o777 == 0o600
    desk.fails(2, "letter", ref, "reception", "--format", "eml")  # nobody would get the answers
    desk.monkeypatch.setenv("COOP_MAIL_SENDER", "labo@example.org")
    assert desk.coop("letter", ref, "reception", "--format", "eml", "--lang", "en", "--out", "l.eml").exit == 0
    message = message_from_bytes((tmp_path / "l.eml").read_bytes(), policy=default)
    assert message["To"] == "Alix Modèle <alix.modele@example.org>"
    assert message["X-Unsent"] == "1"
    assert "We have received" in message["Subject"]
    assert desk.coop("letter", ref, "reception", "--format", "pdf").exit == 0
    assert (tmp_path / f"letter-{ref}-reception.pdf").read_bytes().startswith(b"%PDF-")
    told = {"ref": ref, "letter": "reception", "format": "pdf", "out": "l.pdf"}
    assert desk.json("letter", ref, "reception", "--format", "pdf", "--out", "l.pdf") == told
    assert [m["key"] for m in desk.json("outbox")] == [f"{ref}/1/reception"]  # reading marks nothing


def test_a_command_says_that_its_letter_waits(desk: Desk) -> None:
    ref = desk.received()
    printed = desk.coop("decline", ref, *NO, "--not-agreed").out
    assert f"coop letter {ref} no" in printed
    assert "Réserver une salle." in desk.coop("letter", ref, "no").out
    assert "lettre : réponse négative" in desk.coop("outbox").out.replace("\u00a0", " ")
    desk.monkeypatch.setenv("COOP_MAIL_HOST", "127.0.0.1")  # without a sender, nothing leaves
    assert "coop letter" in desk.coop("prequalify", desk.received()).out
    desk.monkeypatch.setenv("COOP_MAIL_SENDER", "labo@example.org")
    assert "coop letter" not in desk.coop("prequalify", desk.received()).out


def test_undoing_says_what_becomes_of_the_letter(desk: Desk) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    assert "ne part pas" in desk.coop("undo", ref, "-n", "trop vite").out
    assert {row["letter"]: row["unwanted"] for row in desk.json("letter", ref)}["acceptance"] == "undone"
    desk.json("prequalify", ref)
    desk.json("outbox", "sent", f"{ref}/4/acceptance")
    assert "est partie" in desk.coop("undo", ref, "-n", "encore").out


@pytest.mark.parametrize(("said", "kept"), [(("--agreed",), True), (("--not-agreed",), False), ((), None)])
def test_whether_the_requester_agrees_is_kept(desk: Desk, said: tuple[str, ...], kept: bool | None) -> None:
    ref = desk.received()
    desk.json("decline", ref, *NO, *said)
    entry = desk.json("history", ref)[-1]
    assert entry["data"].get("agreed") is kept
    shown = desk.coop("history", ref).out
    assert ("accord du demandeur" in shown) is (kept is not None)


def test_an_unknown_placeholder_is_refused_with_its_line(desk: Desk, tmp_path: Path) -> None:
    from states.declaration.documents import shipped

    (tmp_path / "lab.toml").write_text(shipped(), "utf-8")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "no.fr.md").write_text("# Non\n\nBonjour {{ requestr }}\n", "utf-8")
    error = desk.fails(6, "lifecycle", "check", "lab.toml")
    assert [(f["file"], f["line"]) for f in error["fields"]] == [("letters/no.fr.md", 3)]
    assert "requester" in error["fields"][0]["message"]
    (tmp_path / "letters" / "no.fr.md").write_text("# Non, {{ requester }}\n", "utf-8")
    assert desk.coop("lifecycle", "check", "lab.toml").exit == 0
    told = desk.coop("lifecycle", "diff", "lab.toml").out
    assert "~ Lettre « réponse négative » : son texte en « fr » est autre" in told.replace("\u00a0", " ")
    assert "    + # Non, {{ requester }}" in told
    assert desk.coop("lifecycle", "adopt", "lab.toml", "--yes").exit == 0
    ref = desk.received()
    desk.json("decline", ref, *NO)
    assert desk.coop("letter", ref, "no").out.startswith("Objet\u00a0: Non, Alix Modèle")
