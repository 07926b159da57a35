"""A checked value of a form or of an event, as people read it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from states.declaration.headcounts import in_words
from states.declaration.types import local
from states.language import _, duration, listing, long_date, long_time, number

if TYPE_CHECKING:
    from states.declaration.model import Declaration


def value_text(declaration: Declaration, spec: Any, value: Any) -> str:
    """A checked value as people read it."""
    if value is None:
        return _("erased")
    if spec.type == "headcount":
        return in_words(value, lambda code: declaration.label(spec.codes, code))
    if spec.type == "task":
        return next((tier.tasks[value].text for tier in declaration.tiers.values() if value in tier.tasks), str(value))
    if spec.codes:
        codes = value if isinstance(value, list) else [value]
        return listing([declaration.label(spec.codes, code) for code in codes])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if spec.type == "percent":
        return _("{n} %", n=value)
    if spec.type == "duration":
        return duration(value)
    if spec.type == "datetime":
        return long_time(local(value, declaration.lab.tz))
    if spec.type == "date":
        return long_date(datetime.fromisoformat(value).date())
    if spec.type in ("integer", "decimal"):
        return number(Decimal(str(value)))
    return ", ".join(value) if isinstance(value, list) else str(value)
