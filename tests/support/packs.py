"""A review that exists only here: every kind of cell, every shape of chart, and names that break careless formats."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from attrs import evolve
from packs_charts import FORMULA, NASTY, Say, count, culture, delays, demand, hidden, support, text

from handlers.review.pack import Cell, Chapter, Chart, Evidence, Front, Headline, Pack, Part, Table, Value

HEADINGS = ("Ce semestre", "Semestre précédent")


def sample(language: str, public: bool = False) -> Pack:
    """The review in `fr` or `en`; `public` masks the cells under five persons and drops names."""

    def say(fr: str, en: str) -> str:
        return fr if language == "fr" else en

    builders = (demand, support, culture, delays, _means, _empty, _decisions, _method)
    return Pack(
        language=language,
        lab=say(f"La Coopérative, laboratoire de {FORMULA}", f"La Coopérative, laboratory of {FORMULA}"),
        title=say("Revue de gouvernance", "Governance review"),
        semester="2026-S1",
        period=say(
            "du jeudi 1er janvier 2026 au mardi 30 juin 2026", "from Thursday 1 January to Tuesday 30 June 2026"
        ),
        known_at=say("mercredi 15 juillet 2026 à 9\u00a0h", "Wednesday 15 July 2026 at 09:00"),
        digest="3f9a" * 16,
        front=_front(say, public),
        chapters=tuple(build(say, public) for build in builders),
        evidence=_evidence(say),
        notice=(say("Édition publique.", "Public edition."),) if public else (),
    )


def one_chart(chart: Chart, language: str = "fr") -> Pack:
    """A review of one chapter that holds one chart."""
    chapter = Chapter("only", "Seul", charts=(chart,))
    return Pack(language, "Lab", "Revue", "2026-S1", "janvier à juin", "maintenant", "0" * 64, bare(), (chapter,), ())


def bare(*headlines: Headline) -> Front:
    """A page one of these figures alone."""
    return Front("En une page", (), Table("asked", "Décisions demandées", ("Projet",), ()), (), headlines, HEADINGS)


def crowded(language: str) -> Pack:
    """A review whose page one is as full as it can be: eight projects of long names, every signal."""
    sentence = "Depuis le semestre précédent : 1 204 demandes reçues (+1 071), 987 acceptées (+804), 612 projets (+9). "
    service = "DRAREIC — relations européennes et internationales"
    row = (
        Cell("2026-0003", "ref"), Cell("Mettre en commun ce que chacun sait faire, seul ou à plusieurs, partout où…"),
        Cell(service), Cell("Coup de pouce"),
        Cell("à ratifier : validé par délégation le 12/03/2026, 13 réunions tenues"),
    )  # fmt: skip
    columns = ("Demande", "Projet", "Service", "Niveau", "Ce qui est demandé")
    asked = Table("asked", "Décisions demandées", columns, (row,) * 8, "Et 7 autres, au chapitre pour le comité.")
    alerts = (
        "12 alertes critiques en cours : personne d’affecté (5), plus d’heures que disponibles (4), une échéance (3)."
    )
    standing = (
        f"Six services régionaux n’ont rien demandé et n’ont participé à rien : {', '.join([service] * 6)}.",
        "38 % des réponses étaient des refus : l’offre ne correspond peut-être pas aux besoins.",
        "35 % des niveaux ont été changés : ils ne correspondent peut-être pas aux besoins.",
        "La satisfaction moyenne est de 3,2 sur 5.",
        alerts,
        alerts,
    )
    meaning = "des participations, non des personnes ; dites pour 119 sessions et activités sur 219"
    values = tuple(Cell(n, "count") for n in (1100, 1204, 990, 1204))
    figure = Headline(
        "indicators.managers_participating",
        "Participations de cadres et de managers",
        values[-1],
        values[0],
        "+104",
        meaning,
        values,
    )
    front = Front("En une page", (sentence * 2, sentence * 2, sentence[:100]), asked, standing, (figure,) * 8, HEADINGS)
    return evolve(sample(language), front=front)


def charts(language: str, public: bool = False) -> dict[str, Chart]:
    """The charts of the sample by shape."""
    return {chart.shape: chart for chapter in sample(language, public).chapters for chart in chapter.charts}


# --- Chapters ---


def _front(say: Say, public: bool) -> Front:
    def headline(name: tuple[str, str], cell: Cell, course: tuple[Value, ...], meaning: tuple[str, str]) -> Headline:
        return Headline(
            "indicators.invented", say(*name), cell,
            Cell(course[-2] if len(course) > 1 else None, cell.kind), "+7" if course else "",
            say(*meaning), tuple(Cell(value, cell.kind) for value in course),
        )  # fmt: skip

    columns = (say("Demande", "Request"), say("Projet", "Project"), say("Ce qui est demandé", "What it needs"))
    asked = ((Cell("2026-0003", "ref"), text(NASTY), text(say("à valider", "to validate"))),)
    return Front(
        say("En une page", "In one page"),
        (
            say(
                "Au premier semestre 2026, le laboratoire a reçu 31 demandes et en a accepté 25.",
                "In the first half of 2026 the laboratory received 31 requests and accepted 25.",
            ),
        ),
        Table("asked", say("Décisions demandées", "Decisions asked"), columns, () if public else asked),
        (say("Trois services n’ont rien demandé.", "Three services asked for nothing."),),
        (
            headline(
                ("Demandes reçues", "Requests received"),
                count(31, "received"),
                (20, 22, 24, 31),
                ("25 acceptées, 3 non retenues", "25 accepted, 3 declined"),
            ),
            headline(
                ("Projets accompagnés", "Projects accompanied"),
                count(18, "projects_accompanied"),
                (),
                (
                    "Projets distincts ayant eu au moins une réunion de travail ou une session.",
                    "Distinct projects with at least one work meeting or session.",
                ),
            ),
            headline(
                ("Taux de présence", "Attendance rate"),
                Cell(Fraction(5, 8), "rate", evidence="attendance_rate"),
                (Fraction(71, 100), Fraction(5, 8)),
                ("dit pour 8 sessions sur 12", "said for 8 of 12 sessions"),
            ),
            headline(
                ("Délais tenus", "Deadlines met"),
                Cell(Fraction(9, 10), "rate", evidence="deadlines.met"),
                (None, Fraction(4, 5), Fraction(9, 10)),
                ("Échéances de la période quittées à temps.", "Deadlines of the period left in time."),
            ),
            headline(
                ("Satisfaction", "Satisfaction"),
                Cell(None, "number"),
                (),
                ("dite pour aucune demande sur 8", "said for none of 8 requests"),
            ),
            headline(
                ("Cadres participants", "Managers participating"),
                hidden(3, public),
                (1204, 3),
                ("Participations, et non personnes.", "Participations, not persons."),
            ),
        ),
        HEADINGS if say("fr", "en") == "fr" else ("This semester", "Semester before"),
    )


def _means(say: Say, public: bool) -> Chapter:
    kinds = Table(
        "means",
        say("Moyens engagés", "Means used"),
        (say("Quoi", "What"), say("Valeur", "Value"), say("Semestre précédent", "Previous semester")),
        (
            (
                text(say("Heures", "Hours")),
                Cell(Fraction(2469, 2), "hours", evidence="received.late"),
                Cell(Fraction(980), "hours"),
            ),
            (text(say("Coût", "Cost")), Cell(Decimal("41200.5"), "euros"), Cell(38000, "euros")),
            (text(say("Retour", "Return")), Cell(Fraction(-1, 8), "rate"), Cell(None, "rate")),
            (text(say("Délai médian", "Median time")), Cell(Fraction(7, 2), "days"), Cell(Fraction(3), "days")),
            (text(say("Demande la plus longue", "Longest request")), Cell("2026-0007", "ref"), Cell(None, "ref")),
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
        [Cell("2026-0003", "ref"), text(NASTY), Cell(date(2026, 2, 3), "date")],
        [Cell("2026-0011", "ref"), text(FORMULA), Cell(date(2026, 4, 1), "date")],
    ]
    if not public:
        columns.append(say("Demandeur", "Requester"))
        rows[0].append(text("Zoé N'Diaye-<Martin> & fils"))
        rows[1].append(text('Jean "Jo" O\'Connor'))
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

    def behind(code: str, title: str, entries: int) -> Evidence:
        rows = tuple(
            (
                Cell(f"2026-{n:04d}", "ref"),
                count(1 + n % 4),
                text(NASTY),
                Cell(date(2026, 1, 5) + timedelta(days=5 * n), "date"),
            )
            for n in range(1, entries + 1)
        )
        return Evidence(code, title, Table(f"evidence.{code}", title, columns, rows))

    parts = (
        Part("received.soon", NASTY, say("12 entrées", "12 entries"), 0, 12),
        Part("received.late", say("Tardives", "Late"), say("19 entrées", "19 entries"), 12, 19),
        Part("received.late.again", FORMULA, say("4 entrées", "4 entries"), 27, 4, depth=2),
    )
    received = behind("received", say("Demandes reçues", "Requests received"), 31)
    return (
        evolve(received, length=say("31 entrées", "31 entries"), parts=parts),
        behind("projects_accompanied", say("Projets accompagnés", "Projects accompanied"), 18),
        behind("attendance_rate", say("Taux de présence", "Attendance rate"), 4),
        behind("deadlines.met", say(f"Échéances tenues {NASTY}", f"Deadlines met {NASTY}"), 12),
    )
