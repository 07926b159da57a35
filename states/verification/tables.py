"""What a declaration's tables say that no lab can mean: the rules that are not about edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from states.declaration.model import Declaration
from states.declaration.tables import Deadline, Eligibility, Event, Field, Key, Labels
from states.declaration.types import Malformed, Reading, read
from states.declaration.vocabulary import LED_BY_LAB, OUTCOMES, RECORDS
from states.language import LANGUAGES, _, enumeration
from states.lifecycle.effects import effect_of
from states.lifecycle.guards import GUARDS

Path = tuple[str, ...]
Found = tuple[str, Path, str]  # code, path, message
Rule = Callable[[Declaration], Iterator[Found]]

# What the product's code names itself: a lab changes the labels of these, never the codes.
RELIED_ON: dict[str, tuple[str, ...]] = {
    "kinds": ("accompanied",),
    "codes": ("experience", "complexity", "bases", "decisions", "facilitations"),
}
RELIED_ON_CODES: dict[str, tuple[str, ...]] = {
    "bases": ("delegation", "committee"),
    "decisions": ("ratify", "refuse"),
    "facilitations": ("requester", *LED_BY_LAB),
}
RELIED_ON_FIELDS = ("title", "kind", "axis", "service", "department", "place", "requester.name", "requester.email")


def effects(declaration: Declaration) -> Iterator[Found]:
    """An effect and a guard find in the event what they read."""
    for code, event in declaration.events.items():
        keys = declaration.keys_of(event)
        sure = {name for name, (key, required) in keys.items() if required or key.default is not None}
        yield from _meeting_of(code, event, sure)
        for name in effect_of(event).needs:
            if name not in sure:
                said = _("The effect “{effect}” needs the key “{key}”, required or with a default.")
                yield "effect_without_key", ("events", code), said.format(effect=event.effect, key=name)
        for guard in dict.fromkeys((*event.guards, *(name for t in event.transitions for name in t.when))):
            for name in GUARDS[guard].needs:
                if name not in sure:
                    said = _("The guard “{guard}” needs the key “{key}”, required or with a default.")
                    yield "guard_without_key", ("events", code, "guards"), said.format(guard=guard, key=name)


def _meeting_of(code: str, event: Event, sure: set[str]) -> Iterator[Found]:
    effect = effect_of(event)
    about = effect.of_a_meeting
    if not event.meeting and (effect.makes_meeting or (about and "meeting" not in sure)):
        said = _("The effect “{effect}” needs a kind of meeting: write meeting = …")
        yield "no_meeting", ("events", code), said.format(effect=event.effect)
    if event.meeting and not about and not effect.makes_meeting:
        said = _("The effect “{effect}” has nothing to do with a meeting.")
        yield "idle_meeting", ("events", code, "meeting"), said.format(effect=event.effect)
    if about and "planned" not in event.guards:
        said = _("“{event}” is about a planned meeting: it needs the guard “planned”.")
        yield "no_planned_guard", ("events", code), said.format(event=code)


def meetings(declaration: Declaration) -> Iterator[Found]:
    """A kind of meeting that some event plans can be held, and the other way round."""
    events = [(code, event, effect_of(event)) for code, event in declaration.events.items()]
    planned = {event.meeting: code for code, event, effect in events if effect.makes_meeting and event.meeting}
    held = {event.meeting: code for code, event, effect in events if effect.holds_meeting and event.meeting}
    for kind in sorted(planned.keys() ^ held.keys()):
        if kind in planned:
            said, code = _("“{event}” plans a kind of meeting, “{kind}”, that no event holds."), planned[kind]
        else:
            said, code = _("“{event}” holds a kind of meeting, “{kind}”, that no event plans."), held[kind]
        yield "meeting_kind", ("events", code, "meeting"), said.format(event=code, kind=kind)


def waives(declaration: Declaration) -> Iterator[Found]:
    """A waiver is heeded by one of the event's guards."""
    for code, event in declaration.events.items():
        heeded = {rule for guard in event.guards for rule in GUARDS[guard].waivable(declaration)}
        for rule in event.waives:
            if rule not in heeded:
                said = _("No guard of “{event}” gives way to a waiver of “{rule}”.", event=code, rule=rule)
                yield "idle_waiver", ("events", code, "waives", rule), said


def keys(declaration: Declaration) -> Iterator[Found]:
    """Fields of the form and keys of events can be given, and told apart."""
    for code, event in declaration.events.items():
        names = [declaration.keys[key].name or key for key in (*event.needs, *event.takes)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield "key_twice", ("events", code), _("“{event}” takes two keys named “{key}”.", event=code, key=name)
        for key in (*event.needs, *event.takes):
            first = declaration.keys[key].only_with
            if first is not None and first not in (*event.needs, *event.takes):
                said = _("“{key}” goes only with “{first}”, which “{event}” does not take.",
                         key=key, first=first, event=code)  # fmt: skip
                yield "alone", ("events", code), said
    for table, specs in (("form", declaration.form), ("keys", declaration.keys)):
        for code, spec in specs.items():
            yield from _spec(declaration, (table, code), spec)


def _spec(declaration: Declaration, path: Path, spec: Field | Key) -> Iterator[Found]:
    if spec.min is not None and spec.max is not None and spec.min > spec.max:
        said = _("The least, {min}, is above the most, {max}.", min=spec.min, max=spec.max)
        yield "min_above_max", (*path, "min"), said
    of_codes = spec.type in ("code", "headcount")
    if of_codes and spec.codes is None:
        yield "no_vocabulary", (*path, "type"), _("A code is of some table: say which, with codes = …")
    elif spec.codes is not None:
        known = declaration.codes.get(spec.codes, getattr(declaration, spec.codes, None))
        if not isinstance(known, Mapping) or not known:
            said = _("There is no code in “{table}”: nothing could be given here.", table=spec.codes)
            yield "empty_vocabulary", (*path, "codes"), said
        if not of_codes:
            said = _("Only a value of type “code” or “headcount” is of a table of codes.")
            yield "idle_vocabulary", (*path, "codes"), said
    if isinstance(spec, Key) and spec.default is not None:
        try:
            read(spec.default, spec, Reading(declaration))
        except Malformed as problem:
            yield "bad_default", (*path, "default"), str(problem)


def labels(declaration: Declaration) -> Iterator[Found]:
    """Every text is there in every language."""
    for path, texts, required in _texts(declaration, ()):
        absent = [language for language in LANGUAGES if not texts.get(language, "").strip()]
        if absent and (texts or required):
            yield "missing_label", path, _("This text is missing in: {languages}.", languages=enumeration(absent))


def _texts(thing: Any, path: Path) -> Iterator[tuple[Path, Labels, bool]]:
    """Every text for people, wherever it stands, and whether it must be there."""
    if isinstance(thing, Mapping):
        for code, inner in thing.items():
            yield from _texts(inner, (*path, str(code)))
    elif isinstance(thing, tuple):
        for rank, inner in enumerate(thing):
            yield from _texts(inner, (*path, str(rank)))
    elif attrs.has(type(thing)):
        for field in attrs.fields(type(thing)):
            # The type is a name until cattrs has resolved it; `holidays` then has the very type of labels.
            if field.type in ("Labels", Labels) and field.name != "holidays":
                yield (*path, field.name), getattr(thing, field.name), field.default is attrs.NOTHING
            elif field.init:
                yield from _texts(getattr(thing, field.name), (*path, field.name))


def tiers(declaration: Declaration) -> Iterator[Found]:
    """A tier's least number of work meetings lies between zero and its cap."""
    for code, tier in declaration.tiers.items():
        least, cap = tier.work.min, tier.work.max
        if least < 0:
            yield "negative_min", ("tiers", code, "work"), _("{min} work meetings: 0 is the least.", min=least)
        if least > cap:
            said = _("At least {min} work meetings are asked for and at most {max} allowed.", min=least, max=cap)
            yield "min_above_cap", ("tiers", code, "work"), said


def eligibility(declaration: Declaration) -> Iterator[Found]:
    """A rule expects one thing, of a field that can give it."""
    types = {"at_least": ("integer", "percent"), "equals": ("bool",), "families": ("code",)}
    for code, rule in declaration.eligibility.items():
        path, expected, field = ("eligibility", code), _expectations(rule), declaration.form[rule.field]
        if len(expected) != 1:
            said = _("A rule expects one thing: write at_least, equals or families, and one of them only.")
            yield "eligibility_expectation", path, said
        elif field.type not in types[expected[0]]:
            said = _("“{field}” is of type “{type}”, which “{expected}” does not look at.")
            said = said.format(field=rule.field, type=field.type, expected=expected[0])
            yield "eligibility_field", (*path, "field"), said
        elif field.codes and (unknown := sorted(set(rule.families) - set(declaration.vocabulary(field.codes)))):
            said = _("“{field}” has no such codes: {codes}.", field=rule.field, codes=", ".join(unknown))
            yield "eligibility_field", (*path, "families"), said
        for name in ("refusal", "remedy"):
            if any(not _fillable(text) for text in getattr(rule, name).values()):
                said = _("Only “given”, “expected” and “family” can be filled in here, each between braces.")
                yield "bad_placeholder", (*path, name), said


def _expectations(rule: Eligibility) -> list[str]:
    given = {"at_least": rule.at_least is not None, "equals": rule.equals is not None, "families": bool(rule.families)}
    return [name for name, present in given.items() if present]


def _fillable(text: str) -> bool:
    try:
        text.format(given="", expected="", family="")
    except (KeyError, IndexError, ValueError, AttributeError):
        return False
    return True


def recommendation(declaration: Declaration) -> Iterator[Found]:
    """Each row of the table fits some form, and says one tier."""
    seen: set[tuple[str, str]] = set()
    for rank, row in enumerate(declaration.recommendation):
        path, cell = ("recommendation", str(rank)), (row.experience, row.complexity)
        if cell in seen:
            said = _("An earlier row is about the same experience and complexity: this one is never read.")
            yield "recommendation_twice", path, said
        seen.add(cell)
        for name, code in (("experience", row.experience), ("complexity", row.complexity)):
            if code and (name not in declaration.form or code not in declaration.codes.get(name, ())):
                said = _("“{code}” cannot be given as “{field}”: this row never fits.", code=code, field=name)
                yield "recommendation_never_fits", (*path, name), said
        if (row.tier is None) != row.as_wanted:
            said = _("A row recommends a tier, or the one wished for: write tier or as_wanted, and one of them only.")
            yield "recommendation_tier", path, said


def deadlines(declaration: Declaration) -> Iterator[Found]:
    """A deadline has one length, and an anchor that exists."""
    for code, deadline in declaration.deadlines.items():
        path, lengths = ("deadlines", code), [n for n in (deadline.days, deadline.months) if n is not None]
        if len(lengths) != 1 or lengths[0] < 1:
            said = _("A deadline is so many days or so many months away: write one of them only, 1 or more.")
            yield "deadline_length", path, said
        elif (deadline.months is not None) != (deadline.anchor == "closing"):
            said = _("Months are counted from a closing, days from any other anchor.")
            yield "deadline_length", path, said
        if (deadline.reminder or 0) < 0 or deadline.escalation < 0:
            yield "deadline_stage", path, _("A reminder comes before, an escalation after: neither is below 0.")
        yield from _anchor(declaration, code, deadline)


def _anchor(declaration: Declaration, code: str, deadline: Deadline) -> Iterator[Found]:
    path = ("deadlines", code)
    if deadline.anchor in ("meeting", "closing"):
        if code in declaration.states:
            said = _("“{code}” is a state: a deadline anchored to “{anchor}” bears another name.")
            yield "deadline_state", path, said.format(code=code, anchor=deadline.anchor)
    elif code not in declaration.states:
        yield "deadline_state", path, _("A state's deadline bears its name: there is no state “{state}”.", state=code)
    elif declaration.is_final(code):
        yield "deadline_state", path, _("“{state}” is final: nothing is awaited there.", state=code)
    elif deadline.anchor == "interview" and not any(
        effect_of(event).makes_meeting and event.meeting == "interview" and edge.targets == (code,)
        for name, event in declaration.events.items()
        for edge in declaration.edges[name]
    ):
        yield "deadline_state", path, _("No interview is planned on the way to “{state}”.", state=code)


def services(declaration: Declaration) -> Iterator[Found]:
    """Every service is of a declared family; every place is sometimes open."""
    for code, service in declaration.services.items():
        if service.family not in declaration.families:
            said = _("There is no family “{family}”.", family=service.family)
            yield "unknown_family", ("services", code, "family"), said
    for code, place in declaration.places.items():
        if not place.anywhere and not place.open_days:
            yield (
                "never_open",
                ("places", code),
                _("“{place}” is open on no day: nothing could be planned.", place=code),
            )


def tiles(declaration: Declaration) -> Iterator[Found]:
    """Every department has a place of its own on the map of tiles, or none has one."""
    taken: dict[tuple[int, ...], str] = {}
    for code, department in declaration.departments.items():
        path, tile = ("departments", code, "tile"), department.tile
        if not tile:
            if any(other.tile for other in declaration.departments.values()):
                yield "tile", path[:2], _("“{department}” has no tile, and others have.", department=code)
        elif len(tile) != 2 or min(tile) < 1:
            yield "tile", path, _("A tile is a column and a row, from 1 on.")
        elif (first := taken.setdefault(tile, code)) != code:
            yield "tile", path, _("“{department}” is where “{other}” is.", department=code, other=first)


def semesters(declaration: Declaration) -> Iterator[Found]:
    """Semesters start on days of every year, each on its own."""
    if not declaration.semesters:
        yield "no_semester", ("semesters",), _("There is no semester: no review could be made.")
    starts: dict[tuple[int, int], str] = {}
    for code, semester in declaration.semesters.items():
        path, start = ("semesters", code), (semester.month, semester.day)
        try:
            date(2025, *start)
        except ValueError:
            yield "semester_start", path, _("Month {month} has no day {day} every year.", month=start[0], day=start[1])
        first = starts.setdefault(start, code)
        if first != code:
            said = _("“{semester}” starts on the same day as “{other}”.", semester=code, other=first)
            yield "semesters_overlap", path, said


def lab(declaration: Declaration) -> Iterator[Found]:
    """The lab's own hours, zone and table of holidays."""
    found = declaration.lab
    if found.opens >= found.closes:
        said = _("The lab closes at {closes}, before it opens at {opens}.", opens=found.opens, closes=found.closes)
        yield "opens_after_closes", ("lab", "opens"), said
    try:
        ZoneInfo(found.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "unknown_zone", ("lab", "zone"), _("There is no time zone “{zone}”.", zone=found.zone)
    if absent := [name for name in ("country", "language") if not found.holidays.get(name)]:
        said = _("Public holidays are looked up by country and language; missing: {names}.", names=enumeration(absent))
        yield "no_holidays", ("lab", "holidays"), said


def relied_on(declaration: Declaration) -> Iterator[Found]:
    """The codes that the product itself names are there."""
    for table, codes in RELIED_ON.items():
        for code in codes:
            if code not in getattr(declaration, table):
                said = _("The product relies on “{code}”: keep the code, change its label.", code=code)
                yield "relied_on", (table, code), said
    for table, codes in RELIED_ON_CODES.items():
        for code in codes:
            if table in declaration.codes and code not in declaration.codes[table]:
                said = _("The product relies on “{code}”: keep the code, change its label.", code=code)
                yield "relied_on", ("codes", table, code), said
    for code in RELIED_ON_FIELDS:
        field = declaration.form.get(code)
        if field is None or not field.required:
            yield "relied_on", ("form", code), _("Every form has “{field}”: keep it, and required.", field=code)
    if "family" not in declaration.form:
        said = _("Every form has “{field}”: keep it, even if nobody is asked for it.", field="family")
        yield "relied_on", ("form", "family"), said
    title = declaration.form.get("title")
    if title and not title.private:
        yield "relied_on", ("form", "title"), _("The title is free text: it is kept private.")


def outcomes(declaration: Declaration) -> Iterator[Found]:
    """A final state, and no other, says what ending there means; one that pauses is left again."""
    for code, state in declaration.states.items():
        if state.final != bool(state.outcome):
            said = _("A final state, and no other, has an outcome: {outcomes}.", outcomes=", ".join(OUTCOMES))
            yield "outcome", ("states", code), said
        if state.retention is not None and not (state.outcome and state.retention > 0):
            said = _("Only a final state says how long it keeps: one month at least.")
            yield "retention", ("states", code, "retention"), said
        if state.final and state.pauses:
            yield "final_pause", ("states", code, "pauses"), _("A final state pauses nothing: nothing waits there.")


def records(declaration: Declaration) -> Iterator[Found]:
    """An event says what it records, and its effect keeps it."""
    for code, event in declaration.events.items():
        keeps = effect_of(event).records
        if event.records and not keeps:
            said = _("The effect “{effect}” keeps no record.", effect=event.effect)
            yield "idle_records", ("events", code, "records"), said
        elif keeps and not event.records:
            said = _("What does it record? Write records = …: {known}, or a word of your own.")
            yield "no_records", ("events", code), said.format(known=", ".join(RECORDS))


def roles(declaration: Declaration) -> Iterator[Found]:
    """Someone keeps the registers: whoever opens the lab."""
    if not any(role.keeps and role.registered for role in declaration.roles.values()):
        yield "no_keeper", ("roles",), _("No role keeps the registers: write keeps = true in one of them.")


OF_EVENTS: tuple[Rule, ...] = (effects, meetings, waives, keys, outcomes, records)
RULES: tuple[Rule, ...] = (
    effects,
    meetings,
    waives,
    keys,
    labels,
    tiers,
    eligibility,
    recommendation,
    deadlines,
    services,
    tiles,
    semesters,
    lab,
    relied_on,
    outcomes,
    records,
    roles,
)
