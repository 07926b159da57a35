"""A review that exists only here: every kind of cell, every shape of chart, and names that break careless formats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from handlers.pack import Cell, Chapter, Chart, Evidence, Headline, Pack, Table, Value

NASTY = """L’« <b>atelier</b> » & "Cie" #1 d'Aude"""
FORMULA = "=1+1&'<x>'#"

Say = Callable[[str, str], str]  # the French or the English of something
Row = tuple[Cell, ...]


def sample(language: str, public: bool = False) -> Pack:
    """The review in `fr` or `en`; `public` masks the cells under five persons and drops names."""

    def say(fr: str, en: str) -> str:
        return fr if language == "fr" else en

    builders = (_summary, _demand, _support, _culture, _delays, _means, _empty, _decisions, _method)
    return Pack(
        language=language,
        lab=say(f"La Coopérative, laboratoire de {FORMULA}", f"La Coopérative, laboratory of {FORMULA}"),
        title=say("Revue de gouvernance", "Governance review"),
        semester="2026-S1",
        period=say(
            "du jeudi 1er janvier 2026 au mardi 30 juin 2026", "from Thursday 1 January to Tuesday 30 June 2026"
        ),
        known_at=say(
            "Telle que connue le mercredi 15 juillet 2026 à 9\u00a0h.", "As known on Wednesday 15 July 2026 at 09:00."
        ),
        digest="3f9a" * 16,
        chapters=tuple(build(say, public) for build in builders),
        evidence=_evidence(say),
        public=public,
    )


def one_chart(chart: Chart, language: str = "fr") -> Pack:
    """A review of one chapter that holds one chart."""
    chapter = Chapter("only", "Seul", charts=(chart,))
    return Pack(language, "Lab", "Revue", "2026-S1", "janvier à juin", "maintenant", "0" * 64, (chapter,), ())


def charts(language: str, public: bool = False) -> dict[str, Chart]:
    """The charts of the sample by shape."""
    return {chart.shape: chart for chapter in sample(language, public).chapters for chart in chapter.charts}


def _text(value: str | None) -> Cell:
    return Cell(value)


def _count(value: int | None, evidence: str | None = None) -> Cell:
    return Cell(value, "count", evidence=evidence)


def _hidden(value: int, public: bool) -> Cell:
    """A number of persons: masked under five in a published file."""
    return Cell(None, "count", masked=True) if public and value < 5 else Cell(value, "count")


def _rows(*rows: tuple[str, *tuple[int | None, ...]]) -> tuple[Row, ...]:
    return tuple((_text(label), *map(_count, counts)) for label, *counts in rows)


# --- Chapters ---


def _summary(say: Say, public: bool) -> Chapter:
    def headline(name: tuple[str, str], cell: Cell, previous: Value, meaning: tuple[str, str]) -> Headline:
        return Headline(say(*name), cell, Cell(previous, cell.kind), say(*meaning))

    return Chapter(
        "summary",
        say("L’essentiel", "Summary"),
        (
            say(
                "Au premier semestre 2026, le laboratoire a reçu 31 demandes et en a accepté 25.",
                "In the first half of 2026 the laboratory received 31 requests and accepted 25.",
            ),
        ),
        (
            headline(
                ("Demandes reçues", "Requests received"),
                _count(31, "received"),
                24,
                ("Fiches enregistrées pendant la période.", "Forms recorded in the period."),
            ),
            headline(
                ("Projets accompagnés", "Projects accompanied"),
                _count(18, "projects_accompanied"),
                None,
                (
                    "Projets distincts ayant eu au moins une réunion de travail ou une session.",
                    "Distinct projects with at least one work meeting or session.",
                ),
            ),
            headline(
                ("Taux de présence", "Attendance rate"),
                Cell(Fraction(5, 8), "rate", evidence="attendance_rate"),
                Fraction(71, 100),
                (
                    "Présents sur inscrits, sessions et activités d’acculturation.",
                    "Attended out of registered, sessions and activities of acculturation.",
                ),
            ),
            headline(
                ("Délais tenus", "Deadlines met"),
                Cell(Fraction(9, 10), "rate", evidence="deadlines.met"),
                Fraction(4, 5),
                ("Échéances de la période quittées à temps.", "Deadlines of the period left in time."),
            ),
            headline(
                ("Satisfaction", "Satisfaction"),
                Cell(Fraction(17, 4), "number"),
                Fraction(4),
                ("Note moyenne sur 5, pondérée par le nombre de réponses.", "Mean score out of 5, by respondents."),
            ),
            headline(
                ("Cadres participants", "Managers participating"),
                _hidden(3, public),
                1204,
                ("Participations, et non personnes.", "Participations, not persons."),
            ),
        ),
    )


def _demand(say: Say, public: bool) -> Chapter:
    stages = (
        (say("Reçues", "Received"), 31),
        (say("Préqualifiées", "Prequalified"), 25),
        (say("Qualifiées", "Qualified"), 22),
        (say("En accompagnement", "Working"), 18),
        (say("Session tenue", "Session held"), 12),
        (say("Closes", "Closed"), 9),
    )
    funnel = Table(
        "funnel",
        say("Étapes franchies", "Stages passed"),
        (say("Étape", "Stage"), say("Demandes", "Requests")),
        _rows(*stages),
    )
    origin = Table(
        "by_origin",
        say("Demandes par origine", "Requests by origin"),
        (say("Service", "Service"), say("Demandes", "Requests"), say("Personnes", "Persons"), say("Part", "Share")),
        tuple(
            (_text(name), _count(n), _hidden(persons, public), Cell(Fraction(n, 31), "rate"))
            for name, n, persons in ((NASTY, 14, 40), ("DRARI", 12, 3), (FORMULA, 5, 4))
        ),
        say("Un service peut demander plusieurs fois.", "A service may ask several times."),
    )
    return Chapter(
        "demand",
        say("Demande", "Demand"),
        charts=(
            Chart(
                "flow",
                "flow",
                say("Demandes par état, semaine après semaine", "Requests by state, week after week"),
                say(
                    "Le nombre de demandes en cours reste stable tandis que les closes s’accumulent.",
                    "Requests under way stay level while closed ones add up.",
                ),
                _flow(say),
            ),
            Chart(
                "funnel",
                "funnel",
                say("De la réception à la clôture", "From reception to closing"),
                say("Sur 31 demandes reçues, 9 sont closes.", "Of 31 requests received, 9 are closed."),
                funnel,
            ),
        ),
        tables=(origin,),
    )


def _flow(say: Say) -> Table:
    states = (
        say("Close", "Closed"),
        say("Non retenue", "Declined"),
        say("Debrief tenu", "Debriefed"),
        say("Session tenue", "Session held"),
        say("En accompagnement", "Working"),
        say("Niveau attribué", "Tier assigned"),
        say("Qualifiée", "Qualified"),
        say("Préqualifiée", "Prequalified"),
        say("Reçue", "Received"),
    )
    rows = []
    for week in range(26):
        counts = (
            max(0, week - 8) // 2,
            week // 5,
            (week + 1) % 3 if week > 9 else 0,
            min(3, week // 6),
            min(7, week // 2),
            (week * 3) % 4 if week > 2 else 0,
            (week * 5) % 3,
            1 + (week % 2),
            2 + (week * 7) % 4,
        )
        rows.append((Cell(date(2026, 1, 5) + timedelta(weeks=week), "date"), *map(_count, counts)))
    return Table(
        "flow", say("Demandes par état", "Requests by state"), (say("Semaine du", "Week of"), *states), tuple(rows)
    )


def _support(say: Say, public: bool) -> Chapter:
    caps = Table(
        "caps",
        say("Réunions utilisées", "Meetings used"),
        (
            say("Niveau", "Tier"),
            say("Demandes", "Requests"),
            say("Réunions", "Meetings"),
            say("Plafond cumulé", "Cap in all"),
        ),
        _rows(("Coup de pouce", 6, 6, 6), ("Le Tuto", 8, 17, 24), ("50/50", 4, 19, 25), (NASTY, 0, 0, 0)),
    )
    french, english = "janvier février mars avril mai juin", "January February March April May June"
    months = tuple(f"{month} 2026" for month in say(french, english).split())
    space = Table(
        "space",
        say("Espace de Montpellier", "Montpellier space"),
        (
            say("Mois", "Month"),
            say("Demi-journées occupées", "Half-days used"),
            say("Demi-journées ouvertes", "Half-days open"),
        ),
        tuple(
            (_text(month), _count(used), _count(opened))
            for month, used, opened in zip(months, (4, 11, 18, 9, 14, None), (42, 40, 44, 40, 36, 44), strict=True)
        ),
    )
    return Chapter(
        "support",
        say("Accompagnement", "Support"),
        charts=(
            Chart(
                "caps",
                "caps",
                say("Niveaux et plafonds", "Tiers and caps"),
                say("42 réunions utilisées pour 55 possibles.", "42 meetings used of 55 possible."),
                caps,
            ),
            Chart(
                "space",
                "space",
                say("Occupation de l’espace", "Use of the space"),
                say(
                    "Mars est le mois le plus occupé\u00a0; juin est sans donnée.",
                    "March is the busiest month; June has no data.",
                ),
                space,
            ),
        ),
    )


def _culture(say: Say, public: bool) -> Chapter:
    names = (
        ("DRAJES — jeunesse, engagement et sports", 4),
        ("DRARI", 9),
        ("DRANE", 1),
        (NASTY, 2),
        ("SRA Achats", 0),
        ("SRA Statistiques", 0),
    )
    services = Table(
        "services",
        say("Participation des services régionaux", "Participation of regional services"),
        (say("Service", "Service"), say("Participations", "Participations")),
        tuple((_text(name), _hidden(n, public) if n else _count(0)) for name, n in names),
    )
    activities = Table(
        "activities",
        say("Activités tenues", "Activities held"),
        (say("Activité", "Activity"), say("Jour", "Day"), say("Inscrits", "Registered"), say("Présents", "Attended")),
        (
            (_text(NASTY), Cell(date(2026, 3, 10), "date"), _count(40), _count(31)),
            (_text(FORMULA), Cell(date(2026, 5, 1), "date"), _count(None), _hidden(2, public)),
        ),
    )
    return Chapter(
        "culture",
        say("Culture de l’innovation", "Culture of innovation"),
        charts=(
            Chart(
                "services",
                "services",
                say("Services participants", "Services participating"),
                say(
                    "Quatre services sur six ont participé. Pas encore\u00a0: SRA Achats, SRA Statistiques.",
                    "Four services of six took part. Not yet: SRA Achats, SRA Statistiques.",
                ),
                services,
            ),
        ),
        tables=(activities,),
    )


def _delays(say: Say, public: bool) -> Chapter:
    states = (say("Reçue", "Received"), say("Préqualifiée", "Prequalified"), say("En accompagnement", "Working"))
    stays = {
        states[0]: [Fraction(n, 4) for n in range(2, 33)],
        states[1]: [Fraction(n * n, 9) for n in range(3, 24)],
        states[2]: [Fraction(n, 1) for n in range(9, 91, 5)],
    }
    lead = Table(
        "lead_times",
        say("Durée de chaque état", "Time in each state"),
        (say("État", "State"), "n", say("Médiane", "Median"), say("9 sur 10 en", "9 in 10 within")),
        (
            *(
                (
                    _text(state),
                    _count(len(days)),
                    Cell(days[len(days) // 2], "days"),
                    Cell(days[len(days) * 9 // 10], "days"),
                )
                for state, days in stays.items()
            ),
            (_text(NASTY), _count(0), Cell(None, "days"), Cell(None, "days")),
        ),
    )
    deadlines = Table(
        "deadlines",
        say("Échéances", "Deadlines"),
        (say("Échéance", "Deadline"), say("Tenues", "Met"), say("Non tenues", "Missed")),
        tuple(
            (_text(kind), _count(met, "deadlines.met" if met else None), _count(missed))
            for kind, met, missed in (
                (say("Première réponse", "First answer"), 28, 3),
                (say("Entretien", "Interview"), 19, 0),
                (say("Bilan à trois mois", "Follow-up at three months"), 1, 4),
                (NASTY, 0, 0),
            )
        ),
    )
    return Chapter(
        "delays",
        say("Délais", "Deadlines and lead times"),
        charts=(
            Chart(
                "lead_times",
                "lead_times",
                say("Durées par état", "Lead time by state"),
                say(
                    "La moitié des demandes reçoivent une réponse en 4,25 jours.",
                    "Half of the requests are answered in 4.25 days.",
                ),
                lead,
                tuple((state, day) for state, days in stays.items() for day in days),
            ),
            Chart(
                "deadlines",
                "deadlines",
                say("Échéances tenues et non tenues", "Deadlines met and missed"),
                say("48 échéances tenues, 7 non tenues.", "48 deadlines met, 7 missed."),
                deadlines,
            ),
        ),
    )


def _means(say: Say, public: bool) -> Chapter:
    kinds = Table(
        "means",
        say("Moyens engagés", "Means used"),
        (say("Quoi", "What"), say("Valeur", "Value"), say("Semestre précédent", "Previous semester")),
        (
            (_text(say("Heures", "Hours")), Cell(Fraction(2469, 2), "hours"), Cell(Fraction(980), "hours")),
            (_text(say("Coût", "Cost")), Cell(Decimal("41200.5"), "euros"), Cell(38000, "euros")),
            (_text(say("Retour", "Return")), Cell(Fraction(-1, 8), "rate"), Cell(None, "rate")),
            (_text(say("Délai médian", "Median time")), Cell(Fraction(7, 2), "days"), Cell(Fraction(3), "days")),
            (_text(say("Demande la plus longue", "Longest request")), Cell("2026-0007", "ref"), Cell(None, "ref")),
        ),
    )
    return Chapter("means", say("Moyens et charge", "Means and load"), tables=(kinds,))


def _empty(say: Say, public: bool) -> Chapter:
    columns = (say("Risque", "Risk"), say("Nombre", "Count"))
    return Chapter(
        "risks",
        say("Risques et incidents", "Risks and incidents"),
        (say("Aucun incident n’a été relevé.", "No incident was recorded."),),
        tables=(Table("risks", say("Incidents relevés", "Incidents recorded"), columns, ()),),
    )


def _decisions(say: Say, public: bool) -> Chapter:
    columns = [say("Référence", "Reference"), say("Projet", "Project"), say("Depuis le", "Since")]
    rows: list[list[Cell]] = [
        [Cell("2026-0003", "ref"), _text(NASTY), Cell(date(2026, 2, 3), "date")],
        [Cell("2026-0011", "ref"), _text(FORMULA), Cell(date(2026, 4, 1), "date")],
    ]
    if not public:
        columns.append(say("Demandeur", "Requester"))
        rows[0].append(_text("Zoé N'Diaye-<Martin> & fils"))
        rows[1].append(_text('Jean "Jo" O\'Connor'))
    title = say("Projets à ratifier", "Projects to ratify")
    return Chapter(
        "decisions",
        say("Projets et décisions", "Projects and decisions"),
        tables=(Table("to_ratify", title, tuple(columns), tuple(map(tuple, rows))),),
    )


def _method(say: Say, public: bool) -> Chapter:
    return Chapter(
        "method",
        say("Méthode", "Method"),
        (
            say(
                "Chaque chiffre vient de l’historique des demandes.", "Every figure comes from the history of requests."
            ),
            say(
                f"Pour recalculer\u00a0: coop review 2026-S1 — {NASTY}",
                f"To compute again: coop review 2026-S1 — {NASTY}",
            ),
        ),
    )


def _evidence(say: Say) -> tuple[Evidence, ...]:
    columns = (
        say("Référence", "Reference"),
        say("Écriture", "Entry"),
        say("Événement", "Event"),
        say("Survenu le", "Occurred on"),
    )

    def behind(code: str, title: str, count: int) -> Evidence:
        rows = tuple(
            (
                Cell(f"2026-{n:04d}", "ref"),
                _count(1 + n % 4),
                _text(NASTY),
                Cell(date(2026, 1, 5) + timedelta(days=5 * n), "date"),
            )
            for n in range(1, count + 1)
        )
        return Evidence(code, title, Table(f"evidence.{code}", title, columns, rows))

    return (
        behind("received", say("Demandes reçues", "Requests received"), 31),
        behind("projects_accompanied", say("Projets accompagnés", "Projects accompanied"), 18),
        behind("attendance_rate", say("Taux de présence", "Attendance rate"), 4),
        behind("deadlines.met", say(f"Échéances tenues {NASTY}", f"Deadlines met {NASTY}"), 12),
    )
