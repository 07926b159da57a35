"""What a document of an older version is completed with."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from states.declaration.documents import completed, shipped_document

NOW = shipped_document()


def without(*pairs: tuple[str, str]) -> dict[str, Any]:
    """The shipped declaration, as it was before these keys."""
    older = deepcopy(NOW)
    for table, key in pairs:
        for item in (*older[table].values(), *older["activity"].get(table, {}).values()):
            item.pop(key, None)
    return older


FIRST = (
    *(("states", "pauses"), ("states", "outcome"), ("events", "records")),
    *(("roles", key) for key in ("keeps", "oversees", "decides", "registered")),
    *(("deadlines", key) for key in ("commands", "label_for")),
)


@pytest.mark.parametrize("older", [NOW, without(*FIRST)], ids=["of today", "before outcomes"])
def test_a_document_of_before_says_what_the_shipped_one_says(older: dict[str, Any]) -> None:
    assert completed(older) == NOW


def test_what_an_older_version_says_itself_is_kept() -> None:
    older = without(*FIRST)
    older["events"]["story"] = {**older["events"]["record_effort"]}
    found = completed(older)
    assert found["events"]["story"]["records"] == "story"
    assert {code: event for code, event in found["events"].items() if code != "story"} == NOW["events"]
