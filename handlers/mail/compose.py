"""Messages as e-mail: text and HTML in the language of each person, an invitation's calendar file, safe headers.

Names, addresses and titles are read from the vault at this moment and nowhere kept; what was erased is not sent. A
subject names no person.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from attrs import evolve, frozen

from handlers.calendars.export import Party
from handlers.layout import laid_out
from handlers.mail.headers import SMTP, SMTPUTF8
from handlers.mail.letter import Letter, SenderProfile, Unsendable
from handlers.mail.meetings import attach_calendar, meeting_letter, news_of
from handlers.mail.requester.writing import as_html, as_text, letter_page
from handlers.mail.staff import daily, escalation
from handlers.plain_text import one_line
from states.canonical import digest
from states.declaration.types import moment
from states.language import _, current, spoken
from states.notifications import ABOUT_MEETINGS, DIGEST, LETTER, REQUESTER
from workflow.outbox.queue import Queued
from workflow.views.calendar_feed import lab_mark
from workflow.views.letters import About, about
from workflow.views.reader import Reader


@frozen
class Addressee:
    """To whom a message goes."""

    id: str
    name: str
    address: Address


def compose(reader: Reader, queued: Queued, profile: SenderProfile) -> EmailMessage:
    """The e-mail of a queued message, as things stand at the reader's moment. Raises Unsendable."""
    to = _addressee(reader, queued)
    with spoken(profile.languages.get(to.id, reader.declaration.lab.language)):
        if queued.kind == LETTER:
            return _with_boundaries(_to_requester(reader, queued, to, profile), queued)
        if queued.kind in ABOUT_MEETINGS:
            news = news_of(reader, queued)
            letter = meeting_letter(reader, news)
        elif queued.kind == DIGEST:
            letter = daily(reader, queued)
        else:
            letter = escalation(reader, queued)
        message = _message(reader, queued, to, profile, letter)
        if queued.kind in ABOUT_MEETINGS:
            attach_calendar(message, reader, news, Party(to.address.addr_spec, to.name or None), profile)
    return _with_boundaries(message, queued)


def draft(reader: Reader, subject: About, profile: SenderProfile) -> EmailMessage:
    """A letter to the requester as a draft that a mail program opens, queued or not. Raises Unsendable."""
    payload = {"letter": subject.letter, **({"deadline": subject.deadline} if subject.deadline else {})}
    ref, at = subject.request.ref, reader.now
    key = f"{ref}/{subject.seq}/{subject.deadline or subject.letter}"
    message = compose(reader, Queued(key, LETTER, REQUESTER, ref, None, subject.seq, payload, False, at, at), profile)
    message["X-Unsent"] = "1"
    return message


def _to_requester(reader: Reader, queued: Queued, to: Addressee, profile: SenderProfile) -> EmailMessage:
    page = letter_page(reader, about(reader, queued), profile)
    message = _envelope(reader, queued, to, profile, page.subject)
    _fill(message, as_text(page), as_html(page, reader.declaration.lab.text))
    return message


def _with_boundaries(message: EmailMessage, queued: Queued) -> EmailMessage:
    for n, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"=_{digest(f'{queued.key}/{n}')[:32]}")
    return message


# --- To whom ---


def _addressee(reader: Reader, queued: Queued) -> Addressee:
    if queued.recipient == REQUESTER:
        request = reader.request(queued.ref or "")
        form = reader.texts(request.ref).filled(request.form, 1)
        name, address = form.get("requester.name"), form.get("requester.email")
    else:
        person = next((p for p in reader.staff() if p["id"] == queued.recipient), None)
        if person is None or not person["active"]:
            raise Unsendable("left", needed=False)
        name, address = person["name"], person["email"]
    if address is None:
        raise Unsendable("erased")
    if not address:
        raise Unsendable("no_address", needed=queued.kind != DIGEST)
    return Addressee(queued.recipient, one_line(name or ""), _address(one_line(name or ""), address))


def _address(name: str, address: str) -> Address:
    """The address as a header takes it; a domain outside ASCII in its IDNA form."""
    user, _at, domain = address.rpartition("@")
    try:
        return Address(name, user, domain.encode("idna").decode("ascii"))
    except (ValueError, IndexError, UnicodeError):
        raise Unsendable("malformed_address") from None


# --- Its form ---


def _message(reader: Reader, queued: Queued, to: Addressee, profile: SenderProfile, letter: Letter) -> EmailMessage:
    message = _envelope(reader, queued, to, profile, letter.subject)
    said = _signed(letter, to, reader.declaration.lab.text)
    _fill(
        message,
        laid_out("handlers.mail", "letter.txt", letter=said),
        laid_out("handlers.mail", "letter.html", letter=said),
    )
    return message


def _envelope(reader: Reader, queued: Queued, to: Addressee, profile: SenderProfile, subject: str) -> EmailMessage:
    lab = reader.declaration.lab
    ascii_only = to.address.addr_spec.isascii() and profile.sender.isascii()
    message = EmailMessage(policy=SMTP if ascii_only else SMTPUTF8)
    message["From"] = _address(one_line(profile.name or lab.name), profile.sender)
    message["To"] = to.address
    if profile.reply_to:
        message["Reply-To"] = _address("", profile.reply_to)
    message["Subject"] = one_line(f"[{lab.name}] {subject}")
    message["Date"] = format_datetime(moment(reader.now).astimezone(lab.tz))
    mark = lab_mark(reader)
    message["Message-ID"] = f"<{digest(f'{mark}/{queued.key}')[:32]}@{profile.domain}>"
    if queued.meeting:
        thread = digest(f"{mark}/{queued.ref}/{queued.meeting}/{queued.recipient}")[:32]
        message["References"] = f"<{thread}@{profile.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def _fill(message: EmailMessage, text: str, html: str) -> None:
    """Writes the body of a message, as text and as HTML."""
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")


def _signed(letter: Letter, to: Addressee, signature: str) -> Letter:
    greeting = _("Hello {name},", name=to.name) if to.name else _("Hello,")
    return evolve(letter, greeting=greeting, signature=signature, language=current())
