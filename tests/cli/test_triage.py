"""`triage`: one screen a form, one key; by lines in a pipe, by keys in a terminal."""

from __future__ import annotations

import pytest
from desk import Desk
from terminal import Terminal


def three(desk: Desk) -> list[str]:
    """Three forms, in the order in which triage shows them: the last given is the oldest."""
    young = desk.received(title="Jeune", submitted_at="2026-01-11T09:00:00+01:00")
    poor = desk.received(title="Inéligible", collaborative_share=40, submitted_at="2026-01-10T09:00:00+01:00")
    old = desk.received(title="Ancienne", submitted_at="2026-01-09T09:00:00+01:00", wanted_from="2026-03-02")
    return [old, poor, young]


def states(desk: Desk, refs: list[str]) -> list[str]:
    return [desk.json("show", ref)["state"] for ref in refs]


def test_each_form_is_shown_and_decided_on_by_a_key(desk: Desk) -> None:
    refs = three(desk)
    printed = desk.coop(
        "triage", stdin="p\nd\n1\nUn groupe de travail\nPas assez de travail à plusieurs\na\nQui vient ?\n"
    )
    assert (printed.exit, printed.err) == (0, "")
    assert states(desk, refs) == ["prequalified", "declined", "info_requested"]
    assert [printed.out.index(title) for title in ("Ancienne", "Inéligible", "Jeune")] == sorted(
        printed.out.index(title) for title in ("Ancienne", "Inéligible", "Jeune")
    )
    for text in ("Alix Modèle", "DRAJES", "Un besoin", "Quelque chose d’ouvert", "Le Tuto", "✓", "✗", "40"):
        assert text in printed.out
    assert "lundi 2 mars 2026" in printed.out  # the wish
    entry = desk.json("history", refs[1])[-1]
    assert entry["data"] == {"reason": "not_collaborative", "orientation": "Un groupe de travail"}
    assert entry["note"] == "Pas assez de travail à plusieurs"
    assert desk.json("history", refs[2])[-1]["note"] == "Qui vient ?"


def test_what_is_left_is_counted(desk: Desk) -> None:
    refs = three(desk)
    last = desk.coop("triage", stdin="l\nl\np\n").out.strip().splitlines()[-1]
    assert ("1" in last, "2" in last) == (True, True)
    assert states(desk, refs) == ["received", "received", "prequalified"]


@pytest.mark.parametrize("stdin", ["", "s\n", "q\n", "\n\n", "d\n1\n", "d\n1\nnote\n", "a\n\n\n", "x\n9\n"])
def test_an_end_before_a_decision_stores_nothing(desk: Desk, stdin: str) -> None:
    refs = three(desk)
    assert desk.coop("triage", stdin=stdin).exit == 0
    assert states(desk, refs) == ["received"] * 3


def test_what_is_not_eligible_is_not_offered_to_a_coordinator(desk: Desk) -> None:
    refs = three(desk)
    printed = desk.coop("triage", stdin="l\np\ns\n")
    assert printed.exit == 0
    assert states(desk, refs)[1] == "received"


def test_a_pilot_may_waive_with_a_note(desk: Desk) -> None:
    refs = three(desk)
    desk.coop("staff", "add", "paule", "--name", "Paule", "--email", "paule@example.org", "--role", "pilot")
    printed = desk.coop("--as", "paule", "triage", stdin="l\np\nPremière session du service\ns\n")
    assert printed.exit == 0
    shown = desk.json("show", refs[1])
    assert (shown["state"], [w["rule"] for w in shown["waivers"]]) == ("prequalified", ["collaborative_share"])
    assert desk.json("history", refs[1])[-1]["note"] == "Première session du service"


def test_an_autonomous_session_can_be_hosted_at_once(desk: Desk) -> None:
    ref = desk.received(kind="autonomous")
    assert desk.coop("triage", stdin="h\n").exit == 0
    assert desk.json("show", ref)["state"] == "hosted"
    assert [entry["event"] for entry in desk.json("history", ref)][1:] == ["prequalify", "accept_autonomous"]


def test_someone_who_may_decide_nothing_can_only_look(desk: Desk) -> None:
    refs = three(desk)
    desk.coop("staff", "add", "sam", "--name", "Sam", "--email", "sam@example.org", "--role", "specialist")
    printed = desk.coop("--as", "sam", "triage", stdin="p\na\nd\nl\ns\n")
    assert printed.exit == 0
    assert "Ancienne" in printed.out
    assert states(desk, refs) == ["received"] * 3


def test_a_long_text_is_cut_and_told_at_a_key(desk: Desk) -> None:
    desk.received(need="\n".join(f"ligne {n}" for n in range(1, 30)))
    cut = desk.coop("triage", stdin="s\n").out
    assert ("ligne 6" in cut, "ligne 29" in cut) == (True, False)
    assert "ligne 29" in desk.coop("triage", stdin="m\ns\n").out


def test_what_a_terminal_would_obey_is_not_printed(desk: Desk) -> None:
    desk.received(title="Rouge \x1b[31m et [red]rouge[/red]", need="\x1b]0;titre\x07 \u202egauche")
    printed = desk.coop("triage", stdin="s\n").out
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert "[red]rouge[/red]" in printed


def test_json_is_the_cards_and_asks_nothing(desk: Desk) -> None:
    refs = three(desk)
    found = desk.json("triage")
    assert [card["ref"] for card in found] == refs
    assert found[0]["recommended_tier"] == "tuto"
    assert found[0]["wanted_from"] == "2026-03-02"
    assert len(found[0]["slots"]) == 3
    assert [rule["met"] for rule in found[1]["rules"]] == [False, True, True]


def test_nothing_to_do_is_said(desk: Desk) -> None:
    printed = desk.coop("triage", stdin="p\n")
    assert printed.exit == 0
    assert len(printed.out.splitlines()) == 1


def test_who_may_waive_is_named_with_what_they_type(desk: Desk) -> None:
    refs = three(desk)
    alone = desk.coop("triage", stdin="l\ns\n").out
    assert "personne ici ne peut" in " ".join(alone.split())
    desk.coop("staff", "add", "paule", "--name", "Paule", "--email", "paule@example.org", "--role", "pilot")
    printed = " ".join(desk.coop("triage", stdin="l\nq\n").out.replace("\u00a0", " ").split())
    command = f"coop --as paule prequalify {refs[1]} --waive collaborative_share --note …"
    assert f"il faut que Paule lève une condition : {command}" in printed
    assert desk.coop(*command.replace("…", "Oui").split()[1:]).exit == 0


@pytest.mark.parametrize("decision", ["p\n", "a\nQui vient ?\n", "d\n1\nAilleurs\nTrop peu\n"])
def test_the_last_decision_can_be_taken_back(desk: Desk, decision: str) -> None:
    refs = three(desk)
    printed = desk.coop("triage", stdin=f"{decision}l\nu\nTrop vite\nl\nl\nl\n")
    assert printed.exit == 0
    assert states(desk, refs) == ["received"] * 3
    assert "3 laissées" in printed.out.splitlines()[-1].replace("\u00a0", " ")
    assert desk.json("history", refs[0])[-1]["note"] == "Trop vite"


def test_an_autonomous_session_hosted_is_taken_back_whole(desk: Desk) -> None:
    ref = desk.received(kind="autonomous")
    desk.received()
    assert desk.coop("triage", stdin="h\nu\nTrop vite\nq\n").exit == 0
    assert desk.json("show", ref)["state"] == "received"


def test_the_key_to_stop_is_shown_and_what_ctrl_c_does_is_said(desk: Desk) -> None:
    three(desk)
    out = desk.coop("triage", stdin="a\n").out
    assert "[q] " in out
    assert "Ctrl-C" in out
    assert "[u]" not in out


# --- In a terminal ---

ENGLISH = {"COOP_LANG": "en"}


def test_keys_need_no_enter(desk: Desk) -> None:
    refs = three(desk)
    terminal = Terminal(["triage"], env=ENGLISH).waits("Key : ").types("p").waits("Inéligible")
    terminal.waits("Key : ").types("l").waits("Jeune").waits("Key : ").types("a")
    terminal.waits("The question to the requester : ").types("Qui vient ?\n")
    assert terminal.ends() == 0
    assert states(desk, refs) == ["prequalified", "received", "info_requested"]


def test_ctrl_c_keeps_what_was_decided_and_what_was_typed(desk: Desk) -> None:
    refs = three(desk)
    terminal = Terminal(["triage"], env=ENGLISH).waits("Key : ").types("p").waits("Inéligible")
    terminal.waits("Key : ").types("d").waits("Reason : ").types("1\n")
    terminal.waits("no bare no) : ").types("Un groupe de travail\n")
    terminal.waits("A note, for the history : ").types("\x03")  # back to the keys of the form
    terminal.waits("Key : ").types("d").waits("Reason [not_collaborative] : ").types("\n")
    terminal.waits("[Un groupe de travail] : ").types("\n").waits("history : ").types("Trop peu\n")
    terminal.waits("Jeune").waits("Key : ").types("\x03")
    assert terminal.ends() == 130
    assert states(desk, refs) == ["prequalified", "declined", "received"]
    assert desk.json("history", refs[1])[-1]["note"] == "Trop peu"
    assert desk.coop("db", "verify").exit == 0


def test_someone_else_may_decide_meanwhile(desk: Desk) -> None:
    refs = three(desk)
    terminal = Terminal(["triage"], env=ENGLISH).waits("Ancienne").waits("Key : ")
    desk.json("decline", refs[0], "--reason", "other", "--orientation", "Ailleurs", "--note", "non")
    terminal.types("p").waits("Inéligible").waits("Key : ").types("s")
    assert terminal.ends() == 0
    assert states(desk, refs)[0] == "declined"
