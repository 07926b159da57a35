"""The commands that an answer proposes, typed as printed: what is marked as to be filled in, filled in.

Whatever the suite prints is read: by someone at a desk (`watched_desk`), or refused to a lab (`watched_lab`). Once the
test has passed, one command of each kind is typed on a copy of the store of its moment, by whom it was proposed to.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from attrs import frozen
from desk import SAMPLES, Desk, Printed, open_desk

from cli import settings
from cli.failures import error_lines
from cli.main import main
from states.errors import CoopError
from workflow.engine import Applied, Command
from workflow.testing import Lab

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
FIELDS = {"place=": "toulouse", "follows=": ""}
# And at the place of a word in capitals, as help has them.
WORDS = {"FILE": str(SAMPLES / "fiche-1.toml"), "DIR": "written", "ID": "another", "REF": "1"}
WORDS |= {"VOCABULARY": "tiers", "MAP.toml": "columns.toml"}
POSITIONAL = {"explain": "received", "change": "50_50", "assign": "tuto"}  # by the word of the command; the widest tier
_COMMAND = re.compile(
    r"coop (?=[a-z.-])(?:'[^'\n]*'|\"[^\"\n]*\"|(?!\w\. |…[,<]| \| | : |, |.<|.,text)[^\n;»”)])*[^\s;»”.,:)]"
)
_NAMED = re.compile("[«“]\u00a0?coop [a-z ]+\u00a0?[»”]")  # a command spoken of by its name, as a lab's remedy does
NOT_TYPED = ("[OPTIONS]", "$'")  # how a command is typed, not one to type; what only a shell reads, and a test has read
# A rehearsal that stores nothing, a script, and a lab in a store that is thrown away: nobody types what they print.
SILENT = {"--dry-run", "completion", "demo"}
ENDLESS = ("scheduler run", "demo")  # not to be typed here: they go on, or make a store of their own
SETTLED = (3, 4, 5, 7)  # refused for what another command settles
NOT_YET = "L’enregistrer une fois le début passé"  # it is for when the meeting has begun


def proposed(text: str) -> Iterator[str]:
    """The commands in a text for people: after an arrow or a colon, to the end of what is one."""
    for line in _NAMED.sub("", text).splitlines():
        _before, mark, after = line.rpartition("→ ")
        for found in _COMMAND.findall(after if mark else line):
            if not any(mark in found for mark in NOT_TYPED):
                yield found


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
                yield from (line for line in value if isinstance(line, str) and line.startswith("coop "))
            else:
                yield from in_document(value)


def filled(command: str, words: Mapping[str, str] = WORDS) -> list[str]:
    """The words to type after `coop`."""
    found: list[str] = []
    for word in (words.get(word, word) for word in shlex.split(command)[1:]):
        if word.removesuffix(PLACEHOLDER) in FIELDS:
            word = word.replace(PLACEHOLDER, FIELDS[word.removesuffix(PLACEHOLDER)])
        elif PLACEHOLDER in word:
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


SETTINGS = ("COOP_DB", "COOP_NOW", "COOP_ACTOR", "COOP_LANG", "COOP_CONFIG", "COOP_STATE")
KNOWN: set[tuple[str, str]] = set()  # the kinds that were typed already, in this process, with the state they were in


@frozen
class Moment:
    """When a command was proposed: what was typed before it and how it ended, the store as it was, and the settings."""

    after: str
    exit: int
    store: bytes
    environment: Mapping[str, str]


class Proposals:
    """Reads what is printed, and types later, where and when it was proposed, one command of each kind."""

    def __init__(self) -> None:
        self.found: dict[str, Moment] = {}
        self.files: set[str] = set()  # named by commands, and there

    def read(self, after: str, exit: int, texts: Iterator[str], environment: Mapping[str, str]) -> None:
        """Keeps the commands of a kind that is new, with their moment."""
        store = Path(environment.get("COOP_DB", ""))
        commands = {command: kind_of(command) for command in texts if not command[5:].startswith(ENDLESS)}
        if not commands or not store.is_file():
            return
        states = states_in(store)
        kinds = {command: (kind, states.get(_named_in(command), "")) for command, kind in commands.items()}
        new = [command for command, kind in kinds.items() if kind not in KNOWN]
        if new:
            moment = Moment(after, exit, content(store), environment)
            self.found |= dict.fromkeys(new, moment)
            self.files.update(word for command in new for word in files_named(command))
            KNOWN.update(kinds.values())

    def wrong(self) -> list[str]:
        """The commands that do not work when typed: after what they were proposed, their exit and what they say."""
        return [
            f"{command} — after {moment.after}: {printed.exit} {printed.err}"
            for command, moment in self.found.items()
            if self.files.isdisjoint(shlex.split(command)) or files_named(command)  # one that is gone since: not typed
            if not leads_on(command, printed := typed(command, moment), moment)
        ]


def files_named(command: str) -> list[str]:
    """The files that are there now, of those a command names."""
    return [word for word in shlex.split(command) if word.startswith("/") and Path(word).exists()]


def leads_on(command: str, printed: Printed, moment: Moment, deep: int = 2) -> bool:
    """Whether it is done, asks for what is missing, or is refused for what another command settles, which works."""
    if printed.exit == 0 or asks(command, printed) or NOT_YET in printed.err:
        return True
    if moment.exit == 2 and printed.exit in (3, 4):  # what was meant was said, and is understood
        return True
    if printed.exit not in SETTLED or not deep:
        return False
    settling = [command for command in proposed(printed.err) if not command.startswith("coop next ")]
    return any(leads_on(command, typed(command, moment), moment, deep - 1) for command in settling)


def asks(command: str, printed: Printed) -> bool:
    """Whether all that is wrong is what is not given yet, or what we wrote at the place of a mark."""
    if printed.exit == 2:
        return "Il manque" in printed.err
    fields = [line for line in printed.err.splitlines() if line.startswith("  · ")]
    given = PLACEHOLDER in command or bool(WORDS.keys() & set(command.split()))
    return printed.exit == 6 and (given or all(re.search("à donner|rien n’a été donné", line) for line in fields))


def typed(command: str, moment: Moment) -> Printed:
    """What it answers, typed at that moment on a store of its own."""
    with TemporaryDirectory() as folder:
        store = Path(folder) / "coop.db"
        store.write_bytes(moment.store)
        with patch.dict(os.environ, {**moment.environment, "COOP_DB": str(store), "LANGUAGE": "fr"}):
            settings.from_file.cache_clear()
            return run(*filled(command, WORDS | _words_of(store, command)))


def _words_of(store: Path, command: str) -> dict[str, str]:
    """What the words in capitals stand for in a store."""
    found = {"KEY": next((key for (key,) in _rows(store, "SELECT key FROM outbox")), "")}
    if " restore " in command:
        found["FILE"] = str(shutil.copy(store, store.with_name("kept.db")))
    return found


def _rows(store: Path, query: str) -> list[tuple[str, ...]]:
    """What a query finds in a store; nothing in one that is of no use."""
    try:
        with closing(sqlite3.connect(store, timeout=0)) as here:
            return here.execute(query).fetchall()
    except sqlite3.Error:
        return []


def run(*words: str) -> Printed:
    """The command in this process, away from a terminal; who is asked to confirm is sure."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    sure = io.TextIOWrapper(io.BytesIO(b"o\n"), encoding="utf-8")
    with redirect_stdout(out), redirect_stderr(err), patch("sys.stdin", sure), pytest.raises(SystemExit) as ended:
        main(words)
    printed = []
    for stream in (out, err):
        stream.flush()
        printed.append(stream.buffer.getvalue().decode())
    return Printed(int(ended.value.code or 0), *printed)


def _named_in(command: str) -> str:
    """The request or the activity that a command names, by its number."""
    found = (re.fullmatch(r"(?:\d{4}-)?(A?)0*([1-9]\d*)(?:/\S*)?", word) for word in command.split())
    return next((f"{one[1]}{one[2]}" for one in found if one), "")


def states_in(store: Path) -> dict[str, str]:
    """The state of each request and activity, by its number."""
    rows = _rows(store, "SELECT ref, state FROM requests UNION SELECT ref, state FROM activities")
    return {_named_in(ref): state for ref, state in rows}


def content(store: Path) -> bytes:
    """The store as it stands, what is still in its log included; as it is found, if it is damaged."""
    try:
        with closing(sqlite3.connect(store, timeout=0)) as here, closing(sqlite3.connect(":memory:")) as copy:
            here.backup(copy)
            return copy.serialize()
    except sqlite3.Error:
        return store.read_bytes()


# --- Who is listened to ---


@contextmanager
def all_work() -> Iterator[Proposals]:
    """What is read meanwhile is typed at the end, and must work."""
    proposals = Proposals()
    yield proposals
    wrong = proposals.wrong()
    assert not wrong, "\n".join(wrong)


@pytest.fixture(name="desk")
def watched_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """An open lab with its coordinator at the keyboard, who is proposed only what works."""
    desk = open_desk(tmp_path, monkeypatch, capsys)
    plain = desk.run
    with all_work() as proposals:

        def watched(*words: str, stdin: str | None = None) -> Printed:
            printed = plain(*words, stdin=stdin)
            if words and not SILENT.intersection(words):
                here = {name: value for name in SETTINGS if (value := os.environ.get(name)) is not None}
                proposals.read(" ".join(words), printed.exit, _in_print(words, printed), here)
            return printed

        desk.run = watched
        yield desk


def _in_print(words: Sequence[str], printed: Printed) -> Iterator[str]:
    for text in (printed.out, printed.err):
        try:
            yield from in_document(json.loads(text))
        except ValueError:
            yield from proposed(" ".join(text.split()) if "--help" in words else text)


@contextmanager
def watched_lab(lab: Lab, folder: Path) -> Iterator[None]:
    """What a lab in a file is refused is told as the command tells it; what it proposes works."""
    plain = lab.engine.apply
    with all_work() as proposals:

        def watched(command: Command) -> Applied:
            try:
                return plain(command)
            except CoopError as problem:
                here = {
                    "COOP_DB": str(lab.store.path),
                    "COOP_NOW": lab.clock.now,
                    "COOP_ACTOR": command.actor,
                    "COOP_LANG": "fr",
                    "COOP_CONFIG": str(folder / "config.toml"),
                    "COOP_STATE": str(folder / "state"),
                }
                said = proposed("\n".join(error_lines(problem.document())))
                proposals.read(f"{command.event} {command.ref}", problem.exit, said, here)
                raise

        with patch.object(lab.engine, "apply", watched):
            yield
