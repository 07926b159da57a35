"""What `lifecycle check` finds: a declaration broken in every way there is a finding for, and the one that is shipped."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from states import checking, checking_tables
from states.checking import Finding, check
from states.errors import BadDeclaration
from states.language import spoken
from states.loading import load, shipped
from states.locate import Locator

BROKEN = Path(__file__).with_name("broken.toml").read_text("utf-8")

# What cannot stand beside the rest: one edit of the shipped declaration each, with the finding and its path.
ALONE = [
    ('effect = "create"', 'effect = "accept"', "no_creation", "events"),
    ('effect = "accept"', 'effect = "create"', "several_creations", "events.prequalify"),
    ('[{ from = [], to = ["received"] }]', '[{ from = ["final"], to = ["received"] }]', "creation_edge", "events.submit.transitions"),
    ('[{ from = [], to = ["received"] }]', '[{ from = [], to = ["active"] }]', "creation_edge", "events.submit.transitions"),
    ("final = true\n", "", "no_final_state", "states"),
    ('from = ["suspended"], to', 'from = ["active"], to', "resume_source", "events.resume.transitions"),
    ('from = ["prequalified"], to = ["interview_planned"]', 'from = ["prequalified", "qualified"], to = ["interview_planned"]', "interview_edge", "events.plan_interview.transitions"),
    ('[semesters]\nS1 = { label = { fr = "premier semestre", en = "first semester" }, month = 1, day = 1 }\nS2 = { label = { fr = "second semestre", en = "second semester" }, month = 7, day = 1 }', "[semesters]", "no_semester", "semesters"),
    ('to = ["same", "prequalified"]', 'to = ["same"]', "no_way_back", "events.cancel_meeting.transitions"),
    ('[{ from = ["any"], to = ["any"] }]', '[{ from = ["any"], to = ["active"] }]', "final_exit", None),
]  # fmt: skip


def codes_of(module: object) -> set[str]:
    """Every code of finding a module can yield."""
    return set(re.findall(r'yield "(\w+)"', inspect.getsource(module)))  # type: ignore[arg-type]


def marked() -> set[tuple[int, str]]:
    """The findings that the broken declaration announces, by line."""
    lines = enumerate(BROKEN.splitlines(), 1)
    return {(n, code) for n, line in lines if "#!" in line for code in line.partition("#!")[2].split()}


def test_the_shipped_declaration_is_sound() -> None:
    assert check(load(shipped()), Locator(shipped())) == []
