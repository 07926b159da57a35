"""The forms of an invented half-year: a subject, a service, somebody who asks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from half_year.courses import Course
from half_year.desk import TOULOUSE, words
from states.declaration.model import Declaration

# What a form says of the requester's experience and of the subject, for each tier to be the one recommended.
SAID = {
    "coup_de_pouce": ("experienced", "simple"),
    "tuto": ("some", "simple"),
    "50_50": ("none", "complex"),
}
SILENT = ("drareic", "sra_achats")  # regional services that ask for nothing all along: the review notices


def form(course: Course, number: int, nth: int, declaration: Declaration, rng: Random) -> dict[str, Any]:
    """The form of a request: `number` among all, `nth` among those of its sort, both from 0."""
    subject = _subject(course, nth)
    service = course.service or _service(declaration, rng)
    department = _department(service, declaration, rng)
    experience, complexity = SAID[course.tier]
    participants = rng.randrange(8, 45)
    found = {
        "external_id": str(230_000 + 17 * number),
        "title": _title(course, nth),
        "need": subject["need"],
        "expected_outcome": subject["outcome"],
        "outcome_predefined": subject.get("outcome_predefined", False),
        "collaborative_share": subject.get("collaborative_share", rng.choice((50, 60, 60, 70, 80, 90, 100))),
        "kind": course.kind,
        "axis": _axis(subject, service, rng),
        "requester": _requester(rng),
        "service": service,
        "department": department,
        "place": course.place or _place(department, course.kind, rng),
        "participants": participants,
        "managers": rng.randrange(participants // 4 + 1),
        "experience": experience,
        "complexity": complexity,
    }
    if rng.random() < 0.3:
        found["sponsor"] = rng.choice(words()["sponsors"])
    if rng.random() < 0.3:
        found["moment"] = rng.choice(("launch", "launch", "refocus"))
    return found


def _subjects(course: Course) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = words()[course.sort]
    return found


def _subject(course: Course, nth: int) -> Mapping[str, Any]:
    subjects = _subjects(course)
    return subjects[nth % len(subjects) if course.refused is None else course.refused]


def _title(course: Course, nth: int) -> str:
    """The subject's title; its number from the second time on."""
    times = nth // len(_subjects(course)) + 1
    title: str = _subject(course, nth)["title"]
    return title if times == 1 else f"{title} ({times})"


def _service(declaration: Declaration, rng: Random) -> str:
    regional = [code for code, service in declaration.services.items() if service.regional and code not in SILENT]
    others = [
        code for code, service in declaration.services.items() if not service.regional and not service.asks_family
    ]
    return rng.choice(regional if rng.random() < 0.55 else others)


def _department(service: str, declaration: Declaration, rng: Random) -> str:
    named = service.rpartition("_")[2]
    if named in declaration.departments:
        return named
    if service.startswith("rectorat"):
        return "31" if named == "toulouse" else "34"
    return rng.choice(("34", "34", "31", "30", "66", "81"))


def _axis(subject: Mapping[str, Any], service: str, rng: Random) -> str:
    axis: str = subject.get("axis") or rng.choice(("management", "acculturation"))
    return "acculturation" if service == "autre_etat" else axis


def _place(department: str, kind: str, rng: Random) -> str:
    if rng.random() < 0.2 and kind != "autonomous":
        return "hors_les_murs"
    return "toulouse" if department in TOULOUSE else "montpellier"


def _requester(rng: Random) -> dict[str, str]:
    first, last = rng.choice(words()["first_names"]), rng.choice(words()["last_names"])
    found = {
        "name": f"{first} {last}",
        "email": f"{_plain(first)}.{_plain(last)}@example.org",
        "function": rng.choice(words()["functions"]),
    }
    if rng.random() < 0.4:
        found["phone"] = "06 00 00 00 00"
    return found


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
