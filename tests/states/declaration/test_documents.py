"""A declaration stored by an older version of the product says what it did not know how to say."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import asdict
from pure import lab

from states.declaration.documents import completed, shipped_document
from states.declaration.stored import stored


def of_before() -> dict[str, Any]:
    """The shipped document as it was before days off and the notice of what is proposed."""
    document = shipped_document()
    del document["slots"]
    for events in (document["events"], document["activity"]["events"]):
        for event in events.values():
            event.get("waives", {}).pop("day_off", None)
    return document


def test_a_document_of_now_is_left_as_it_is() -> None:
    document = shipped_document()
    assert completed(document) is document


@pytest.mark.parametrize("part", ["events", "activity"])
def test_whoever_waived_the_hours_of_a_slot_waives_a_day_off(part: str) -> None:
    found, now = completed(of_before())[part], shipped_document()[part]
    assert found == now


def test_the_oldest_documents_say_what_code_then_knew_by_name() -> None:
    document, now = of_before(), shipped_document()
    said = {
        "states": ("pauses", "outcome"),
        "roles": ("keeps", "oversees", "decides", "registered"),
        "events": ("records", "command", "triage"),
        "deadlines": ("commands", "label_for"),
        "keys": ("positional",),
    }
    for lifecycle in (document, document["activity"]):
        for table, keys in said.items():
            for row in lifecycle.get(table, {}).values():
                for key in keys:
                    row.pop(key, None)
    document["events"]["record_more"] = {"effect": "record"}  # of a lab of its own
    document["events"]["say_more"] = {"effect": "comment"}
    found = completed(document)
    assert found["events"].pop("record_more") == {"effect": "record", "records": "record_more"}
    assert found["events"].pop("say_more") == {"effect": "comment"}
    assert {table: found[table] for table in (*said, "activity")} == {
        table: now[table] for table in (*said, "activity")
    }


def test_a_lab_that_waives_neither_is_given_neither() -> None:
    document = of_before()
    document["events"]["plan_interview"]["waives"] = {}
    document["events"]["close"]["waives"] = {"deliverable": ["pilot"]}
    del document["activity"]
    found = completed(document)["events"]
    assert found["plan_interview"]["waives"] == {}
    assert found["close"]["waives"] == {"deliverable": ["pilot"]}
    assert found["plan_debrief"]["waives"] == {"outside_hours": ["coordinator"], "day_off": ["coordinator"]}


def test_the_notice_is_that_of_the_shipped_lab() -> None:
    assert asdict(stored(of_before(), "of before days off").slots) == asdict(lab().slots)
    assert lab().slots.notice == 4 * 60
