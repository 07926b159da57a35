"""What a new version of the declaration cannot leave out, because the whole lab is judged by it.

A request keeps its own version: whatever is left out of the next one, it is still led, named and counted by the one it
obeys. Places, roles, skills and semesters are of the lab, not of one request: they stay while something or somebody
bears them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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
    yield from _people(facts, before, after)
    told = {entry.data.get("semester") or "" for entry in facts.entries_of(LAB)}
    for code in _gone(before.semesters, after.semesters):
        if names := [name for name in told if name.partition("-")[2] == code]:
            yield Refusal(
                "in_use",
                _(
                    "The semester “{what}” is left out, and these reviews bear it: {who}.",
                    what=before.semesters[code].text,
                    who=_listed(names),
                ),
                _("They are read again by that name: keep “{code}”.", code=code),
            )


def _gone(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [code for code in before if code not in after]


def _people(facts: Facts, before: Declaration, after: Declaration) -> Iterator[Refusal]:
    """What someone may do and is asked for is judged by the declaration in force: their role, and their skills."""
    for code in _gone(before.roles, after.roles):
        if ids := [person.id for person in facts.people if person.active and person.role == code]:
            yield Refusal(
                "in_use",
                _(
                    "The role “{what}” is left out, and is held by: {who}.",
                    what=before.roles[code].text,
                    who=_listed(ids),
                ),
                _(
                    "Give them another role (coop {change} --role …), or keep “{code}”.",
                    change=_change(facts, ids[0]),
                    code=code,
                ),
            )
    for code in _gone(before.skills, after.skills):
        if ids := [person.id for person in facts.people if person.active and code in person.skills]:
            yield Refusal(
                "in_use",
                _(
                    "The skill “{what}” is left out, and is that of: {who}.",
                    what=before.skills[code].text,
                    who=_listed(ids),
                ),
                _(
                    "Say their skills again (coop {change} --skill …), or keep “{code}”.",
                    change=_change(facts, ids[0]),
                    code=code,
                ),
            )


def _change(facts: Facts, id: str) -> str:
    """The command that changes somebody, as whoever may: those who oversee and decide are changed by who oversees."""
    declaration, words = facts.declaration, f"staff change {id}"
    roles = {person.id: person.role for person in facts.people if person.active}
    if not (declaration.oversees(roles[id]) or declaration.decides(roles[id])):
        return words
    overseer = next((other for other, role in roles.items() if declaration.oversees(role)), None)
    return f"--as {overseer} {words}" if overseer else words


def _place(facts: Facts, code: str, label: str) -> Iterator[Refusal]:
    """A place stays as long as something is planned there, a request is to be held there or somebody works there."""
    if refs := [booking.ref for booking in facts.bookings("2000-01-01T00:00:00Z", FOR_EVER) if booking.place == code]:
        yield Refusal(
            "in_use",
            _("“{what}” is left out, and meetings are planned there: {who}.", what=label, who=_listed(refs)),
            _("Move or cancel these meetings, or keep “{code}” in the declaration.", code=code),
        )
    rows = facts.tx.all(q.places_wished, where=code)
    if refs := [row.ref for row in rows if not facts.declaration_of(row.declaration).is_final(row.state)]:
        yield Refusal(
            "in_use",
            _("“{what}” is left out, and is the place of requests under way: {who}.", what=label, who=_listed(refs)),
            _(
                "Give them another place (coop amend {ref} --set place=…), or keep “{code}”.",
                ref=refs[0],
                code=code,
            ),
        )
    if ids := [person.id for person in facts.people if person.active and person.site == code]:
        yield Refusal(
            "in_use",
            _("“{what}” is left out, and is the site of: {who}.", what=label, who=_listed(ids)),
            _(
                "Give them another site (coop {change} --site …), or keep “{code}”.",
                change=_change(facts, ids[0]),
                code=code,
            ),
        )


def _listed(names: Iterable[str]) -> str:
    return enumeration(sorted(set(names)))
