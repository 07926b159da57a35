"""Completion: what is offered where, and that the shells themselves take it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import CompletionItem
from desk import Desk
from shell import HOSTILE

from cli.commands.lead.event_options import option_name
from cli.commands.offered import is_built
from cli.completion.shells import SHELLS, Offering
from states.declaration.documents import shipped
from states.declaration.tables import Event
from states.risks.rules import RULES
from states.verification.loading import load

ROOT = Path(__file__).parents[3]


# --- What is offered ---


def test_commands_with_their_help(lab: Desk) -> None:
    found = lab.offered("coop ")
    assert {"show", "prequalify", "staff", "completion"} <= set(found)
    assert all(found.values())
    assert set(lab.offered("coop pre")) == {"prequalify"}
    assert {"plan", "done", "move"} <= set(lab.offered("coop meeting "))
    assert {"--db", "--as", "--lang"} <= set(lab.offered("coop --"))


def test_references_with_titles(lab: Desk) -> None:
    found = lab.offered("coop show ")
    assert list(found) == ["2026-0004", "2026-0003", "2026-0002", "2026-0001"]
    assert found["2026-0004"] == "Au travail · En accompagnement"
    assert list(lab.offered("coop history 2026-0001")) == ["2026-0001"]
    assert lab.offered("coop show 2027") == {}


def test_short_references_once_a_digit_is_typed(lab: Desk) -> None:
    assert lab.offered("coop show 4") == {"4": "Au travail · En accompagnement"}
    assert list(lab.offered("coop show 2")) == ["2", "2026-0004", "2026-0003", "2026-0002", "2026-0001"]


def test_only_the_requests_an_event_is_possible_for(lab: Desk) -> None:
    assert set(lab.offered("coop prequalify ")) == {"2026-0001"}
    assert set(lab.offered("coop interview plan ")) == {"2026-0002"}
    assert set(lab.offered("coop interview done ")) == {"2026-0003/interview-1"}
    assert lab.offered("coop close ") == {}
    assert set(lab.offered("coop comment 2026-0001 ")) == {"2026-0004", "2026-0003", "2026-0002"}


def test_meetings_as_they_are_named(lab: Desk) -> None:
    assert lab.offered("coop meeting done ") == {
        "2026-0004/work-1": "20/01 10:00 · Au travail",
        "2026-0004/work-2": "27/01 10:00 · Au travail",
    }
    assert list(lab.offered("coop meeting move ")) == ["2026-0003/interview-1", "2026-0004/work-1", "2026-0004/work-2"]
    assert list(lab.offered("coop meeting cancel 4/work-2")) == ["4/work-2"]
    assert set(lab.offered("coop advance 4 hold_meeting --set meeting=")) == {"meeting=work-1", "meeting=work-2"}


def test_the_meetings_of_a_request_that_a_sheet_is_of(lab: Desk) -> None:
    assert lab.offered("coop sheet 4/") == {
        "4/interview-1": "12/01 10:00", "4/work-1": "20/01 10:00", "4/work-2": "27/01 10:00",
    }  # fmt: skip
    lab.json("meeting", "cancel", "4/work-1", "-n", "non")
    assert list(lab.offered("coop sheet 2026-0004/w")) == ["2026-0004/work-2"]
    assert list(lab.offered("coop show 1 3/")) == ["3/interview-1"]
    for line in ("coop sheet 1/", "coop sheet 99/", "coop sheet x/", "coop history 4/"):
        assert lab.offered(line) == {}


def test_the_letters_of_a_request(lab: Desk) -> None:
    found = lab.offered("coop letter 4 ")
    assert list(found) == list(DECLARED.letters_for("accompanied"))
    assert found["no"] == "réponse négative"
    assert list(lab.offered("coop letter 4 ti")) == ["tier"]
    assert set(lab.offered("coop letter 4 tier --format ")) == {"text", "html", "eml", "pdf"}
    assert lab.offered("coop letter 99 ") == {}
    assert "2026-0004" in lab.offered("coop letter ")


def test_events_possible_from_where_the_request_stands(lab: Desk) -> None:
    found = lab.offered("coop advance 1 ")
    assert {"prequalify", "request_info", "decline"} <= set(found)
    assert not {"close", "submit", "plan_meeting"} & set(found)
    assert found["prequalify"] == "Préqualifier"
    assert "close" in lab.offered("coop advance 99 ")


def test_codes_of_any_option(lab: Desk) -> None:
    assert lab.offered("coop tier assign 4 ") == {
        "coup_de_pouce": "Coup de pouce",
        "tuto": "Le Tuto",
        "50_50": "50/50",
    }
    assert set(lab.offered("coop list --state pre")) == {"prequalified"}
    assert set(lab.offered("coop list --state=pre")) == {"--state=prequalified"}
    assert set(lab.offered("coop list --place ")) == {"montpellier", "toulouse", "hors_les_murs"}
    assert "no_capacity" in lab.offered("coop decline 1 --reason ")
    assert set(lab.offered("coop session plan 4 --facilitation ")) == {"requester", "both", "lab"}
    assert set(lab.offered("coop prequalify 1 --waive ")) == {"collaborative_share", "outcome_predefined", "scope"}
    assert {"coordinator", "pilot"} <= set(lab.offered("coop staff add x --role "))
    assert set(lab.offered("coop place close m")) == {"montpellier"}
    assert set(lab.offered("coop --lang ")) == {"fr", "en"}


def test_keys_then_their_values(lab: Desk) -> None:
    assert set(lab.offered("coop advance 4 plan_meeting --set p")) == {"place="}
    assert set(lab.offered("coop advance 4 plan_meeting --set place=t")) == {"place=toulouse"}
    assert set(lab.offered("coop advance 4 plan_meeting --set agreed=")) == {"agreed=true", "agreed=false"}
    assert {"title=", "requester.email="} <= set(lab.offered("coop amend 4 --set "))
    assert "external_id=" not in lab.offered("coop amend 4 --set ")
    assert "service=drajes" in lab.offered("coop amend 4 --set service=")
    assert set(lab.offered("coop amend 4 --set follows=")) >= {"follows=2026-0001"}
    assert lab.offered("coop amend 4 --set nothing=") == {}


def test_people(lab: Desk) -> None:
    assert lab.offered("coop --as l") == {"lou": "Lou · Pilote opérationnelle"}
    assert set(lab.offered("coop staff show ")) == {"camille", "lou"}
    assert lab.offered("coop staff add ") == {}
    assert set(lab.offered("coop meeting assign 4/work-1 --staff ")) == {"camille", "lou", "none"}
    assert set(lab.offered("coop meeting assign 4/work-1 --staff lou,")) == {"lou,camille"}


def test_figures_rules_semesters_and_messages(lab: Desk) -> None:
    assert lab.offered("coop review explain 2026-S1 received") == {"received": "Demandes reçues"}
    assert {"by_tier.tuto", "working", "overload"} <= set(lab.offered("coop review explain 2026-S1 "))
    assert "flow.received" in lab.offered("coop review explain 2026-S1 flow.")
    assert "2026-S1" in lab.offered("coop review explain ")
    assert lab.offered("coop alerts --rule over") == {"overload": "plus d’heures demandées que de présentes"}
    assert set(lab.offered("coop alerts --level ")) == {"info", "warning", "critical"}
    waiting = [message["key"] for message in lab.json("outbox")]
    assert waiting
    for command in ("sent", "retry", "drop"):
        assert set(lab.offered(f"coop outbox {command} ")) == set(waiting)
    assert set(lab.offered(f"coop outbox sent {waiting[0]} ")) == set(waiting[1:])


DECLARED = load(shipped())
COMMANDS = {
    (event.command, code): lifecycle
    for lifecycle in (DECLARED, DECLARED.activities)
    for code, event in lifecycle.events.items()
    if is_built(event.command)
}


@pytest.mark.parametrize("command", [command for command, _code in COMMANDS])
def test_each_command_has_its_options_and_each_option_of_codes_the_codes(lab: Desk, command: str) -> None:
    (code, lifecycle), *_others = [(code, of) for (known, code), of in COMMANDS.items() if known == command]
    event, ref = lifecycle.events[code], "" if lifecycle.events[code].creates else "1"
    keys = {name: key for name, (key, _required) in lifecycle.keys_of(event).items() if not event.form}
    options = lab.offered(f"coop {command} {ref} --")
    for name, key in keys.items():
        if key.positional:
            assert set(lab.offered(f"coop {command} {ref} ")) == set(lifecycle.vocabulary(key.codes))
            continue
        if name == "meeting":
            continue
        assert option_name(name) in options
        if key.codes:
            offered = lab.offered(f"coop {command} {ref} {option_name(name)} ")
            assert set(offered) == set(lifecycle.vocabulary(key.codes))


RECORDING = [(code, event) for code, event in DECLARED.events.items() if event.records]


@pytest.mark.parametrize(("code", "event"), RECORDING, ids=[code for code, _event in RECORDING])
def test_what_records_is_offered_from_each_state_it_is_possible_from(lab: Desk, code: str, event: Event) -> None:
    assert code in lab.offered("coop advance 99 ")
    possible = {edge.source for edge in DECLARED.edges[code]}
    rows = lab.json("list")
    expected = {row["ref"] for row in rows if row["state"] in possible}
    assert {code in lab.offered(f"coop advance {row['ref']} ") for row in rows if row["ref"] in expected} <= {True}
    if is_built(event.command):
        assert set(lab.offered(f"coop {event.command} ")) == expected


@pytest.mark.parametrize(("option", "vocabulary"), [
    *(("list --" + name, table) for name, table in (("state", "states"), ("tier", "tiers"), ("axis", "axes"),
      ("service", "services"), ("department", "departments"), ("place", "places"), ("kind", "kinds"))),
    ("board --state", "states"), ("board --service", "services"), ("staff add x --role", "held_roles"),
    ("staff add x --skill", "skills"), ("staff add x --site", "places"), ("place close", "places"),
    ("review decide 2026-S1 1 --decision", "decisions"),
])  # fmt: skip
def test_each_option_that_takes_a_code_is_offered_those_of_its_table(lab: Desk, option: str, vocabulary: str) -> None:
    assert set(lab.offered(f"coop {option} ")) == set(getattr(DECLARED, vocabulary, DECLARED.codes.get(vocabulary, ())))


def test_every_rule_and_every_figure_is_offered(lab: Desk) -> None:
    assert set(lab.offered("coop alerts --rule ")) == set(RULES)
    offered = set(lab.offered("coop review explain 2026-S1 "))
    assert {f"by_tier.{code}" for code in DECLARED.tiers} | set(DECLARED.states) | set(RULES) <= offered


def test_tasks(lab: Desk) -> None:
    lab.json("tasks", "4", "--done", "organise")
    assert "organise" not in lab.offered("coop tasks 4 --done ")
    assert list(lab.offered("coop tasks 4 --undone ")) == ["organise"]


def test_settings(lab: Desk) -> None:
    assert set(lab.offered("coop config set ")) == {"db", "actor", "lang"}
    assert set(lab.offered("coop config set actor ")) == {"camille", "lou"}
    assert set(lab.offered("coop config set lang ")) == {"fr", "en"}


def test_files_are_left_to_the_shell(lab: Desk) -> None:
    for line in ("coop submit ", "coop apply ", "coop lifecycle check ", "coop --db "):
        assert lab.offered(line) == {"file": ""}


def test_the_store_and_the_language_named_on_the_line(lab: Desk, tmp_path: Path) -> None:
    assert lab.offered(f"coop --db {tmp_path / 'none.db'} show ") == {}
    assert not (tmp_path / "none.db").exists()
    assert lab.offered("coop --lang en show 4") == {"4": "Au travail · Working"}


def test_without_a_store_commands_still_have_their_options(lab: Desk, tmp_path: Path) -> None:
    found = lab.offered(f"coop --db {tmp_path / 'none.db'} meeting plan 4 --")
    assert {"--slot", "--for", "--note"} <= set(found)


@pytest.mark.parametrize("line", ["coop nothing ", "coop show 'unfinished", "coop next 1 2 3 "])
def test_nonsense_is_offered_nothing(lab: Desk, line: str) -> None:
    assert lab.offered(line) == {}


def test_nothing_is_said_whatever_goes_wrong(lab: Desk, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("this is no database")
    assert lab.offered(f"coop --db {broken} show ") == {}
    lab.monkeypatch.setenv("COOP_NOW", "yesterday")
    assert lab.offered("coop show 4") == {}


def test_completing_leaves_the_commands_as_they_were(lab: Desk) -> None:
    lab.offered("coop advance 4 comment --expect-seq ")
    lab.fails(5, "comment", "4", "--note", "x", "--expect-seq", "1")


def test_titles_reach_no_shell_as_they_are(lab: Desk) -> None:
    ref = lab.received(title=HOSTILE)
    for shell in SHELLS:
        printed = "\n".join(lab.completed(shell, f"coop show {ref}"))
        assert ref in printed
        assert not any(c in printed for c in "\x1b\x07\u202e")
        assert printed.count("\n") <= 3


@pytest.mark.parametrize("value", ["a b", "$(x)", "a;b", "~x", "=x", "*", "a'b", "`x`", "a\tb", "a\x1bb"])
def test_a_value_that_is_more_than_a_word_is_not_offered(lab: Desk, value: str) -> None:
    class Group(click.Group):
        def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
            return [CompletionItem(value, help="x"), CompletionItem("right", help="y\nz")]

    for shell in SHELLS.values():
        items = shell(Group(), {}, "coop", "_COOP_COMPLETE").get_completions([], "")
        assert [item.value.split()[0] for item in items] == ["right"]
        assert items[0].help == "y z"


# --- What the shells do otherwise ---


def bash(desk: Desk, *words: str) -> set[str]:
    """The values bash is offered, which breaks words at `=`; without the helps beside them."""
    rows = desk.answered("bash", "\n".join(["coop", *words]), str(len(words)))
    return {row.partition(",")[2].partition("  ")[0] for row in rows}


def test_bash_replaces_only_what_stands_after_its_break(lab: Desk) -> None:
    event = ("advance", "4", "plan_meeting", "--set")
    assert bash(lab, *event, "place", "=", "t") == {"toulouse"}
    assert bash(lab, *event, "place", "=") == {"montpellier", "toulouse", "hors_les_murs"}
    assert bash(lab, *event, "place=t") == {"place=toulouse"}  # where = breaks no word
    assert bash(lab, *event, "pl") == {"place="}
    assert bash(lab, "list", "--state", "=", "pre") == {"prequalified"}


def test_bash_shows_helps_beside_values_unless_it_inserts_them(lab: Desk) -> None:
    assert "plain,2026-0004  (Au travail · En accompagnement)" in lab.completed("bash", "coop show ")
    assert lab.completed("bash", "coop show 2026-0004") == ["plain,2026-0004"]
    lab.monkeypatch.setenv("COMP_TYPE", "37")
    assert "plain,2026-0004" in lab.completed("bash", "coop show ")


@pytest.mark.parametrize("shell", SHELLS.values())
def test_the_script_is_clicks_with_the_words_that_change(shell: type[Offering]) -> None:
    theirs = shell.__mro__[2](click.Group(), {}, "coop", "_COOP_COMPLETE").source()  # type: ignore[call-arg]
    for word, ours in shell.changes:
        assert theirs.count(word) == 1
        theirs = theirs.replace(word, ours)
    assert shell(click.Group(), {}, "coop", "_COOP_COMPLETE").source() == theirs


def test_powershell_is_told_in_threes(lab: Desk) -> None:
    assert lab.answered("powershell", "coop show 2026-0004", "2") == [
        "plain",
        "2026-0004",
        "Au travail · En accompagnement",
    ]
    assert lab.answered("powershell", "coop tier assign 4", "4")[:3] == ["plain", "coup_de_pouce", "Coup de pouce"]
    assert lab.answered("powershell", "coop config set lang", "4") == ["plain", "fr", "_", "plain", "en", "_"]
    assert lab.answered("powershell", "coop --db /nowhere show", "4") in ([], [""])


def test_powershell_reads_titles_in_utf8(lab: Desk) -> None:
    script = lab.coop("completion", "powershell").out
    lines = [line.strip() for line in script.splitlines()]
    at = lines.index("try {")
    assert lines[at - 1] == "$prev_encoding = [Console]::OutputEncoding"
    assert lines[at + 1] == "[Console]::OutputEncoding = [System.Text.Utf8Encoding]::new()"
    assert lines[lines.index("} finally {") + 1] == "[Console]::OutputEncoding = $prev_encoding"
    assert "Register-ArgumentCompleter -Native -CommandName coop" in script


# --- Nothing to wait for ---


def imported(line: str, env: dict[str, str]) -> set[str]:
    code = "import sys\nfrom cli.main import main\ntry: main([])\nexcept SystemExit: pass\nprint('|'.join(sys.modules))"
    last = "" if line[-1].isspace() else line.split()[-1]
    given = {**env, "_COOP_COMPLETE": "fish_complete", "COMP_WORDS": line, "COMP_CWORD": last}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=given, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert len(printed.stdout.splitlines()) > 1, printed.stderr  # something was offered
    return set(printed.stdout.splitlines()[-1].split("|"))


@pytest.mark.parametrize(
    "line", ["coop ", "coop show ", "coop meeting plan ", "coop meeting plan 4 --", "coop advance 4 ", "coop --as "]
)
def test_no_heavy_library_is_imported(lab: Desk, line: str) -> None:
    modules = imported(line, dict(os.environ))
    heavy = {"sqlalchemy", "rich", "alembic", "cattrs", "transitions", "babel", "holidays"}
    assert not modules & heavy
    assert "states.declaration.model" not in modules
    if line == "coop ":
        assert not modules & {"attrs", "cli.session"}
