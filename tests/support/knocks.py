"""Commands that change what lasts, killed on the way: on a copy of one lab, beside what they do when nobody kills them.

After each kill the store holds: `db verify` finds nothing, each history is that of before or a part of what it is to
become, and what the command had acknowledged is there. Done again, the command ends where it would have.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import alembic.command  # noqa: F401 - see below
import holidays  # noqa: F401
from attrs import field, frozen
from places import Files, Places
from sqlalchemy import select, text

import cli
import handlers
import workflow
from cli import settings
from cli.main import main
from handlers import batch
from states.canonical import digest
from states.errors import NoStore, StoreUnfinished, StoreUnreachable
from workflow.store import schema as s
from workflow.store.backup import kept_beside
from workflow.store.database import Store
from workflow.store.upgrade import check_revision
from workflow.testing import End, Lab, SimulatedClock, crash, form, tables

for room in (cli, handlers, workflow):  # once, rather than in each child
    for module in walk_packages(room.__path__, f"{room.__name__}."):
        if "migrations" not in module.name:
            import_module(module.name)

NOW = "2026-07-03T17:00:00+02:00"  # the semester that can be sealed is over, and what waited since January is late
FORMS, LINES, BATCH = 12, 60, 20
STORE = "STORE"  # in the words of a command, the address of its store
_RANDOM = re.compile(r"\b(?:[0-9a-f]{16}|[0-9a-f]{64})\b")  # a place; a digest: each text has a salt of its own
_PART = re.compile(r"(?<=part-)\w+")  # what is drawn at random in the name of a file
SETS = ("keys", "messages", "alerts")  # what is in no order, and may change
Story = Mapping[str, list[str]]


@frozen
class Knock:
    """A command, and what is known of it."""

    name: str
    words: Callable[[Path], list[str]]  # its words, once what it reads is in a folder
    again: tuple[int, ...] = (0,)  # how it may end where it had been done
    repeatable: bool = True  # whether, done again, it changes nothing
    file: bool = False  # whether it is for a SQLite store only
    at_once: bool = False  # whether a store is as before or as after, and never between


def _submit(folder: Path) -> list[str]:
    forms = [form(title=f"Projet {n}", external_id=f"fiche-{n}") for n in range(FORMS)]
    (folder / "fiches.json").write_text(json.dumps(forms), "utf-8")
    return ["submit", str(folder / "fiches.json")]


def _apply(folder: Path) -> list[str]:
    lines: list[dict[str, Any]] = [
        {"ref": f"2026-000{n % 4 + 1}", "event": "comment", "note": f"Un mot, le {n}", "key": f"mot-{n}"}
        for n in range(LINES)
    ]
    lines[LINES // 2 :: 10] = [{"submit": form(title=f"Reçu {n}"), "key": f"reçu-{n}"} for n in range(LINES // 20)]
    (folder / "lignes.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return ["apply", str(folder / "lignes.jsonl")]


def _erase(_folder: Path) -> list[str]:
    return ["privacy", "erase", form()["requester"]["email"], "--note", "À sa demande"]


KNOCKS = (
    Knock("init", lambda folder: ["init"]),
    Knock("submit", _submit),
    Knock("advance", lambda folder: ["advance", "2026-0001", "prequalify", "--key", "pré", "--note", "Vu"]),
    Knock("apply", _apply),
    Knock("tick", lambda folder: ["scheduler", "tick"]),
    Knock("seal", lambda folder: ["review", "seal", "2026-S1"], repeatable=False),
    Knock("rebuild", lambda folder: ["db", "rebuild"]),
    Knock("erase", _erase, again=(0, 4), at_once=True),
    Knock("backup", lambda folder: ["db", "backup", str(folder / "copie.db")], again=(0, 5), file=True),
    Knock("copy", lambda folder: ["db", "copy", STORE, str(folder / "copie.db")]),
    Knock("restore", lambda folder: ["db", "restore", str(folder / "ancien.db"), "--yes"], file=True, at_once=True),
)


def lived(lab: Lab) -> None:
    """Some requests on their way, none of which anyone has looked at since January."""
    for state in ("received", "received", "prequalified", "working", "closed"):
        lab.request(state)
    lab.clock.to(NOW)


def story(lab: Lab) -> Story:
    """What a store tells, without what is drawn at random: each history, its texts, the messages, the alerts."""
    found: dict[str, list[str]] = {"keys": [], "messages": [], "alerts": []}
    with lab.store.reading() as connection:
        e, v = s.entries.c, s.vault.c
        for row in connection.execute(select(s.entries).order_by(e.stream, e.seq)):
            told = f"{row.seq} {row.event} {row.from_state} {row.to_state} {row.actor} {row.occurred_at} {row.data}"
            found.setdefault(row.stream, []).append(_RANDOM.sub("#", told))
        for row in connection.execute(select(s.vault).order_by(v.stream, v.seq, v.field)):
            found.setdefault(f"{row.stream}, texts", []).append(f"{row.seq} {row.field} {row.value}")
        for name, table, columns in (
            ("keys", s.keys, ("key", "stream", "seq")),
            ("messages", s.outbox, ("key", "recipient", "status")),
            ("alerts", s.alerts, ("cause", "rule", "level", "status")),
        ):
            rows = connection.execute(select(*(table.c[column] for column in columns)).order_by(*table.c[columns]))
            found[name] += [" ".join(map(str, row)) for row in rows]
    return found


@frozen
class Stage:
    """A database of a kind, a lab in it that has lived, and what each command makes of it."""

    places: Places
    folder: Path
    thorough: bool = True  # whether a command is done again after each kill, or once for each state it was killed in
    _controls: dict[str, tuple[Story, End]] = field(factory=dict)
    _sound: set[str] = field(factory=set)  # the rows of stores that were verified
    _ended: set[tuple[str, ...]] = field(factory=set)  # the states from which a command was seen to end

    @property
    def knocks(self) -> list[Knock]:
        return [knock for knock in KNOCKS if isinstance(self.places, Files) or not knock.file]

    @cached_property
    def _model(self) -> str:
        url = self.places.empty()
        lab = Lab.open(url)
        lived(lab)
        lab.close()
        return url

    @cached_property
    def _later(self) -> str:
        url = self.places.copy(self._model)
        with closing(Store(url)) as store:
            Lab(store, SimulatedClock(NOW)).request()
        return url

    @contextmanager
    def play(self, knock: Knock) -> Iterator[Play]:
        """A copy of the lab, on which a command is killed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if knock.name == "init":
            url = self.places.empty()
        elif knock.name == "restore":
            shutil.copyfile(self._model.removeprefix("sqlite:///"), self.folder / "ancien.db")
            url = self.places.copy(self._later)
        else:
            url = self.places.copy(self._model)
        play = Play(url, self.folder, knock, self._sound)
        try:
            yield play
        finally:
            self.places.drop(url)

    def control(self, knock: Knock) -> tuple[Story, End]:
        """What the command makes of the lab when nobody kills it, and how it ends."""
        if knock.name not in self._controls:
            with self.play(knock) as play:
                end = play.run()
                assert (end.killed, end.exit) == (False, 0), f"{knock.name}: {end.said}"
                self._controls[knock.name] = play.story(), end
        return self._controls[knock.name]

    def kill(self, knock: Knock, *ways: Mapping[str, Any]) -> list[End]:
        """Kills a command again and again, on the same store, then lets it end; AssertionError where it broke.

        `ways`: where each time, as `crash` has it. How each ended; one who was faster was not killed.
        """
        whole, _end = self.control(knock)
        ends = []
        with self.play(knock) as play:
            before = play.story()
            for way in ways:
                ends.append(play.run(**way))
                play.holds(ends[-1], before, whole)
                if not knock.repeatable and play.story() == whole:
                    return ends
            state = play.state()
            if state in self._ended and not self.thorough:
                return ends
            last = play.run()
            assert (last.killed, last.exit in knock.again) == (False, True), f"again: {last.exit} {last.said}"
            play.holds(last, before, whole)
            assert play.story() == whole, f"{knock.name}: done again, it ends elsewhere"
            self._ended.add(state)
        return ends


@frozen
class Play:
    """A copy of the lab, and someone at its command line."""

    url: str
    folder: Path
    knock: Knock
    _sound: set[str] = field(factory=set)
    _store: Store = field(init=False)  # closed but while it is read: what it compiled is kept

    @_store.default
    def _unread(self) -> Store:
        return Store(self.url)

    def run(self, prepare: Callable[[], object] = lambda: None, **way: Any) -> End:
        """Types the command, once what is to be is prepared in its process."""
        words = [self.url if word == STORE else word for word in (*self.knock.words(self.folder), "--json")]

        def act() -> None:
            prepare()
            _command(self.url, self.folder, words)

        return crash(act, **way)

    @contextmanager
    def lab(self) -> Iterator[Lab]:
        lab = Lab(self._store, SimulatedClock(NOW))
        try:
            yield lab
        finally:
            lab.close()

    def story(self) -> Story:
        """What the store tells; of a copy put back, not that it was."""
        with self.lab() as lab:
            try:
                return story(lab)
            except Exception:
                if self.knock.name != "init":
                    raise
                return {}

    def _is_sound(self, name: str) -> None:
        """AssertionError where `db verify` finds anything; of rows that it has seen, only the file is looked at."""
        rows = self._rows()
        with self.lab() as lab, lab.store.reading() as connection:
            if rows not in self._sound:
                assert (wrong := lab.verify().problems) == [], f"{name}: {wrong}"
                self._sound.add(rows)
            elif lab.store.path is not None:
                assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"], name

    def _rows(self) -> str:
        """A digest of every row; of a store with no table yet, nothing."""
        with self.lab() as lab:
            try:
                return digest(repr(tables(lab.store, (*s.PRIMARY, *s.DERIVED))))
            except StoreUnreachable:
                return ""

    def state(self) -> tuple[str, ...]:
        """All that a command finds when it begins: the rows, and the files around."""
        folders = (self.folder, Path(self.url.removeprefix("sqlite:///")).parent)
        files = (path for folder in folders if folder.is_dir() for path in folder.iterdir())
        named = sorted(f"{_PART.sub('', path.name)} {path.stat().st_size}" for path in files)
        return self.knock.name, self._rows(), *named

    def holds(self, end: End, before: Story, whole: Story) -> None:
        """AssertionError where a store is not what it should be after a command that ended so."""
        now = self.story()
        name = f"{self.knock.name} at {end.points[-1:]} after {end.seconds:.3f} s"
        if now:
            self._is_sound(name)
        acknowledged = _acknowledged(end)
        if acknowledged:
            assert now == whole, f"{name}: what was acknowledged is not there"
        if self.knock.at_once:
            assert now in (before, whole), f"{name}: neither what was there nor what was to be"
        if self.knock.name == "restore":
            assert now == before or kept_beside(Path(self.url.removeprefix("sqlite:///"))), f"{name}: nothing kept"
        elif not self.knock.at_once:
            _lies_between(before, now, whole, name)
        if self.knock.name in ("backup", "copy"):
            self._copy_holds(before, acknowledged)

    def _copy_holds(self, before: Story, acknowledged: bool) -> None:
        file = self.folder / "copie.db"
        assert file.exists() or not acknowledged, "a copy that was acknowledged is not there"
        if file.exists():
            copy = Play(str(file), self.folder, self.knock)
            with copy.lab() as lab:
                if not acknowledged and not _usable(lab.store):
                    return
            assert copy.story() == before, "the copy holds something else"


def _usable(store: Store) -> bool:
    """Whether a command would use a store, finished or not."""
    try:
        check_revision(store)
    except (NoStore, StoreUnfinished):
        return False
    return True


def _lies_between(before: Story, now: Story, whole: Story, name: str) -> None:
    """What a store held is there, with a part of what it was to hold: nothing else, nothing twice."""
    for part, told in now.items():
        assert len(told) == len({*told}), f"{name}: {part}: twice"
        if part in SETS:
            assert {*told} <= {*before.get(part, ()), *whole[part]}, f"{name}: {part}: something else"
        else:
            assert told == whole[part][: len(told)], f"{name}: {part}: something else"
            assert told[: len(before.get(part, ()))] == before.get(part, []), f"{name}: {part}: something is lost"


def _acknowledged(end: End) -> bool:
    """Whether a command had said that it was done."""
    if not end.killed:
        return end.exit == 0
    try:
        json.loads(end.said)
    except ValueError:
        return False
    return True


def full_at(size: int) -> Callable[[], None]:
    """Has the disk of a process fill up: no file of it grows beyond so many bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _command(url: str, folder: Path, words: list[str]) -> None:
    """Types a command, in a process of its own."""
    os.environ.update(
        COOP_DB=url, COOP_ACTOR="camille", COOP_LANG="en", COOP_NOW=NOW,
        COOP_CONFIG=str(folder / "config.toml"), COOP_STATE=str(folder / "state"),
    )  # fmt: skip
    settings.from_file.cache_clear()
    batch.BATCH = BATCH
    main(words)
