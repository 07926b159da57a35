"""`init` and `db`: the store itself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.input.prompts import confirm
from cli.options import Listing, json_option, print_json, with_session
from cli.output.terminal import echo, printable, progress, table
from cli.session import Session, register_of
from states.declaration.types import local
from states.errors import StoreDamaged, WrongUsage
from states.language import N_, _, _n, long_time

if TYPE_CHECKING:
    from workflow.integrity.report import Report

ROWS = {  # what `db stats` counts, in words
    "declarations": N_("versions of the declaration"),
    "entries": N_("entries of the history"),
    "vault": N_("texts and personal data"),
    "keys": N_("keys of repeatable commands"),
    "outbox": N_("messages"),
    "streams": N_("histories"),
    "counters": N_("counters of references"),
    "requests": N_("requests"),
    "activities": N_("activities"),
    "meetings": N_("meetings"),
    "meeting_staff": N_("people assigned to meetings"),
    "deadlines": N_("deadlines"),
    "staff": N_("people of the register"),
    "holidays": N_("public holidays"),
    "absences": N_("absences"),
    "closures": N_("closures"),
    "swaps": N_("days exchanged"),
    "alerts": N_("alerts"),
    "bytes": N_("size of the file, in bytes"),
    "revision": N_("revision of the schema"),
}

MOVING = ("db", "copy", "--move")


@click.command(help=_("Create the store, or bring it up to date; safe to repeat. Stores the declaration of the lab."))
@click.option("--lab", type=click.Path(), metavar="FILE", help=_("The lab's declaration; default: La Coopérative's."))
@json_option
@with_session
def init(session: Session, lab: str | None, as_json: bool) -> None:
    from workflow.lab.opening import open_lab

    found = open_lab(session.raw_store, session.clock, session.actor, lab)
    if as_json:
        print_json(found.document())
        return
    if found.backup:
        echo(_("Backed up before the upgrade: {path}", path=found.backup))
    if found.opened:
        echo(_("The lab “{name}” is open in {url}.", name=found.name, url=found.url))
        echo(_("{actor} is registered: {role}.", actor=session.actor, role=found.role))
        echo(_("Receive forms: coop submit FILE"))
        echo(_("Register a colleague: coop staff add ID --name … --email … --role …"))
    else:
        echo(_("The store {url} is up to date.", url=found.url))
        if lab:
            echo(_("The store is the authority: to put {lab} in force, use coop lifecycle adopt {lab}", lab=lab))


@click.group(cls=Listing, alone="stats", help=_("Integrity, rebuilding, backups, figures of the store."))
def db() -> None:
    pass


@db.command(help=_("Recompute every digest and every derived table, and say what differs. Nobody waits for it."))
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="HEX",
    help=_("A head noted elsewhere: the history must have had it. May be repeated."),
)
@json_option
@with_session
def verify(session: Session, heads: Sequence[str], as_json: bool) -> None:
    from workflow.integrity.verification import verify as check

    wanted = [_head(given) for given in heads]
    with progress(_("Verifying")) as advance:
        found = check(session.store, session.clock, advance, wanted)
    if as_json:
        print_json(found.document())
    elif found.problems:
        for problem in found.problems[:50]:
            echo(printable(f"  · {problem.where}: {problem.message}"))
    if found.problems:
        damaged = _n("{n} thing differs.", "{n} things differ.", len(found.problems))
        raise StoreDamaged(
            damaged,
            hint=_("If only derived tables differ: coop db rebuild. Otherwise, restore a backup: coop db restore FILE"),
        )
    if not as_json:
        _tell_verified(session, found)


def _head(given: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", given.strip().casefold()):
        raise WrongUsage(
            _("A head is 64 characters, 0 to 9 and a to f, as “coop db verify” prints it: {given}", given=given)
        )
    return given.strip().casefold()


def _tell_verified(session: Session, found: Report) -> None:
    echo(
        _n("{n} entry verified", "{n} entries verified", found.entries)
        + ", "
        + _n("{n} stream.", "{n} streams.", found.streams)
    )
    echo(_("Chain whole, derived tables identical."))
    zone = session.declaration.lab.tz
    for head, moment in found.known.items():
        when = long_time(local(moment, zone))
        echo(_("{head}… was the head on {when}: nothing before was changed since.", head=head[:12], when=when))
    echo(_("Head: {head}", head=found.head))


@db.command(help=_("Make every derived table again from the history."))
@json_option
@with_session
def rebuild(session: Session, as_json: bool) -> None:
    from workflow.integrity.rebuilding import rebuild as make

    with progress(_("Rebuilding")) as advance:
        count = make(session.store, session.clock, advance)
    if as_json:
        print_json({"rebuilt": count})
    else:
        echo(_n("{n} stream rebuilt from its history.", "{n} streams rebuilt from their history.", count))


@db.command(help=_("Write a consistent copy of the store to FILE, while it is in use."))
@click.argument("file", type=click.Path(dir_okay=False))
@json_option
@with_session
def backup(session: Session, file: str, as_json: bool) -> None:
    from workflow.store.backup import backup as copy

    found = copy(session.store, Path(file), session.clock)
    if as_json:
        print_json({"file": file, "bytes": found})
    else:
        echo(_("Copied to {file} ({n} bytes), and checked.", file=printable(file), n=found))


@db.command(help=_("Put a backup in place of the store; the present one is kept beside it."))
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@json_option
@with_session
def restore(session: Session, file: str, yes: bool, as_json: bool) -> None:
    from workflow.restoration import check_request
    from workflow.restoration import restore as bring_back
    from workflow.store.address import shown

    store = session.raw_store
    check_request(store, Path(file))
    if not yes and not as_json:
        confirm(_("Replace {url} with {file}?", url=shown(store.url), file=file))
    with progress(_("Verifying")) as advance:
        kept, again = bring_back(store, Path(file), session.clock, advance)
    if as_json:
        print_json({"restored": file, "kept": str(kept) if kept else None, "erased_again": again})
        return
    echo(_("Restored from {file}.", file=printable(file)))
    if again:
        echo(
            _n(
                "{n} text that was erased since is erased again.",
                "{n} texts that were erased since are erased again.",
                again,
            )
        )
    if kept:
        echo(_("The former store is kept in {kept}.", kept=kept))


@db.command(
    help=_(
        "Copy the lab of the store FROM into TO, a new file or an empty database, and verify it there: "
        "SQLite to PostgreSQL, and back. FROM may be in use, and does not change, unless the lab moves."
    )
)
@click.argument("source", metavar="FROM", type=click.Path())
@click.argument("target", metavar="TO", type=click.Path())
@click.option(
    "--move",
    "moving",
    is_flag=True,
    help=_("The lab goes on in TO, which writes to people from then on; FROM refuses every command."),
)
@json_option
@with_session
def copy(session: Session, source: str, target: str, moving: bool, as_json: bool) -> None:
    from workflow.copying import copy as copy_lab
    from workflow.copying import move
    from workflow.outbox.holding import held
    from workflow.privacy.register import Register, lines_in
    from workflow.store.address import shown

    with session.another_store(source) as here, session.another_store(target) as there:
        if moving:
            copied = move(here, there, session.clock, session.actor, progress)
        else:
            copied = copy_lab(here, there, session.clock, progress)
        Register(register_of(there)).add(lines_in(there))
        kept = held(there, rehearsal=False) is not None
    former, where = printable(shown(source)), printable(shown(target))
    if as_json:
        print_json({"from": former, "to": where, "moved": moving, "held": kept, **copied.document()})
        return
    table([_("What"), _("How many")], [[_(ROWS[name]), str(n)] for name, n in copied.rows.items() if n])
    echo(_("Copied to {url}, read back and verified: the chain is whole.", url=where))
    echo(_("Head: {head}", head=copied.head))
    if moving:
        echo(_("The lab has moved: {url} refuses every command from now on, and says where it is.", url=former))
        echo(_("Have it used by whoever worked there: {command}", command=f"coop config set db {shlex.quote(where)}"))
    if kept:
        echo(_("The copy keeps its messages: it is not from there that the lab writes to people."))
        words = ["coop", "--db", where, "outbox", "release"] if copied.left else ["coop", *MOVING, former, where]
        echo(_("If the lab is to go on there: {command}", command=shlex.join(words)))


@db.command(help=_("How much the store holds."))
@json_option
@with_session
def stats(session: Session, as_json: bool) -> None:
    from workflow.integrity.rebuilding import stats as count

    found = count(session.store)
    if as_json:
        print_json(found)
    else:
        table([_("What"), _("How many")], [[_(ROWS[name]), str(count)] for name, count in found.items()])
