"""A store that a newer program has made: every command of this one refuses it (exit 7), and none writes to it."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
from desk import Desk, Printed, open_desk

from cli.main import make
from states.declaration.documents import shipped, shipped_document
from states.declaration.outline import Outline

# Commands that use no store: what they do, they do whatever is there.
STORELESS = {"completion", "config", "config path", "config set", "config unset", "lifecycle check"}
SPOKEN = {*STORELESS, "scheduler run"}  # they have no --json, or are asked for none
WORDS = {  # what a command needs besides, to come as far as the store
    "submit": ["fiche.json"],
    "apply": ["lignes.jsonl"],
    "config set": ["lang", "fr"],
    "config unset": ["lang"],
    "completion": ["bash"],
    "db backup": ["copie.db"],
    "db copy": ["coop.db", "autre.db"],
    "db restore": ["sauvegarde.db", "--yes"],
    "import demarche": ["--number", "4242", "--mapping", "champs.toml"],
    "lifecycle adopt": ["labo.toml"],
    "lifecycle diagram": [],
    "lifecycle show": [],
    "lifecycle check": ["labo.toml"],
    "lifecycle diff": ["labo.toml"],
    "lifecycle rehearse": ["labo.toml"],
    "lifecycle test": ["regles.toml"],
    "privacy erase": ["Noa Témoin", "--note", "À sa demande", "--yes"],
    "privacy reapply": ["registre.jsonl"],
    "privacy redact": ["2026-0001/1", "--span", "mot", "--note", "À sa demande"],
    "export csv": ["--out", "chiffres.csv"],
    "export ocel": ["--out", "journal.json"],
    "export xes": ["--out", "journal.xes"],
}


def leaves(command: click.Command, context: click.Context, name: str = "") -> Iterator[tuple[str, click.Context]]:
    """Every command that can be typed, by its words."""
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            part = command.get_command(context, word)
            assert part is not None
            yield from leaves(part, click.Context(part, parent=context), f"{name} {word}".strip())
        if not command.invoke_without_command:
            return
    if name:
        yield name, context


def commands() -> dict[str, click.Context]:
    """The commands by their words: of those that are made alike, for the events of the lab, one of each make."""
    root = make(lambda: Outline(shipped_document()))
    made: dict[Any, tuple[str, click.Context]] = {}
    for name, context in leaves(root, click.Context(root)):
        made.setdefault(inspect.unwrap(context.command.callback or leaves).__code__, (name, context))
    return {name: context for name, context in made.values() if name != "demo"}  # which has a store of its own


def filled(name: str, context: click.Context) -> list[str]:
    """The words of a command with something for each thing that it must be given."""
    words = name.split()
    if name in WORDS:
        return [*words, *WORDS[name]]
    for parameter in context.command.get_params(context):
        if isinstance(parameter, click.Argument):
            words.append("1")
        elif parameter.required:
            kind = parameter.type
            words += [parameter.opts[0], kind.choices[0] if isinstance(kind, click.Choice) else "1"]
    return words


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """At the command line of a store that a program of later has changed: a column more, and rows of its own."""
    desk = open_desk(tmp_path, monkeypatch, capsys)
    for file, text in (("fiche.json", "{}"), ("lignes.jsonl", '{"ref": "1", "event": "comment"}')):
        Path(file).write_text(text, "utf-8")
    Path("registre.jsonl").write_text("", "utf-8")
    Path("regles.toml").write_text('[[test]]\nrule = "x"\nsteps = [{ wait = 1 }]\n', "utf-8")
    desk.coop("db", "backup", "sauvegarde.db")
    Path("labo.toml").write_text(shipped(), "utf-8")
    with closing(sqlite3.connect("coop.db")) as connection:
        connection.execute("ALTER TABLE requests ADD COLUMN mood TEXT")
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return desk


def test_every_command_refuses_it_and_none_writes_to_it(newer: Desk) -> None:
    before, wrong = Path("coop.db").read_bytes(), {}
    for name, context in commands().items():
        printed = newer.coop(*filled(name, context), *([] if name in SPOKEN else ["--json"]))
        expected = 0 if name in STORELESS else 7
        if printed.exit != expected or (expected and not _told(printed)):
            wrong[name] = (printed.exit, printed.out[:200], printed.err[:200])
    assert wrong == {}, "\n".join(map(str, wrong.items()))
    assert Path("coop.db").read_bytes() == before


def _told(printed: Printed) -> bool:
    """Whether an answer says that it is the version."""
    return "store_outdated" in printed.err or "0999" in printed.err
