"""What settles a deadline: the declared commands that nothing of the request forbids, the likeliest first."""

from __future__ import annotations

from typing import Any

import pytest
from histories import Step, received, story, tiered
from pure import at, lab

from states.risks.next_steps import Awaited

NOON = "01-12 12:00"
VALIDATED: Step = ("validate", "01-12 09:30", {"basis": "delegation"})
REF = "2026-0001"


@pytest.mark.parametrize(
    ("steps", "kind", "commands"),
    [
        (
            [received(collaborative_share=60, outcome_predefined=False, family="menj_mesr_msjop")],
            "received",
            [f"coop prequalify {REF}", "coop triage"],
        ),
        ([received(), ("prequalify", "01-12 09:10", {})], "prequalified", [f"coop interview plan {REF} --slot first"]),
        (
            [received(kind="autonomous"), ("prequalify", "01-12 09:10", {})],
            "prequalified",
            [f"coop advance {REF} accept_autonomous"],
        ),
        (tiered("01-12 09:00"), "tier_assigned", [f"coop meeting plan {REF} --slot first"]),
        (tiered("01-12 09:00", "50_50"), "tier_assigned", [f"coop validate {REF}"]),
        ([*tiered("01-12 09:00", "50_50"), VALIDATED], "tier_assigned", [f"coop meeting plan {REF} --slot first"]),
    ],
)
def test_only_what_is_possible_is_proposed(steps: list[Any], kind: str, commands: list[str]) -> None:
    request = story(REF, *steps).request
    assert list(Awaited(lab(), request, kind, "1", at(NOON)).commands()) == commands
