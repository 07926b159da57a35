"""Nothing here opens a store: a rule is given what it reads, and answers."""

from __future__ import annotations

import pytest
from pure import lab

from states.declaration.model import Declaration


@pytest.fixture(scope="session")
def declaration() -> Declaration:
    """The shipped declaration."""
    return lab()
