"""The commands that an answer proposes, typed as printed: what is marked as to be filled in, filled in."""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen
from desk import SAMPLES, Desk, Printed

PLACEHOLDER = "…"
# What somebody would write at the place of a mark, by the option before it.
FILLING = {
    "--note": "Une raison",
    "--name": "Dominique Modèle",
    "--email": "dominique.modele@example.org",
    "--role": "specialist",
    "-n": "Une raison",
    "--orientation": "Vers un autre laboratoire",
    "--decision": "ratify",
    "--reason": "other",
    "--staff": "camille",
    "--score": "4",
    "--title": "Un guide",
    "--type": "method",
    "--set": "participants=12",
    "--extra": "1",
    "--attended": "8",
    "--hours": "3",
    "--tier": "tuto",
    "--slot": "first",
}
# And at the place of a word in capitals, as help has them.
WORDS = {"FILE": str(SAMPLES / "fiche-1.toml"), "DIR": "written", "ID": "another"}
POSITIONAL = {"explain": "received", "change": "tuto", "assign": "tuto"}  # by the word of the command
_COMMAND = re.compile(r"coop (?=[a-z.-])[^\n;»”)]*[^\s\n;»”.,:)]")
_NAMED = re.compile("[«“]\u00a0?coop [a-z ]+\u00a0?[»”]")  # a command spoken of by its name, as a lab's remedy does
ENDLESS = ("scheduler run", "demo")  # not to be typed here: they go on, or make a store of their own
ASKS = (0, 6)  # done, or it asks for what is missing
NOT_YET = "L’enregistrer une fois le début passé"  # it is for when the meeting has begun


def proposed(text: str) -> Iterator[str]:
    """The commands in a text for people: after an arrow or a colon, to the end of what is one."""
    for line in _NAMED.sub("", text).splitlines():
        _before, mark, after = line.rpartition("→ ")
        for found in _COMMAND.findall(after if mark else line):
            yield from (part for part in re.split(r", ou |, or ", found) if part.startswith("coop "))


def in_document(document: Any) -> Iterator[str]:
    """Those of a JSON answer: every `command`, `suggestions`, `commands`, `remedy` and `hint`."""
    if isinstance(document, list):
        for part in document:
            yield from in_document(part)
    if isinstance(document, dict):
        if document.get("allowed") is False:  # what is typed once it is possible
            document = document | {"command": None}
        for name, value in document.items():
            if name in ("command", "remedy", "hint") and isinstance(value, str):
                yield from proposed(value)
            elif name in ("suggestions", "commands"):
                yield from (line for line in value if line.startswith("coop "))
            else:
                yield from in_document(value)


def filled(command: str) -> list[str]:
    """The words to type after `coop`."""
    words = [WORDS.get(word, word) for word in shlex.split(command)[1:]]
    found: list[str] = []
    for word in words:
        if PLACEHOLDER in word:
            before = found[-1] if found else ""
            name = next((w for w in found if w in POSITIONAL), "")
            filling = FILLING.get(before) or POSITIONAL.get(name, "camille")
            word = word.replace(PLACEHOLDER, filling)
        found.append(word)
    return found


def kind_of(command: str) -> str:
    """A command without what is particular to one moment: two of a kind are typed once."""
    words = re.sub(r"'[^']*'|\"[^\"]*\"", "Q", command)
    return re.sub(r"/[a-z]+-N", "/M", re.sub(r"\d+", "N", words))


@frozen
class Moment:
    """When a command was proposed: what was typed before it, the store as it was, and the settings."""

    after: str
    store: bytes
    environment: dict[str, str | None]


SETTINGS = ("COOP_DB", "COOP_NOW", "COOP_ACTOR", "COOP_LANG")


class Proposals:
    """Reads what a desk prints, and types later, where and when it was proposed, one command of each kind."""

    def __init__(self, desk: Desk, known: set[str]) -> None:
        self.desk, self.known, self.found = desk, known, dict[str, Moment]()
        self._run, desk.run = desk.run, self._watched

    def _watched(self, *words: str, stdin: str | None = None) -> Printed:
        printed = self._run(*words, stdin=stdin)
        if "--dry-run" in words or not words:
            return printed
        for command in self._read(printed):
            kind = kind_of(command)
            store = Path(os.environ.get("COOP_DB", ""))
            if kind not in self.known and store.is_file() and not command[5:].startswith(ENDLESS):
                self.known.add(kind)
                environment = {name: os.environ.get(name) for name in SETTINGS}
                self.found[command] = Moment(" ".join(words), content(store), environment)
        return printed

    def _read(self, printed: Printed) -> Iterator[str]:
        for text in (printed.out, printed.err):
            try:
                yield from in_document(json.loads(text))
            except ValueError:
                yield from proposed(text)

    def wrong(self) -> dict[str, tuple[str, int, str]]:
        """The commands that do not work when typed: after what they were proposed, their exit and what they say."""
        self.desk.run = self._run
        return {
            command: (moment.after, printed.exit, printed.err)
            for command, moment in self.found.items()
            if not self._leads_on(printed := self._typed(command, moment), moment)
        }

    def _leads_on(self, printed: Printed, moment: Moment, deep: int = 2) -> bool:
        """Whether it is done, asks for what is missing, or is refused for what another command settles, which works."""
        if printed.exit in ASKS or NOT_YET in printed.err:
            return True
        if printed.exit != 3 or not deep:
            return False
        settling = [command for command in proposed(printed.err) if not command.startswith("coop next ")]
        return any(self._leads_on(self._typed(command, moment), moment, deep - 1) for command in settling)

    def _typed(self, command: str, moment: Moment) -> Printed:
        with TemporaryDirectory() as folder:
            store = Path(folder) / "coop.db"
            store.write_bytes(moment.store)
            for name, value in (moment.environment | {"COOP_DB": str(store)}).items():
                if value is not None:
                    self.desk.monkeypatch.setenv(name, value)
            return self.desk.coop(*filled(command), stdin="")


def content(store: Path) -> bytes:
    """The store as it stands, what is still in its log included."""
    with closing(sqlite3.connect(store)) as here:
        here.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store.read_bytes()
