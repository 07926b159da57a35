"""Every command that a scenario is proposed is typed too, as printed, at its moment, by whom it is proposed to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk, open_desk
from proposals import Proposals

KNOWN: set[str] = set()  # the kinds that were typed already, in this process


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """An open lab with its coordinator at the keyboard; each new kind of proposal is typed at the end."""
    found = open_desk(tmp_path, monkeypatch, capsys)
    proposals = Proposals(found, KNOWN)
    yield found
    wrong = proposals.wrong()
    assert not wrong, "\n".join(
        f"{command} — after {after}: {exit} {said}" for command, (after, exit, said) in wrong.items()
    )
