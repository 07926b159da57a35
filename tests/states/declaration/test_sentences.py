"""What changes from one declaration to another, said: each kind of change has its sentence."""

from __future__ import annotations

import tomllib

import pytest

from states.declaration.differences import differences
from states.declaration.documents import document_of, shipped
from states.declaration.sentences import sentence

SERVICE = 'un = { family = "state", label = { fr = "Un", en = "One" } }\n'
CHANGES = [
    (
        "work = { min = 1, max = 3 }",
        "work = { min = 1, max = 4 }",
        "Niveau « Le Tuto » : au plus 4 réunions de travail, au lieu de 3",
    ),
    (
        "at_least = 50",
        "at_least = 40",
        "Condition « Au moins la moitié de travail collaboratif » : at_least, de 50 à 40",
    ),
    ("days = 5\n", "days = 7\n", "Échéance « Préqualifier ou répondre » : 7 jours ouvrés, au lieu de 5"),
    ('"below_cap", ', "", "Événement « Planifier une réunion de travail » : ne demande plus below_cap"),
    ('fr = "Le Tuto", en', 'fr = "Le Guide", en', "Niveau « Le Guide » : se dit « Le Guide », et non plus « Le Tuto »"),
    ("[services]\n", "[services]\n" + SERVICE, "Service « Un » : ajout"),
    (
        'after = ["decline"]',
        'after = ["decline", "withdraw"]',
        "Lettre « réponse négative » : part aussi après Retirer",
    ),
    (
        'from = ["tier_assigned", "working"], to = ["working"]',
        'from = ["tier_assigned"], to = ["working"]',
        "Événement « Planifier une réunion de travail » : n’est plus possible depuis En accompagnement",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), CHANGES, ids=[old.strip() for old, _new, _said in CHANGES])
def test_a_change_is_said_in_a_sentence(old: str, new: str, said: str) -> None:
    assert old in shipped()
    before, after = (document_of(tomllib.loads(text)) for text in (shipped(), shipped().replace(old, new, 1)))
    sentences = [sentence(change, before, after) for change in differences(before, after)]
    assert [one.replace("\u00a0", " ") for one in sentences] == [said]


def test_what_is_taken_back_is_said_the_other_way_round() -> None:
    before = document_of(tomllib.loads(shipped()))
    after = document_of(tomllib.loads(shipped().replace("[services]\n", "[services]\n" + SERVICE)))
    assert [c["change"] for c in differences(before, after)] == ["added"]
    assert [c["change"] for c in differences(after, before)] == ["removed"]
    (change,) = differences(after, before)
    assert sentence(change, after, before).endswith("retrait")
