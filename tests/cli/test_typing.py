"""The words that are typed are the words that are asked for: options, labels, codes, references, groups alone."""

from __future__ import annotations

import click
import pytest
from desk import Desk

from cli.main import make
from states.declaration.documents import shipped
from states.declaration.outline import shipped_commands
from states.verification.loading import load


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """One request, received; a pilot beside the coordinator."""
    desk.received(title="Accueillir les nouveaux collègues", need="Des réunions trop longues")
    desk.json("staff", "add", "lou", "--name", "Lou", "--email", "lou@example.org", "--role", "Pilote opérationnelle")
    return desk


# --- The options of coop itself ---


@pytest.mark.parametrize(
    "words",
    [("today", "--as", "lou"), ("staff", "list", "--as=lou"), ("show", "1", "--as", "lou"), ("list", "--as", "lou")],
)
def test_the_options_of_coop_are_understood_after_any_command(lab: Desk, words: tuple[str, ...]) -> None:
    assert lab.coop(*words).exit == 0
    nobody = tuple(word.replace("lou", "nobody") for word in words)
    assert lab.fails(4, *nobody)["code"] == "not_found"


def test_the_language_and_the_store_after_the_command(lab: Desk, tmp_path: str) -> None:
    assert "Title" in lab.coop("list", "--lang", "en").out
    lab.fails(7, "list", "--db", f"{tmp_path}/none.db")
    assert lab.json("comment", "1", "--note", "dit", "--as", "lou")["applied"]["event"] == "comment"
    assert lab.json("history", "1")[-1]["actor"] == "lou"


@pytest.mark.parametrize(
    "command", ["show 1", "list", "history 1", "today", "board", "agenda", "next 1", "alerts", "staff list"]
)
def test_who_is_not_registered_reads_nothing(lab: Desk, command: str) -> None:
    lab.monkeypatch.setenv("COOP_ACTOR", "nobody")
    assert "nobody" in lab.fails(4, *command.split())["message"]


# --- What is missing ---


MISSING = {
    "decline 1": ("--reason", "--orientation", "--note"),
    "interview plan 1": ("--slot",),
    "deliverable 1": ("--title", "--type"),
    "tier change 1": ("TIER",),
    "derogation 1": ("--extra", "--note"),
    "withdraw 1": ("--note",),
    "explain 1": ("KIND", "--note"),
}


@pytest.mark.parametrize(("command", "options"), MISSING.items())
def test_what_is_missing_is_named_by_its_option(lab: Desk, command: str, options: tuple[str, ...]) -> None:
    printed = lab.coop(*command.split())
    assert printed.exit == 6
    lines = [line for line in printed.err.splitlines() if line.startswith("  · ")]
    assert [line.removeprefix("  · ").partition("\u00a0: ")[0] for line in lines] == [*options]
    assert all("à donner" in line for line in lines)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("effort 1", "--hours, --cost, --gain, --staff"),
        ("followup 1", "--done, --changed, --gain, --reused-by"),
    ],
)
def test_where_one_of_several_is_wanted_all_are_named(lab: Desk, command: str, options: str) -> None:
    printed = lab.coop(*command.split())
    assert printed.exit == 6
    assert f"  · {options}\u00a0: rien n’a été donné" in printed.err


def test_a_value_not_understood_is_told_by_its_option(lab: Desk) -> None:
    lab.json("prequalify", "1")
    assert "--slot\u00a0: " in lab.coop("interview", "plan", "1", "--slot", "bientôt").err
    assert "--for\u00a0: " in lab.coop("interview", "plan", "1", "--slot", "14/01 9h", "--for", "longtemps").err


def test_what_is_missing_is_asked_for_at_a_keyboard_after_the_state(lab: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("cli.input.missing", "cli.input.prompts"):
        monkeypatch.setattr(f"{module}.is_asked", lambda: True)
    monkeypatch.setattr("cli.input.missing.is_terminal", lambda: True)
    typed = iter(["trop loin", "no_capacity", "le centre de ressources"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(typed))
    lab.received()
    printed = lab.coop("decline", "1", "2")
    assert printed.exit == 0, printed.err
    assert [lab.json("show", ref)["state"] for ref in ("1", "2")] == ["declined", "declined"]  # asked for once
    refused = lab.coop("session", "plan", "1")
    assert (refused.exit, next(typed, "nothing was asked")) == (3, "nothing was asked")


# --- Codes and labels ---


@pytest.mark.parametrize("state", ["received", "Reçue", "recue", "REÇUE", "Received"])
def test_a_label_is_understood_where_a_code_is(lab: Desk, state: str) -> None:
    assert [row["ref"] for row in lab.json("list", "--state", state)] == ["2026-0001"]


def test_labels_of_fields_keys_roles_and_skills(lab: Desk) -> None:
    lab.json("amend", "1", "--set", "Part de travail collaboratif=55")
    assert lab.json("history", "1")[-1]["data"] == {"collaborative_share": 55}
    lab.json("advance", "1", "prequalify")
    lab.json("advance", "1", "plan_interview", "--set", "Créneau=14/01 9h", "--set", "lieu=Hors les murs")
    lab.json("staff", "change", "camille", "--skill", "Facilitation", "--site", "toulouse")
    assert lab.json("staff", "show", "camille")["skills"] == ["facilitation"]


UNKNOWN = [
    *(
        "list --state recus",
        "list --service draj",
        "list --place mars",
        "board --state working2",
        "activity list --type vist",
    ),
    *("staff add x --name X --email x@example.org --role chef", "staff change lou --skill voler", "codes skilz"),
    *("prequalify 1 --waive zzz --note n", "place close mars --from 14/1 --note n"),
]


@pytest.mark.parametrize("command", UNKNOWN)
def test_an_unknown_code_is_invalid_and_names_the_known_ones(lab: Desk, command: str) -> None:
    (field,) = lab.fails(6, *command.split())["fields"]
    assert "valeurs possibles" in field["message"] or "Vouliez-vous dire" in field["message"]
    assert not any(quote in field["message"] for quote in "“”")


def test_codes_are_listed_with_their_labels(lab: Desk) -> None:
    known = lab.json("codes")
    assert {"states", "services", "decline_reasons", "skills", "rules", "fields"} <= set(known)
    for name, codes in known.items():
        assert [row["code"] for row in lab.json("codes", name)] == codes
    assert {"code": "tuto", "label": "Le Tuto"} in lab.json("codes", "tiers")


# --- Commands ---


def test_every_event_has_a_command_and_its_name_answers_with_it(lab: Desk) -> None:
    declaration = load(shipped())
    for code, event in (declaration.activities.events | declaration.events).items():
        assert event.command, code
        if code != event.command.partition(" ")[0]:
            assert f"coop {event.command}" in lab.coop(code, "1").err


def test_a_command_of_a_group_is_found_by_its_last_word(lab: Desk) -> None:
    assert "coop staff load" in lab.coop("load").err


@pytest.mark.parametrize(
    "group", ["staff", "place", "activity", "alerts", "outbox", "config", "calendar", "db", "lifecycle", "review"]
)
def test_a_group_alone_lists(lab: Desk, group: str) -> None:
    assert lab.coop(group).exit == 0
    assert lab.json(group) is not None
    assert "Options" in lab.coop(group, "--help").out


def test_every_group_alone_answers(lab: Desk) -> None:
    """With its list or, where there is nothing to list, with its commands."""
    command = make(shipped_commands)
    assert isinstance(command, click.Group)
    with click.Context(command) as context:
        made = {name: command.get_command(context, name) for name in command.list_commands(context)}
    groups = [name for name, one in made.items() if isinstance(one, click.Group)]
    assert {"scheduler", "export", "interview", "meeting", "tier", "staff"} <= set(groups)
    for words in ([], *([name] for name in groups)):
        printed = lab.coop(*words)
        assert (printed.exit, printed.err, bool(printed.out.strip())) == (0, "", True), words


@pytest.mark.parametrize("ref", ["1", "#1", "n1", "n° 1", "2026-1", "1/interview-1"])
def test_a_reference_as_people_write_it(lab: Desk, ref: str) -> None:
    lab.json("prequalify", "1")
    lab.json("interview", "plan", "1", "--slot", "14/01 9h")
    assert lab.json("show", ref)["ref"] == "2026-0001"


def test_a_meeting_that_is_not_there_is_said_not_to_be(lab: Desk) -> None:
    lab.json("prequalify", "1")
    lab.json("interview", "plan", "1", "--slot", "14/01 9h")
    assert "interview-1" in lab.fails(4, "show", "1/interview-2")["message"]


def test_several_requests_are_shown_one_below_the_other(lab: Desk) -> None:
    lab.received(title="Autre")
    assert [document["ref"] for document in lab.json("show", "2", "1")] == ["2026-0002", "2026-0001"]
    out = lab.coop("show", "1", "2").out
    assert out.index("2026-0001 · Accueillir") < out.index("2026-0002 · Autre")
    assert lab.json("show", ".")["ref"] == "2026-0002"
    assert lab.coop("show", "1", "99").out == lab.coop("show", "1", "99", "--json").out == ""
    lab.fails(4, "show", "1", "99")


def test_the_choices_of_an_option_stand_on_the_line(lab: Desk) -> None:
    printed = lab.coop("completion").err + lab.coop("completion", "tcsh").err + lab.coop("config", "set").err
    assert "powershell" in printed
    assert not any(c in printed for c in "\N{REPLACEMENT CHARACTER}{}|")
    assert "« SHELL »".replace(" ", "\u00a0") in printed
    assert "« SETTING »".replace(" ", "\u00a0") in printed


@pytest.mark.parametrize(
    ("line", "options"), [("amend 1", "--set"), ("answer 1", "--set, --note"), ("effort 1", "--hours, --cost, ")]
)
def test_nothing_given_names_the_options_of_which_one_is_wanted(lab: Desk, line: str, options: str) -> None:
    if line.startswith("answer"):
        lab.json("ask", "1", "--note", "Combien ?")
    printed = lab.coop(*line.split())
    assert printed.exit == 6
    assert f"  · {options}" in printed.err


# --- Lists and answers ---


def test_list_leaves_out_what_is_finished_and_searches_what_was_written(lab: Desk) -> None:
    lab.received(title="Autre")
    lab.json("withdraw", "2", "--note", "plus de temps")
    assert [row["ref"] for row in lab.json("list", "--open")] == ["2026-0001"]
    for text, ref in {"COLLEGUES": "2026-0001", "trop longues": "2026-0001", "plus de temps": "2026-0002"}.items():
        assert [row["ref"] for row in lab.json("list", "--text", text)] == [ref]
    assert len(lab.json("list", "--text", "alix modele")) == 2


def test_list_prints_for_a_spreadsheet(lab: Desk) -> None:
    lab.received(title="=1+1")
    lines = lab.coop("list", "--csv").out.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("Réf.;Intitulé;État")
    assert "'=1+1" in lines[2]


def test_an_answer_echoes_what_was_recorded(lab: Desk) -> None:
    assert "55" in lab.coop("amend", "1", "--set", "collaborative_share=55").out
    assert "heures" in lab.coop("effort", "1", "--hours", "7.5").out
    assert "7,5" in lab.coop("effort", "1", "--hours", "7.5").out


def test_the_agreement_of_a_place_is_noted_without_moving(lab: Desk) -> None:
    lab.json("prequalify", "1")
    lab.json("interview", "plan", "1", "--slot", "14/01 9h")
    before = lab.json("show", "1")["calendar"][0]["at"]
    moved = lab.json("meeting", "move", "1/interview-1", "--agreed")
    assert moved["calendar"][0]["at"] == before
    assert lab.json("history", "1")[-1]["data"]["agreed"] is True
    again = lab.coop("meeting", "move", "1/interview-1", "--agreed")
    assert (again.exit, "--agreed" in again.err, "--slot" in again.err) == (6, True, False)


def test_every_waiting_message_is_decided_of_at_once(lab: Desk) -> None:
    lab.json("prequalify", "1")
    lab.json("interview", "plan", "1", "--slot", "14/01 9h")
    waiting = {message["key"] for message in lab.json("outbox")}
    assert {message["key"] for message in lab.json("outbox", "sent", "--all")} == waiting
    assert lab.json("outbox") == []
    lab.fails(2, "outbox", "sent")


# --- Days ---


def test_cancelling_an_absence_or_a_closure_means_the_recorded_one(lab: Desk) -> None:
    lab.at("2026-03-02T09:00+01:00")
    lab.json("staff", "absence", "camille", "--from", "23/03", "--to", "27/03")
    lab.json("place", "close", "montpellier", "--from", "24/03", "--note", "travaux")
    lab.json("calendar", "close", "--from", "25/03", "--note", "pont")
    lab.at("2026-07-03T09:00+02:00")
    week = ("--from", "23/03", "--to", "27/03")
    assert lab.json("staff", "absence", "camille", "--cancel", *week)["cancelled"] == [
        {"from": "2026-03-23", "to": "2026-03-27"}
    ]
    assert "mars 2026" in lab.coop("place", "close", "montpellier", "--cancel", "--from", "24/03").out
    assert lab.fails(6, "calendar", "close", "--cancel", "--from", "25/03")  # no day is worked again in the past
    assert "2027" in lab.coop("staff", "absence", "camille", "--cancel", *week).out  # nothing recorded: what was read


def test_a_day_is_enough_to_look_back(lab: Desk) -> None:
    lab.at("2026-01-20T10:00+01:00").json("amend", "1", "--set", "participants=12")
    assert len(lab.json("history", "1", "--known-at", "19/1")) == 1
    assert len(lab.json("history", "1", "--known-at", "20/01/2026")) == 2
    lab.json("show", "1", "--as-of", "hier")


# --- What is proposed instead ---


def test_an_event_is_said_as_its_command_with_the_references_that_followed(lab: Desk) -> None:
    said = lab.coop("request_info", "1", "2026-0002", "--note", "Combien de personnes ?").err
    assert said.splitlines()[0].endswith("coop ask 1 2026-0002")
    assert lab.coop("plan_activity", "1").err.splitlines()[0].endswith("coop activity plan")  # it makes its reference


def test_a_tier_is_proposed_where_it_can_be_assigned(lab: Desk) -> None:
    assert "coop next 2026-0001" in lab.coop("tier", "suggest", "1").out
    for words in ("prequalify 1", "interview plan 1 --slot first"):
        lab.json(*words.split())
    lab.at("2026-01-20T18:00+01:00").json("interview", "done", "1")
    assert "coop tier assign 2026-0001" in lab.coop("tier", "suggest", "1").out


def test_who_is_not_registered_is_told_who_registers_them(lab: Desk) -> None:
    assert "coop --as camille staff add noa --name" in lab.fails(4, "list", "--as", "noa")["hint"]
    again = ("staff", "add", "noa", "--name", "Noa", "--email", "n@example.org", "--role", "referent")
    lab.json(*again)
    assert lab.fails(5, *again)["hint"] == "coop staff show noa"
    lab.json("staff", "change", "noa", "--left")
    assert "coop --as camille staff change noa --active" in lab.fails(4, "list", "--as", "noa")["hint"]
    assert lab.fails(5, *again)["hint"] == "coop staff change noa --active"
