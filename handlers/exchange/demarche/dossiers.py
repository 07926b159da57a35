"""From a dossier of the platform to a form: which answer is which field is the mapping's to say.

A question is known by its `champDescriptorId`, which stays the same when the form is revised; two questions may have
one label. What an answer is called depends on its type, and on who wrote the query: all the names are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handlers.exchange.demarche.pages import Json, Page, at
from handlers.forms.raw import RawForm
from states.language import N_, _

WAITING = ("en_construction", "en_instruction")  # what somebody is still to answer
STATES = (*WAITING, "accepte", "refuse", "sans_suite")
# Why a dossier was deleted there, by the platform's code.
DELETED = {
    "user_request": N_("by its requester"),
    "manager_request": N_("by an administrator of the platform"),
    "instructeur_request": N_("by an instructor"),
    "user_removed": N_("with the account of its requester"),
    "user_expired": N_("with the account of its requester, no longer used"),
    "procedure_removed": N_("with the démarche"),
    "expired": N_("at the end of the time it is kept"),
}
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
        return ", ".join(map(str, answer["values"])) if isinstance(answer["values"], list) else None
    if "primaryValue" in answer:
        return answer.get("secondaryValue") or answer["primaryValue"]
    if "departement" in answer:
        return at(answer, "departement", "code")
    for name in _VALUES:
        if name in answer:
            return answer[name]
    return answer.get("stringValue")


def _requester(dossier: Json) -> Iterator[tuple[str, Any]]:
    names = (at(dossier, "demandeur", part) for part in ("prenom", "nom"))
    if name := " ".join(str(part) for part in names if part):
        yield "requester.name", name
    if address := at(dossier, "demandeur", "email") or at(dossier, "usager", "email"):
        yield "requester.email", address


def filed_by_another(dossier: Json) -> bool:
    """Whether the address of the form is that of somebody who filed it for the requester."""
    return bool(dossier.get("deposeParUnTiers")) and not at(dossier, "demandeur", "email")


def why_deleted(reason: str) -> str:
    """Why a dossier was deleted, for people; a code that is not known as it is."""
    return _(DELETED[reason]) if reason in DELETED else reason
