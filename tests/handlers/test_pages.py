"""What people open in a browser or a mail program, letters, messages and sheets: read by anyone, on any screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from browsing import opened_browser, violations

from handlers.documents.attendance import attendance
from handlers.documents.dossier import dossier
from handlers.documents.sheet import html
from handlers.mail.letter import SenderProfile, Unsendable
from handlers.mail.smtp import written
from states.declaration.types import moment
from workflow.lab.staff import change_staff
from workflow.outbox.delivery import listed, queue_digests
from workflow.outbox.queue import STATUSES
from workflow.sweep import sweep
from workflow.testing import NOTE, Lab

browser = opened_browser
SENDER = SenderProfile("laboratoire@example.org", "La Coopérative")
TITLE = "Repenser l’accueil des familles, de l’inscription à la rentrée, avec celles et ceux qui y travaillent"
LINK = "https://example.org/" + "un-chemin-sans-fin/" * 8


LETTERS = {"reception", "question", "acceptance", "tier", "suspension", "resumption", "cancellation", "closing",
           "follow_up", "no"}  # fmt: skip
MESSAGES = {"invitation", "change", "cancellation", "release", "escalation", "digest"}


def lived(lab: Lab) -> str:
    """A request of which everything that may be written was, to the requester and to the lab's own people."""
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    form = {"title": TITLE, "requester": {"name": "Noa Témoin", "email": "noa@example.org"}, "need": "Un besoin. " * 60}
    declined = lab.request("received", **form)
    lab.apply(declined, "decline", {"reason": "simple_meeting", "orientation": LINK}, note=NOTE * 3)
    ref = lab.request("info_requested", **form)
    lab.apply(ref, "provide_info", {}, note=NOTE)
    for event in ("prequalify", "plan_interview", "hold_interview", "assign_tier"):
        lab.step(ref, event)
    lab.apply(ref, "plan_meeting", {"at": lab.slot(), "staff": "sacha"})
    lab.apply(ref, "assign_staff", {"meeting": "work-1", "staff": "rene"})
    lab.apply(ref, "move_meeting", {"meeting": "work-1", "at": lab.slot(14)})
    lab.step(ref, "hold_meeting")
    lab.step(ref, "plan_session")
    lab.apply(ref, "cancel_meeting", {"meeting": "session-1"}, note=NOTE)
    lab.step(ref, "plan_session")
    lab.step(ref, "hold_session")
    lab.apply(ref, "record_deliverable", {"title": "Une méthode", "type": "method", "link": LINK})
    for event in ("plan_debrief", "hold_debrief", "close"):
        lab.step(ref, event)
    halted = lab.request("interview_planned", **form)
    for event, inputs in (("suspend", {}), ("resume", {}), ("cancel", {"reason": "no_space"})):
        lab.apply(halted, event, inputs, note=NOTE)
    lab.submit(**form)
    due = next(d["due_at"] for d in lab.show(ref)["deadlines"] if d["kind"] == "follow_up_3")
    lab.clock.to(moment(due))
    sweep(lab.engine)
    queue_digests(lab.engine)
    return ref


def of_messages(lab: Lab) -> Iterator[tuple[str, str]]:
    """Each letter and each kind of message, once."""
    done = set()
    for queued in listed(lab.store, STATUSES):
        name = queued.payload.get("letter", queued.kind)
        if name in done:
            continue
        with suppress(Unsendable):
            body = written(lab.engine, queued, SENDER).get_body(("html",))
            assert body is not None
            done.add(name)
            yield name, str(body.get_content())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page, by what it is."""
    lab = Lab.open(str(tmp_path_factory.mktemp("pages") / "coop.db"))
    ref = lived(lab)
    with lab.reading() as reader:
        sheets = {"attendance": html(attendance(reader, ref, "session-2")), "request": html(dossier(reader, ref))}
    found = sheets | dict(of_messages(lab))
    lab.close()
    return found


def test_each_page_is_there(pages: dict[str, str]) -> None:
    assert set(pages) == {"attendance", "request"} | LETTERS | MESSAGES


# What is wider than it is shown: the page, or a part of it that scrolls, where nothing says that it does.
WIDER = """[...document.querySelectorAll("*")].filter(
  part => part.scrollWidth > part.clientWidth + 1
    && (part === document.documentElement || getComputedStyle(part).overflowX !== "visible")
    && !getComputedStyle(part).clipPath.startsWith("inset")
).map(part => part.outerHTML.slice(0, 200))"""


def test_axe_finds_no_violation_and_nothing_scrolls_sideways(browser: Any, pages: dict[str, str]) -> None:
    """Axe once for all the pages made of the same elements."""
    tab, judged, wrong = browser.new_context(offline=True).new_page(), set(), {}
    for name, page in pages.items():
        made_of = set(re.findall(r'<\w+(?: class="\w*")?', page))
        tab.set_content(page)
        for scheme, width in product(("light", "dark"), (360, 768, 1280)):
            tab.emulate_media(color_scheme=scheme)
            tab.set_viewport_size({"width": width, "height": 900})
            found = {} if made_of <= judged else violations(tab)
            wide = tab.evaluate(WIDER)
            found |= {"too wide": wide} if wide else {}
            wrong |= {(name, scheme, width): found} if found else {}
        judged |= made_of
    tab.context.close()
    assert not wrong
