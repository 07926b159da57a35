"""The chapters of the sample review that have charts, and what cells are made with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from handlers.review.pack import Cell, Chapter, Chart, Table

NASTY = """L’« <b>atelier</b> » & "Cie" #1 d'Aude"""
FORMULA = "=1+1&'<x>'#"

Say = Callable[[str, str], str]  # the French or the English of something
Row = tuple[Cell, ...]


def text(value: str | None) -> Cell:
    return Cell(value)


def count(value: int | None, evidence: str | None = None) -> Cell:
    return Cell(value, "count", evidence=evidence)


def hidden(value: int, public: bool) -> Cell:
    """A number of persons: masked under five in a published file."""
    return Cell(None, "count", masked=True) if public and value < 5 else Cell(value, "count")


def rows(*rows: tuple[str, *tuple[int | None, ...]]) -> tuple[Row, ...]:
    return tuple((text(label), *map(count, counts)) for label, *counts in rows)


def demand(say: Say, public: bool) -> Chapter:
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
        rows(*stages),
    )
    origin = Table(
        "by_origin",
        say("Demandes par origine", "Requests by origin"),
        (say("Service", "Service"), say("Demandes", "Requests"), say("Personnes", "Persons"), say("Part", "Share")),
        tuple(
            (text(name), count(n), hidden(persons, public), Cell(Fraction(n, 31), "rate"))
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
                states=(11, 12, 8, 7, 6, 5, 4, 2, 0),
            ),
            Chart(
                "funnel",
                "funnel",
                say("De la réception à la clôture", "From reception to closing"),
                say("Sur 31 demandes reçues, 9 sont closes.", "Of 31 requests received, 9 are closed."),
                funnel,
            ),
            _tiles(say),
            _counts(say),
        ),
        tables=(origin,),
    )


def _counts(say: Say) -> Chart:
    columns = (say("Axe", "Axis"), say("Demandes", "Requests"))
    table = Table("by_axis", say("Par axe", "By axis"), columns, rows((NASTY, 19), ("Management", 9), ("Rien", 0)))
    words = say("Surtout le premier axe.", "The first axis most.")
    return Chart("counts", "counts", say("Demandes par axe", "Requests by axis"), words, table)


def _tiles(say: Say) -> Chart:
    """One department is on no tile, one has no row; no place is in the second column."""
    columns = (say("Département", "Department"), say("Demandes", "Requests"))
    found = rows(("Hérault", 17), ("Gard", None), ("Ailleurs", 2))
    table = Table("by_department", say("Par département", "By department"), columns, found)
    words = say("En tête\u00a0: Hérault (17).", "Most: Hérault (17).")
    places = (("Hérault", "34", 1, 1), ("Gard", "30", 3, 1), ("Lot", "46", 3, 2))
    title = say("Demandes par département", "Requests by department")
    return Chart("tiles", "tiles", title, words, table, tiles=places)


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
    weeks = []
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
        weeks.append((Cell(date(2026, 1, 5) + timedelta(weeks=week), "date"), *map(count, counts)))
    return Table(
        "flow", say("Demandes par état", "Requests by state"), (say("Semaine du", "Week of"), *states), tuple(weeks)
    )


def support(say: Say, public: bool) -> Chapter:
    caps = Table(
        "caps",
        say("Réunions utilisées", "Meetings used"),
        (
            say("Niveau", "Tier"),
            say("Demandes", "Requests"),
            say("Réunions", "Meetings"),
            say("Plafond cumulé", "Cap in all"),
        ),
        rows(("Coup de pouce", 6, 6, 6), ("Le Tuto", 8, 17, 24), ("50/50", 4, 19, 25), (NASTY, 0, 0, 0)),
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
            (text(month), count(used), count(opened))
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


def culture(say: Say, public: bool) -> Chapter:
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
        tuple((text(name), hidden(n, public) if n else count(0)) for name, n in names),
    )
    activities = Table(
        "activities",
        say("Activités tenues", "Activities held"),
        (say("Activité", "Activity"), say("Jour", "Day"), say("Inscrits", "Registered"), say("Présents", "Attended")),
        (
            (text(NASTY), Cell(date(2026, 3, 10), "date"), count(40), count(31)),
            (text(FORMULA), Cell(date(2026, 5, 1), "date"), count(None), hidden(2, public)),
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
            _attendance(say, public),
            _satisfaction(say, public),
        ),
        tables=(activities,),
    )


def _attendance(say: Say, public: bool) -> Chart:
    columns = (
        say("Axe", "Axis"),
        say("Rencontres", "Gatherings"),
        say("Présents", "Present"),
        say("Attendus", "Expected"),
        say("Présence", "Attendance"),
    )
    found = (
        (text(NASTY), count(9), count(892), count(1098), Cell(Fraction(892, 1098), "rate")),
        (text("Culture"), count(2), hidden(3, public), count(8), Cell(Fraction(3, 8), "rate", masked=public)),
        (text("Rien"), count(0), count(None), count(None), Cell(None, "rate")),
    )
    table = Table("attendance", say("Présence par axe", "Attendance by axis"), columns, found)
    words = say("Présents\u00a0: 892 sur 1\u00a0098.", "Present: 892 of 1,098.")
    return Chart("attendance", "attendance", say("Qui est venu", "Who came"), words, table)


def _satisfaction(say: Say, public: bool) -> Chart:
    columns = (say("Après", "After"), say("Répondants", "Respondents"), say("Moyenne sur 5", "Mean, out of 5"))
    found = (
        (text("Le Tuto"), count(33), Cell(Fraction(43, 10), "number")),
        (text(NASTY), hidden(2, public), Cell(Fraction(4), "number", masked=public)),
        (text("Rien"), count(0), Cell(None, "number")),
    )
    table = Table("satisfaction", say("Satisfaction", "Satisfaction"), columns, found)
    return Chart(
        "satisfaction", "satisfaction", say("Ce qu’ils en pensent", "What they think"), say("4,3 sur 5.", "4.3."), table
    )


def delays(say: Say, public: bool) -> Chapter:
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
                    text(state),
                    count(len(days)),
                    Cell(days[len(days) // 2], "days"),
                    Cell(days[len(days) * 9 // 10], "days"),
                )
                for state, days in stays.items()
            ),
            (text(NASTY), count(0), Cell(None, "days"), Cell(None, "days")),
        ),
    )
    deadlines = Table(
        "deadlines",
        say("Échéances", "Deadlines"),
        (say("Échéance", "Deadline"), say("Tenues", "Met"), say("Non tenues", "Missed")),
        tuple(
            (text(kind), count(met, "deadlines.met" if met else None), count(missed))
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
                states=(0, 2, 6, 13),
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
