"""From the text of a declaration to a `Declaration`, with every mistake found in one pass.

Structure, types, unknown names and unknown references are found together: each kind of code has a structuring
hook that knows the names the same file declares. `states.verification.structure` then looks at the lifecycle as a
whole.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterable, Mapping
from datetime import time
from types import GenericAlias
from typing import Any, get_args

import attrs
import cattrs
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn, override

from states.canonical import canonical, digest
from states.declaration import tables as d
from states.declaration import types as values
from states.declaration.documents import document_of
from states.declaration.letters import with_letters
from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator, NotToml, parsed
from states.declaration.vocabulary import GATHERED, OUTCOMES
from states.errors import BadDeclaration, FieldError, did_you_mean
from states.language import LANGUAGES, _
from states.lifecycle.effects import EFFECTS
from states.lifecycle.guards import GUARDS

Path = tuple[str, ...]

_CHOICES = {
    (d.Event, "note"): ("optional", "required"),
    (d.Event, "undo"): ("never", "in_turn", "by_seq"),
    (d.Event, "since"): ("last", "reception"),
    (d.Event, "meeting"): (*d.KINDS_OF_MEETING, d.ACTIVITY),
    (d.Tier, "validation"): ("none", "delegated", "prior"),
    (d.Task, "owner"): ("lab", "requester", "both"),
    (d.Task, "stage"): ("run_sheet", "organising", "facilitation", "documentation"),
    (d.Lab, "language"): LANGUAGES,
    (d.State, "owes"): ("", "lab", "requester", "both"),
    (d.State, "outcome"): ("", *OUTCOMES),
    (d.Axis, "counts"): ("", *GATHERED),
    (d.Deadline, "anchor"): ("entry", "interview", "activity", "meeting", "closing"),
    (d.Field, "type"): values.FORM_TYPES,
    (d.Key, "type"): values.TYPES,
}


class _Wrong(ValueError):
    """A value that is not what was expected; its text is for people."""


def load(text: str, folder: pathlib.Path | None = None) -> Declaration:
    """The declaration in a TOML text, its letters in `folder` or else those of the product.

    Raises BadDeclaration with every mistake, each with its path and line.
    """
    try:
        raw = parsed(text)
    except NotToml as problem:
        told = [FieldError("declaration", str(problem), problem.line)]
        raise BadDeclaration(told, _("The declaration is not TOML.")) from None
    document = with_letters(document_of(raw), folder)
    try:
        found = _whole_converter(document).structure(document, Declaration)
    except (ClassValidationError, IterableValidationError) as problems:
        locator = Locator(text)
        fields = [FieldError(_dotted(path), message, locator.line(path)) for path, message in _told(problems, ())]
        raise BadDeclaration(sorted(fields, key=lambda f: f.line or 0)) from None
    found.digest = digest(canonical(document))
    return found


class _Names:
    """The names a document declares, by the type of code that refers to them."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        def table(name: str) -> tuple[str, ...]:
            found = document.get(name)
            return tuple(found) if isinstance(found, Mapping) else ()

        states = table("states")
        vocabularies = (
            "services",
            "families",
            "departments",
            "places",
            "axes",
            "kinds",
            "skills",
            "tiers",
            "deadlines",
        )
        self.by_type: dict[Any, tuple[str, ...]] = {
            d.StateCode: states,
            d.StateSet: (*states, *d.GROUPS),
            d.TargetCode: (*states, *d.GROUPS, d.SAME),
            d.RoleCode: table("roles"),
            d.GuardName: tuple(GUARDS),
            d.EffectName: tuple(EFFECTS),
            d.KeyCode: table("keys"),
            d.FieldCode: table("form"),
            d.TierCode: table("tiers"),
            d.EventCode: table("events"),
            d.DeadlineCode: table("deadlines"),
            d.KindCode: table("kinds"),
            d.FamilyCode: table("families"),
            d.DepartmentCode: table("departments"),
            d.AcademyCode: table("academies"),
            d.RuleCode: table("eligibility"),
            d.Vocabulary: (*vocabularies, *table("codes"), "activity_types", "activity_axes"),
            d.Weekday: d.WEEKDAYS,
            d.AxisCode: table("axes"),
        }


def _whole_converter(document: Mapping[str, Any]) -> cattrs.Converter:
    """A converter in which what an activity declares is named among its own states."""
    converter = _converter(_Names(document))
    activity = document.get("activity")
    states, events = ((activity.get(name) if isinstance(activity, Mapping) else None) for name in ("states", "events"))
    inner = _converter(_Names({**document, "states": states, "events": events}))
    converter.register_structure_hook(d.Activities, lambda value, _type: inner.structure(value, d.Activities))
    return converter


def _converter(names: _Names) -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    for kind, known in names.by_type.items():
        converter.register_structure_hook(kind, _one_of(known))
    converter.register_structure_hook(d.Minutes, lambda value, _type: _minutes(value))
    converter.register_structure_hook(time, lambda value, _type: _time(value))
    for kind, word in ((str, _("a text")), (int, _("a whole number")), (bool, _("true or false"))):
        converter.register_structure_hook(kind, _strictly(kind, word))
    converter.register_structure_hook_func(lambda kind: kind == d.Labels, _labels)
    converter.register_structure_hook_factory(lambda kind: getattr(kind, "__origin__", None) is tuple, _listed)
    converter.register_structure_hook(
        d.Transition, make_dict_structure_fn(d.Transition, converter, sources=override(rename="from"))
    )
    for cls in {cls for cls, _name in _CHOICES}:
        _add_choices(converter, cls)
    return converter


def _add_choices(converter: cattrs.Converter, cls: type) -> None:
    hooks = {
        name: override(struct_hook=_one_of(choices)) for (owner, name), choices in _CHOICES.items() if owner is cls
    }
    converter.register_structure_hook(cls, make_dict_structure_fn(cls, converter, **hooks))  # type: ignore[arg-type]


def _listed(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """A list, and nothing else that holds parts: a text is not the list of its letters."""
    inner: Any = GenericAlias(list, get_args(kind)[:1])
    each = converter.get_structure_hook(inner)

    def hook(value: Any, _type: Any) -> Any:
        if not isinstance(value, list):
            raise _Wrong(_("expected {what}, got {given}", what=_("a list"), given=_shown(value)))
        return tuple(each(value, inner))

    return hook


def _strictly(kind: type, word: str) -> Callable[[Any, Any], Any]:
    def hook(value: Any, _type: Any) -> Any:
        if type(value) is not kind:
            raise _Wrong(_("expected {what}, got {given}", what=word, given=_shown(value)))
        return value

    return hook


def _one_of(known: Iterable[str]) -> Callable[[Any, Any], Any]:
    known = tuple(known)

    def hook(value: Any, _type: Any) -> Any:
        if value is None and _type is not None and type(None) in getattr(_type, "__args__", ()):
            return None
        if not isinstance(value, str) or value not in known:
            close = did_you_mean(value, known) if isinstance(value, str) else ""
            expected = ", ".join(filter(None, known)) if len(known) <= 8 else _("a declared name")
            raise _Wrong(_("expected {what}, got {given}", what=expected, given=_shown(value)) + "." + close)
        return value

    return hook


def _minutes(value: Any) -> int:
    try:
        return values.parse_minutes(str(value))
    except values.Malformed:
        raise _Wrong(_("expected {what}, got {given}", what="90m, 2h, 1h30", given=_shown(value))) from None


def _time(value: Any) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise _Wrong(_("expected {what}, got {given}", what="08:00:00", given=_shown(value))) from None


def _labels(value: Any, _type: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) and v.strip() for v in value.values()):
        raise _Wrong(_("expected {what}, got {given}", what='{ fr = "…", en = "…" }', given=_shown(value)))
    return dict(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _dotted(path: Path) -> str:
    return ".".join(f'"{part}"' if "." in part else part for part in path)


def _told(problem: BaseException, path: Path) -> list[tuple[Path, str]]:
    """Every leaf of cattrs' tree of errors: where it is, and what is wrong, in people's words."""
    found = []
    if isinstance(problem, (ClassValidationError, IterableValidationError)):
        with_notes, without = problem.group_exceptions()
        for inner, note in with_notes:
            step = getattr(note, "name", None)
            step = str(note.index) if step is None else {"sources": "from"}.get(step, step)
            found += _told(inner, (*path, step))
        for inner in without:
            found += _told(inner, path)
        return found
    if isinstance(problem, ForbiddenExtraKeysError):
        known = [a.name for a in attrs.fields(problem.cl)]
        return [
            ((*path, name), _("unknown key “{name}”.", name=name) + did_you_mean(name, known))
            for name in sorted(problem.extra_fields)
        ]
    if isinstance(problem, KeyError):
        return [(path, _("this key is missing"))]
    if isinstance(problem, _Wrong):
        return [(path, str(problem))]
    return [(path, _("this value has not the shape expected here"))]
