"""What changes from one declaration to another, a sentence a line."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import ndiff
from typing import TYPE_CHECKING, Any

from cli.output.lines import line, title
from cli.output.terminal import echo
from states.declaration.differences import CHANGED, differences
from states.declaration.sentences import noun, sentence
from states.language import _, _n

if TYPE_CHECKING:
    from workflow.versions.unnamed import Borne

SHOWN = 5  # references of a line

_SIGNS = {"added": "+", "removed": "−", "changed": "~"}


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The changes from one document to another: where, what it was and becomes, and a sentence."""
    return [{**change, "sentence": sentence(change, before, after)} for change in differences(before, after)]


def tell_changes(changes: list[dict[str, Any]]) -> None:
    """What `coop lifecycle diff` prints; of a text of several lines, those that are gone and those that are new."""
    if not changes:
        echo(_("No difference with the declaration in force."))
    for change in changes:
        line(f"{_SIGNS[change['change']]} {change['sentence']}")
        before, after = str(change["before"]), str(change["after"])
        if change["change"] == CHANGED and "\n" in before + after:
            for row in ndiff(before.splitlines(), after.splitlines()):
                if row[0] in "-+":
                    line(f"    {row}".replace("    -", "    −", 1))


def tell_borne(borne: Borne) -> None:
    """What the store bears that the file no longer names, and who bears it."""
    if borne.unnamed:
        title(_("Running requests bear what this file no longer names; they keep their version:"))
    for one in borne.unnamed:
        shown = ", ".join(one.refs[:SHOWN]) + (", …" if len(one.refs) > SHOWN else "")
        count = _n("{n} request", "{n} requests", len(one.refs))
        what = _("{noun} “{name}”", noun=noun(one.vocabulary), name=one.label)
        line("  ", _("{what} ({code}): {count}, {refs}", what=what, code=one.code, count=count, refs=shown))
    if borne.in_use:
        title(_("What keeps it from being put in force:"))
    for refusal in borne.in_use:
        line("  · ", refusal.message)
        line("    → ", refusal.remedy)
