"""A letter to the requester, written: its page from the declaration's template, then as text and as HTML."""

from __future__ import annotations

from handlers.layout import laid_out
from handlers.mail.letter import Letter, SenderProfile, Unsendable
from handlers.mail.requester.markup import Page, page
from handlers.mail.requester.values import values
from states.language import current, label_of
from workflow.views.letters import About
from workflow.views.reader import Reader


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


def as_text(letter: Page) -> str:
    """The letter as plain text."""
    return laid_out("handlers.mail", "page.txt", page=letter)


def as_html(letter: Page, lab: str) -> str:
    """The letter as a page, under the name of the lab."""
    frame = Letter(letter.subject, letter.subject, [], lab, language=current())
    return laid_out("handlers.mail", "page.html", page=letter, letter=frame)
