"""What people and their tools write, read as checked values; and what is refused, with advice that the reader takes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from states.declaration.marks import invisible, unmarked, visible
from states.declaration.model import Declaration
from states.declaration.types import Malformed, Reading, read
from states.language import spoken

NBSP, THIN = "\u00a0", "\u202f"


def value(declaration: Declaration, field: str, given: Any, *, local_times: bool = True) -> Any:
    spec = declaration.form.get(field) or declaration.keys[field]
    return read(given, spec, Reading(declaration, local_times))


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        # whole numbers, however a tool writes them
        ("participants", "12", 12),
        ("participants", "1 234", 1234),
        ("participants", f"1{NBSP}234", 1234),
        ("participants", f"1{THIN}234", 1234),
        ("participants", "12,0", 12),
        ("participants", "12.00", 12),
        ("participants", f"1{THIN}234,0", 1234),
        ("participants", 12.0, 12),
        ("participants", "1\u200b2", 12),
        ("collaborative_share", "80,00%", 80),
        ("collaborative_share", f"80{NBSP}%", 80),
        ("collaborative_share", 80.0, 80),
        # check boxes
        ("outcome_predefined", "on", True),
        ("outcome_predefined", "Off", False),
        ("outcome_predefined", "FAUX", False),
        # codes, with their names or what a spreadsheet made of them
        ("department", "09", "09"),
        ("department", 9, "09"),
        ("department", 9.0, "09"),
        ("department", "9,0", "09"),
        ("department", "9.00", "09"),
        ("department", "09 – Ariège", "09"),
        ("department", "09 - ariege", "09"),
        ("department", "Ariège (09)", "09"),
        ("department", "9 Ariège", "09"),
        ("department", "82 — Tarn-et-Garonne", "82"),
        ("service", "dsden_09", "dsden_09"),
        ("place", "Hors les murs", "hors_les_murs"),
        ("kind", "ACCOMPAGNEMENT (accompanied)", "accompanied"),
        # how many of each role or function
        ("committee_participants", "pilote:1,expert:2", "pilote:1,expert:2"),
        ("committee_participants", " Personne ressource : 12 ; agent:01", "personne_ressource:12,agent:1"),
        # days and moments
        ("wanted_from", "10/03/2026", "2026-03-10"),
        ("wanted_from", "10.03.2026", "2026-03-10"),
        ("wanted_from", "10/03/2026 00:00", "2026-03-10"),
        ("wanted_from", "2026-03-10 00:00:00", "2026-03-10"),
        ("submitted_at", "25/01/2026 08:12", "2026-01-25T07:12:00Z"),
        ("submitted_at", "25/01/2026 08h12", "2026-01-25T07:12:00Z"),
        ("submitted_at", "25/01/2026 à 08:12", "2026-01-25T07:12:00Z"),
        ("submitted_at", "25-01-2026 08:12", "2026-01-25T07:12:00Z"),
        ("submitted_at", "25.01.2026 08:12", "2026-01-25T07:12:00Z"),
        ("submitted_at", "2026-01-25 08:12:00 +0100", "2026-01-25T07:12:00Z"),
        ("submitted_at", "2026-01-25 08:12:00 UTC", "2026-01-25T08:12:00Z"),
        ("submitted_at", "25/10/2026 02:30+02:00", "2026-10-25T00:30:00Z"),
        ("submitted_at", "25/10/2026 02:30 +01:00", "2026-10-25T01:30:00Z"),
        # what machines use loses what nobody sees; what people read keeps it
        ("requester.email", "\u200bnoa@example.org\ufeff", "noa@example.org"),
        ("requester.email", "noa@exam\u00adple.org", "noa@example.org"),
        ("requester.email", "\u202anoa@example.org\u202c", "noa@example.org"),
        ("external_id", "2026\u200e-12", "2026-12"),
        ("external_id", 111009, "111009"),
        ("external_id", "1E5", "1E5"),
        ("requester.phone", "05\u200b 61", "05 61"),
        ("follows", "2026-\u20600001", "2026-0001"),
        ("link", "https://example.org/\u200bpage", "https://example.org/page"),
        ("title", "co\u00adopérative", "co\u00adopérative"),
        ("need", "👩\u200d🏫", "👩\u200d🏫"),
        ("duration", 90.0, 90),
    ],
)
def test_what_is_understood(declaration: Declaration, field: str, given: Any, expected: Any) -> None:
    read_value = value(declaration, field, given)
    assert (read_value, type(read_value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("field", "given", "advice"),
    [
        ("participants", "12,5", "12,5"),
        ("participants", "1.000", "1.000"),  # a thousand, or one: nobody knows
        ("participants", "1,000", "1,000"),
        ("participants", 12.5, "12.5"),
        ("participants", float("inf"), "inf"),
        ("participants", True, "true"),
        ("collaborative_share", "0,8", "80\u00a0%"),
        ("collaborative_share", 0.55, "55\u00a0%"),
        ("collaborative_share", "80 pour cent", "80 pour cent"),
        ("outcome_predefined", "☐", "☐"),
        ("department", "31 – Ariège", "31"),
        ("department", "Ariège (31)", "Ariège"),
        ("department", "009", "009"),
        ("department", "75 – Paris", "75"),
        ("external_id", "1,23457E+12", "1,23457E+12"),
        ("external_id", "1.23457e+12", "1.23457e+12"),
        ("requester.phone", "6,12346E+08", "6,12346E+08"),
        ("external_id", 1.23457e12, "1234570000000"),
        ("submitted_at", "01/25/2026 08:12", "01/25/2026"),
        ("submitted_at", "29/03/2026 02:30", "29/03/2026 02:30"),
        ("submitted_at", "25/01/2026", "25/01/2026"),
        ("wanted_from", "10/03/2026 14:00", "14:00"),
        ("wanted_from", "10/03-2026", "10/03-2026"),
    ],
)
def test_what_is_refused_is_quoted(declaration: Declaration, field: str, given: Any, advice: str) -> None:
    with pytest.raises(Malformed, match=re.escape(advice)):
        value(declaration, field, given)


@pytest.mark.parametrize("given", ["25/10/2026 02:30", "25/10/2026 2h30", "2026-10-25 02:30", "2026-10-25T02:30:00"])
def test_the_advice_for_an_hour_that_happens_twice_is_understood(declaration: Declaration, given: str) -> None:
    with pytest.raises(Malformed) as refused:
        value(declaration, "submitted_at", given)
    ways = re.findall(r"[\d/-]+[T ][\d:h]+ ?[+]\d\d:\d\d", str(refused.value))
    moments = [value(declaration, "submitted_at", way) for way in ways]
    assert moments == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]


# --- Marks ---


@pytest.mark.parametrize(
    ("cell", "code", "sentence"),
    [
        ("'09", "09", "09"),
        ('="09"', "09", "09"),
        ('="0561000000"', "0561000000", "0561000000"),
        ("'06 12 34 56 78", "06 12 34 56 78", "06 12 34 56 78"),
        ("'Ah !' dit-on", "Ah !' dit-on", "'Ah !' dit-on"),
        ("=1+1", "=1+1", "=1+1"),
        ('=HYPERLINK("x")', '=HYPERLINK("x")', '=HYPERLINK("x")'),
        ("aujourd'hui", "aujourd'hui", "aujourd'hui"),
    ],
)
def test_marks_of_a_spreadsheet(cell: str, code: str, sentence: str) -> None:
    assert (unmarked(cell, prose=False), unmarked(cell, prose=True)) == (code, sentence)


@pytest.mark.parametrize(
    "character", [*"\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\ufe0f\u3164\u2800\u034f"]
)
def test_invisible_characters_are_named_by_number(character: str) -> None:
    assert visible(f"a{character}b") == "ab"
    (name,) = invisible(f"{character}a{character}")
    assert name.startswith(f"U+{ord(character):04X}, ")


@pytest.mark.parametrize("text", ["été", "œ’—", "a b", f"1{THIN}234", "日本", "e\u0301", "a\tb\n"])
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text
    assert invisible(text) == []


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("pilote", "like pilote:1,coordination:1"),
        ("", "like pilote:1,coordination:1"),
        ("pilote:un", "like pilote:1,coordination:1"),
        ("pilote:1:2", "like pilote:1,coordination:1"),
        (["pilote:1"], "like pilote:1,coordination:1"),
        ({"pilote": 1}, "like pilote:1,coordination:1"),
        ("pilote:0", "from 1 to 1000"),
        ("pilote:1,Pilote:2", "“Pilote” is said twice"),
        ("Camille Durand:1", "“Camille Durand”. A role or a function, never a name."),
    ],
)
def test_who_came_is_counted_by_role_and_never_named(declaration: Declaration, given: Any, advice: str) -> None:
    with spoken("en"), pytest.raises(Malformed, match=re.escape(advice)):
        value(declaration, "committee_participants", given)
