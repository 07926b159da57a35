"""What `lifecycle check` finds, shown on a declaration broken in every way there is, and on the shipped one."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from pure import lab

from states.declaration.documents import shipped
from states.declaration.tables import Transition
from states.declaration.toml_lines import Locator
from states.errors import BadDeclaration
from states.language import spoken
from states.verification import commands as checking_commands
from states.verification import structure as checking
from states.verification import tables as checking_tables
from states.verification.loading import load
from states.verification.structure import Finding, check

BROKEN = Path(__file__).with_name("broken.toml").read_text("utf-8")

# What cannot stand beside the rest: one edit of the shipped declaration each, with the finding and its path.
ALONE = [
    ("retention = 24", "retention = 0", "retention", "states.closed.retention"),
    ("[states.received]\n", "[states.received]\nretention = 3\n", "retention", "states.received.retention"),
    ('effect = "create"', 'effect = "accept"', "no_creation", "events"),
    ('effect = "accept"', 'effect = "create"', "several_creations", "events.prequalify"),
    (
        '[{ from = [], to = ["received"] }]',
        '[{ from = ["final"], to = ["received"] }]',
        "creation_edge",
        "events.submit.transitions",
    ),
    (
        '[{ from = [], to = ["received"] }]',
        '[{ from = [], to = ["active"] }]',
        "creation_edge",
        "events.submit.transitions",
    ),
    ("final = true\n", "", "no_final_state", "states"),
    ('from = ["suspended"], to', 'from = ["active"], to', "resume_source", "events.resume.transitions"),
    (
        'from = ["prequalified"], to = ["interview_planned"]',
        'from = ["prequalified", "qualified"], to = ["interview_planned"]',
        "interview_edge",
        "events.plan_interview.transitions",
    ),
    ('to = ["same", "prequalified"]', 'to = ["same"]', "no_way_back", "events.cancel_meeting.transitions"),
    (
        '[{ from = ["any"], to = ["any"] }]',
        '[{ from = ["any"], to = ["active"] }]',
        "no_way_back",
        "events.correct.transitions",
    ),
    ('command = "host"', 'command = "Host"', "command", "events.accept_autonomous.command"),
    ('command = "host"', 'command = "host a guest"', "command", "events.accept_autonomous.command"),
    ('command = "activity open"', 'command = "close"', "command_twice", "activity.events.open_activity.command"),
    ('command = "host"', 'command = "interview"', "command_and_group", "events.accept_autonomous.command"),
    ('command = "host"', 'command = "prequalify host"', "command_and_group", "events.accept_autonomous.command"),
    ('triage = "host"', 'triage = "later"', "triage", "events.accept_autonomous.triage"),
    ('triage = "host"', 'triage = "ask"', "triage", "events.accept_autonomous.triage"),
]


def ways(*rows: tuple[str, str, str]) -> dict[str, Any]:
    """Transitions: from, to and when, each a list of words."""
    return {"transitions": tuple(Transition(*(tuple(words.split()) for words in row)) for row in rows)}


ONWARD = "received prequalified interview_planned qualified tier_assigned working session_held debriefed hosted"

# One event of the shipped declaration otherwise, with everything that is then found: its code, and its path.
EVENTS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("a second way to begin", "submit", ways(("", "received", ""), ("", "received", "")), ["creation_edge"]),
    ("two states to begin in", "submit", ways(("", "received prequalified", "")), ["creation_edge"]),
    ("begun from somewhere", "submit", ways(("debriefed", "received", "")), ["creation_edge"]),
    ("begun nowhere", "submit", ways(("", "nowhere", "")), ["creation_edge"]),
    ("resumed from two states", "resume", ways(("suspended debriefed", "active", "")), ["resume_source"]),
    ("resumed from a group", "resume", ways(("active", "active", "")), ["resume_source"]),
    ("resumed to one state", "resume", ways(("suspended", "received", "")), ["no_way_back"]),
    ("resumed to all but one", "resume", ways(("suspended", ONWARD, "")), ["no_way_back"]),
    ("resumed to all", "resume", ways(("suspended", f"{ONWARD} info_requested", "")), []),
    ("reopened to one state", "reopen", ways(("final", "received", "")), ["no_way_back"]),
    ("reopened from one state", "reopen", ways(("closed", "active", "")), []),
    (
        "an interview planned two ways",
        "plan_interview",
        ways(("prequalified", "interview_planned", ""), ("received", "interview_planned", "")),
        ["interview_edge"],
    ),
    (
        "an interview planned from a group",
        "plan_interview",
        ways(("active", "interview_planned", "")),
        ["interview_edge"],
    ),
    (
        "an interview planned to two states",
        "plan_interview",
        ways(("prequalified", "interview_planned qualified", "")),
        ["deadlines.interview_planned deadline_state", "interview_edge", "several_targets"],
    ),
    (
        "an interview planned where one is",
        "plan_interview",
        ways(("prequalified", "same", "")),
        [
            "deadlines.interview_planned deadline_state",
            "interview_edge",
            *(f"states.{state} unreachable_state" for state in ("interview_planned", "qualified", "tier_assigned")),
        ],
    ),
    (
        "a second event that plans one",
        "plan_session",
        {"meeting": "interview"},
        ["events.hold_session.meeting meeting_kind", "interview_edge"],
    ),
    (
        "a kind that is planned and never held",
        "hold_debrief",
        {"meeting": "session"},
        ["events.plan_debrief.meeting meeting_kind"],
    ),
    (
        "the same way twice",
        "close",
        ways(("debriefed", "closed", ""), ("debriefed", "closed", "")),
        ["ambiguous_event"],
    ),
    (
        "the wider way first",
        "close",
        ways(("debriefed", "closed", ""), ("debriefed", "closed", "autonomous")),
        ["ambiguous_event"],
    ),
    (
        "the wider way last",
        "close",
        ways(("debriefed", "closed", "autonomous recorded"), ("debriefed", "closed", "autonomous")),
        ["ambiguous_event"],
    ),
    (
        "the third way as wide as the second",
        "close",
        ways(
            ("debriefed", "closed", "autonomous"),
            ("debriefed", "closed", "recorded"),
            ("debriefed", "closed", "recorded accompanied"),
        ),
        ["ambiguous_event"],
    ),
    (
        "ways told apart",
        "close",
        ways(("debriefed", "closed", "autonomous"), ("debriefed", "closed", "recorded")),
        [],
    ),
    ("from two states", "close", ways(("debriefed", "closed", ""), ("session_held", "closed", "")), []),
    ("out of a final state", "close", ways(("debriefed", "closed", ""), ("closed", "debriefed", "")), ["final_exit"]),
    ("a move undone alone", "close", {"undo": "by_seq"}, ["events.close not_undone_in_turn"]),
    ("a meeting held undone alone", "hold_meeting", {"undo": "by_seq"}, ["events.hold_meeting not_undone_in_turn"]),
    ("what moves nothing undone in turn", "comment", {"undo": "in_turn"}, []),
    ("for nobody", "close", {"roles": ()}, ["events.close.roles no_role"]),
    ("for whom nobody is", "close", {"roles": ("system",)}, ["events.close.roles role_held_by_nobody"]),
    ("for whom nobody is, or somebody", "close", {"roles": ("system", "pilot")}, []),
    (
        "waived by nobody",
        "close",
        {"waives": {"deliverable": ("system",)}},
        ["events.close.waives.deliverable waiver_without_role"],
    ),
]


@pytest.mark.parametrize(
    ("event", "otherwise", "expected"), [case[1:] for case in EVENTS], ids=[case[0] for case in EVENTS]
)
def test_an_event_otherwise(event: str, otherwise: dict[str, Any], expected: list[str]) -> None:
    events = {**lab().events, event: evolve(lab().events[event], **otherwise)}
    found = {f"{found.path} {found.code}" for found in check(evolve(lab(), events=events))}
    assert found == {said if " " in said else f"events.{event}.transitions {said}" for said in expected}


def codes_of(module: object) -> set[str]:
    """Every code of finding a module can yield."""
    return set(re.findall(r'yield \(?\s*"(\w+)"', inspect.getsource(module)))  # type: ignore[arg-type]


def marked() -> set[tuple[int, str]]:
    """The findings that the broken declaration announces, by line."""
    lines = enumerate(BROKEN.splitlines(), 1)
    return {(n, code) for n, line in lines if "#!" in line for code in line.partition("#!")[2].split()}


def test_the_shipped_declaration_is_sound() -> None:
    assert check(lab(), Locator(shipped())) == []


def test_each_line_that_is_wrong_shows_its_findings_and_no_other_does() -> None:
    assert {(finding.line, finding.code) for finding in check(load(BROKEN), Locator(BROKEN))} == marked()


@pytest.mark.parametrize(("old", "new", "code", "path"), ALONE)
def test_what_cannot_stand_beside_the_rest(old: str, new: str, code: str, path: str) -> None:
    assert old in shipped()
    found = check(load(shipped().replace(old, new)))
    assert (code, path) in {(finding.code, finding.path) for finding in found}
    assert all(finding.message for finding in found)


def test_each_finding_is_told_in_one_sentence() -> None:
    """To the letter: seen once as they should be, they are looked at again when one changes."""
    with spoken("en"):
        said = [f"{f.line} {f.code} {f.path}: {f.message}" for f in check(load(BROKEN), Locator(BROKEN))]
    assert said == Path(__file__).with_name("broken.txt").read_text("utf-8").splitlines()


def test_a_form_without_a_family_is_found_before_any_comes_in() -> None:
    declaration = lab()
    form = {code: field for code, field in declaration.form.items() if code != "family"}
    assert ("relied_on", "form.family") in {(f.code, f.path) for f in check(evolve(declaration, form=form))}


def test_what_a_program_can_make_without_loading_it() -> None:
    found = check(evolve(lab(), families={}, semesters={}))
    shown = {(finding.code, finding.path) for finding in found}
    assert {("unknown_family", "services.drajes.family"), ("no_semester", "semesters")} <= shown
    assert [f.message for f in found if f.path == "services.drajes.family"] == [
        "Il n’y a pas de rattachement «\u00a0menj_mesr_msjop\u00a0»."
    ]


def test_every_finding_there_is_has_been_shown() -> None:
    shown = {code for _line, code in marked()} | {code for _old, _new, code, _path in ALONE}
    shown |= {"unknown_family", "no_semester"}
    assert shown == codes_of(checking) | codes_of(checking_tables) | codes_of(checking_commands)
    assert len(shown) > 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".".join(["a"] * 40_000) + "=1", [("declaration", "a name has too many parts.", 1)]),
        ("a = " + "[" * 15_000, [("declaration", "lists or tables are nested too deep.", None)]),
    ],
    ids=["parts", "depth"],
)
def test_what_no_declaration_is_ends_at_once(text: str, expected: list[tuple[str, str, int | None]]) -> None:
    with spoken("en"), pytest.raises(BadDeclaration) as refused:
        load(text)
    assert [(field.field, field.message, field.line) for field in refused.value.fields] == expected


EARLY, TWICE, OTHER = "not TOML: the file ends too early", "is given a second time", "expected TOML, such as title"


@pytest.mark.parametrize(
    ("text", "line", "said", "given"),
    [
        ("a = [", 1, EARLY, "“a = [”"),
        ('b = 1\na = "x\n\n', 2, OTHER, '“a = "x”'),
        ('b = 1\n  a = "x', 2, EARLY, '“a = "x”'),
        ("a", 1, EARLY, "“a”"),
        ("a = 1\na = 2", 2, TWICE, "“a = 2”"),
        ("a = 1\na = 2\nb = 3", 2, TWICE, "“a = 2”"),
        ("a.b = 1\n a.b = 2", 2, TWICE, "“a.b = 2”"),
        ("x = 1\n[a]\n[b]\n[a]", 4, TWICE, "“[a]”"),
        ("[a]\nb = 1\n[a.b]\n", 3, TWICE, "“[a.b]”"),
        ("[[a]]\n[a]", 2, TWICE, "“[a]”"),
        ("\n\nx = {a = 1, a = 2}", 3, TWICE, "“x = {a = 1, a = 2}”"),
        ("a = héhé", 1, OTHER, "“a = héhé”"),
        ("b = 1\n= 1\nc = 2", 2, OTHER, "“= 1”"),
        ("[a\nb = 1", 1, OTHER, "“[a”"),
        ("a = 1\n\n\x0b", 3, OTHER, "quotes; got ."),  # nothing is there to be shown
    ],
)
def test_what_is_no_toml_is_said_with_its_line(text: str, line: int, said: str, given: str) -> None:
    with spoken("en"), pytest.raises(BadDeclaration, match="The declaration is not TOML") as refused:
        load(text)
    (found,) = refused.value.fields
    assert (found.field, found.line) == ("declaration", line)
    assert said in found.message
    assert given in found.message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('zone = "Europe/Paris"\n', "", ("lab.zone", "this key is missing")),
        ("days = 5\n", "days = []\n", ("deadlines.received.days", "expected a whole number, got []")),
        (
            'roles = ["coordinator"]',
            'roles = "coordinator"',
            ("events.submit.roles", "expected a list, got 'coordinator'"),
        ),
    ],
)
def test_what_is_said_of_a_wrong_shape(old: str, new: str, expected: tuple[str, str]) -> None:
    with spoken("en"), pytest.raises(BadDeclaration) as refused:
        load(shipped().replace(old, new, 1))
    assert [(field.field, field.message) for field in refused.value.fields] == [expected]


def test_findings_come_in_the_order_of_the_file_with_path_line_and_sentence() -> None:
    with spoken("en"):
        found = check(load(BROKEN), Locator(BROKEN))
    assert [finding.line for finding in found] == sorted(finding.line or 0 for finding in found)
    line = next(n for n, text in enumerate(BROKEN.splitlines(), 1) if text.startswith("[states.lost]"))
    message = "The state “lost” is not final and has no way to a final one."
    assert Finding("dead_end", "states.lost", message, line) in found
    assert all("{" not in finding.message and finding.message.endswith((".", "…")) for finding in found)


def test_a_finding_is_a_document_and_its_path_quotes_what_holds_a_dot() -> None:
    (found,) = [finding for finding in check(load(BROKEN)) if finding.code == "min_above_max"]
    assert found.document() == {
        "code": "min_above_max",
        "path": 'form."requester.name".min',
        "message": found.message,
        "line": None,
        "file": None,
    }


# Mistakes that loading finds: an edit of the shipped declaration, the path it is at, and the name that was meant.
UNLOADABLE = [
    ('guards = ["eligible"]', 'guards = ["elligible"]', "events.prequalify.guards.0", "eligible"),
    ('effect = "accept"', 'effect = "acept"', "events.prequalify.effect", "accept"),
    (
        'from = ["received"], to = ["prequalified"]',
        'from = ["recieved"], to = ["prequalified"]',
        "events.prequalify.transitions.0.from.0",
        "received",
    ),
    (
        'from = ["received"], to = ["prequalified"]',
        'from = ["received"], to = ["prequalifed"]',
        "events.prequalify.transitions.0.to.0",
        "prequalified",
    ),
    ('roles = ["pilot", "committee"]', 'roles = ["pilot", "comitee"]', "events.validate.roles.1", "committee"),
    (
        'needs = ["tier"]\nguards = ["recommended"]',
        'needs = ["teir"]\nguards = ["recommended"]',
        "events.assign_tier.needs.0",
        "tier",
    ),
    ('meeting = "interview"', 'meeting = "interwiew"', "events.plan_interview.meeting", ""),
    ('codes = "decline_reasons"', 'codes = "decline_raesons"', "keys.decline_reason.codes", "decline_reasons"),
    ('includes = ["coordinator"]', 'includes = ["cordinator"]', "roles.referent.includes.0", "coordinator"),
    ('validation = "delegated"', 'validation = "later"', "tiers.50_50.validation", ""),
    ("work = { min = 1, max = 6 }", 'work = { min = 1, max = "6" }', "tiers.50_50.work.max", ""),
    ('preparation = "4h"', 'preparation = "four hours"', "tiers.50_50.preparation", ""),
    ('field = "axis"', 'field = "axes"', "eligibility.scope.field", "axis"),
    ('tier = "coup_de_pouce"\n', 'tier = "coup_de_puce"\n', "recommendation.6.tier", "coup_de_pouce"),
    ("opens = 08:00:00", 'opens = "early"', "lab.opens", ""),
    ('label = { fr = "Reçue", en = "Received" }', 'label = "Reçue"', "states.received.label", ""),
    ('anchor = "closing"', 'anchor = "opening"', "deadlines.follow_up_3.anchor", ""),
    ('family = "partner", asks_family', 'family = "parner", asks_family', "services.partenaire.family", "partner"),
    (
        'open_days = ["monday", "tuesday", "wednesday", "friday"]',
        'open_days = ["monday", "thuesday"]',
        "places.montpellier.open_days.1",
        "tuesday",
    ),
    ("final = true", "finale = true", "states.closed.finale", "final"),
]


@pytest.mark.parametrize(("old", "new", "path", "meant"), UNLOADABLE)
def test_what_does_not_load(old: str, new: str, path: str, meant: str) -> None:
    assert old in shipped()
    text = shipped().replace(old, new, 1)
    with spoken("en"), pytest.raises(BadDeclaration) as refused:
        load(text)
    (found,) = [field for field in refused.value.fields if field.field == path]
    wrong = next(
        n for n, (line, was) in enumerate(zip(text.splitlines(), shipped().splitlines(), strict=True), 1) if line != was
    )
    assert found.line == wrong
    assert not meant or f"Did you mean “{meant}”?" in found.message


def test_mistakes_of_loading_are_found_together() -> None:
    text = shipped()
    for old, new, _path, _meant in UNLOADABLE:
        text = text.replace(old, new, 1)
    with pytest.raises(BadDeclaration) as refused:
        load(text)
    # The same guard line bears two mistakes of transitions: the second edit of one place does not apply.
    assert {field.field for field in refused.value.fields} >= {path for _old, _new, path, _meant in UNLOADABLE} - {
        "events.prequalify.transitions.0.to.0"
    }
