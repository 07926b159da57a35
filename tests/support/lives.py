"""Lives of a request told in lines, each store lived once and copied for every test that begins there."""

from __future__ import annotations

from pathlib import Path

from desk import Desk

PEOPLE = (
    "staff add agnes --name Agnès --email agnes@example.org --role pilot",
    "--as agnes staff add marc --name Marc --email marc@example.org --role committee",
)
PLANNED = ("prequalify 1", "interview plan 1 --slot 14/01_9h")
HELD = ("prequalify 1", "interview plan 1 --slot 12/01_9h", "interview done 1")
WORKING = (*HELD, "tier assign 1 tuto", "meeting plan 1 --slot 12/01_9h", "meeting done 1")
SESSION = (
    *WORKING,
    "session plan 1 --slot 12/01_9h --for 1h",
    "session done 1 --attended 12 --expected 15 --managers 4",
)
CLOSED = (
    *SESSION,
    "debrief plan 1 --slot 12/01_9h",
    "debrief done 1",
    "deliverable 1 --title Guide --type method",
    "close 1",
)
_stores: dict[tuple[str, ...], bytes] = {}


def lived(desk: Desk, tmp_path: Path, *lines: str) -> None:
    """A lab in which a request lived so: typed once, copied for each test."""
    store = tmp_path / "coop.db"
    if lines not in _stores:
        desk.received(participants=20, managers=5)
        for line in (*PEOPLE, *lines):
            typed(desk, line)
        desk.coop("db", "backup", str(tmp_path / "kept.db"))
        _stores[lines] = (tmp_path / "kept.db").read_bytes()
    store.write_bytes(_stores[lines])
    for journal in ("-wal", "-shm"):
        store.with_name(f"coop.db{journal}").unlink(missing_ok=True)


def words_of(line: str) -> list[str]:
    return [word.replace("_9h", " 9h") for word in line.split()]


def plain(text: str) -> str:
    """A text on one line, its no-break spaces as others."""
    return " ".join(text.replace("\u00a0", " ").split())


def typed(desk: Desk, line: str) -> str:
    printed = desk.coop(*words_of(line))
    assert printed.exit == 0, (line, printed.err)
    return plain(printed.out)
