"""Which question of a démarche is which field of the form: a TOML file, and a first one written from its questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from handlers.exchange.demarche.pages import Json, Page
from handlers.forms.tables import ColumnNames
from handlers.plain_text import one_line
from states.declaration.model import Declaration
from states.language import _

_TITLES = ("HeaderSection", "Explication")  # what is on the form and asks nothing


def questions_of(pages: Sequence[Page]) -> list[tuple[str, str]]:
    """The questions of a démarche, id and label: as it asks them today, else as its dossiers answer them."""
    asked: dict[str, str] = {}
    for page in pages:
        for question in page.questions or _answered(page.dossiers):
            kind, id = str(question.get("__typename")), question.get("id") or question.get("champDescriptorId")
            if id and not kind.startswith(_TITLES):
                asked.setdefault(str(id), one_line(str(question.get("label") or "")))
    return list(asked.items())


def _answered(dossiers: Sequence[Json]) -> Iterator[Json]:
    for dossier in dossiers:
        for answer in dossier.get("champs") or ():
            yield {**answer, "id": answer.get("champDescriptorId") or answer.get("id")}


def described(questions: Sequence[tuple[str, str]], declaration: Declaration) -> str:
    """A first mapping, to be read again: each question under its label, with the field of that label where one is."""
    names, taken = ColumnNames(declaration, {}), set[str]()
    lines = ["# " + _("question of the démarche -> field of the form"), "[champs]"]
    for id, label in questions:
        fields = [field for field in names.fields(label) if field not in taken]
        lines.append(f"# {label}")
        if len(fields) == 1:
            taken.add(fields[0])
            lines.append(f'"{id}" = "{fields[0]}"')
        else:
            lines.append(f'# "{id}" = "…"')
    left = [name for name, field in declaration.form.items() if field.required and name not in {*taken, *_GIVEN}]
    if left:
        lines += ["", "# " + _("Required, and not found: {fields}", fields=", ".join(left))]
    return "\n".join(lines) + "\n"


_GIVEN = ("external_id", "submitted_at", "requester.name", "requester.email")  # by the dossier itself


def unknown_questions(mapping: Mapping[str, str], page: Page) -> list[str]:
    """The ids of a mapping that no question has, where the page tells the questions."""
    known = {str(question.get("id")) for question in page.questions}
    return [id for id in mapping if id not in known] if known else []
