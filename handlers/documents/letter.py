"""A letter to the requester on paper, for a file or for the post; its layout is `templates/letter.typ`."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import asdict

from handlers.documents.paper import typeset
from handlers.mail.letter import SenderProfile
from handlers.mail.requester.markup import PROSE, Page
from handlers.mail.requester.writing import letter_page
from handlers.plain_text import one_line
from states.declaration.types import local
from states.language import _, current, labelled, long_date
from states.requests.request import Request
from workflow.views.letters import About
from workflow.views.reader import Reader


def letter_pdf(reader: Reader, about: About, profile: SenderProfile) -> bytes:
    """The letter as a tagged PDF in the current language. Raises Unsendable, MissingExtra without `typst`."""
    page = letter_page(reader, about, profile)
    lab, now = reader.declaration.lab, local(reader.now, reader.declaration.lab.tz)
    signature = page.blocks[-1] if _signs(page, lab.text) else None
    parts = page.blocks[:-1] if signature else page.blocks
    data = {
        "language": current(),
        "lab": lab.text,
        "subject": page.subject,
        "about": labelled(_("Subject"), page.subject),
        "date": long_date(now.date()),
        "recipient": list(_recipient(reader, about.request)),
        "parts": [asdict(block) for block in parts],
        "signature": asdict(signature) if signature else None,
        "foot": [lab.text, *filter(None, [profile.answers_to]), about.request.ref],
    }
    return typeset("handlers.documents", "letter.typ", data, now)


def _signs(page: Page, lab: str) -> bool:
    """Whether a letter ends by the name of the lab, as those that come with the product do."""
    return bool(page.blocks) and page.blocks[-1].kind == PROSE and page.blocks[-1].lines[-1:] == [lab]


def _recipient(reader: Reader, request: Request) -> Iterator[str]:
    """To whom it is written: a name, what they do, their service; nothing of what was erased."""
    form = reader.texts(request.ref).filled(request.form, 1)
    service = reader.declaration_of(request.declaration).label("services", form.get("service"))
    for text in (form.get("requester.name"), form.get("requester.function"), service):
        if text:
            yield one_line(text)
