"""A letter to the requester, written: its page from the declaration's template, then text and HTML."""

from __future__ import annotations

from handlers.mail.letter import SenderProfile, Unsendable
from handlers.mail.requester.markup import Page, page
from handlers.mail.requester.values import About, values
from states.language import label_of
from workflow.outbox.queue import Queued
from workflow.views.reader import Reader


def about(reader: Reader, queued: Queued) -> About:
    """What a queued letter is about."""
    request = reader.request(queued.ref or "")
    return About(request, queued.payload["letter"], queued.sequence, queued.payload.get("deadline", ""))


def letter_page(reader: Reader, subject: About, profile: SenderProfile) -> Page:
    """The letter in the current language, else in the one it is written in. Raises Unsendable."""
    from jinja2 import TemplateError

    declaration = reader.declaration_of(subject.request.declaration)
    content = declaration.letters[subject.letter].content
    template = label_of(content) or next(iter(content.values()), "")
    try:
        return page(template, values(reader, subject, profile))
    except TemplateError:
        raise Unsendable("template") from None
