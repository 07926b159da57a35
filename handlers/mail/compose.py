"""Messages as e-mail: text and HTML in the language of each person, an invitation's calendar file, safe headers.

Names, addresses and titles are read from the vault at this moment and nowhere kept; what was erased is not sent. A
subject never says more than the kind of message, a day and a reference.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from handlers.calendars.export import CANCEL, REQUEST, Party, invitation, meeting_name
from handlers.mail.letter import Letter, SenderProfile, Unsendable, one_line
from handlers.mail.staff import daily, escalation
from states.canonical import digest
from states.declaration.types import local, moment
from states.language import _, current, duration, enumeration, long_time, numeric_date, spoken
from states.notifications import ABOUT_MEETINGS, CANCELLATION, CHANGE, DIGEST, INVITATION, REQUESTER
from states.requests.request import CANCELLED, PLANNED, Meeting
from workflow.outbox.queue import Queued
from workflow.views.calendar_feed import Occurrence, lab_mark
from workflow.views.reader import Reader

if TYPE_CHECKING:
    from jinja2 import Environment


@frozen
class Addressee:
    """To whom a message goes."""

    id: str
    name: str
    address: Address


def compose(reader: Reader, queued: Queued, profile: SenderProfile) -> EmailMessage:
    """The e-mail of a queued message, as things stand at the reader's moment. Raises Unsendable."""
    to = _addressee(reader, queued)
    with spoken(profile.languages.get(to.id, "fr")):
        if queued.kind in ABOUT_MEETINGS:
            letter = _meeting_letter(reader, queued)
        elif queued.kind == DIGEST:
            letter = daily(reader, queued)
        else:
            letter = escalation(reader, queued)
        message = _message(reader, queued, to, profile, letter)
        if queued.kind in ABOUT_MEETINGS:
            _add_calendar(message, reader, queued, to, profile)
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


# --- About a meeting ---


def _meeting_letter(reader: Reader, queued: Queued) -> Letter:
    occurrence, names = _occurrence(reader, queued)
    declaration = reader.declaration
    at = local(occurrence.meeting.begins_at, declaration.lab.tz)
    what = meeting_name(occurrence.meeting.kind)
    subject, lead = {
        INVITATION: (_("Invitation: {what} on {day} ({ref})"), _("You are invited to this meeting.")),
        CHANGE: (_("Changed: {what} on {day} ({ref})"), _("This meeting has changed. Here is what holds now.")),
        CANCELLATION: (_("Cancelled: {what} on {day} ({ref})"), _("This meeting is cancelled.")),
    }[queued.kind]
    place = declaration.label("places", occurrence.meeting.place)
    facts = [
        (_("When"), long_time(at)),
        (_("Length"), duration(occurrence.meeting.duration)),
        (_("Where"), f"{place}, {one_line(occurrence.address)}" if occurrence.address else place),
    ]
    if occurrence.title:
        facts.insert(0, (_("Project"), one_line(occurrence.title)))
    if occurrence.meeting.staff:
        facts.append((_("For the lab"), enumeration([names.get(id, id) for id in occurrence.meeting.staff])))
    facts.append((_("Reference"), f"{occurrence.ref}/{occurrence.meeting.id}"))
    file = (
        _("The attached file takes it out of your calendar.")
        if queued.kind == CANCELLATION
        else _("The attached file puts it in your calendar.")
    )
    return Letter(
        subject.format(what=what, day=numeric_date(at.date()), ref=occurrence.ref),
        what,
        [lead],
        declaration.lab.text,
        facts,
        closing=[file, _("To say anything about it, answer this message.")],
        tone="off" if queued.kind == CANCELLATION else "",
    )


def _occurrence(reader: Reader, queued: Queued) -> tuple[Occurrence, dict[str, str]]:
    """The meeting as the message was queued about it, with what the vault still holds; the names of the staff."""
    request = reader.request(queued.ref or "")
    texts = reader.texts(request.ref)
    meeting = request.meeting(queued.meeting)
    address = meeting.address if meeting and isinstance(meeting.address, dict) else {}
    id = queued.meeting or ""
    told = Meeting(
        id,
        id.partition("-")[0],
        CANCELLED if queued.kind == CANCELLATION else PLANNED,
        **{name: queued.payload[name] for name in ("at", "duration", "place")},
        staff=meeting.staff if meeting else [],
        planned_at=queued.created_at,
    )
    occurrence = Occurrence(
        lab_mark(reader),
        request.ref,
        told,
        queued.sequence,
        queued.created_at,
        texts.get(request.form["title"]["seq"], "title"),
        texts.get(address.get("seq", 0), "address"),
    )
    return occurrence, {p["id"]: one_line(p["name"] or p["id"]) for p in reader.staff()}


def _add_calendar(message: EmailMessage, reader: Reader, queued: Queued, to: Addressee, profile: SenderProfile) -> None:
    occurrence, names = _occurrence(reader, queued)
    method = CANCEL if queued.kind == CANCELLATION else REQUEST
    organizer = Party(profile.reply_to or profile.sender, profile.name or reader.declaration.lab.name)
    attendee = Party(to.address.addr_spec, to.name or None)
    file = invitation(reader.declaration, occurrence, method, organizer, attendee, names)
    message.add_alternative(file.decode("utf-8"), subtype="calendar", params={"method": method}, cte="base64")
    name = "annulation.ics" if method == CANCEL else "invitation.ics"
    message.add_attachment(file, maintype="application", subtype="ics", filename=name)


# --- Its form ---


def _message(reader: Reader, queued: Queued, to: Addressee, profile: SenderProfile, letter: Letter) -> EmailMessage:
    lab = reader.declaration.lab
    ascii_only = to.address.addr_spec.isascii() and profile.sender.isascii()
    message = EmailMessage(policy=SMTP if ascii_only else SMTPUTF8)
    message["From"] = _address(one_line(profile.name or lab.name), profile.sender)
    message["To"] = to.address
    if profile.reply_to:
        message["Reply-To"] = _address("", profile.reply_to)
    message["Subject"] = one_line(f"[{lab.name}] {letter.subject}")
    message["Date"] = format_datetime(moment(reader.now).astimezone(lab.tz))
    mark = lab_mark(reader)
    message["Message-ID"] = f"<{digest(f'{mark}/{queued.key}')[:32]}@{profile.domain}>"
    if queued.meeting:
        thread = digest(f"{mark}/{queued.ref}/{queued.meeting}/{queued.recipient}")[:32]
        message["References"] = f"<{thread}@{profile.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    said = _signed(letter, to, lab.text)
    message.set_content(_template("letter.txt.j2").render(letter=said), cte="quoted-printable")
    message.add_alternative(_template("letter.html.j2").render(letter=said), subtype="html", cte="quoted-printable")
    return message


def _signed(letter: Letter, to: Addressee, signature: str) -> Letter:
    greeting = _("Hello {name},", name=to.name) if to.name else _("Hello,")
    return evolve(letter, greeting=greeting, signature=signature, language=current())


def _template(name: str) -> Any:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("handlers.mail", "templates"),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
