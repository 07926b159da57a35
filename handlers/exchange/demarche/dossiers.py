"""From a dossier of the platform to a form: which answer is which field is the mapping's to say.

A question is known by its `champDescriptorId`, which stays the same when the form is revised; two questions may have
one label. What an answer is called depends on its type, and on who wrote the query: all the names are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handlers.exchange.demarche.pages import Json, Page
from handlers.forms.raw import RawForm
from states.language import _

WAITING = ("en_construction", "en_instruction")  # what somebody is still to answer
STATES = (*WAITING, "accepte", "refuse", "sans_suite")
# Under which name an answer has its value, by the aliases of our query, then as the platform's own queries have it.
_VALUES = ("text", "date", "datetime", "checked", "selected", "integerNumber", "decimalNumber", "choice", "value")
_WITHOUT = ("files", "rows")  # what no field of a form holds


def form_of(page: Page, dossier: Json, mapping: Mapping[str, str]) -> RawForm:
    """The form that a dossier is; `mapping` is `champDescriptorId` -> field.

    Its number is the external id; the requester is the one it names, reached at the address they gave, else at that
    of the account it was filed from.
    """
    values: dict[str, Any] = {"external_id": str(dossier["number"]), "submitted_at": dossier.get("dateDepot")}
    values.update(_requester(dossier))
    for answer in dossier.get("champs") or ():
        field = mapping.get(str(answer.get("champDescriptorId") or answer.get("id")))
        if field and (value := value_of(answer)) not in (None, "", []):
            values[field] = value
    place = _("{place}, dossier {number}", place=page.place, number=dossier["number"])
    return RawForm(place, None, None, {name: value for name, value in values.items() if value is not None})


def value_of(answer: Json) -> Any:
    """What was answered; None where nothing was, or where it is no value of a form (files, repeated blocks)."""
    if any(name in answer for name in _WITHOUT):
        return None
    if "values" in answer:
        return ", ".join(map(str, answer["values"] or ()))
    if "primaryValue" in answer:
        return answer.get("secondaryValue") or answer["primaryValue"]
    if "departement" in answer:
        return (answer["departement"] or {}).get("code")
    for name in _VALUES:
        if name in answer:
            return answer[name]
    return answer.get("stringValue")


def _requester(dossier: Json) -> Iterator[tuple[str, Any]]:
    person = dossier.get("demandeur") or {}
    name = " ".join(filter(None, (person.get("prenom"), person.get("nom"))))
    if name:
        yield "requester.name", name
    account = (dossier.get("usager") or {}).get("email")
    if address := person.get("email") or account:
        yield "requester.email", address


def filed_by_another(dossier: Json) -> bool:
    """Whether the address of the form is that of somebody who filed it for the requester."""
    return bool(dossier.get("deposeParUnTiers")) and not (dossier.get("demandeur") or {}).get("email")
