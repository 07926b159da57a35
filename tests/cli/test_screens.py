"""What stands on a terminal of 80 columns: every word whole, each line within it, what is to be typed never cut."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk
from terminal import Terminal

from cli.commands.begin.db import ROWS
from cli.output.layout import folded, in_column, room_of, shared

LONG = "Décloisonner deux services installés sur deux sites, l’un à Montpellier, l’autre à Toulouse, avec leurs agents"


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """A lab with a request of a long title, accepted, and a form that is not."""
    assert desk.coop("init").exit == 0
    first = desk.received(title=LONG)
    desk.received(collaborative_share=20)
    for words in (
        ("prequalify", first),
        ("interview", "plan", first, "--slot", "2026-01-14T09:00"),
        ("comment", first, "--note", f"{LONG}\u00a0; {LONG}"),
    ):
        printed = desk.coop(*words)
        assert printed.exit == 0, printed.err
    return desk


def words_of(text: str) -> Iterator[str]:
    """The words, whatever their order: a cell of a table goes on below. A no-break space is part of its word."""
    return (word for word in re.split(r"[ \n]+", text) if word.strip("─"))


@pytest.mark.parametrize(
    "line",
    [
        "list", "show 1", "history 1", "next 1", "next 1 --all", "tasks 1", "deadlines 1", "tier suggest 1", "alerts",
        "lifecycle show", "lifecycle check", "staff list", "place list", "calendar show",
        "prequalify 1", "prequalify 2", "close 1", "hist 1", "list --state reçu", "staff add zoé --role chef --name Z",
    ],
)  # fmt: skip
def test_no_word_is_cut_lost_or_beyond_the_edge(lab: Desk, line: str) -> None:
    piped = lab.coop(*line.split())
    terminal = Terminal(line.split(), columns=80)
    assert terminal.ends() == piped.exit
    assert not [row for row in terminal.plain.splitlines() if room_of(row) > 80]
    shown, said = Counter(words_of(terminal.plain)), Counter(words_of(piped.out + piped.err))
    assert shown <= said
    assert set(said - shown) <= {"Niveau", "—"}  # a column of the list where nothing is known yet


def test_a_column_where_nothing_is_known_goes_before_anything_is_narrowed(lab: Desk) -> None:
    wide, narrow = (Terminal(["list"], columns=columns) for columns in (200, 80))
    for terminal in (wide, narrow):
        terminal.ends()
    assert re.search(r"^Réf\. +Intitulé +État +Niveau +Échéance$", wide.plain, re.MULTILINE)
    assert re.search(r"^Réf\. +Intitulé +État +Échéance$", narrow.plain, re.MULTILINE)
    assert set(words_of(wide.plain)) - set(words_of(narrow.plain)) <= {"Niveau", "—"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("court", ["court"]),
        ("une phrase plus longue", ["une phrase plus", "  longue"]),
        ("    · une phrase plus longue", ["    · une phrase", "      plus", "      longue"]),
        ("  État  en accompagnement", ["  État  en", "        accompagnement"]),
        ("un mot\u00a0: deux mots\u00a0!", ["un mot\u00a0: deux", "  mots\u00a0!"]),
        ("services_participating", ["services_participating"]),
        ("Voir ceci : coop next 12", ["Voir ceci :", "  coop next 12"]),
        ("coop interview plan 12 --slot first", ["coop interview", "  plan 12 --slot", "  first"]),
        ("une ligne\nune autre", ["une ligne", "une autre"]),
        ("東京 東京 東京 東京", ["東京 東京 東京", "  東京"]),
        ("", [""]),
    ],
)
def test_a_line_goes_on_below_at_a_space(text: str, lines: list[str]) -> None:
    assert folded(text, 16) == lines


def test_the_widest_columns_give_way_to_their_longest_word() -> None:
    cells = [["Code", "Titre"], ["services_participating", "une phrase de plusieurs mots"]]
    assert shared(cells) == [22, 28]
    assert shared(cells, 40) == [22, 16]
    assert shared(cells, 10) == [22, 9]
    assert in_column(cells[1][1], 16) == ["une phrase de", "plusieurs mots"]


# --- Counts and labels ---

READ = (
    *("today", "agenda", "board", "list", "alerts", "status", "outbox", "staff load", "staff absence camille"),
    *("staff what-if camille --from 14/1 --to 15/1", "activity", "db stats", "db verify", "review 2026-S1"),
    *("review explain 2026-S1 received", "show 1", "tasks 1", "deadlines 1", "history 1", "next 1"),
)


def test_none_is_a_word(desk: Desk) -> None:
    """« Aucune demande », never « 0 demande reste… »: where nothing is, and where one request has ended."""
    for _request in range(2):
        for line in READ:
            text = desk.coop(*line.split()).out.replace("\u00a0", " ")
            assert not re.search(r"(?m)^\s*0 [^,;\n]*\.$|— 0 ", text), line
        desk.json("withdraw", desk.received(), "--note", "plus de temps")


def test_a_question_of_the_form_has_no_colon(desk: Desk) -> None:
    desk.received()
    desk.json("amend", "1", "--set", "outcome_predefined=true")
    for words in (("show", "1"), ("history", "1"), ("amend", "1", "--set", "outcome_predefined=false")):
        text = desk.coop(*words).out.replace("\u00a0", " ")
        assert "défini ?" in text
        assert "? :" not in text


def test_what_the_store_holds_is_told_in_words(desk: Desk) -> None:
    counted = desk.json("db", "stats")
    rows = desk.coop("db", "stats").out.splitlines()[1:]
    assert len(rows) == len(counted) == len(ROWS)
    assert not {row.rpartition("  ")[0].strip() for row in rows} & counted.keys() - {"absences"}


@pytest.mark.parametrize(("out", "err", "moves"), [(True, False, True), (False, False, True), (False, True, False)])
def test_long_work_shows_how_far_it_is_where_people_look(
    desk: Desk, tmp_path: Path, out: bool, err: bool, moves: bool
) -> None:
    """On standard error if that is a terminal, whatever becomes of the output; never in a file."""
    desk.received()
    with (tmp_path / "out").open("wb") as answers, (tmp_path / "err").open("wb") as log:
        terminal = Terminal(["db", "verify"], out=answers if out else None, err=log if err else None)
        assert terminal.ends() == 0
    assert ("Vérification" in terminal.plain) == moves
    answer = (tmp_path / "out").read_text("utf-8") if out else terminal.plain
    assert "empreinte de tête" in answer.lower()
    assert "\x1b" not in (tmp_path / "out").read_text("utf-8")
    assert (tmp_path / "err").read_bytes() == b""
