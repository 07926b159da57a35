"""The form (fiche d'expression des besoins): from what was given to checked fields, every wrong one named at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from states.declaration.types import Malformed, Reading, read
from states.errors import FieldError, did_you_mean
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration

GROUP = "requester"


def flattened(raw: Mapping[str, Any]) -> dict[str, Any]:
    """`{"requester": {"name": …}}` as `{"requester.name": …}`."""
    found = {}
    for name, value in raw.items():
        if isinstance(value, Mapping) and value:
            found.update({f"{name}.{part}": inner for part, inner in value.items()})
        else:
            found[name] = value
    return found


def check_form(raw: Mapping[str, Any], reading: Reading, now: str) -> tuple[dict[str, Any], list[FieldError]]:
    """A whole form: its checked fields, and what is wrong with it (then nothing may be stored)."""
    declaration = reading.declaration
    given = flattened(raw)
    found, errors = _read(given, reading)
    wrong = {error.field for error in errors}
    for name, field in declaration.form.items():
        if field.required and name not in found and name not in wrong:
            errors.append(FieldError(name, _("this field is required: {label}", label=field.text)))
    if found.get("submitted_at", now) > now:
        errors.append(FieldError("submitted_at", _("a form cannot be dated in the future")))
    errors += _together(found, {}, declaration)
    order = {name: n for n, name in enumerate(declaration.form)}
    return found, sorted(errors, key=lambda e: order.get(e.field, len(order)))


def check_changes(
    raw: Mapping[str, Any], form: Mapping[str, Any], reading: Reading
) -> tuple[dict[str, Any], list[FieldError]]:
    """Some fields of a form already received: an empty value clears an optional field."""
    declaration = reading.declaration
    given = flattened(raw)
    errors = [
        FieldError(name, _("this field does not change once the form is received"))
        for name in given
        if name in declaration.form and not declaration.form[name].amendable
    ]
    cleared: dict[str, Any] = {}
    for name, value in given.items():
        field = declaration.form.get(name)
        if field and _empty(value):
            if field.required:
                errors.append(FieldError(name, _("this field is required: {label}", label=field.text)))
            else:
                cleared[name] = None
    refused = {e.field for e in errors}
    found, wrong = _read({k: v for k, v in given.items() if k not in refused}, reading)
    found.update(cleared)
    return found, [*errors, *wrong, *_together(found, form, declaration)]


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _read(given: Mapping[str, Any], reading: Reading) -> tuple[dict[str, Any], list[FieldError]]:
    form = reading.declaration.form
    found: dict[str, Any] = {}
    errors = []
    for name, value in given.items():
        field = form.get(name)
        if field is None:
            errors.append(FieldError(name, _("unknown field.") + did_you_mean(name, form)))
        elif not _empty(value):
            try:
                found[name] = read(value, field, reading)
            except Malformed as problem:
                errors.append(FieldError(name, str(problem)))
    return found, errors


def _together(found: dict[str, Any], before: Mapping[str, Any], declaration: Declaration) -> list[FieldError]:
    """What fields say of one another; resolves the family of the service."""
    errors = []
    whole = {**before, **found}
    participants, managers = whole.get("participants"), whole.get("managers")
    if participants is not None and managers is not None and managers > participants:
        errors.append(
            FieldError(
                "managers",
                _(
                    "{managers} managers among {participants} participants",
                    managers=managers,
                    participants=participants,
                ),
            )
        )
    if whole.get("wanted_from") and whole.get("wanted_to") and whole["wanted_to"] < whole["wanted_from"]:
        errors.append(
            FieldError("wanted_to", _("the end is before the beginning, {start}", start=whole["wanted_from"]))
        )
    if "service" in found or "family" in found:
        errors += _family(found, whole, declaration)
    return errors


def inconsistencies(form: Mapping[str, Any], declaration: Declaration) -> list[FieldError]:
    """What fields of a whole form say against one another."""
    return _together(dict(form), {}, declaration)


def _family(found: dict[str, Any], whole: Mapping[str, Any], declaration: Declaration) -> list[FieldError]:
    service = declaration.services.get(whole.get("service", ""))
    if service is None:
        return []
    given = found.get("family")
    if given and not service.asks_family and given != service.family:
        label = declaration.label("families", service.family)
        return [FieldError("family", _("{service} belongs to “{family}”", service=service.text, family=label))]
    found["family"] = given or service.family
    return []
