"""`outbox` and `export ics`, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk
from icalendar import Calendar

from cli import settings
from cli.commands.keep.outbox import user_mail
from workflow.engine import Engine
from workflow.outbox.delivery import claim
from workflow.store.database import Store

pytestmark = pytest.mark.usefixtures("no_letters")


@pytest.fixture
def ref(desk: Desk) -> str:
    """A request whose interview is planned next week."""
    found = desk.received(title="Projet confidentiel")
    desk.json("prequalify", found)
    desk.json("interview", "plan", found, "--slot", "2026-01-20T10:00", "--staff", "camille")
    return found


def keys(desk: Desk, *words: str) -> list[str]:
    return [message["key"] for message in desk.json("outbox", *words)]


def died(desk: Desk, tmp_path: Path) -> str:
    """The key of a message that a process claimed before it died."""
    from datetime import datetime

    store = Store(str(tmp_path / "coop.db"))
    claimed = claim(Engine(store, lambda: datetime.fromisoformat("2026-01-12T09:00+01:00")), "gone/1")
    store.close()
    assert claimed is not None
    return claimed.key


def test_messages_wait_and_are_shown(desk: Desk, ref: str) -> None:
    found = desk.json("outbox")
    assert [(m["kind"], m["status"], m["ref"], m["meeting_id"], m["recipient"]) for m in found] == [
        ("invitation", "waiting", ref, "interview-1", "camille"),
        ("invitation", "waiting", ref, "interview-1", "requester"),
    ]
    shown = desk.coop("outbox").out
    assert f"{ref}/3/interview-1/requester" in shown
    assert "config.toml" in shown
    assert "confidentiel" not in shown


def test_an_empty_outbox_says_so(desk: Desk) -> None:
    assert desk.json("outbox") == []
    assert desk.coop("outbox").exit == 0


WRITTEN = ("--sender", "labo@example.org")


def test_files(desk: Desk, ref: str, tmp_path: Path) -> None:
    found = desk.json("outbox", "--to-dir", str(tmp_path / "mail"), *WRITTEN)
    assert [Path(file).name for file in found["files"]] == [f"{ref}_3_interview-1_requester.eml"]
    assert found["not_written"] == {f"{ref}/3/interview-1/camille": "no_address"}
    assert found["left_aside"] == {}
    assert "Alix" in Path(found["files"][0]).read_text("utf-8")
    assert len(keys(desk)) == 2
    assert desk.coop("outbox", "--to-dir", str(tmp_path / "mail"), *WRITTEN).exit == 0


def test_what_would_not_be_sent_is_not_written_and_is_counted(desk: Desk, ref: str, tmp_path: Path) -> None:
    desk.json("meeting", "move", f"{ref}/interview-1", "--slot", "2026-01-21T10:00")
    moved = desk.json("outbox", "--to-dir", str(tmp_path / "moved"), *WRITTEN)
    assert [Path(file).name for file in moved["files"]] == [f"{ref}_4_interview-1_requester.eml"]
    assert moved["left_aside"] == {f"{ref}/3/interview-1/{who}": "superseded" for who in ("camille", "requester")}
    desk.at("2026-02-10T09:00+01:00").json("interview", "done", ref)
    said = desk.coop("outbox", "--to-dir", str(tmp_path / "past"), *WRITTEN).out
    assert list((tmp_path / "past").iterdir()) == []
    assert "Aucun message à écrire." in said
    assert "4 messages laissés de côté" in said
    assert "2 – son moment est passé" in said


def test_drafts_need_a_sender_before_the_first_of_them(desk: Desk, ref: str, tmp_path: Path) -> None:
    error = desk.fails(2, "outbox", "--to-dir", str(tmp_path / "mail"))
    assert "[mail] sender" in error["message"]
    assert error["hint"].endswith("--sender labo@example.org")
    assert not (tmp_path / "mail").exists()
    desk.json("staff", "change", "camille", "--email", "camille@example.org")
    error = desk.fails(2, "outbox", "--to-dir", str(tmp_path / "mail"))
    assert desk.coop(*error["hint"].split()[1:]).exit == 0
    assert len(list((tmp_path / "mail").iterdir())) == 2


def test_a_folder_that_cannot_be_written(desk: Desk, ref: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert desk.fails(2, "outbox", "--to-dir", str(tmp_path / "file" / "below"), *WRITTEN)


def test_a_person_decides(desk: Desk, ref: str, tmp_path: Path) -> None:
    key = died(desk, tmp_path)
    assert {m["key"]: m["status"] for m in desk.json("outbox")}[key] == "uncertain"
    assert "uncertain" in desk.coop("--lang", "en", "outbox").out
    assert desk.json("outbox", "retry", key)[0]["status"] == "waiting"
    assert desk.json("outbox", "sent", key)[0]["status"] == "sent"
    assert key not in keys(desk)
    assert key in keys(desk, "--all")
    desk.fails(5, "outbox", "drop", key)
    (other,) = keys(desk)
    assert desk.json("outbox", "drop", other)[0]["status"] == "dropped"
    desk.fails(4, "outbox", "retry", "2026-0001/9/work-1/requester")


def test_mail_is_off_until_it_is_set(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_mail() is None
    (tmp_path / "config.toml").write_text('[mail]\nhost = "smtp.example.org"\nsender = "labo@example.org"\n', "utf-8")
    settings.from_file.cache_clear()
    found = user_mail()
    assert found is not None
    assert (found.host, found.port, found.tls) == ("smtp.example.org", 587, "starttls")
    monkeypatch.setenv("COOP_MAIL_PORT", "2525")
    changed = user_mail()
    assert changed is not None
    assert changed.port == 2525


def test_a_copy_made_before_anything_was_sent_sends_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was opened in one place and copied to another writes to nobody from there, until someone says so."""
    monkeypatch.delenv("COOP_NOW")
    for name, value in {"HOST": "127.0.0.1", "PORT": "1", "TLS": "none", "SENDER": "labo@example.org"}.items():
        monkeypatch.setenv(f"COOP_MAIL_{name}", value)
    opened, copy = (tmp_path / name / "labo.db" for name in ("ici", "ailleurs"))
    monkeypatch.setenv("COOP_DB", str(opened))
    desk.json("init")
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "first")
    assert desk.json("status")["held"] is None
    copy.parent.mkdir()
    copy.write_bytes(opened.read_bytes())
    monkeypatch.setenv("COOP_DB", str(copy))
    assert desk.json("status")["held"] == "elsewhere"
    for words in (["status"], ["outbox"], ["scheduler", "tick"]):
        assert "coop outbox release" in desk.coop(*words).out
    assert {message["attempts"] for message in desk.json("outbox")} == {0}
    desk.json("outbox", "release")
    assert desk.json("status")["held"] is None
    desk.coop("scheduler", "tick")
    assert desk.json("scheduler", "tick")["held"] is None


def test_a_calendar_on_standard_output_and_in_a_file(desk: Desk, ref: str, tmp_path: Path) -> None:
    printed = desk.coop("export", "ics")
    assert printed.exit == 0
    assert len(Calendar.from_ical(printed.out).walk("VEVENT")) == 1
    path = tmp_path / "lab.ics"
    assert desk.json("export", "ics", "--out", str(path)) == {"events": 1, "out": str(path)}
    first = path.read_bytes()
    assert b"\r\n" in first
    desk.at("2026-01-12T11:00+01:00").json("export", "ics", "--out", str(path))
    assert path.read_bytes() == first
    assert desk.json("export", "ics", "--staff", "camille")["events"] == 1
    assert desk.json("export", "ics", "--busy")["events"] == 0  # hors les murs
    desk.fails(4, "export", "ics", "--staff", "personne")
    desk.fails(2, "export", "ics", "--out", str(tmp_path / "nowhere" / "lab.ics"))
