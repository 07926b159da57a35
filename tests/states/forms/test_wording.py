"""A checked value as people read it, by its type, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from pure import lab

from states.forms.wording import value_text
from states.language import spoken

KEYS, FORM = lab().keys, lab().form


@pytest.mark.parametrize(
    ("spec", "value", "french", "english"),
    [
        (FORM["title"], None, "effacé", "erased"),
        (FORM["title"], "Un titre", "Un titre", "Un titre"),
        (FORM["kind"], "accompanied", "Accompagnement", "Accompanied"),
        (
            KEYS["services_present"],
            ["draio", "drari"],
            "DRAIO — information et orientation, DRARI — recherche et innovation",
            "DRAIO — guidance, DRARI — research and innovation",
        ),
        (FORM["outcome_predefined"], True, "oui", "yes"),
        (FORM["outcome_predefined"], False, "non", "no"),
        (FORM["collaborative_share"], 50, "50 %", "50 %"),
        (KEYS["duration"], 90, "1 h 30", "1 h 30"),
        (KEYS["at"], "2026-03-10T13:00:00Z", "mardi 10 mars 2026 à 14 h", "Tuesday 10 March 2026 at 14:00"),
        (KEYS["due"], "2026-03-10", "mardi 10 mars 2026", "Tuesday 10 March 2026"),
        (KEYS["attended"], 1234, "1 234", "1,234"),
        (KEYS["score"], "4.5", "4,5", "4.5"),
        (KEYS["staff"], ["camille", "noa"], "camille, noa", "camille, noa"),
        (KEYS["task"], "photos", "Photographier, droits à l’image vérifiés", "Take photos, image rights checked"),
        (KEYS["task"], "unknown", "unknown", "unknown"),
        (KEYS["committee_participants"], "pilot:2", "pilot (2)", "pilot (2)"),
    ],
)
def test_a_value_is_told_by_its_type(spec: Any, value: Any, french: str, english: str) -> None:
    said = {}
    for language in ("fr", "en"):
        with spoken(language):
            said[language] = value_text(lab(), spec, value).replace("\u202f", " ").replace("\u00a0", " ")
    assert said == {"fr": french, "en": english}
