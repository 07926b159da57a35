"""What a new version of the declaration cannot leave out, because the whole lab is judged by it.

A request keeps its own version: whatever is left out of the next one, it is still led, named and counted by the one it
obeys. Places, roles, skills and semesters are of the lab, not of one request: they stay while something or somebody
bears them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from states.declaration.model import Declaration
from states.errors import Refusal
from states.language import _, enumeration
from states.references import LAB
from workflow.history.facts import FOR_EVER, Facts
from workflow.store import statements as q


def in_use(facts: Facts, after: Declaration) -> Iterator[Refusal]:
    """What is left out by a version of the declaration and in use: who or what bears it, and what to do."""
    before = facts.declaration
    for code in _gone(before.places, after.places):
        yield from _place(facts, code, before.places[code].text)
    for code in _gone(before.roles, after.roles):
        if ids := [person.id for person in facts.people if person.active and person.role == code]:
            said = _("The role “{what}” is left out, and is held by: {who}.")
            remedy = _("Give them another role (coop staff change ID --role …), or keep “{code}”.", code=code)
            yield _refusal(said, before.roles[code].text, ids, remedy)
    for code in _gone(before.skills, after.skills):
        if ids := [person.id for person in facts.people if person.active and code in person.skills]:
            said = _("The skill “{what}” is left out, and is that of: {who}.")
            remedy = _("Say their skills again (coop staff change ID --skill …), or keep “{code}”.", code=code)
            yield _refusal(said, before.skills[code].text, ids, remedy)
    told = {entry.data.get("semester") or "" for entry in facts.entries_of(LAB)}
    for code in _gone(before.semesters, after.semesters):
        if names := [name for name in told if name.partition("-")[2] == code]:
            said = _("The semester “{what}” is left out, and these reviews bear it: {who}.")
            remedy = _("They are read again by that name: keep “{code}”.", code=code)
            yield _refusal(said, before.semesters[code].text, names, remedy)


def _gone(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [code for code in before if code not in after]


def _place(facts: Facts, code: str, label: str) -> Iterator[Refusal]:
    """A place stays as long as something is planned there, a request is to be held there or somebody works there."""
    if refs := [booking.ref for booking in facts.bookings("2000-01-01T00:00:00Z", FOR_EVER) if booking.place == code]:
        said = _("“{what}” is left out, and meetings are planned there: {who}.")
        remedy = _("Move or cancel these meetings, or keep “{code}” in the declaration.", code=code)
        yield _refusal(said, label, refs, remedy)
    rows = facts.tx.all(q.places_wished, where=code)
    if refs := [row.ref for row in rows if not facts.declaration_of(row.declaration).is_final(row.state)]:
        said = _("“{what}” is left out, and is the place of requests under way: {who}.")
        remedy = _("Give them another place (coop amend REF --set place=…), or keep “{code}”.", code=code)
        yield _refusal(said, label, refs, remedy)
    if ids := [person.id for person in facts.people if person.active and person.site == code]:
        said = _("“{what}” is left out, and is the site of: {who}.")
        remedy = _("Give them another site (coop staff change ID --site …), or keep “{code}”.", code=code)
        yield _refusal(said, label, ids, remedy)


def _refusal(said: str, label: str, names: list[str], remedy: str) -> Refusal:
    return Refusal("in_use", said.format(what=label, who=enumeration(sorted(set(names)))), remedy)
