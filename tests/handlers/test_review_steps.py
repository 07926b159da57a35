"""Each number of the page is one step from its requests by title: it leads to a list of those it was counted from.

The page is walked as a reader would, from each number of each table and card to where it leads. What is told of a list
other than how long it is, and what is made of no request, is said here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import partial
from html import unescape
from urllib.parse import unquote

import pytest
from attrs import evolve
from reviews import told

from handlers.review.formats.html import html
from handlers.review.pack import Cell, Pack
from states.review.figures import MEDIAN, P90, quantile
from workflow.testing import Lab

pytest.importorskip("vl_convert", reason="the extra [review] is not installed")

SEMESTERS = {"2026-S1": None, "2026-S2": "2026-12-01T10:00:00Z"}
Line = dict[str, str]  # a row of a list by the headings of its columns
HOURLY = 40  # euros


class Opened:
    """A list of the page, or a part of one: its rows, and how many parts there are right below it."""

    def __init__(self, lines: list[Line], parts: int) -> None:
        self.lines, self.parts = lines, parts

    def numbers(self, *columns: str) -> list[list[Fraction]]:
        """Of each row that says all of them, what it says in these columns."""
        said = ([_number(line.get(column, "")) for column in columns] for line in self.lines)
        return [[n for n in several if n is not None] for several in said if None not in several]

    def total(self, column: str) -> Fraction:
        return sum((n for (n,) in self.numbers(column)), Fraction())

    def distinct(self, *columns: str) -> int:
        return len({tuple(line[column] for column in columns) for line in self.lines})


def _number(text: str) -> Fraction | None:
    """The number that a text begins with."""
    found = re.match(r"[−-]?[\d\u202f\u00a0 ]*\d(?:,\d+)?", text)
    return Fraction(re.sub(r"[\u202f\u00a0 ]", "", found[0]).replace("−", "-").replace(",", ".")) if found else None


# --- What is told of a list ---


def _length(opened: Opened) -> Fraction:
    return Fraction(len(opened.lines))


def _parts(opened: Opened) -> Fraction:
    return Fraction(opened.parts)


def _sum(column: str) -> Callable[[Opened], Fraction]:
    return lambda opened: opened.total(column)


def _share(over: str, under: str) -> Callable[[Opened], Fraction]:
    def share(opened: Opened) -> Fraction:
        said = opened.numbers(over, under)
        return Fraction(sum(n for n, _under in said), sum(n for _over, n in said))

    return share


def _presence(n: int) -> Callable[[Opened], Fraction]:
    """Those present, or expected: of what gave both numbers."""
    return lambda opened: Fraction(sum(both[n] for both in opened.numbers("Présents", "Attendus")))


def _mean(opened: Opened) -> Fraction:
    scored = [(_number(line["Note"]), _number(line["Répondants"]) or 1) for line in opened.lines]
    return Fraction(sum(score * n for score, n in scored if score is not None), sum(n for _score, n in scored))


def _respondents(opened: Opened) -> Fraction:
    return Fraction(sum(_number(line["Répondants"]) or 1 for line in opened.lines))


def _half_days(opened: Opened) -> Fraction:
    return Fraction(opened.distinct("Jour", "Demi-journée"))


def _services(opened: Opened) -> Fraction:
    return Fraction(len({s for line in opened.lines for s in line["Services présents"].split(" · ")} - {"—"}))


def _days(share: Fraction) -> Callable[[Opened], Fraction]:
    def days(opened: Opened) -> Fraction:
        said = [n for (n,) in opened.numbers("Jours")]
        return quantile(said, share) or Fraction()

    return days


def _return(opened: Opened) -> Fraction:
    gains = opened.total("Gain")
    costs = opened.total("Heures") * HOURLY + opened.total("Coût")
    return (gains - costs) / costs


def _met(opened: Opened) -> Fraction:
    met = sum(_day(line["Éteinte"]) <= _day(line["Terme"]) for line in opened.lines if line["Éteinte"] != "sans donnée")
    return Fraction(met, len(opened.lines))


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def _of_the_week(week: date, opened: Opened) -> Fraction:
    """Of all the stays in a state, those begun and not over when a week ends."""
    end = week + timedelta(days=7)
    until = [(line, line.get("Jusqu’au", "—")) for line in opened.lines if _day(line["Date"]) < end]
    return Fraction(sum(not re.match(r"\d", day) or _day(day) >= end for _line, day in until))


# What a number is of the list it leads to, by table and column or name of its row; how long it is for any other.
TOLD: dict[tuple[str, int | str], Callable[[Opened], Fraction]] = {
    ("headlines", "Projets accompagnés"): _parts,
    ("headlines", "Services régionaux participants"): _parts,
    ("headlines", "Participations de responsables, innovation managériale"): _sum("Responsables"),
    ("headlines", "Présence, acculturation à l’innovation"): _share("Présents", "Attendus"),
    ("headlines", "Satisfaction sur 5"): _mean,
    ("headlines", "Retour sur investissement"): _return,
    ("projects_accompanied_year", 1): _parts,
    ("caps", 2): _sum("Réunions de travail tenues"),
    ("caps", 3): _sum("Plafond"),
    ("attendance", 2): _presence(0),
    ("attendance", 3): _presence(1),
    ("attendance", 4): _share("Présents", "Attendus"),
    ("activities", 2): _sum("Inscrits"),
    ("activities", 3): _sum("Présents"),
    ("activities", 4): _sum("Responsables"),
    ("activities", 5): _services,
    ("satisfaction", 1): _respondents,
    ("satisfaction", 2): _mean,
    ("deadline_totals", "Part des échéances tenues"): _met,
    ("lead_times", 2): _days(MEDIAN),
    ("lead_times", 3): _days(P90),
    ("time_to_answer", 2): _days(MEDIAN),
    ("time_to_answer", 3): _days(P90),
    ("space", 1): _half_days,
    ("load", 1): _sum("Effort"),
    ("means", "Heures enregistrées"): _sum("Heures"),
    ("means", "Leur coût, à 40\u00a0€ l’heure"): lambda opened: opened.total("Heures") * HOURLY,
    ("means", "Autres coûts"): _sum("Coût"),
    ("means", "Gains attendus"): _sum("Gain"),
    ("means", "Gains constatés lors des suivis"): _sum("Gain"),
    ("means", "Retour sur investissement"): _return,
}
# What is made of no request of the period, and why: it leads nowhere.
NOT_OF_REQUESTS = {
    ("space", 2): "the half-days of the calendar on which the place is open to the lab",
}


# --- The page ---


class Walk:
    """The page of a review: its numbers with where they lead, its lists with what they hold."""

    def __init__(self, pack: Pack) -> None:
        self.pack, page = pack, html(pack)
        before, self._lists = page.split('<section class="chapter evidence"')
        self.links = [unquote(target) for target in re.findall(r'href="#([^"]+)"', before)]
        # Tables come in the order of the pack, cells in theirs.
        self._tables = re.findall(r"<table.*?</table>", before, re.DOTALL)
        self._cards = re.findall(r'<dd class="figure[^>]*>(.*?)</dd>', before, re.DOTALL)
        self.opened = dict(self._opened())

    def numbers(self) -> Iterator[tuple[str, int, str, Cell, str | None]]:
        """Each number of a card or table: the table's code, the column, the row's name, the cell, where it leads."""
        for headline, shown in zip(self.pack.front.headlines, self._cards, strict=True):
            if _says_a_number(headline.cell):
                yield "headlines", 1, headline.label, headline.cell, _link(shown)
        shown_tables = [self.pack.front.asked] if self.pack.front.asked.rows else []
        tables = (*shown_tables, *(one for _chapter, one in self.pack.tables()))
        for one, shown in zip(tables, self._tables, strict=True):
            rows = re.findall(r"<tr>\s*(<th scope=.row.*?)</tr>", shown, re.DOTALL)
            assert len(rows) == len(one.rows)
            for row, drawn in zip(one.rows, rows, strict=True):
                cells = re.findall(r"<t[hd].*?</t[hd]>", drawn, re.DOTALL)
                of_a_request = any(cell.kind == "ref" for cell in row)
                for n, (cell, text) in enumerate(zip(row, cells, strict=True)):
                    if n and not of_a_request and _says_a_number(cell) and not _of_before(one.columns[n]):
                        yield one.code, n, _text(cells[0]), cell, _link(text)

    def _opened(self) -> Iterator[tuple[str, Opened]]:
        for id, body in re.findall(r'<div id="([^"]+)">\n(.*?)</details>', self._lists, re.DOTALL):
            columns = [_text(cell) for cell in re.findall(r'<th scope="col".*?</th>', body, re.DOTALL)]
            parts: list[tuple[int, str]] = [(0, id)]
            lines: dict[str, list[Line]] = {id: []}
            below: dict[str, int] = {id: 0}
            for attributes, drawn in re.findall(r"<tr([^>]*)>\s*(.*?)</tr>", body, re.DOTALL):
                if heading := re.search(r'part-(\d+)" id="([^"]+)"', attributes):
                    depth = int(heading[1])
                    parts = [one for one in parts if one[0] < depth]
                    below[parts[-1][1]] += 1
                    parts.append((depth, heading[2]))
                    lines[heading[2]], below[heading[2]] = [], 0
                elif 'scope="row"' in drawn:
                    cells = re.findall(r"<t[hd].*?</t[hd]>", drawn, re.DOTALL)
                    line = dict(zip(columns, map(_text, cells), strict=True))
                    for _depth, part in parts:
                        lines[part].append(line)
            for one, found in lines.items():
                yield one, Opened(found, below[one])


def _says_a_number(cell: Cell) -> bool:
    """Whether something is counted or measured in it; in words, where they begin by a number."""
    if cell.kind in ("ref", "date") or cell.value in (None, "", 0):
        return False
    return cell.kind != "text" or bool(re.match(r"\d+ · ", str(cell.value)))


def _of_before(heading: str) -> bool:
    """Whether a column is of the semester before, whose own review lists its entries."""
    return heading.startswith("Semestre précédent")


def _link(drawn: str) -> str | None:
    found = re.search(r'<a href="#([^"]+)"', drawn)
    return unquote(found[1]) if found else None


def _text(drawn: str) -> str:
    bare = re.sub(r'<span class="hidden">.*?</span>', "", drawn, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", bare)).strip()


@pytest.fixture(scope="module", params=SEMESTERS)
def pack(request: pytest.FixtureRequest, half_year: Lab) -> Pack:
    return told(half_year, code=request.param, now=SEMESTERS[request.param])


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures lead nowhere, and take half of the time."""
    monkeypatch.setattr("handlers.review.formats.html.svg", lambda *_chart, **_width: "")


@pytest.fixture
def walk(pack: Pack) -> Walk:
    return Walk(pack)


def test_each_number_is_one_step_from_exactly_its_requests(walk: Walk) -> None:
    lost, wrong, walked = [], [], 0
    rows = {one.code: one.rows for _chapter, one in walk.pack.tables()}
    opened = sum(row[2].value for row in rows["space"])
    for code, column, name, cell, target in walk.numbers():
        if (code, column) in NOT_OF_REQUESTS:
            continue
        if target is None or target not in walk.opened:
            lost.append((code, column, name, cell.value))
            continue
        walked += 1
        rule = TOLD.get((code, column)) or TOLD.get((code, name)) or _length
        if code == "flow" and name != f"{rows['flow'][-1][0].value:%d/%m/%Y}":
            rule = partial(_of_the_week, _day(name))
        counted = rule(walk.opened[target])
        if name == "Occupation de l’espace":
            counted = _half_days(walk.opened[target]) / opened
        # Days are written with one decimal.
        if abs(_value(cell) - counted) > (Fraction(1, 10) if cell.kind == "days" else 0):
            wrong.append((code, column, name, cell.value, float(counted)))
    assert lost == []
    assert wrong == []
    assert walked > 150


def _value(cell: Cell) -> Fraction:
    return Fraction(cell.value) if isinstance(cell.value, int | Fraction) else _number(str(cell.value)) or Fraction()


def test_what_leads_nowhere_is_found(pack: Pack) -> None:
    walk = Walk(pack)
    nowhere = {(code, column) for code, column, _name, _cell, target in walk.numbers() if target is None}
    assert nowhere == set(NOT_OF_REQUESTS)
    lost = next(one for one in pack.evidence if one.code == "held")
    walk = Walk(evolve(pack, evidence=tuple(one for one in pack.evidence if one is not lost)))
    nowhere = {code for code, _column, _name, _cell, target in walk.numbers() if target is None}
    assert nowhere >= {"meetings", "load"}


def test_each_line_of_a_list_says_a_title(walk: Walk) -> None:
    lines = [line for opened in walk.opened.values() for line in opened.lines if line["Demande"]]
    assert len(lines) > 500
    assert all(line["Intitulé"] not in ("", "—") for line in lines)
