"""The shipped declaration, and sentences in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.language import spoken
from states.verification.loading import load


@pytest.fixture(scope="module", autouse=True)
def _in_english() -> Iterator[None]:
    with spoken("en"):
        yield


@pytest.fixture(scope="module")
def declaration() -> Declaration:
    return load(shipped())
