"""A lab whose review has something to decide."""

from __future__ import annotations

from desk import Desk

AT_WORK = (
    ("2026-01-12T10:00+01:00", ("prequalify",)),
    ("2026-01-12T10:05+01:00", ("interview", "plan", "--slot", "2026-01-15T10:00")),
    ("2026-01-15T12:00+01:00", ("interview", "done")),
    ("2026-01-15T12:05+01:00", ("tier", "assign", "50_50", "--note", "au vu de l’entretien")),
)


def at_a_tier(desk: Desk) -> Desk:
    """A lab with its people, one request at a tier that waits for a validation, one declined; Friday 16 January."""
    for id, role in (("comite", "committee"), ("sam", "specialist"), ("paule", "pilot")):
        added = desk.coop("staff", "add", id, "--name", id.title(), "--email", f"{id}@example.org", "--role", role)
        assert added.exit == 0, added.err
    first, second = desk.received(title="Le premier"), desk.received(title="Le second")
    for moment, (word, *rest) in AT_WORK:
        words = (word, rest[0], first, *rest[1:]) if word in ("interview", "tier") else (word, first, *rest)
        done = desk.at(moment).coop(*words)
        assert done.exit == 0, (words, done.err)
    declined = desk.coop("decline", second, "--reason", "no_capacity", "--orientation", "Le laboratoire voisin",
                         "--note", "faute de temps")  # fmt: skip
    assert declined.exit == 0, declined.err
    return desk.at("2026-01-16T09:00+01:00")


def validated(lab: Desk) -> str:
    """The request at work once its tier is validated by delegation."""
    done = lab.coop("--as", "paule", "validate", "1", "--basis", "delegation", "--note", "elle convient")
    assert done.exit == 0, done.err
    return "2026-0001"
