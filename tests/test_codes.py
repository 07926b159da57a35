"""No code names a state, an event, a role, a place, a tier… of the declaration: what it must know, a key says.

Every text of the rooms is read, and those that are a code of the shipped declaration are found. Some are words of
something else too: these are listed, with what they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from states.declaration.documents import shipped_document

ROOT = Path(__file__).parents[1]
TABLES = (
    *("states", "events", "roles", "places", "tiers", "axes", "services", "deadlines", "skills", "departments"),
    *("families", "semesters"),
)
EVERYWHERE = {
    **dict.fromkeys(("held", "planned", "cancelled"), "the statuses of a meeting, in contract.md"),
    **dict.fromkeys(("closed", "declined", "withdrawn"), "what an ending means: the outcomes of the declaration"),
    **dict.fromkeys(("meeting", "state", "service", "document", "facilitation"), "a key of JSON, or a column"),
    **dict.fromkeys(("received", "working", "committee"), "a key of JSON, in contract.md"),
    **dict.fromkeys(("lab", "both", "requester", "none"), "values of the declaration’s keys: owner, owes, validation"),
    **dict.fromkeys(("delegation", "refuse"), "codes that a lab must keep: `states.verification.tables` says so"),
    "open": "the status of a deadline and of an alert",
    "system": "who raises and settles alerts, in contract.md",
    "staff_absence": "a rule of alerts, in domain.md",
    "follow_up": "what an event records: a word of the declaration’s keys",
    "method": "a word of calendars, and of HTTP",
}
# These would be events: only where they are known to be something else.
ELSEWHERE = {
    "ratify": "a decision of the committee, which a lab must keep, and what a project waits for",
    "validate": "what a project waits for: `states.lifecycle.landmarks.awaits`",
    "decline": "what an event answers a form with, and the word of its key on the screen",
    "prequalify": "the word of a key on the screen",
    "submit": "the key of a form in a line of `apply`, and the command that begins everything",
    "close": "a method of a file or of a store",
    "usager": "a key of what the form platform answers",
    "demandeur": "a key of what the form platform answers",
    "register": "a gesture of the demo",
    "cancel": "an option of a command",
    "other": "an argument of a command: the declaration that is compared with",
}
KNOWN = {
    "states.verification.tables": ("ratify",),
    "states.lifecycle.effects": ("ratify",),
    "states.lifecycle.landmarks": ("ratify", "validate"),
    "states.review.governance": ("ratify", "validate"),
    "states.review.document": ("ratify", "validate"),
    "states.declaration.vocabulary": ("decline",),
    "handlers.batch": ("submit",),
    "handlers.demo.player": ("submit", "close", "register"),
    "handlers.exchange.demarche.dossiers": ("usager", "demandeur"),
    "handlers.review.evidence": ("validate",),
    "cli.commands.keep.lifecycle": ("other",),
    "cli.commands.keep.places": ("cancel",),
    "cli.commands.look.board": ("ratify", "validate"),
    "cli.commands.offered": ("submit",),
    "cli.commands.receive.triage": ("decline", "prequalify"),
}
APART = ("workflow.testing",)  # what other labs' tests begin with leads the shipped lifecycle


def codes() -> set[str]:
    """Every code of the shipped declaration."""
    document: Mapping[str, Any] = shipped_document()
    activity = document["activity"]
    tables = [document[table] for table in TABLES]
    tables += [*document["codes"].values(), activity["states"], activity["events"], activity["types"]]
    tables += [tier["tasks"] for tier in document["tiers"].values()]
    return {code for table in tables for code in table}


def texts(module: ast.Module) -> Iterator[str]:
    """The texts of a module; the names that effects are bound under are no codes of the declaration."""
    for statement in module.body:
        bound = statement.target if isinstance(statement, ast.AnnAssign) else None
        if not (isinstance(bound, ast.Name) and bound.id == "EFFECTS"):
            for node in ast.walk(statement):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_no_module_names_a_code_of_the_declaration() -> None:
    known = codes() - set(EVERYWHERE)
    named = set()
    for path in (path for room in ("states", "workflow", "handlers", "cli") for path in (ROOT / room).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not module.startswith(APART):
            words = known - set(KNOWN.get(module, ()))
            named |= {(module, text) for text in texts(ast.parse(path.read_text("utf-8"))) if text in words}
    assert named == set()


def test_each_word_let_by_is_one_of_the_declaration() -> None:
    assert set(EVERYWHERE) | set(ELSEWHERE) <= codes()
    assert {word for words in KNOWN.values() for word in words} == set(ELSEWHERE)
