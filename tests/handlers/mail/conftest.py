"""A mail server, a lab that sends, and someone to invite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from mail_server import Server, free_port

from workflow.outbox.holding import release
from workflow.testing import Lab


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    controller.start()
    handler.port = controller.port  # type: ignore[attr-defined]
    yield handler
    controller.stop()


@pytest.fixture
def lab(sqlite_lab: Lab) -> Lab:
    """A lab that sends from where it is, though the tests made it by copying another."""
    release(sqlite_lab.engine, "camille", rehearsal=False)
    return sqlite_lab


@pytest.fixture
def planned(lab: Lab) -> str:
    ref = lab.request("prequalified", title="Projet confidentiel", place="montpellier")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "staff": "sacha", "address": "salle 2"})
    return ref


@pytest.fixture(autouse=True)
def _about_meetings(no_letters: None) -> None:
    """What is tested here is what is said of meetings, and how anything leaves."""
