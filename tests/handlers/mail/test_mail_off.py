"""Without a server nothing leaves: what waits can be read, and written in files."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from mail_server import statuses

from handlers.mail.letter import SenderProfile
from handlers.mail.settings import mail_settings
from handlers.mail.smtp import Delivered, deliver, write_files, written
from states.errors import WrongUsage
from workflow.outbox.delivery import listed
from workflow.outbox.queue import Queued
from workflow.testing import Lab

# --- Off by default; files ---


def test_without_a_host_nothing_leaves(lab: Lab, planned: str) -> None:
    assert mail_settings({}, {}) is None
    assert deliver(lab.engine, None) == Delivered()
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}


def test_files_are_written_and_nothing_is_marked(lab: Lab, planned: str, tmp_path: Path) -> None:
    drafts = write_files(lab.engine, tmp_path / "out", SenderProfile())
    files = drafts.files
    assert sorted(path.name for path in files) == [
        "2026-0001_3_interview-1_requester.eml",
        "2026-0001_3_interview-1_sacha.eml",
    ]
    assert (drafts.failed, drafts.aside) == ({}, {})
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    message = message_from_bytes(files[0].read_bytes(), policy=default)
    assert message["X-Unsent"] == "1"
    before = files[0].read_bytes()
    write_files(lab.engine, tmp_path / "out", SenderProfile())
    assert files[0].read_bytes() == before
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}


@pytest.mark.parametrize(
    "table",
    [
        {"host": "h"},
        {"host": "h", "sender": "personne"},
        {"host": "h", "sender": "a@b.fr", "tls": "perhaps"},
        {"host": "h", "sender": "a@b.fr", "port": "0"},
        {"host": "h", "sender": "a@b.fr", "timeout": "soon"},
        {"host": "h", "sender": "a@b.fr", "user": "a"},
        {"host": "h", "sender": "a@b.fr", "user": "a", "password_file": "/nowhere/at/all"},
        {"host": "h", "sender": "a@b.fr", "user": "a", "tls": "none"},
        {"host": "h", "sender": "a@b.fr", "languages": {"requester": "de"}},
        {"host": "h", "sender": "a@b.fr", "password": "in the open"},
    ],
)
def test_settings_that_cannot_be(table: dict[str, Any]) -> None:
    with pytest.raises(WrongUsage):
        mail_settings(table, {})


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n", "utf-8")
    table = {"host": "h", "sender": "a@b.fr", "user": "me", "password_file": str(tmp_path / "password")}
    with pytest.raises(WrongUsage, match="un secret"):
        mail_settings(table, {})
    (tmp_path / "password").chmod(0o600)
    found = mail_settings(table, {})
    assert found is not None
    assert (found.port, found.tls, found.password) == (587, "starttls", "from a file")
    found = mail_settings(table, {"COOP_MAIL_TLS": "tls", "COOP_MAIL_PASSWORD": "secret"})
    assert found is not None
    assert (found.port, found.password) == (465, "secret")
    assert "secret" not in repr(found)


def test_a_queued_message_can_be_read_without_a_server(lab: Lab, planned: str) -> None:
    found: Queued = listed(lab.store)[0]
    assert written(lab.engine, found, SenderProfile())["Message-ID"].endswith("@localhost.invalid>")
