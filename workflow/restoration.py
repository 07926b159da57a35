"""Putting a backup in place of a store: the copy is checked as a store is before anything is touched."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import inspect

from states.errors import CoopError, StoreDamaged, StoreUnreachable, WrongUsage
from states.language import _
from workflow.clock import Clock
from workflow.integrity.report import Advance
from workflow.integrity.verification import verify
from workflow.outbox.holding import mark_restored
from workflow.privacy.cleaning import clean
from workflow.privacy.reapplying import reapply
from workflow.privacy.register import Register, beside, lines_in
from workflow.store.backup import check_whole, copy_pages, file_of, no_copy, replace_content, staged
from workflow.store.database import Store
from workflow.store.failures import unreachable
from workflow.store.schema import REVISION, metadata
from workflow.store.upgrade import check_not_newer, outdated, revision

TOLD = 5  # problems of a copy that are told; db verify tells all


class Restored(NamedTuple):
    """Where what the store held before is kept, if it held anything; how many texts were erased again."""

    kept: Path | None
    erased_again: int


def restore(store: Store, source: Path, clock: Clock, advance: Advance = lambda _done, _total: None) -> Restored:
    """Puts a checked copy in place of what a SQLite store holds; what was erased since is erased in it again."""
    path = check_request(store, source)
    store.make_folder()
    with staged(path) as copy:
        with unreachable(str(source)):
            copy_pages(source, copy)
        _check(copy, source, clock, advance)
        again = _erase_again(store, copy, clock)
        return Restored(replace_content(store, copy, clock), again)


def _erase_again(store: Store, copy: Path, clock: Clock) -> int:
    """Erases from a copy what the store's register says, and its history where it can be read."""
    register = Register(beside(file_of(store)))
    lines = register.read()
    if store.exists:
        with suppress(CoopError):  # of another version, or damaged: the register is all there is
            known = {line["entry"] for line in lines}
            lines += [line for line in lines_in(store) if line["entry"] not in known]
    with closing(Store(str(copy))) as opened:
        again = reapply(opened, clock, lines) if lines else 0
        if again:
            clean(opened)
        if lines:
            register.add([*lines, *lines_in(opened)])
    return again


def check_request(store: Store, source: Path) -> Path:
    """The file of a store into which a copy may be put, else WrongUsage: what can be said before asking anyone."""
    path = file_of(store)
    if not source.is_file():
        raise WrongUsage(_("There is no file {file}.", file=source))
    if path.exists() and source.samefile(path):
        raise WrongUsage(_("{file} is the store itself.", file=source))
    check_not_newer(store)
    return path


def _check(copy: Path, source: Path, clock: Clock, advance: Advance) -> None:
    """Marks a copy as one; raises where this program could not work with it, or its history does not hold."""
    check_whole(copy, source)
    opened = Store(str(copy))
    try:
        found = _revision(opened, source)
        if found != REVISION:
            error = outdated(found)
            error.hint = error.hint and error.hint.replace("coop init", f"coop --db {source} init")
            raise error
        _check_tables(opened, source)
        problems = verify(opened, clock, advance).problems
        if not problems:
            mark_restored(opened, clock)
    except StoreUnreachable:
        raise no_copy(source) from None
    finally:
        opened.close()
    if problems:
        told = " ".join(f"{problem.where}: {problem.message}." for problem in problems[:TOLD])
        raise StoreDamaged(
            _("{file} is not as it was written, and was not put back: {problems}", file=source, problems=told),
            hint=f"coop --db {source} db verify",
        )


def _revision(opened: Store, source: Path) -> str:
    try:
        found = revision(opened)
    except StoreDamaged:
        found = None
    if found is None:
        raise no_copy(source)
    return found


def _check_tables(opened: Store, source: Path) -> None:
    with opened.reading() as connection:
        if not set(inspect(connection).get_table_names()) >= set(metadata.tables):
            raise no_copy(source)
