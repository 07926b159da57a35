"""The reference of the declaration, read from the classes of states/declaration/tables.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs

from generation.commands import anchor
from generation.errors import guard_rules, linked, text_of, texts, told_of, translated
from generation.markdown import GenerationError, code, codes, fenced, table
from generation.source import findings
from states.declaration import tables as d
from states.declaration.model import Declaration

PLAIN = {
    "str": "texte",
    "int": "nombre entier",
    "bool": "oui ou non",
    "time": "heure",
    "date": "jour",
    "Labels": "libellés",
    "Minutes": "durée",
    "StateCode": "état",
    "StateSet": "état",
    "TargetCode": "état",
    "RoleCode": "rôle",
    "GuardName": "garde",
    "EffectName": "effet",
    "KeyCode": "clé",
    "FieldCode": "champ",
    "TierCode": "niveau",
    "FamilyCode": "famille",
    "Vocabulary": "nom d’une table de codes",
    "Weekday": "jour de la semaine",
    "AxisCode": "axe",
}
# The keys whose name in the file is not that of the attribute.
RENAMED = {("Transition", "sources"): "from"}
OF_CODES = ("families", "academies", "kinds", "skills")


def reference() -> str:
    """Every table of a declaration, in the order of the class that holds them."""
    return "\n\n".join(section for name, kind in _tables() for section in _sections(name, kind))


def _tables() -> Iterator[tuple[str, str]]:
    """The tables of a file and the class of what they hold."""
    for field in attrs.fields(Declaration):
        kind = str(Declaration.__annotations__[field.name])
        if field.name != "digest":
            yield field.name, kind


def _sections(name: str, kind: str) -> Iterator[str]:
    cls = _class_in(kind)
    if name in OF_CODES[1:]:
        return
    if name == "codes":
        tables = f"Les autres tables de codes, chacune sous son nom\u00a0: {codes(_shipped().codes)}."
        yield "\n\n".join(["## `codes`", tables, _example(name)])
        return
    title = "## " + (codes(OF_CODES) if name in OF_CODES else code(name))
    said = _heading(name, kind) + text_of("declaration", cls.__name__, "table")
    yield "\n\n".join([title, said, _keys(cls), _example(name)])
    for inner in _inner(cls):
        title = f"### `{name}` → {_inner_name(cls, inner)}"
        yield "\n\n".join([title, text_of("declaration", inner.__name__, "table"), _keys(inner)])


def _heading(name: str, kind: str) -> str:
    if kind.startswith("tuple"):
        return f"`[[{name}]]`, autant de fois que de lignes. "
    return f"`[{name}.CODE]`, une table par code. " if kind.startswith("Mapping") else f"`[{name}]`. "


def _class_in(kind: str) -> type:
    names = [word for word in re.findall(r"\w+", kind) if attrs.has(getattr(d, word, type(None)))]
    if not names:
        raise GenerationError(f"states/declaration/tables.py: no class of the declaration in {kind}")
    found: type = getattr(d, names[-1])
    return found


def _inner(cls: type) -> list[type]:
    """The classes of the tables inside a table."""
    found = []
    for kind in cls.__annotations__.values():
        found += [getattr(d, word) for word in re.findall(r"\w+", str(kind)) if attrs.has(getattr(d, word, type(None)))]
    described = {_class_in(kind) for _name, kind in _tables()}
    return [inner for inner in dict.fromkeys(found) if inner not in described]


def _inner_name(cls: type, inner: type) -> str:
    return next(code(name) for name, kind in cls.__annotations__.items() if inner.__name__ in str(kind))


def _keys(cls: type) -> str:
    rows = []
    for field in attrs.fields(cls):
        name = RENAMED.get((cls.__name__, field.name), field.name)
        meaning = text_of("declaration", cls.__name__, name)
        rows.append([code(name), _type(cls, field.name), _default(field), meaning + _choices(cls, field.name)])
    _refuse_unknown(cls)
    return table(["Clé", "Type", "Par défaut", "Sens"], rows)


def _refuse_unknown(cls: type) -> None:
    known = {RENAMED.get((cls.__name__, f.name), f.name) for f in attrs.fields(cls)} | {"table"}
    if unknown := sorted(set(texts("declaration")[cls.__name__]) - known):
        raise GenerationError(f"docs/generation/texts/declaration.toml: {cls.__name__} has no {unknown}")


def _type(cls: type, name: str) -> str:
    kind = str(cls.__annotations__[name]).replace(" | None", "")
    if name == "holidays":
        return "table"
    if kind.startswith("tuple["):
        inner = kind.removeprefix("tuple[").removesuffix(", ...]")
        return f"liste\u00a0: {PLAIN.get(inner, 'table')}"
    if kind.startswith("Mapping["):
        return "table"
    return PLAIN.get(kind, "table")


def _default(field: attrs.Attribute[Any]) -> str:
    if field.default is attrs.NOTHING:
        return "obligatoire"
    factory = getattr(field.default, "factory", None)
    value = factory() if factory else field.default
    if value is True or value is False:
        return "oui" if value else "non"
    return code(str(value)) if value not in (None, "", (), {}) else "—"


def _choices(cls: type, name: str) -> str:
    """The values a key may have, which loading knows."""
    from states.verification.loading import _CHOICES

    found = [choice for choice in _CHOICES.get((cls, name), ()) if choice]
    if not found or name == "type":
        return "\u00a0: [un type](#les-types)" if name == "type" and found else ""
    return f" ({codes(found)})"


def _example(name: str) -> str:
    """The first table of that name in the declaration that comes with the product."""
    from states.declaration.documents import shipped

    lines = shipped().splitlines()
    begins = re.compile(rf"\[\[?{name}[.\]]")
    start = next((n for n, line in enumerate(lines) if begins.match(line)), None)
    if start is None:
        raise GenerationError(f"states/cooperative.toml: there is no table {name}")
    kept = []
    for line in lines[start : start + 12]:
        if not line.strip():
            break
        kept.append(line)
    if len(kept) > 4 and lines[start] == f"[{name}]" and kept[1].count("=") > 2:
        kept = [*kept[:3], "# …"]
    return fenced("\n".join(kept), "toml")


def _shipped() -> Declaration:
    from states.declaration.documents import shipped
    from states.verification.loading import load

    return load(shipped())


def types() -> str:
    """The types of fields and keys."""
    from states.declaration.types import FORM_TYPES, TYPES

    rows = [[code(n), text_of("declaration", "types", n), "oui" if n in FORM_TYPES else "non"] for n in TYPES]
    return table(["Type", "Ce qu’on y écrit", "Dans la fiche"], rows)


def effects() -> str:
    """The effects an event may name."""
    from states.lifecycle.effects import EFFECTS

    return table(["Effet", "Ce qu’il fait"], [[code(n), text_of("declaration", "effects", n)] for n in EFFECTS])


def guards() -> str:
    """The guards an event may name, and the rules each may refuse for; what one checks is else what it says."""
    from states.lifecycle.guards import GUARDS

    declaration, explained, rows = _shipped(), texts("declaration")["guards"], []
    for name in sorted(GUARDS):
        rules = guard_rules(declaration, name)
        said = explained.get(name) or " ".join(text for rule in rules for text, _remedy in told_of(declaration, rule))
        rows.append([code(name), said, ", ".join(map(linked, rules))])
    return table(["Garde", "Ce qu’elle vérifie", "Refus"], rows)


def relied_on() -> str:
    """The codes the product names itself."""
    from states.verification import tables as tables

    rows = [[code(name), codes(found)] for name, found in tables.RELIED_ON.items()]
    rows.append([code("form"), codes(tables.RELIED_ON_FIELDS)])
    return table(["Table", "Codes à garder"], rows)


def checks() -> str:
    """What `coop lifecycle check` may find."""
    rows = [[code(name), translated(said) or "la valeur par défaut ne se lit pas"] for name, said in findings().items()]
    return table(["Code", "Ce qui est trouvé"], rows)


def contents() -> str:
    """The tables, each with a link."""
    names = [name for name, _kind in _tables()]
    shown = [name for name in names if name not in OF_CODES]
    links = [f"[`{name}`](#{anchor(name)})" for name in shown]
    many = ", ".join(OF_CODES)
    links.insert(names.index(OF_CODES[0]), f"[{codes(OF_CODES)}](#{anchor(many)})")
    return " · ".join(links)
