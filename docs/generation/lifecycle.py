"""The lifecycle as tables: states, events, tiers, deadlines, roles, codes; and its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generation.errors import common_rules, event_rules, linked, slot_rules
from generation.markdown import code, table
from states.declaration.model import Declaration
from states.declaration.tables import GROUPS, SAME, Event, Labelled
from states.language import _, duration, enumeration, label_of

GROUPS_SAID = {
    "any": "tout état",
    "active": "tout état en cours",
    "final": "tout état final",
    SAME: "le même",
}
OWED = {"lab": "le laboratoire", "requester": "le demandeur", "both": "les deux"}


def states(declaration: Declaration) -> str:
    """Every state, and how long a request may rest in it."""
    rows = []
    for name, state in declaration.states.items():
        deadline = declaration.deadlines.get(name)
        length = f"{_days(deadline.days)}\u00a0: {deadline.text.lower()}" if deadline and deadline.days else ""
        rows.append([state.text, code(name), OWED.get(state.owes, ""), "oui" if state.final else "non", length])
    return table(["État", "Code", "On attend", "Final", "Échéance"], rows)


def _days(n: int) -> str:
    return f"{n} jour ouvré" if n == 1 else f"{n} jours ouvrés"


def moving(declaration: Declaration) -> str:
    """The events that move a request."""
    return _events(declaration, moves=True)


def staying(declaration: Declaration) -> str:
    """The events that leave the state as it is."""
    return _events(declaration, moves=False)


def _events(declaration: Declaration, *, moves: bool) -> str:
    rows = []
    for name, event in declaration.events.items():
        if event.moves is moves:
            typed = f"`coop {event.command}`" if event.command else ""
            rules = _refusals(event_rules(declaration, name))
            who = enumeration([declaration.label("roles", role).lower() for role in event.roles])
            said = f"{event.text}<br>{code(name)}"
            rows.append([said, _way(declaration, event), who, _needed(declaration, event), typed, rules])
    way = "De → vers" if moves else "Depuis"
    return table(["Événement", way, "Qui", "Ce qu’il faut", "Commande", "Refus possibles"], rows)


def _refusals(rules: Sequence[str]) -> str:
    """The rules, those of a slot as one."""
    of_slots = slot_rules()
    if not set(of_slots) <= set(rules):
        return ", ".join(linked(rule) for rule in rules)
    others = [linked(rule) for rule in rules if rule not in of_slots]
    return ", ".join([*others, "[le créneau](#les-créneaux)"])


def slots() -> str:
    """The rules of a slot, in one line."""
    return ", ".join(linked(rule) for rule in sorted(slot_rules())) + "."


def _way(declaration: Declaration, event: Event) -> str:
    ways = []
    for transition in event.transitions:
        sources = _sources(declaration, transition.sources) or "rien"
        if transition.to == (SAME,):
            ways.append(sources)
            continue
        several = len(transition.to) > 2 or set(transition.to) & set(GROUPS)
        targets = "l’état d’avant" if several else enumeration([_state(declaration, w) for w in transition.to], _("or"))
        ways.append(f"{sources} → {targets}")
    return "\u00a0; ".join(ways)


def _sources(declaration: Declaration, words: Sequence[str]) -> str:
    """The states an event starts from; by a group, and what it leaves out, when that is shorter."""
    for group, said in GROUPS_SAID.items():
        left = [state for state in declaration.group(group) if state not in words]
        if group in GROUPS and len(words) > 4 and len(left) == 1 and set(words) <= set(declaration.group(group)):
            return f"{said} sauf {_state(declaration, left[0])}"
    return enumeration([_state(declaration, word) for word in words], _("or"))


def _state(declaration: Declaration, word: str) -> str:
    return GROUPS_SAID.get(word) or declaration.states[word].text.lower()


def _needed(declaration: Declaration, event: Event) -> str:
    if event.form:
        found = ["des champs de la fiche"]
    else:
        keys = declaration.keys_of(event)
        found = [code(name) for name, (_key, required) in keys.items() if required]
        found += [code(f"{name}?") for name, (_key, required) in keys.items() if not required]
    if event.note == "required":
        found.append("**une note**")
    return ", ".join(found)


def common() -> str:
    """The rules every event obeys, in one line."""
    return ", ".join(linked(rule) for rule in common_rules()) + "."


def tiers(declaration: Declaration) -> str:
    """The tiers: caps, validation, derogation."""
    said = {
        "none": "aucune\u00a0: oui tout de suite",
        "delegated": "par délégation, puis ratification",
        "prior": "par le comité d’abord",
    }
    rows = []
    for name, tier in declaration.tiers.items():
        least, cap = tier.work.min, tier.work.max
        meetings = str(cap) if least == cap else f"{least} à {cap}"
        extra = "possible" if tier.derogation else "non"
        rows.append([tier.text, code(name), meetings, said[tier.validation], extra, label_of(tier.meant_for)])
    headers = ["Niveau", "Code", "Réunions de travail", "Validation", "Dérogation", "Pour qui"]
    return table(headers, rows)


def checklist(declaration: Declaration) -> str:
    """Who does what, by tier."""
    rows = [
        [tier.text, task.text + (" (souhaitable)" if task.optional else ""), OWED[task.owner], code(name)]
        for tier in declaration.tiers.values()
        for name, task in tier.tasks.items()
    ]
    return table(["Niveau", "Tâche", "Qui", "Code"], rows)


def recommendation(declaration: Declaration) -> str:
    """The table that recommends a tier."""
    unsaid = "non dit"
    rows = []
    for row in declaration.recommendation:
        tier = "le niveau souhaité, s’il y en a un" if row.as_wanted else declaration.label("tiers", row.tier)
        if row.unless_wanted:
            others = enumeration([declaration.label("tiers", other) for other in row.unless_wanted], _("or"))
            tier += f"\u00a0; {others} si c’est le niveau souhaité"
        experience = declaration.label("experience", row.experience or None) or unsaid
        rows.append([experience, declaration.label("complexity", row.complexity or None) or unsaid, tier])
    return table(["Expérience", "Complexité", "Niveau recommandé"], rows)


def deadlines(declaration: Declaration) -> str:
    """The deadlines: how long, from when, and their stages."""
    anchors = {
        "entry": "l’entrée dans l’état",
        "interview": "le jour de l’entretien",
        "activity": "la dernière activité, ou le dernier jour prévu",
        "meeting": "le jour de la réunion",
        "closing": "la clôture",
    }
    rows = []
    for name, deadline in declaration.deadlines.items():
        length = _days(deadline.days) if deadline.days else f"{deadline.months} mois"
        reminder = f"{deadline.reminder} jours avant" if deadline.reminder else "—"
        rows.append(
            [
                deadline.text,
                code(name),
                length,
                anchors[deadline.anchor],
                reminder,
                f"{deadline.escalation} jours après",
            ]
        )
    return table(["Échéance", "Code", "Délai", "Compté depuis", "Rappel", "Signalée à la pilote"], rows)


def roles(declaration: Declaration) -> str:
    """The roles and what each may do."""
    return table(
        ["Rôle", "Code", "Ce qu’il peut"],
        [[role.text, code(name), label_of(role.may)] for name, role in declaration.roles.items()],
    )


def vocabularies(declaration: Declaration) -> str:
    """Every code of the declaration with its label, table by table."""
    rows = []
    for title, name, vocabulary in _vocabularies(declaration):
        rows.append([title, code(name), ", ".join(f"{item.text} {code(c)}" for c, item in vocabulary.items())])
    return table(["Ce que c’est", "Table", "Libellés et codes"], rows)


def _vocabularies(declaration: Declaration) -> Iterator[tuple[str, str, Mapping[str, Labelled]]]:
    titles = {
        "axes": "Axes",
        "kinds": "Types de demande",
        "families": "Familles de services",
        "places": "Lieux",
        "skills": "Compétences",
        "departments": "Départements",
        "experience": "Expérience",
        "complexity": "Complexité",
        "moments": "Moment du projet",
        "decline_reasons": "Raisons de ne pas retenir",
        "cancel_reasons": "Raisons d’annuler",
        "facilitations": "Animation",
        "bases": "Fondement d’une validation",
        "decisions": "Décisions du comité",
        "deliverable_types": "Types de livrable",
        "activity_types": "Types d’activité",
        "services": "Services",
        "semesters": "Semestres",
    }
    for name in (
        "axes",
        "kinds",
        "families",
        "places",
        "skills",
        "departments",
        *declaration.codes,
        "activity_types",
        "semesters",
        "services",
    ):
        table_name = f"codes.{name}" if name in declaration.codes else name
        table_name = {"activity_types": "activity.types"}.get(name, table_name)
        yield titles.get(name, name), table_name, declaration.vocabulary(name)


def activity_types(declaration: Declaration) -> str:
    """The kinds of activity."""
    kinds = declaration.activity_types.items()
    return table(
        ["Type", "Code", "Textes"],
        [[kind.text, code(name), "" if kind.minutes else "aucun, que l’intitulé"] for name, kind in kinds],
    )


def form(declaration: Declaration) -> str:
    """The fields of the form: the column names a spreadsheet may use."""
    rows = []
    for name, field in declaration.form.items():
        kind = f"{field.type} (`{field.codes}`)" if field.codes else field.type
        rows.append([field.text, code(name), kind, "oui" if field.required else "", label_of(field.help)])
    return table(["Libellé de la colonne", "Champ", "Type", "Obligatoire", "Précision"], rows)


def durations(declaration: Declaration) -> str:
    """The lengths when none is given."""
    found = declaration.durations
    names = (
        ("entretien", found.interview),
        ("réunion de travail", found.work),
        ("session", found.session),
        ("debrief", found.debrief),
        ("activité", found.activity),
    )
    return ", ".join(f"{name} {duration(length)}" for name, length in names) + "."
