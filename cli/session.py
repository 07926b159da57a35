"""What a command works with: the settings, the clock, the store, the engine, opened when first needed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.input.dates import day_understood, understood
from cli.output.terminal import printable, stderr, tell_odd
from cli.settings import config_path, default_store, setting, state_path
from states.canonical import digest
from states.declaration.types import Malformed, local
from states.errors import CoopError, FieldError, Invalid, NoStore, NotFound, WrongUsage
from states.language import _, in_year, long_time
from states.references import is_activity
from workflow.clock import Clock, now_of, wall_clock
from workflow.files import made_private, open_secret, read_by_others

if TYPE_CHECKING:
    from cli.input.dates import Toward
    from states.declaration.model import Declaration
    from workflow.engine import Engine
    from workflow.history.facts import Known
    from workflow.store.database import Store, Stored
    from workflow.store.transaction import Looking
    from workflow.views.reader import Reader


class Session:
    """One run of the command."""

    def __init__(self, db: str | None, actor: str | None, debug: bool, wait: float | None = None) -> None:
        self._db, self._actor, self.debug, self._wait = db, actor, debug, wait
        self._opened: Store | None = None
        self._obeyed: dict[str, Declaration] = {}

    # --- Settings ---

    @property
    def url(self) -> str:
        """The address of the store. Raises WrongUsage for a password in a file that others may read."""
        found, source = setting("db", self._db)
        if source == "file" and found is not None:
            from workflow.store.address import shown

            if shown(found) != found and read_by_others(config_path()):
                raise open_secret(config_path())
        return found or default_store()

    @property
    def actor(self) -> str:
        from workflow.store.database import login

        return setting("actor", self._actor)[0] or login()

    @cached_property
    def clock(self) -> Clock:
        """The wall clock, or the moment COOP_NOW sets, for rehearsals and tests."""
        told = os.environ.get("COOP_NOW")
        if not told:
            return wall_clock
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            raise WrongUsage(_("COOP_NOW is not a date and time: {given}", given=told)) from None
        if moment.tzinfo is None:
            raise WrongUsage(_("COOP_NOW needs its offset, like 2026-03-10T14:00+01:00: {given}", given=told))
        return lambda: moment.replace(microsecond=0)

    @cached_property
    def now(self) -> str:
        now = now_of(self.clock)
        in_year(int(now[:4]))
        return now

    # --- The store ---

    @cached_property
    def raw_store(self) -> Store:
        """The store as it is, perhaps empty or old: for `init` and `db`."""
        self._opened = self._store_at(self.url)
        return self._opened

    @contextmanager
    def another_store(self, url: str) -> Iterator[Store]:
        """A store besides the one of this run, as it is."""
        with closing(self._store_at(url)) as found:
            yield found

    def _store_at(self, url: str) -> Store:
        from workflow.store.database import Store
        from workflow.store.turns import PATIENCE

        return Store(url, PATIENCE if self._wait is None else self._wait, self._program)

    def _program(self) -> str:
        """The command and who acts, for whoever waits for it: no word of what is written."""
        context = click.get_current_context(silent=True)
        return f"{context.command_path if context else 'coop'} --as {self.actor}"

    @cached_property
    def store(self) -> Store:
        """The store, known to hold tables of this program's revision."""
        from workflow.store.upgrade import check_revision

        check_revision(self.raw_store)
        return self.raw_store

    @cached_property
    def engine(self) -> Engine:
        from workflow.engine import Engine

        self._tell_clock()
        return Engine(self.store, self.clock, self.known)

    def _tell_clock(self) -> None:
        """A word to people where the clock is behind the history: what is entered now is dated before what was."""
        context = click.get_current_context(silent=True)
        if context and context.params.get("as_json"):
            return
        from workflow.history.latest import recorded_after

        with self.store.looking() as tx:
            latest = recorded_after(tx, self.now)
        if latest is not None:
            zone = self.declaration.lab.tz
            stderr(
                _(
                    "The clock says {now}, before the last entry, of {recorded}: if it was set back, put it right.",
                    now=long_time(local(self.now, zone)),
                    recorded=long_time(local(latest, zone)),
                )
            )

    @cached_property
    def known(self) -> Known:
        """What this run has read that does not change: the declaration is typed once, whoever asks."""
        from workflow.history.facts import Known

        return Known()

    @contextmanager
    def reading(self) -> Iterator[Looking]:
        """The store to be read, by someone registered: a typing error in COOP_ACTOR is seen at once (exit 4)."""
        from workflow.history.registered import acting

        with self.store.looking() as tx:
            acting(tx, self.actor)
            yield tx

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        from workflow.views.reader import Reader

        with self.reading() as tx:
            reader = Reader(tx, self.now, self.known, self.actor)
            yield reader
        tell_odd(reader.odd)

    @cached_property
    def declaration(self) -> Declaration:
        """The declaration in force in the store; where there is no store yet, the one that comes with the product."""
        from workflow.views.reader import Reader

        try:
            with self.store.looking() as tx:
                return Reader(tx, self.now, self.known).declaration
        except NoStore:
            from states.declaration.documents import shipped
            from states.verification.loading import load

            return load(shipped())

    def lifecycle(self, ref: str) -> Declaration:
        """What a request or an activity obeys, in its own version; where there is none of that reference, in force."""
        from workflow.views.reader import Reader

        if ref not in self._obeyed:
            with self.store.looking() as tx:
                reader = Reader(tx, self.now, self.known)
                request = reader.find(ref)
                declaration = reader.declaration_of(request.declaration) if request else reader.declaration
            self._obeyed[ref] = declaration.of(ref)
        return self._obeyed[ref]

    def versions(self) -> Sequence[Declaration]:
        """The declaration in force, then the others that requests and activities obey; none where there is no store."""
        from workflow.views.reader import Reader

        try:
            with self.store.looking() as tx:
                return tuple(Reader(tx, self.now, self.known).versions.values())
        except CoopError:  # what the command cannot do without, it says itself
            return ()

    def document_in_force(self) -> dict[str, Any]:
        """The declaration in force, as the store keeps it."""
        from workflow.history.in_force import declaration_document

        with self.store.looking() as tx:
            return declaration_document(tx)

    @property
    def register(self) -> Path:
        """Where the erasures of the lab are kept, outside its store."""
        return register_of(self.raw_store)

    @property
    def stored(self) -> Stored | None:
        """What this run has committed so far, if it opened a store."""
        return self._opened.stored if self._opened is not None else None

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    # --- References ---

    def ref(self, text: str) -> str:
        """A whole reference: `12` is number 12 of this year, `A2` an activity's, `.` the last one this user touched."""
        word = re.sub(r"^(?:#|n° ?|n(?=\d))", "", text.strip())
        if word == ".":
            return self._last()
        if re.fullmatch(r"\d{1,6}", word):
            return f"{self._year}-{int(word):04d}"
        if re.fullmatch(r"\d{4}-\d{1,6}", word):
            year, _dash, number = word.partition("-")
            return f"{year}-{int(number):04d}"
        if found := re.fullmatch(r"(?:(\d{4})-)?[Aa](\d{1,6})", word):
            return f"{found[1] or self._year}-A{int(found[2]):03d}"
        raise NotFound(_("“{given}” is not a reference.", given=printable(text)), hint="coop list")

    def activity_ref(self, text: str) -> str:
        """A whole reference of an activity: `2` and `A2` are number 2 of this year."""
        word = text.strip()
        ref = self.ref(f"A{word}" if re.fullmatch(r"\d{1,6}", word) else word)
        if not is_activity(ref):
            raise NotFound(_("{ref} is not the reference of an activity.", ref=ref), hint="coop activity list")
        return ref

    @property
    def _year(self) -> int:
        """The present year, where the lab is."""
        return local(self.now, self.declaration.lab.tz).year

    def ref_and_meeting(self, text: str) -> tuple[str, str | None]:
        """`12/work-2` as a whole reference and a meeting's id."""
        ref, slash, meeting = text.partition("/")
        return self.ref(ref), meeting if slash else None

    def touch(self, ref: str) -> None:
        """Remembers the reference `.` stands for. Losing it costs a few keystrokes, so a failure is no error."""
        try:
            path = state_path()
            path.mkdir(parents=True, exist_ok=True)
            made_private(self._memory)
            self._memory.write_text(ref, "utf-8")
        except OSError:
            return

    def _last(self) -> str:
        try:
            return self._memory.read_text("utf-8").strip()
        except OSError:
            raise NotFound(
                _("You have not touched any request yet: “.” stands for the last one."), hint="coop list"
            ) from None

    @property
    def _memory(self) -> Path:
        return state_path() / f"last-{digest(self.url)[:12]}"

    def moment(self, text: str, name: str, toward: Toward = "coming") -> str:
        """An instant from what people write, looked for in the past or to come; Invalid names the option."""
        with _told(name):
            return understood(text, self.now, self.declaration.lab.tz, toward)

    def moment_past(self, text: str | None, name: str) -> str | None:
        """The moment to look back to, of which a day is enough: its end, or now if it has not ended."""
        if text is None:
            return None
        with _told(name):
            found = understood(text, self.now, self.declaration.lab.tz, "past", day_ends=True)
        today = local(self.now, self.declaration.lab.tz).date()
        return min(found, self.now) if local(found, self.declaration.lab.tz).date() == today else found

    def day(self, text: str, name: str, toward: Toward = "coming") -> date:
        """A day from what people write; Invalid names the option."""
        with _told(name):
            return day_understood(text, self.now, self.declaration.lab.tz, toward)


def register_of(store: Store) -> Path:
    """Where the erasures of a store are kept: beside a file; of a database, among what this user's command keeps."""
    from workflow.privacy.register import SUFFIX, beside
    from workflow.store.address import shown

    if store.path is not None:
        return beside(store.path)
    name = re.sub(r"\W+", "-", store.address.database or "lab")
    return state_path() / f"{name}-{digest(shown(store.url))[:8]}{SUFFIX}"


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turns a date that is not understood into Invalid (exit 6)."""
    try:
        yield
    except Malformed as problem:
        raise Invalid([FieldError(name, str(problem))], _("The date was not understood.")) from None
