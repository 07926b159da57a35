"""`submit --ask`: the form, question by question."""

from __future__ import annotations

import io
import json
import stat
import sys
import tomllib
from pathlib import Path

import pytest
from desk import Desk
from hypothesis import given
from hypothesis import strategies as st
from terminal import Terminal

from cli.input.prompts import typed as typed_line
from handlers.forms.drafts import as_toml
from states.errors import Invalid
from states.forms.form import flattened

# The questions of the declaration, in order; the family is asked only where the service asks it.
ANSWERS = {
    "title": "Refaire l’accueil",
    "need": "On attend, et on s’en va",
    "expected_outcome": "Un accueil plus simple",
    "outcome_predefined": "non",
    "collaborative_share": "60 %",
    "kind": "1",
    "axis": "incubation",
    "requester.name": "Noa Témoin",
    "requester.email": "noa@example.org",
    "requester.function": "",
    "requester.phone": "",
    "service": "Rectorat de Toulouse",
    "department": "31",
    "place": "3",
    "participants": "12",
    "managers": "5",
    "experience": "2",
    "complexity": "simple",
    "wanted_from": "",
    "wanted_to": "",
    "wanted_tier": "Le Tuto",
    "moment": "",
    "follows": "",
    "sponsor": "",
}


def typed(*last: str, **changed: str | list[str] | None) -> str:
    """All answers, one a line, then what is said to the confirmation; None leaves a question out."""
    lines: list[str] = []
    for answer in {**ANSWERS, **{k.replace("__", "."): v for k, v in changed.items()}}.values():
        lines += answer if isinstance(answer, list) else [] if answer is None else [answer]
    return "\n".join([*lines, *(last or ("yes",))]) + "\n"


def filled(desk: Desk, stdin: str, *words: str) -> dict[str, object]:
    printed = desk.coop("submit", "--ask", *words, "--json", stdin=stdin)
    assert printed.exit == 0, (printed.err, printed.out)
    (received,) = printed.json["received"]
    return flattened(desk.json("show", received["ref"])["form"])


def drafts(folder: Path) -> list[Path]:
    """What is kept for who types: never in the folder one is in."""
    assert not list(folder.glob("*.toml"))
    return list((folder / "state" / "drafts").glob("*"))


def draft(folder: Path) -> Path:
    (found,) = drafts(folder)
    return found


def test_a_form_is_asked_for_and_received(desk: Desk) -> None:
    form = filled(desk, typed())
    assert form == {
        "title": "Refaire l’accueil",
        "need": "On attend, et on s’en va",
        "expected_outcome": "Un accueil plus simple",
        "outcome_predefined": False,
        "collaborative_share": 60,
        "kind": "accompanied",
        "axis": "incubation",
        "requester.name": "Noa Témoin",
        "requester.email": "noa@example.org",
        "service": "rectorat_toulouse",
        "family": "menj_mesr_msjop",
        "department": "31",
        "place": "hors_les_murs",
        "participants": 12,
        "managers": 5,
        "experience": "some",
        "complexity": "simple",
        "wanted_tier": "tuto",
    }


def test_it_prints_what_submit_prints_and_is_the_last_touched(desk: Desk, tmp_path: Path) -> None:
    printed = desk.coop("submit", "--ask", stdin=typed())
    assert printed.exit == 0
    assert "2026-0001  Refaire l’accueil" in printed.out
    assert desk.json("show", ".")["state"] == "received"
    assert not drafts(tmp_path)


def test_each_question_has_its_label_its_help_and_its_choices(desk: Desk) -> None:
    out = desk.coop("submit", "--ask", stdin=typed()).out
    for text in ("Votre besoin", "le problème, avec vos mots", "Accompagnement (accompanied)", "31  Haute-Garonne"):
        assert text in out


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("title", ["", "x" * 201]),
        ("outcome_predefined", ["peut-être", ""]),
        ("collaborative_share", ["120", "beaucoup", "-1"]),
        ("kind", ["3", "0", "accompagné"]),
        ("requester.email", ["noa", "noa@", ""]),
        ("service", ["99", "drajess"]),
        ("department", ["1", "75"]),
        ("participants", ["-1", "douze"]),
        ("managers", ["13"]),  # of 12 participants
        ("wanted_from", ["32/01", "bientôt"]),
        ("follows", ["99", "abc"]),
    ],
)
def test_a_wrong_answer_is_asked_for_again_at_once(desk: Desk, name: str, wrong: list[str]) -> None:
    form = filled(desk, typed(**{name.replace(".", "__"): [*wrong, ANSWERS[name]]}))
    assert form["title"] == ANSWERS["title"]


def test_dates_are_as_people_write_them_and_told_back(desk: Desk) -> None:
    stdin = typed(wanted_from="16/03", wanted_to=["10/03", "le 27 mars"])
    printed = desk.coop("submit", "--ask", stdin=stdin)
    assert printed.exit == 0
    assert "lundi 16 mars 2026" in printed.out
    form = desk.json("show", ".")["form"]
    assert (form["wanted_from"], form["wanted_to"]) == ("2026-03-16", "2026-03-27")


def test_the_family_is_asked_where_the_service_asks_it(desk: Desk) -> None:
    lines = typed(service=["autre_etat", ""])  # Enter: the declared one
    assert filled(desk, lines)["family"] == "state"
    assert filled(desk, typed(service=["partenaire", "1"]))["family"] == "menj_mesr_msjop"


def test_an_earlier_request_may_be_shortened(desk: Desk) -> None:
    earlier = desk.received()
    assert filled(desk, typed(follows="1"))["follows"] == earlier


def test_a_text_goes_on_after_a_backslash(desk: Desk) -> None:
    assert filled(desk, typed(need=["Premier \\", "second\\", "dernier"]))["need"] == "Premier\nsecond\ndernier"


def test_one_may_go_back_empty_and_change_an_answer(desk: Desk) -> None:
    form = filled(desk, typed("5", "75", "15", "-", "yes", expected_outcome=["<", "Autre besoin", "Un accueil"]))
    assert (form["need"], form["expected_outcome"]) == ("Autre besoin", "Un accueil")
    assert form["collaborative_share"] == 75
    assert "participants" not in form


def test_changing_the_service_asks_what_it_asks(desk: Desk) -> None:
    assert filled(desk, typed("12", "partenaire", "2", "yes"))["family"] == "state"
    assert filled(desk, typed("12", "drane", "yes", service=["partenaire", "2"]))["family"] == "menj_mesr_msjop"


# --- Not finished ---


def test_what_was_typed_is_kept_and_gone_on_from(desk: Desk, tmp_path: Path) -> None:
    stdin = "\n".join(list(ANSWERS.values())[:9]) + "\n"
    error = desk.coop("submit", "--ask", "--json", stdin=stdin)
    assert error.exit == 6
    missing = {field["field"] for field in error.error["fields"]}
    assert missing == {"service", "department", "place"}
    kept = draft(tmp_path)
    assert str(kept) in error.err
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert tomllib.loads(kept.read_text("utf-8"))["requester"]["name"] == "Noa Témoin"
    assert desk.json("list") == []
    further = "\n".join([*list(ANSWERS.values())[9:12], ""]) + "\n"  # it goes on where it stopped
    assert desk.coop("submit", "--ask", "--json", str(kept), stdin=further).exit == 6
    kept = draft(tmp_path)  # one alone: the first is in it
    assert tomllib.loads(kept.read_text("utf-8"))["department"] == "31"
    rest = "\n".join([*list(ANSWERS.values())[13:], "yes"]) + "\n"
    assert desk.coop("submit", "--ask", "--dry-run", "--json", str(kept), stdin=rest).exit == 0
    assert kept.exists()
    assert filled(desk, rest, str(kept))["title"] == "Refaire l’accueil"
    assert drafts(tmp_path) == []  # sent once, it cannot be sent again


def test_no_keeps_a_draft_too(desk: Desk, tmp_path: Path) -> None:
    assert desk.coop("submit", "--ask", stdin=typed("no")).exit == 130
    assert desk.coop("submit", str(draft(tmp_path))).exit == 0  # it is a whole form
    assert desk.json("show", ".")["title"] == "Refaire l’accueil"


def test_a_form_the_store_refuses_is_kept(desk: Desk, tmp_path: Path) -> None:
    desk.coop("staff", "add", "sam", "--name", "Sam", "--email", "sam@example.org", "--role", "specialist")
    assert desk.coop("--as", "sam", "submit", "--ask", stdin=typed()).exit == 3
    assert draft(tmp_path).exists()


def test_what_is_wrong_in_a_draft_is_asked_for_again(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "brouillon.toml"
    file.write_text('title = "Un titre"\ncollaborative_share = 400\nmystery = 1\n', "utf-8")
    printed = desk.coop("submit", "--ask", str(file), "--json", stdin=typed(title=None))
    assert printed.exit == 0
    form = desk.json("show", ".")["form"]
    assert (form["title"], form["collaborative_share"]) == ("Un titre", 60)
    assert file.exists(), "a file of one’s own stays"


@pytest.mark.parametrize(("service", "department"), [("DSDEN Hérault", "34"), ("Rectorat de Toulouse", "31")])
def test_the_department_is_the_one_of_the_service_unless_another_is_typed(
    desk: Desk, service: str, department: str
) -> None:
    assert filled(desk, typed(service=service, department=""))["department"] == department
    assert filled(desk, typed(service=service, department="09"))["department"] == "09"


def test_nothing_typed_leaves_no_draft(desk: Desk, tmp_path: Path) -> None:
    assert desk.coop("submit", "--ask", stdin="").exit == 6
    assert not drafts(tmp_path)


def test_a_dry_run_stores_nothing(desk: Desk) -> None:
    assert desk.coop("submit", "--ask", "--dry-run", stdin=typed()).exit == 0
    assert desk.json("list") == []


def test_only_one_draft_at_a_time(desk: Desk) -> None:
    desk.fails(2, "submit", "--ask", "a.toml", "b.toml")
    desk.fails(6, "submit", "--ask", "nowhere.toml")


def test_ctrl_c_in_a_terminal_keeps_a_draft(desk: Desk, tmp_path: Path) -> None:
    terminal = Terminal(["submit", "--ask"], env={"COOP_LANG": "en"})
    terminal.waits("1/24").waits("> ").types("Été à l’essai\n").waits("2/24").waits("> ").types("\x03")
    assert terminal.ends() == 130
    assert tomllib.loads(draft(tmp_path).read_text("utf-8")) == {"title": "Été à l’essai"}
    assert "coop submit --ask" in terminal.plain


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_what_is_not_text_is_refused(monkeypatch: pytest.MonkeyPatch, errors: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9\n"), encoding="utf-8", errors=errors))
    with pytest.raises(Invalid):
        typed_line("> ")


# --- The draft ---

TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)


@given(TEXTS, TEXTS, st.booleans(), st.integers(0, 100))
def test_a_draft_holds_what_was_typed(title: str, name: str, defined: bool, share: int) -> None:
    answers = {"title": title, "outcome_predefined": defined, "collaborative_share": share, "requester.name": name}
    assert flattened(tomllib.loads(as_toml(answers))) == json.loads(json.dumps(answers))
