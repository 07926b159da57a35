"""The sheet of the register of processing activities: what a lab's declaration says of personal data, on paper.

What the declaration does not say is left to be filled in, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import frozen

from handlers.documents.sheet import Section, Sheet
from states.declaration.model import Declaration
from states.language import _, _n, label_of, long_date
from states.lifecycle.effects import Amend, effect_of


@frozen
class _Private:
    """Something that is kept apart: what it is called, where it is given, whether it is about a person."""

    label: str
    given: str
    personal: bool


def register_sheet(declaration: Declaration, day: date) -> Sheet:
    """The sheet of the only processing there is: receiving requests, and leading them."""
    return Sheet(
        _("Register of processing activities"),
        _("Receiving and leading requests for support, as declared on {day}", day=long_date(day)),
        declaration.lab.text,
        list(_facts(declaration)),
        [
            _people(),
            _data(declaration),
            _recipients(declaration),
            _durations(declaration),
            _measures(),
            _rights(declaration),
        ],
        notes=[_("Made from the lab’s declaration, version {version}.", version=declaration.lab.version)],
    )


def register_document(declaration: Declaration) -> dict[str, Any]:
    """The same, for programs."""
    said = declaration.privacy
    return {
        "controller": said.controller or None,
        "contact": said.contact or None,
        "purpose": label_of(said.purpose) or None,
        "basis": label_of(said.basis) or None,
        "data": [{"label": one.label, "given": one.given, "personal": one.personal} for one in _private(declaration)],
        "recipients": [role.text for role in declaration.held_roles.values()],
        "retention_months": {code: state.retention for code, state in declaration.states.items() if state.final},
    }


def _facts(declaration: Declaration) -> Iterator[tuple[str, str]]:
    said, blank = declaration.privacy, _("to be filled in")
    yield _("Controller"), said.controller or blank
    yield _("Data protection officer"), said.contact or blank
    yield _("Purpose"), label_of(said.purpose) or blank
    yield _("Legal basis"), label_of(said.basis) or blank
    yield _("Transfers out of the European Union"), _("none by the product")


def _people() -> Section:
    rows = [
        [_("Requesters"), _("the forms they fill in, or the form platform"), _("to answer them, and to invite them")],
        [_("People of the lab"), _("the register of the staff"), _("to say who does what, and to plan")],
        [_("Anyone a text names"), _("notes and free text"), _("nothing is asked of them: name only whom is needed")],
    ]
    return Section(_("Whose data"), (), [_("Who"), _("From where"), _("What for")], rows, [3, 4, 5])


def _private(declaration: Declaration) -> Iterator[_Private]:
    for field in declaration.form.values():
        if field.private:
            yield _Private(field.text, _("Form"), field.personal)
    keys = {key.text: key for key in declaration.keys.values() if key.private}
    for label in keys:
        yield _Private(label, _("Event"), False)
    yield _Private(_("Notes"), _("Event"), False)
    for label in (_("Name"), _("E-mail")):
        yield _Private(label, _("Register of the staff"), True)


def _data(declaration: Declaration) -> Section:
    rows = [
        [one.label, one.given, _("personal data") if one.personal else _("free text, which may name someone")]
        for one in _private(declaration)
    ]
    said = _(
        "Kept apart from the history, which knows them by a salted digest only. Beside them, the history keeps codes, "
        "dates, figures, and the id and the login of whoever recorded each entry. An absence has no reason, and no "
        "figure is about one person."
    )
    return Section(_("Which data"), [said], [_("Data"), _("Given in"), _("Nature")], rows, [4, 3, 4])


def _recipients(declaration: Declaration) -> Section:
    rows = [[role.text, label_of(role.may)] for role in declaration.held_roles.values()]
    said = _("Published reviews and open data mask small numbers; event logs hold roles, and nobody’s name.")
    return Section(_("Who sees them"), [said], [_("Role"), _("What they may do")], rows, [3, 7])


def _durations(declaration: Declaration) -> Section:
    rows = [[state.text, _months(state.retention)] for state in declaration.states.values() if state.final]
    said = _(
        "Counted from the day the request ended. Then what is private goes, once the archivist has agreed to the slip "
        "of elimination; dates, codes and figures stay. The data of people of the lab is kept until they have left and "
        "it is erased: their id and what they recorded stay."
    )
    return Section(_("How long"), [said], [_("A request that ended"), _("Kept")], rows, [6, 4])


def _months(months: int | None) -> str:
    return _n("{n} month", "{n} months", months) if months else _("to be fixed: the declaration says nothing of it")


def _measures() -> Section:
    return Section(
        _("How they are protected"),
        [
            _("Files are made for their owner alone; on PostgreSQL each has an account, and may not change history."),
            _("The history is a chain: a change by hand is seen. Erasing leaves it, and every count, as they were."),
            _("Nothing is sent but to the database and the mail server that the lab has set."),
        ],
    )


def _rights(declaration: Declaration) -> Section:
    events = declaration.events.values()
    amending = [event.command for event in events if isinstance(effect_of(event), Amend) and event.command]
    rows = [
        [_("Access"), "privacy show"],
        [_("Rectification"), ", ".join(amending) or "advance"],
        [_("Erasure"), "privacy erase, privacy redact"],
        [_("End of the retention"), "privacy purge"],
    ]
    return Section(_("The rights of people"), (), [_("Right"), _("Command of coop")], rows, [4, 7])
