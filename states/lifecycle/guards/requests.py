"""The rules of the lifecycle, as named guards the declaration binds to.

A guard looks at an attempt and returns the rules it does not meet, each with its sentence and its remedy. It says
which inputs it needs (absent, it goes to `needs` of `coop next`) and which facts it reads, so that the engine
fetches only those; which rules a waiver may lift; and what it looks at of the request beyond what every situation of
the proof keeps. To add one: write the function under `@guard` here, or in `meetings`, and name it in the declaration.
"""

from __future__ import annotations

from collections.abc import Iterator

from states.declaration.vocabulary import DELIVERABLE
from states.errors import Refusal
from states.forms.recommendation import recommend
from states.language import _, _n, enumeration, label_of
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import Derogate, Explain, Validate, effect_of
from states.lifecycle.guards.registry import guard
from states.lifecycle.repeats import entry_number
from states.requests.request import PLANNED


@guard()
def accompanied(attempt: Attempt) -> Iterator[Refusal]:
    if not attempt.request.accompanied:
        yield Refusal(
            "kind",
            _(
                "{ref} is an autonomous session: it has no interview, tier, work meeting or debrief.",
                ref=attempt.request.ref,
            ),
            _hosting(attempt),
        )


def _hosting(attempt: Attempt) -> str:
    """What accepts an autonomous session, where that is still to be done."""
    ref, declaration = attempt.request.ref, attempt.declaration
    for code, event in declaration.events.items():
        sources = [edge.source for edge in declaration.edges[code]]
        if autonomous.name in event.guards and attempt.request.state in sources and event.command:
            return _("Accept it with: coop {command} {ref}", command=event.command, ref=ref)
    return _("See what can be done with: coop next {ref}", ref=ref)


@guard()
def autonomous(attempt: Attempt) -> Iterator[Refusal]:
    if attempt.request.accompanied:
        yield Refusal(
            "kind",
            _("{ref} is an accompanied request: this is for autonomous sessions.", ref=attempt.request.ref),
            _("See what can be done with: coop next {ref}", ref=attempt.request.ref),
        )


@guard()
def accepted(attempt: Attempt) -> Iterator[Refusal]:
    if not attempt.request.accepted:
        yield Refusal(
            "state",
            _("{ref} has not been prequalified: there is nothing to cancel yet.", ref=attempt.request.ref),
            _("Use “coop withdraw {ref}” or “coop decline {ref}”.", ref=attempt.request.ref),
        )


@guard(reads_request=("eligibility",), waivable=lambda declaration: declaration.eligibility)
def eligible(attempt: Attempt) -> Iterator[Refusal]:
    """Source: brochure III-2 and III-4 (the charter's conditions), domain.md "Eligibility rules"."""
    declaration, form = attempt.declaration, attempt.request.form
    for code, rule in declaration.eligibility.items():
        given = form.get(rule.field)
        family = form.get("family", "") if rule.families else ""
        unmet = (
            (rule.at_least is not None and isinstance(given, int) and given < rule.at_least)
            or (rule.equals is not None and given is not rule.equals)
            or (bool(rule.families) and family not in rule.families.get(str(given), ()))
        )
        if unmet and code not in attempt.waive:
            field = declaration.form[rule.field]
            shown = declaration.label(field.codes, str(given)) if field.codes else given
            yield Refusal(
                code,
                label_of(rule.refusal).format(
                    given=shown, expected=rule.at_least, family=declaration.label("families", family)
                ),
                label_of(rule.remedy),
            )


@guard()
def minimum_held(attempt: Attempt) -> Iterator[Refusal]:
    """Source: brochure, offer « Activateur », third column; domain.md "Tiers"."""
    request = attempt.request
    if not (request.accompanied and request.tier):
        return
    tier = attempt.declaration.tiers[request.tier]
    held = len(request.of_kind("work", "held"))
    if held < tier.work.min:
        yield Refusal(
            "below_minimum",
            _n(
                "{tier} asks for at least {n} work meeting before the session; {held} held so far.",
                "{tier} asks for at least {n} work meetings before the session; {held} held so far.",
                tier.work.min,
                tier=tier.text,
                held=held,
            ),
            _("Record the work meeting as held: coop meeting done {ref}", ref=request.ref)
            if request.next_planned("work")
            else _("First plan it: coop {noun} plan {ref} --slot …", noun="meeting", ref=request.ref),
        )


@guard(reads=("people",))
def validated(attempt: Attempt) -> Iterator[Refusal]:
    request, declaration = attempt.request, attempt.declaration
    if request.refused:
        yield from not_refused.check(attempt)
    elif request.needs_validation(declaration) and not request.validated:
        tier = declaration.tiers[request.tier or ""]
        prior = tier.validation == "prior"
        person = _who_validates(attempt, committee=prior)
        if prior:
            who = _("The committee validates it: coop --as {person} validate {ref}", person=person, ref=request.ref)
        else:
            who = _("It is validated by delegation: coop --as {person} validate {ref}", person=person, ref=request.ref)
        yield Refusal("not_validated", _("{tier} is validated before anything is planned.", tier=tier.text), who)


def _who_validates(attempt: Attempt, *, committee: bool) -> str:
    """The id of somebody who validates by delegation, or for the committee; “…” where nobody is registered for it."""
    events = attempt.declaration.events.values()
    roles = next((event.roles for event in events if isinstance(effect_of(event), Validate)), ("",))
    person: str = attempt.facts.get("people", {}).get(roles[-1] if committee else roles[0], "…")
    return person


@guard(reads=("people",))
def not_refused(attempt: Attempt) -> Iterator[Refusal]:
    """Source: domain.md, `ratify`: what the committee refused, it alone takes up again."""
    ref = attempt.request.ref
    if attempt.request.refused:
        yield Refusal(
            "refused_by_committee",
            _("The committee refused {ref}: nothing more is planned until it validates it itself.", ref=ref),
            _(
                "The committee validates it (coop --as {person} validate {ref}), or: coop cancel {ref}",
                person=_who_validates(attempt, committee=True),
                ref=ref,
            ),
        )


@guard(reads=("people",))
def is_validated(attempt: Attempt) -> Iterator[Refusal]:
    if not attempt.request.validated:
        ref, needed = attempt.request.ref, attempt.request.needs_validation(attempt.declaration)
        person = _who_validates(attempt, committee=False)
        first = _("It is validated first: coop --as {person} validate {ref}", person=person, ref=ref)
        yield Refusal(
            "not_validated",
            _("{ref} is not validated: there is nothing to ratify.", ref=attempt.request.ref),
            first if needed else _("Only what is validated is ratified. See: coop next {ref}", ref=ref),
        )


@guard(reads=("people", "done_by"))
def to_validate(attempt: Attempt) -> Iterator[Refusal]:
    request, declaration = attempt.request, attempt.declaration
    basis = attempt.inputs.get("basis")
    if request.refused:
        if basis != "committee" and not declaration.decides(attempt.role):
            yield from not_refused.check(attempt)
    elif not request.needs_validation(declaration):
        yield Refusal(
            "validation_not_needed",
            _(
                "{tier} needs no validation: the lab says yes at once.",
                tier=declaration.label("tiers", request.tier) or _("No tier"),
            ),
            _("See what can be done with: coop next {ref}", ref=request.ref),
        )
    elif request.validated:
        yield Refusal(
            "validation_not_needed",
            _("{ref} is already validated (entry {seq}).", ref=request.ref, seq=entry_number(attempt)),
            _("See what can be done with: coop next {ref}", ref=request.ref),
        )
    overseer = declaration.label("roles", declaration.overseer)
    expected = "committee" if declaration.decides(attempt.role) else "delegation"
    prior = bool(request.tier) and declaration.tiers[request.tier or ""].validation == "prior"
    if basis and (basis != expected or (prior and basis != "committee")):
        yield Refusal(
            "role",
            _(
                "A validation “{basis}” is not for the role {role}.",
                basis=declaration.label("bases", basis),
                role=declaration.label("roles", attempt.role),
            ),
            _("This tier is validated by the committee.")
            if prior
            else _("The role {role} validates by delegation, the committee on its own basis.", role=overseer),
        )


@guard(reads=("people",))
def below_cap(attempt: Attempt) -> Iterator[Refusal]:
    """Source: brochure, offer « Activateur »: « 1-3 réunion(s) », « jusqu’à 6 »; planned and held both count."""
    request, declaration = attempt.request, attempt.declaration
    cap = request.cap(declaration)
    if cap is None or request.counted() < cap:
        return
    tier = declaration.tiers[request.tier or ""]
    held = len(request.of_kind("work", "held"))
    yield Refusal(
        "cap_reached",
        _n(
            "{tier} has at most {n} work meeting: {held} held, {planned} planned.",
            "{tier} has at most {n} work meetings: {held} held, {planned} planned.",
            cap,
            tier=tier.text,
            held=held,
            planned=request.counted() - held,
        ),
        _cap_remedy(attempt),
    )


def _cap_remedy(attempt: Attempt) -> str:
    """What would make one more meeting possible: the session, a freed meeting, a derogation, a wider tier."""
    request, declaration = attempt.request, attempt.declaration
    tier = declaration.tiers[request.tier or ""]
    ways = [_("hold the session (coop session plan {ref} --slot …)", ref=request.ref)]
    if planned := request.of_kind("work", PLANNED):
        meeting = planned[-1].id
        ways.append(
            _("cancel a planned meeting (coop meeting cancel {ref}/{id} --note …)", ref=request.ref, id=meeting)
        )
    if tier.derogation:
        ways.append(
            _(
                "ask for a derogation (coop {who}derogation {ref} --extra 1 --note …)",
                ref=request.ref,
                who=_who_grants(attempt),
            )
        )
    wider = [(c, t) for c, t in declaration.tiers.items() if t.work.max > request.counted()]
    if wider and not tier.derogation:
        code, _tier = min(wider, key=lambda item: item[1].work.max)
        ways.append(_("move to a wider tier (coop tier change {ref} {tier})", ref=request.ref, tier=code))
    text = enumeration(ways, _("or"))
    return text[0].upper() + text[1:] + "."


def _who_grants(attempt: Attempt) -> str:
    """`--as agnes `, for a derogation that is not the actor's to grant."""
    events = attempt.declaration.events.values()
    roles = next((event.roles for event in events if isinstance(effect_of(event), Derogate)), ())
    people: dict[str, str] = attempt.facts.get("people", {})
    return "" if attempt.role in roles else f"--as {next((people[role] for role in roles if role in people), '…')} "


@guard(needs=("tier",))
def new_cap(attempt: Attempt) -> Iterator[Refusal]:
    request, tier = attempt.request, attempt.declaration.tiers[attempt.inputs["tier"]]
    cap = tier.work.max + attempt.data.get("extra", 0)
    if request.counted() > cap:
        yield Refusal(
            "cap_reached",
            _n(
                "{tier} has at most {n} work meeting; {counted} are already held or planned.",
                "{tier} has at most {n} work meetings; {counted} are already held or planned.",
                cap,
                tier=tier.text,
                counted=request.counted(),
            ),
            _("Cancel planned meetings first, or choose a wider tier."),
        )


@guard()
def derogation(attempt: Attempt) -> Iterator[Refusal]:
    tiers, code = attempt.declaration.tiers, attempt.request.tier
    if code and not tiers[code].derogation:
        allowed = [tier.text for tier in tiers.values() if tier.derogation]
        yield Refusal(
            "derogation_not_allowed",
            _("{tier} allows no derogation.", tier=tiers[code].text),
            _(
                "Only {tiers} allows one: change the tier with coop tier change {ref}.",
                tiers=enumeration(allowed),
                ref=attempt.request.ref,
            ),
        )


@guard(needs=("tier",))
def recommended(attempt: Attempt) -> Iterator[Refusal]:
    if attempt.note:
        return
    advice = recommend(attempt.declaration, attempt.request.form)
    if advice.tier and attempt.inputs["tier"] != advice.tier:
        yield Refusal(
            "note_required",
            _(
                "The recommended tier is {tier} ({reason}).",
                tier=attempt.declaration.label("tiers", advice.tier),
                reason=advice.reason,
            ),
            _("Assign it, or say why another one with --note."),
        )


@guard(reads_request=("records.deliverable",), waivable=("deliverable",))
def deliverable_recorded(attempt: Attempt) -> Iterator[Refusal]:
    """Source: brochure, axis 1: « Produire des livrables à l’issue de l’accompagnement »."""
    request = attempt.request
    recorded = any(attempt.declaration.recorded(record.event) == DELIVERABLE for record in request.records)
    if request.accompanied and not recorded and "deliverable" not in attempt.waive:
        yield Refusal(
            "deliverable",
            _("{ref} has no deliverable yet.", ref=request.ref),
            _(
                "Record one (coop deliverable {ref} --title … --type …), or --waive deliverable with a --note.",
                ref=request.ref,
            ),
        )


@guard()
def not_frozen(attempt: Attempt) -> Iterator[Refusal]:
    form = attempt.declaration.form
    fixed = [form[name].text for name in attempt.inputs if form[name].frozen]
    if attempt.request.accepted and fixed:
        yield Refusal(
            "state",
            _("After prequalification these fields no longer change: {fields}.", fields=enumeration(fixed)),
            _("First undo back to “received”: coop undo {ref} --note …", ref=attempt.request.ref),
        )


@guard(needs=("kind",), reads=("deadlines",))
def past_due(attempt: Attempt) -> Iterator[Refusal]:
    late, zone = attempt.facts["deadlines"], attempt.declaration.lab.tz
    if not Explain.meant(attempt.inputs, late, attempt.occurred_at, zone):
        label = attempt.declaration.label("deadlines", attempt.inputs["kind"])
        yield Refusal(
            "no_missed_deadline",
            _("No deadline “{kind}” is past its moment.", kind=label),
            _("See the deadlines with: coop deadlines {ref}", ref=attempt.request.ref),
        )
