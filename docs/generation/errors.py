"""The reference of errors: exit codes and classes, and every rule the lifecycle may refuse for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from generation import source
from generation.commands import anchor
from generation.markdown import DOCS, GenerationError, code, table
from states.declaration.model import Declaration

TEXTS = DOCS / "generation" / "texts"


@cache
def texts(name: str) -> Mapping[str, Any]:
    """A file of hand-written texts, by the names of the code they are about."""
    return tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8"))


def text_of(file: str, name: str, key: str = "sens") -> str:
    """One text; GenerationError names the file to complete when it is not there."""
    try:
        return str(texts(file)[name][key])
    except KeyError:
        raise GenerationError(f"docs/generation/texts/{file}.toml says nothing of {name!r} ({key})") from None


def translated(sentence: str) -> str:
    """A sentence of the code, in the language of the moment, its values still between braces; of two forms, many."""
    from states.language import _, _catalogue, current

    one, counts, many = sentence.partition(source.PLURAL)
    return _catalogue(current()).ngettext(one, many, 2) if counts else _(one)


def classes() -> str:
    """Every error class: exit code, code, what it means."""
    from states.errors import catalogue

    rows = []
    for cls in catalogue():
        own = "celui de la règle" if cls.__name__ == "Refused" else code(cls.code)
        said = texts("erreurs").get(cls.__name__, {"sens": translated(cls.__doc__ or "")})
        rows.append([str(cls.exit), own, code(cls.__name__), said["sens"]])
    return table(["Sortie", "Code (`error.code`)", "Classe", "Ce que cela veut dire"], rows)


def rules(declaration: Declaration) -> list[str]:
    """Every rule of refusal: those the code names, and the conditions of the declaration."""
    return list(dict.fromkeys([*declaration.eligibility, *source.refusals()]))


def guard_rules(declaration: Declaration, name: str) -> list[str]:
    """The rules a guard may refuse for."""
    from states.lifecycle.guards import GUARDS

    found, forwards = source.rules_of(GUARDS[name].check.__module__, name)
    if name == "eligible":
        return [*declaration.eligibility]
    if forwards:  # `correctable` passes on what is wrong with the slots that would come back
        found += slot_rules()
    return found


def slot_rules() -> list[str]:
    """The rules a slot may not meet."""
    return source.rules_of("states.planning.slots", "problems")[0]


def event_rules(declaration: Declaration, event: str) -> list[str]:
    """The rules an event may be refused for, but for those every event obeys."""
    declared = declaration.events[event]
    names = [*declared.guards, *(name for t in declared.transitions for name in t.when)]
    return list(dict.fromkeys(rule for name in names for rule in guard_rules(declaration, name)))


def common_rules() -> list[str]:
    """The rules every event obeys: state, role, waivers, time."""
    return source.rules_of("states.lifecycle.decision", "decide")[0]


def refusals(declaration: Declaration) -> str:
    """One section by rule."""
    unknown = sorted(set(texts("refus")) - set(rules(declaration)))
    if unknown:
        raise GenerationError(f"docs/generation/texts/refus.toml speaks of rules nobody refuses for: {unknown}")
    return "\n\n".join(_section(declaration, rule) for rule in sorted(rules(declaration)))


def _section(declaration: Declaration, rule: str) -> str:
    lines = [f"### `{rule}`", ""]
    if rule in texts("refus"):  # the sentences of others are enough
        lines += [text_of("refus", rule), "", f"**Ce qui aide.** {text_of('refus', rule, 'aide')}", ""]
    lines += [f"> {told}\\\n> → {remedy}\n" for told, remedy in told_of(declaration, rule)]
    where = [
        code(event)
        for lifecycle in (declaration, declaration.activities)
        for event in lifecycle.events
        if rule in event_rules(lifecycle, event)
    ]
    where = list(dict.fromkeys(where))
    if rule in common_rules():
        where = ["tout événement"]
    if where:
        lines.append(f"*Où\u00a0:* {', '.join(where)}.")
    return "\n".join(lines).rstrip()


def told_of(declaration: Declaration, rule: str) -> list[tuple[str, str]]:
    """What a rule says, and what it says to do."""
    from states.language import label_of

    if rule in declaration.eligibility:
        eligibility = declaration.eligibility[rule]
        return [(label_of(eligibility.refusal), label_of(eligibility.remedy))]
    found = []
    for told in source.refusals()[rule]:
        remedies = [translated(text) for text in told.remedies if len(text) > 3]
        found += [(translated(message), " · ".join(remedies)) for message in told.messages if len(message) > 10]
    return list(dict.fromkeys(found))


def linked(rule: str, page: str = "erreurs.md") -> str:
    """A rule, with a link to its section."""
    return f"[`{rule}`]({page}#{anchor(rule)})"
