"""Which tier of support fits, and why. Source: brochure, offer « Activateur »; the table is in the declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration


class Advice(NamedTuple):
    """The recommended tier, or None when the form does not say enough, and why."""

    tier: str | None
    reason: str


NO_TIER = Advice(None, "")  # an autonomous session has none


def recommend(declaration: Declaration, form: Mapping[str, Any]) -> Advice:
    """The first row of the table that fits the form."""
    experience, complexity, wanted = (form.get(name) or "" for name in ("experience", "complexity", "wanted_tier"))
    for row in declaration.recommendation:
        if row.experience != experience or row.complexity != complexity:
            continue
        if row.as_wanted:
            return Advice(wanted or None, _("as wished on the form") if wanted else _("the form does not say enough"))
        if wanted and wanted in row.unless_wanted:
            return Advice(wanted, _reason(declaration, experience, complexity) + _(", and that tier is wished for"))
        return Advice(row.tier, _reason(declaration, experience, complexity))
    return Advice(None, _("the form does not say enough"))


def _reason(declaration: Declaration, experience: str, complexity: str) -> str:
    unsaid = _("not said")
    return _(
        "experience: {experience}, subject: {complexity}",
        experience=(declaration.label("experience", experience) or unsaid).lower(),
        complexity=(declaration.label("complexity", complexity) or unsaid).lower(),
    )
