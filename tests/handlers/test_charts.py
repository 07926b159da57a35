"""The charts of the review: what each shows, in words too, the same bytes each time, nothing but a picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from attrs import evolve
from packs import FORMULA, NASTY
from packs import charts as sample

from handlers.review import charts
from handlers.review.chart_shapes import SHAPES
from handlers.review.charts import svg
from handlers.review.pack import CHARTS, Cell, Chart, Table
from states.errors import MissingExtra

pytest.importorskip("vl_convert", reason="the extra [review] is not installed")
ROOT = Path(__file__).parent.parent.parent
SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = ("fr", "en")


def texts(drawn: str) -> str:
    """What is written in the picture, a line of text each; without its title and description."""
    found = ElementTree.fromstring(drawn).iter(f"{SVG}text")
    return "\n".join("".join(part.itertext()) for part in found)


def with_rows(chart: Chart, *rows: tuple[Cell, ...]) -> Chart:
    return evolve(chart, table=evolve(chart.table, rows=rows), points=())


def counts(label: str, *values: int | None) -> tuple[Cell, ...]:
    return (Cell(label), *(Cell(value, "count") for value in values))


def test_every_shape_is_drawn() -> None:
    assert set(SHAPES) == set(CHARTS) == set(sample("fr"))


@pytest.mark.parametrize("shape", CHARTS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("public", [False, True])
def test_a_picture_says_what_it_shows_and_holds_nothing_else(shape: str, language: str, public: bool) -> None:
    chart = sample(language, public)[shape]
    drawn = svg(chart, language)
    picture = ElementTree.fromstring(drawn)
    assert picture.tag == f"{SVG}svg"
    assert picture.get("role") == "img"
    words = {picture.get("aria-labelledby"): chart.title, picture.get("aria-describedby"): chart.description}
    assert {part.get("id"): part.text for part in picture[:2]} == words
    assert [part.tag for part in picture[:2]] == [f"{SVG}title", f"{SVG}desc"]
    tags = {part.tag.removeprefix(SVG) for part in picture.iter()}
    assert tags <= {"svg", "title", "desc", "defs", "pattern", "g", "path", "line", "text", "tspan"}
    assert not [name for part in picture.iter() for name in part.attrib if name.startswith("on") or "href" in name]
    assert not re.search(r"https?:|//", drawn.replace('xmlns="http://www.w3.org/2000/svg"', ""))
    ids = [part.get("id") or "" for part in picture.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    assert all(id.startswith(f"chart-{shape.replace('_', '-')}-") for id in ids)
    assert {found[1] for found in re.finditer(r"url\(#([^)]*)\)", drawn)} <= set(ids)
    assert re.search(r"\b(NaN|undefined|null|Infinity)\b", drawn) is None


@pytest.mark.parametrize("shape", CHARTS)
def test_everything_drawn_stays_in_the_picture(shape: str) -> None:
    picture = ElementTree.fromstring(svg(sample("fr")[shape], "fr", width=520))
    width, height = float(picture.get("width", 0)), float(picture.get("height", 0))
    assert width == 520

    def walk(part: ElementTree.Element, x: float, y: float) -> None:
        moved = re.match(r"translate\(([-\d.e]+),([-\d.e]+)\)", part.get("transform", ""))
        x, y = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        if part.tag == f"{SVG}text":
            assert 0 <= x <= width, part.text
            assert 0 <= y <= height, part.text
        for child in part:
            walk(child, x, y)

    walk(picture, 0, 0)


def test_the_same_bytes_in_every_process() -> None:
    code = (
        "import sys, hashlib; sys.path[:0] = ['tests']\n"
        "from packs import charts; from handlers.review.charts import svg\n"
        "drawn = [svg(c, l) for l in ('fr', 'en') for c in charts(l).values()]\n"
        "again = [svg(c, l) for l in ('fr', 'en') for c in charts(l).values()]\n"
        "assert drawn == again; print(hashlib.sha256(''.join(drawn).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))
    }
    assert len(digests) == 1


def test_names_that_break_careless_files_are_written_whole() -> None:
    for shape in ("caps", "services", "lead_times", "deadlines"):
        assert NASTY in texts(svg(sample("fr")[shape], "fr"))
    chart = evolve(sample("fr")["funnel"], title=FORMULA, description=NASTY, code='a"b<c')
    picture = ElementTree.fromstring(svg(chart, "fr"))
    assert [part.text for part in picture[:2]] == [FORMULA, NASTY]
    assert picture[0].get("id") == "chart-a-b-c-title"


def test_a_long_name_is_cut_not_run_over() -> None:
    drawn = texts(svg(with_rows(sample("fr")["funnel"], counts("mot " * 60, 3)), "fr"))
    assert "…" in drawn
    assert max(map(len, drawn.splitlines())) < 110


def test_dates_and_numbers_are_written_in_the_language() -> None:
    flow = {language: texts(svg(sample(language)["flow"], language)) for language in LANGUAGES}
    assert "1 févr." in flow["fr"]
    assert "1 Feb" in flow["en"]
    many = (Cell(date(2026, 1, 5), "date"), *(Cell(700, "count") for _ in range(9)))
    more = {language: svg(with_rows(sample(language)["flow"], many), language) for language in LANGUAGES}
    assert "2\u00a0000" in texts(more["fr"])
    assert "2,000" in texts(more["en"])
    assert "médiane 18,8\u00a0j" in texts(svg(sample("fr")["lead_times"], "fr"))
    assert "median 18.8\u00a0d" in texts(svg(sample("en")["lead_times"], "en"))


def test_what_is_not_known_is_said_and_never_drawn_as_zero() -> None:
    services = sample("fr")["services"]
    masked = (Cell("B"), Cell(3, "count", masked=True))
    drawn = texts(svg(with_rows(services, counts("A", 8), masked, counts("C", None), counts("D", 0)), "fr"))
    assert [line for line in drawn.splitlines() if line not in "ABCD"] == [
        "8",
        "<\u00a05",
        "sans donnée",
        "0\u00a0: pas encore",
    ]
    deadlines = with_rows(sample("fr")["deadlines"], (Cell("A"), Cell(9, "count"), Cell(None, "count", masked=True)))
    assert "Non tenues\u00a0: <\u00a05" in texts(svg(deadlines, "fr"))
    space = with_rows(sample("fr")["space"], counts("mars", None, 44), counts("avril", 3, 40))
    assert texts(svg(space, "fr")).splitlines()[:2] == ["sans donnée", "3 sur 40"]


@pytest.mark.parametrize("shape", CHARTS)
def test_a_table_without_data_says_so(shape: str) -> None:
    chart = sample("fr")[shape]
    unknown = (*chart.table.rows[0][:1], *(Cell(None, "count") for _ in chart.table.columns[1:]))
    for rows in ((), (unknown,)):
        drawn = svg(with_rows(chart, *rows), "fr")
        assert texts(drawn) == "sans donnée"
        assert chart.title in drawn
    assert texts(svg(with_rows(sample("en")[shape]), "en")) == "no data"


@pytest.mark.parametrize("shape", CHARTS)
def test_only_zeros_still_make_a_picture(shape: str) -> None:
    chart = sample("fr")[shape]
    zeros = (chart.table.rows[0][0], *(Cell(0, "count") for _ in chart.table.columns[1:]))
    lines = texts(svg(with_rows(chart, zeros), "fr")).splitlines()
    assert lines != ["sans donnée"]
    assert [line for line in lines if "0" in line]
    assert [line for line in lines if re.fullmatch(r"\d+", line)] in (["0"], [*"012345"], [*"01"], [])


def test_a_stay_is_a_dot_and_dots_stand_apart() -> None:
    chart = sample("fr")["lead_times"]
    alike = evolve(
        with_rows(chart, chart.table.rows[0]), points=((str(chart.table.rows[0][0].value), Fraction(2)),) * 9
    )
    places = re.findall(r'<path transform="(translate[^"]*)"[^>]*class="c1"', svg(alike, "fr"))
    assert len(places) == len(set(places)) == 10  # with that of the legend


def test_the_parts_of_a_bar_differ_by_more_than_colour() -> None:
    drawn = svg(sample("fr")["deadlines"], "fr")
    assert 'fill="url(#chart-deadlines-hatch)"' in drawn
    flow = sample("fr")["flow"]
    for state in flow.table.columns[1:]:
        assert f"{state}\u00a0·" in texts(svg(flow, "fr"))


def test_more_states_than_colours_are_all_named_without_overlap() -> None:
    columns = ("Semaine", *(f"État {n}" for n in range(24)))
    row = (Cell(date(2026, 1, 5), "date"), *(Cell(1 if n else 400, "count") for n in range(24)))
    chart = Chart("flow", "flow", "T", "D", Table("flow", "T", columns, (row,)))
    drawn = svg(chart, "fr")
    lines = [float(y) for y in re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*>État', drawn)]
    assert len(lines) == 24
    assert all(above - below >= 15 for below, above in zip(sorted(lines), sorted(lines)[1:], strict=False))


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtra) as missing:
        svg(sample("fr")["funnel"], "fr")
    assert missing.value.hint == 'pip install "la-cooperative[review]"'


def test_the_specifications_are_vega_lite_without_data() -> None:
    folder = ROOT / "handlers/review/chart_specs"
    names = {path.stem for path in folder.glob("*.json")} - {"config"}
    assert names == {"bars", "caps", "deadlines", "empty", "flow", "lead_times", "space"}
    for name in names:
        assert charts._kept(name)["$schema"].endswith("vega-lite/v5.json")


def test_months_are_named_from_their_day_or_as_given() -> None:
    space = sample("fr")["space"]
    days = [(Cell(date(2026, month, 9), "date"), Cell(1, "count"), Cell(2, "count")) for month in range(1, 7)]
    assert "janv. 2026" in texts(svg(with_rows(space, *days), "fr")).splitlines()
    narrow = svg(space, "fr", width=440)
    assert re.findall(r"<tspan>([^<]+)</tspan><tspan[^>]*>2026</tspan>", narrow) == [
        str(row[0].value).removesuffix(" 2026") for row in space.table.rows
    ]
