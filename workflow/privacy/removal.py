"""An erasure from end to end: out of the tables, out of the pages, into the register, then looked for everywhere.

Done is said only once nothing is found. Killed on the way, nothing was erased, or the same command finishes: what the
history says and the register does not is not finished.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import Factory, evolve, frozen

from states.errors import NotFound, StoreDamaged
from states.language import _, _n, enumeration
from states.references import LAB
from workflow.engine import Engine
from workflow.privacy.cleaning import clean
from workflow.privacy.erasing import COMMAND, Sought, erase
from workflow.privacy.holdings import HISTORY, MESSAGE, PERHAPS, Held, Holding, held
from workflow.privacy.reapplying import reapply
from workflow.privacy.redacting import Passage, redact
from workflow.privacy.register import Line, Register, lines_in
from workflow.privacy.retention import purge
from workflow.privacy.searching import Needles, copies_beside, files_of, in_files, in_tables, whole
from workflow.store.copies import copies_of
from workflow.store.database import Store

TEXTS = "vault."  # the columns in which nothing may be left


@frozen
class Removed:
    """What was erased, how much was searched, and what is left where the product does not reach."""

    erased: int = 0
    rewritten: int = 0
    searched: int = 0  # files
    left: Sequence[str] = ()


@frozen
class Removal:
    """Erases in one store, whose register is kept outside. `folders`: what else is searched, and in which files."""

    engine: Engine
    actor: str
    register: Register
    folders: Sequence[Path] = Factory(list)

    @property
    def store(self) -> Store:
        return self.engine.store

    def person(self, given: str, note: str) -> Removed:
        """Erases somebody. NotFound where nothing is held on them, and nothing was left to finish."""
        try:
            known = preview(self.engine, given)
        except NotFound:
            lines = lines_in(self.store)
            if not lines:
                raise
            if not self.register.lacks(lines):
                raise _no_longer(given, lines[-1]["day"]) from None
            return self.finish(Sought([given]))
        done = erase(self.engine, self.actor, given, note)
        return evolve(self.finish(done.sought, known), erased=done.taken, rewritten=done.rewritten)

    def passage(self, passage: Passage, note: str | None) -> Removed:
        """Takes a passage out of one entry."""
        sought = redact(self.engine, self.actor, passage, note)
        return evolve(self.finish(sought), rewritten=len(sought.salts))

    def purge(self, slip: str, visa: str) -> Removed:
        """Takes away what is on a slip of elimination."""
        _slip, sought = purge(self.engine, self.actor, slip, visa)
        return evolve(self.finish(sought), erased=len(sought.salts))

    def again(self, lines: Sequence[Line]) -> Removed:
        """Erases again what a register says, in a store that was put back by other means."""
        count = reapply(self.store, self.engine.clock, [*self.register.read(), *lines])
        return evolve(self.finish(Sought()), erased=count)

    def finish(self, sought: Sought, known: Held | None = None) -> Removed:
        """Cleans the pages, writes the register, searches."""
        left = clean(self.store)
        self.register.add(lines_in(self.store))
        needles = Needles(sought)
        stays = in_tables(self.store, needles)
        if wrong := [where for where in stays if where.startswith(TEXTS)]:
            raise _still_there(wrong)
        searched = {*whole([*files_of(self.store), *self.folders]), *copies_beside(self.store)}
        strong = Needles(Sought(() if stays else sought.words, sought.salts))
        if kept := in_files(files_of(self.store), strong):
            raise _still_there(list(map(str, kept)))
        left += self._elsewhere(strong, stays, known)
        return Removed(searched=len(searched), left=left)

    # --- What the product does not reach ---

    def _elsewhere(self, needles: Needles, stays: Sequence[str], known: Held | None) -> Iterator[str]:
        if stays:
            yield _("What names them stays, beside the texts: {places}.", places=enumeration(stays))
        yield from (_("{file} still names them.", file=path) for path in in_files(whole(self.folders), needles))
        yield from _in_copies(self.store, needles)
        if known is not None:
            yield from _of_person(known)
        yield _("Exports, reviews and printed sheets made before, and backups moved or made by other means.")


def _in_copies(store: Store, needles: Needles) -> Iterator[str]:
    """The copies of a SQLite store that still have it, with their days; those that are no longer where they were."""
    if store.path is None:
        return
    noted = {copy.file: copy.day for copy in copies_of(store.path)}
    there = {path: noted.get(path) or _day_of(path) for path in copies_beside(store)}
    there |= {path: day for path, day in noted.items() if path.is_file()}
    moved = [day for path, day in noted.items() if path not in there]
    for path in in_files(there, needles):
        yield _left_in(path, there[path])
    if moved:
        yield _n(
            "{n} backup that is no longer where it was put, of {days}.",
            "{n} backups that are no longer where they were put, from {days}.",
            len(moved),
            days=_("{first} to {last}", first=moved[0], last=moved[-1]) if len({*moved}) > 1 else moved[0],
        )


def _left_in(path: Path, day: str) -> str:
    return _(
        "The backup of {day}, {file}: put back by coop db restore, it is erased again; else: {command}",
        day=day,
        file=path,
        command=shlex.join(["rm", str(path)]),
    )


def _day_of(path: Path) -> str:
    """The day of a copy: the one that its name says, or on which it was last written."""
    found = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
    return found[0] if found else time.strftime("%Y-%m-%d", time.localtime(path.stat().st_mtime))


def _of_person(found: Held) -> Iterator[str]:
    for word in found.shared:
        yield _(
            "“{word}” is also somebody else’s, and stays there: {command}",
            word=word,
            command=f"coop privacy show {shlex.quote(word)}",
        )
    for one in found.of(PERHAPS):
        yield _("{entry} perhaps speaks of them, and stays: {command}", entry=one.entry, command=_redacting(one))
    acted = found.of(HISTORY)
    if acted:
        yield _(
            "Their id and their login in the history, which keeps who did what: {where}.",
            where=enumeration([one.value for one in acted]),
        )
    sent = [one for one in found.of(MESSAGE) if one.value.startswith("sent")]
    if sent:
        yield _n(
            "{n} message that was sent, in the mailboxes of the lab and of whoever received it: {days}.",
            "{n} messages that were sent, in the mailboxes of the lab and of whoever received them: {days}.",
            len(sent),
            days=enumeration(sorted({one.value.split()[1][:10] for one in sent})),
        )


def _redacting(one: Holding) -> str:
    """The command that takes out of a text what perhaps names somebody."""
    assert one.text is not None
    words = dict.fromkeys(json.loads(f'"{one.text.document[begin:end]}"') for begin, end in one.spans)
    spans = [word for text in words for word in ("--span", text)]
    return shlex.join(["coop", "privacy", "redact", f"{one.ref or LAB}/{one.seq}", *spans])


def _no_longer(given: str, day: str) -> NotFound:
    return NotFound(
        _("Nothing is held on “{given}”, or nothing any more: the last erasure is of {day}.", given=given, day=day)
    )


def _still_there(where: Sequence[str]) -> StoreDamaged:
    return StoreDamaged(
        _("Erased, and still found in: {places}. It is not done.", places=enumeration(where)),
        hint=_("Close the other programs, then type the same command again."),
    )


def preview(engine: Engine, given: str) -> Held:
    """What an erasure would find, erasing nothing."""
    with engine.store.looking() as tx:
        return held(engine.facts(tx), given, COMMAND)
