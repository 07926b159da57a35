"""The charts of the review: what each shows, in words too, the same bytes each time, nothing but a picture."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from attrs import evolve
from packs import FORMULA, NASTY
from packs import charts as sample

from handlers.review.charts import on_paper, svg
from handlers.review.colours import by_day
from handlers.review.pack import CHARTS, Cell, Chart, Table
from handlers.review.shapes import SHAPES
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
    states = chart.states[: len(rows)] if chart.shape == "lead_times" else chart.states
    return evolve(chart, table=evolve(chart.table, rows=rows), points=(), states=states)


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
    assert {name for name in re.findall(r"var\(--([^)]*)\)", drawn) if not name.startswith("state-")} <= {
        "accent",
        "paper",
    }
    assert re.search(r"\b(NaN|undefined|null|Infinity)\b", drawn) is None


def placed(drawn: str) -> list[tuple[str, float, float]]:
    """Every text of the picture and where it stands."""

    def walk(part: ElementTree.Element, x: float, y: float) -> Iterator[tuple[str, float, float]]:
        moved = re.match(r"translate\(([-\d.e]+),([-\d.e]+)\)", part.get("transform", ""))
        x, y = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        if part.tag == f"{SVG}text":
            yield "".join(part.itertext()), x, y
        for child in part:
            yield from walk(child, x, y)

    return list(walk(ElementTree.fromstring(drawn), 0, 0))


@pytest.mark.parametrize("shape", CHARTS)
def test_everything_drawn_stays_in_the_picture(shape: str) -> None:
    drawn = svg(sample("fr")[shape], "fr", width=520)
    picture = ElementTree.fromstring(drawn)
    width, height = float(picture.get("width", 0)), float(picture.get("height", 0))
    assert 500 <= width <= 540 or (shape == "tiles" and width < 500)  # as wide as its tiles
    assert all(0 <= x <= width and 0 <= y <= height for _text, x, y in placed(drawn))


SAME = """import sys, hashlib; sys.path[:0] = ['tests', 'tests/support']
from packs import charts, NASTY; from handlers.review.charts import svg
drawn = [svg(c, l) for l in ('fr', 'en') for c in charts(l).values()]
again = [svg(c, l) for l in ('fr', 'en') for c in charts(l).values()]
assert drawn == again; print(hashlib.sha256(''.join(drawn).encode()).hexdigest())"""
WITHOUT_FONTS = (
    "for d in /usr/share/fonts /usr/local/share/fonts; do [ ! -d $d ] || mount -t tmpfs none $d; done; exec "
)


def digest(seed: str, zone: str, *before: str) -> str:
    """Of every chart of the sample, drawn in a process of its own."""
    env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
    command = [*before, sys.executable, "-c", SAME]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True, text=True).stdout


def test_the_same_bytes_in_every_process() -> None:
    assert digest("1", "UTC") == digest("2", "Pacific/Auckland")


def test_the_fonts_of_the_machine_change_nothing() -> None:
    alone = ("unshare", "--mount", "--map-root-user")
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a process may not have folders of its own here")
    shell = (*alone, "sh", "-c", WITHOUT_FONTS + '"$0" "$@"')
    assert digest("1", "UTC", *shell) == digest("1", "UTC")


def test_on_paper_no_colour_is_left_to_a_style_sheet() -> None:
    for chart in sample("fr").values():
        drawn = on_paper(svg(chart, "fr"))
        assert not re.search(r"var\(|currentColor", drawn)
        colours = set(re.findall("#[0-9a-f]{6}", drawn))
        assert len(colours) > 1
        assert colours <= set(by_day().values())  # never a colour of the dark


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
    assert max(map(len, drawn.splitlines())) < 140


def test_dates_and_numbers_are_written_in_the_language() -> None:
    flow = {language: texts(svg(sample(language)["flow"], language)) for language in LANGUAGES}
    assert "1er avr." in flow["fr"]
    assert "1 Apr" in flow["en"]
    many = (Cell(date(2026, 1, 5), "date"), *(Cell(700, "count") for _ in range(9)))
    more = {language: svg(with_rows(sample(language)["flow"], many), language) for language in LANGUAGES}
    assert "2\u00a0000" in texts(more["fr"])
    assert "2,000" in texts(more["en"])


def test_what_is_not_known_is_said_and_never_drawn_as_zero() -> None:
    services = sample("fr")["services"]
    masked = (Cell("B"), Cell(3, "count", masked=True))
    drawn = texts(svg(with_rows(services, counts("A", 8), masked, counts("C", None), counts("D", 0)), "fr"))
    assert [line for line in drawn.splitlines() if line not in "ABCD"] == [
        "8",
        "masqué",
        "sans donnée",
        "0\u00a0: pas encore",
    ]
    deadlines = with_rows(sample("fr")["deadlines"], (Cell("A"), Cell(9, "count"), Cell(None, "count", masked=True)))
    assert "Non tenues\u00a0: masqué" in texts(svg(deadlines, "fr"))
    space = with_rows(sample("fr")["space"], counts("mars", None, 44), counts("avril", 3, 40))
    lines = texts(svg(space, "fr")).splitlines()
    assert [line for line in lines if "sur" in line or "donnée" in line] == ["sans donnée", "3 sur 40"]


@pytest.mark.parametrize("shape", CHARTS)
def test_what_is_not_known_is_no_data_and_what_did_not_happen_is_nothing(shape: str) -> None:
    chart = sample("fr")[shape]
    unknown = (*chart.table.rows[0][:1], *(Cell(None, "count") for _ in chart.table.columns[1:]))
    for rows, said in (((), "Rien à lister."), ((unknown,), "sans donnée")):
        drawn = svg(with_rows(chart, *rows), "fr")
        assert texts(drawn) == said
        assert chart.title in drawn
    assert texts(svg(with_rows(sample("en")[shape], unknown), "en")) == "no data"


@pytest.mark.parametrize("shape", CHARTS)
def test_only_zeros_still_make_a_picture(shape: str) -> None:
    chart = sample("fr")[shape]
    zeros = (chart.table.rows[0][0], *(Cell(0, "count") for _ in chart.table.columns[1:]))
    lines = texts(svg(with_rows(chart, zeros), "fr")).splitlines()
    assert lines != ["sans donnée"]
    assert [line for line in lines if "0" in line]
    assert {line for line in lines if re.fullmatch(r"\d+", line)} in (
        {"0"},
        {*"0123"},
        {*"01"},
        {"0", "30", "34", "46"},
        set(),
    )


def test_each_stay_is_drawn_and_those_of_no_row_are_not() -> None:
    chart = sample("fr")["lead_times"]
    name = str(chart.table.rows[0][0].value)
    alone = with_rows(chart, chart.table.rows[0])
    stays = [svg(evolve(alone, points=((name, Fraction(2)), *rest)), "fr") for rest in ((), ((name, Fraction(3)),))]
    assert stays[1].count("<path") == stays[0].count("<path") + 1
    assert svg(evolve(alone, points=((name, Fraction(2)), ("Ailleurs", Fraction(3)))), "fr") == stays[0]


def test_stays_that_lie_over_one_another_are_drawn_as_often_as_is_seen() -> None:
    chart = sample("fr")["lead_times"]
    name = str(chart.table.rows[0][0].value)
    alone = with_rows(chart, chart.table.rows[0])
    few, many = (svg(evolve(alone, points=((name, Fraction(2)),) * n), "fr").count("<path") for n in (3, 3_000))
    assert few < many < few + 10


def test_a_state_without_a_median_says_so() -> None:
    chart = sample("fr")["lead_times"]
    assert "sans donnée" in texts(svg(chart, "fr")).splitlines()


def test_the_parts_of_a_bar_differ_by_more_than_colour() -> None:
    drawn = svg(sample("fr")["deadlines"], "fr")
    assert 'fill="url(#chart-deadlines-hatch)"' in drawn
    bars = re.findall(r'<path[^>]*stroke="currentColor"[^>]*>', svg(sample("fr")["caps"], "fr"))
    assert len([bar for bar in bars if "fill=" not in bar]) == len([bar for bar in bars if "--accent" in bar]) > 3


def test_two_rows_of_the_same_name_stay_two() -> None:
    twice = with_rows(sample("fr")["services"], counts("Jumeau", 3), counts("Jumeau", 5))
    names = [(text, y) for text, _x, y in placed(svg(twice, "fr")) if text.startswith("Jumeau")]
    assert len({y for _text, y in names}) == 2


def test_every_state_is_named_with_its_last_figure_whatever_their_number() -> None:
    columns = ("Semaine", *(f"État {n}" for n in range(24)))
    row = (Cell(date(2026, 1, 5), "date"), *(Cell(1 if n else 400, "count") for n in range(24)))
    chart = Chart("flow", "flow", "T", "D", Table("flow", "T", columns, (row,)), states=tuple(range(24)))
    titles = {text: (x, y) for text, x, y in placed(svg(chart, "fr")) if "·" in text}
    assert list(titles) == [
        "Ensemble\u00a0·\u00a0423",
        "État 0\u00a0·\u00a0400",
        *(f"État {n}\u00a0·\u00a01" for n in range(1, 24)),
    ]
    assert len(set(titles.values())) == 25


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtra) as missing:
        svg(sample("fr")["funnel"], "fr")
    assert missing.value.hint == 'pip install "la-cooperative[review]"'


def test_the_specifications_hold_no_data_and_few_lines() -> None:
    text = (ROOT / "handlers/review/charts.json").read_text("utf-8")
    kept = json.loads(text)
    assert set(kept) == {"config", "course", "empty", *(name for name, _fill in SHAPES.values())}
    assert text.count('"values"') == text.count('"values": "$points"')
    assert len(text.splitlines()) <= 150


def test_the_year_stands_below_its_month() -> None:
    drawn = svg(sample("fr")["space"], "fr", width=440)
    assert re.findall(r"<tspan>([^<]+)</tspan><tspan[^>]*>2026</tspan>", drawn) == [
        str(row[0].value).removesuffix(" 2026") for row in sample("fr")["space"].table.rows
    ]


def test_a_name_too_long_for_a_line_takes_several_and_loses_nothing() -> None:
    name = "DRAREIC — relations européennes et internationales"
    drawn = svg(with_rows(sample("fr")["services"], counts(name, 3)), "fr", width=360)
    lines = re.findall(r"<tspan[^>]*>([^<]+)</tspan>", drawn)
    assert len(lines) in (2, 3)
    assert " ".join(lines) == name


def test_the_tiles_stand_where_they_are_declared_with_their_counts() -> None:
    found = [(text, round(x), round(y)) for text, x, y in placed(svg(sample("fr")["tiles"], "fr"))]
    places = {text: (x, y) for text, x, y in found}
    assert sorted(text for text, _x, _y in found) == ["0", "17", "30", "34", "46", "sans donnée"]
    assert places["34"][1] == places["30"][1] < places["46"][1]
    assert places["34"][0] + 2 * 60 < places["30"][0] == places["46"][0]  # the second column is empty


def test_a_state_keeps_its_colour_whatever_states_are_there_and_whatever_shows_it() -> None:
    """In the weeks all together, in its own picture, in the stays: the colour of its place in the declaration."""
    charts = sample("fr")
    for shape, fill in (("flow", "fill"), ("lead_times", "stroke")):
        chart = charts[shape]
        drawn = {place: re.findall(rf' {fill}="var\(--state-{place + 1}\)"', svg(chart, "fr")) for place in range(16)}
        assert {place for place, marks in drawn.items() if marks} == set(chart.states[: 3 if shape != "flow" else None])
        assert shape != "flow" or {len(marks) for marks in drawn.values()} == {0, 2}
    flow = charts["flow"]
    few = evolve(
        flow,
        table=evolve(
            flow.table, columns=flow.table.columns[:1] + flow.table.columns[4:6],
            rows=tuple(row[:1] + row[4:6] for row in flow.table.rows),
        ),
        states=flow.states[3:5],
    )  # fmt: skip
    assert set(re.findall(r"--state-\d+", svg(few, "fr"))) == {f"--state-{place + 1}" for place in flow.states[3:5]}


def test_the_states_of_the_weeks_are_piled_up_in_their_order() -> None:
    """The first on top, as the pictures under it are read."""
    chart = sample("fr")["flow"]
    found = re.findall(r'd="(M[^"]*)"[^>]*fill="var\(--state-(\d+)\)"', svg(chart, "fr"))
    tops = {}
    for path, number in found[: len(chart.states)]:  # those of all together come first
        points = re.findall(r"[ML][\d.]+,([\d.]+)", path)
        tops[int(number) - 1] = float(points[len(points) // 2 - 1])  # where its upper line ends
    assert [tops[place] for place in chart.states] == sorted(tops.values())
    assert len(set(tops.values())) > 6


def test_the_share_of_who_came_is_a_part_of_one_length_however_many_they_are() -> None:
    drawn = svg(sample("fr")["attendance"], "fr")
    assert "892 sur 1\u00a0098" in texts(drawn).replace("\n", "")
    lengths = Counter(re.findall(r'd="M0,[\d.]+h([\d.]+)v[^"]*"[^>]*stroke="currentColor"', drawn))
    whole = max(lengths, key=float)
    assert (lengths[whole], lengths["0"]) == (2, 2)  # of two axes that are known; nothing of the third
    assert f"{float(whole) * 3 / 8:.2f}"[:5] in "".join(lengths)


def test_under_a_state_its_stays_are_said_and_nine_in_ten_only_where_many() -> None:
    chart = sample("fr")["lead_times"]
    few = (Cell("Suspendue"), Cell(3, "count"), Cell(Fraction(2), "days"), Cell("—"))
    drawn = [svg(with_rows(chart, *rows), "fr") for rows in ((few,), (chart.table.rows[0],))]
    assert "3 passages" in texts(drawn[0]).replace("\u00a0", " ")
    signs = [one.count("<path") for one in drawn]
    assert signs[0] == signs[1] - 1  # no sign for nine in ten
