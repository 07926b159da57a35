"""`demo`: a few forms led through the whole round with the very commands one would type, then a lab's half-year."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve, frozen

from cli.commands.offered import RUN
from cli.options import json_option, print_json
from cli.output.terminal import echo, printable, progress
from handlers.demo import HALF_YEAR
from states.causes import cause
from states.errors import WrongUsage
from states.language import N_, _, _n, current

if TYPE_CHECKING:
    from handlers.demo.player import Played


@frozen
class Step:
    """A line typed at a given moment; `exit` is the code it is meant to end with."""

    now: str
    line: str
    exit: int = 0
    said: str = ""


ROUND = (
    Step("2026-01-12T09:00+01:00", "init", said=N_("Monday morning: the lab opens its store.")),
    Step("2026-01-12T09:02+01:00", "submit fiche.toml fiches.csv", said=N_("Three forms have come in.")),
    Step("2026-01-12T09:03+01:00", "list"),
    Step("2026-01-12T09:05+01:00", "prequalify 2", 3, N_("40% of collaborative work is under the charter's 50%.")),
    Step("2026-01-12T09:06+01:00", "prequalify 1", said=N_("The first one meets the charter.")),
    Step("2026-01-12T09:08+01:00", 'interview plan . --slot "14/01 14h"'),
    Step("2026-01-14T15:10+01:00", "interview done ."),
    Step("2026-01-14T15:12+01:00", "tier assign .", said=N_("Without a tier, the recommended one is assigned.")),
    Step(
        "2026-01-14T15:15+01:00",
        'meeting plan . --slot "20/01 10h" --slot "27/01 10h" --slot "03/02 10h" --for 2h',
        said=N_("Three work meetings in one go: the cap of Le Tuto."),
    ),
    Step("2026-01-14T15:16+01:00", 'meeting plan . --slot "10/02 10h"', 3, N_("A fourth is refused.")),
    Step("2026-01-20T12:05+01:00", "meeting done ."),
    Step("2026-01-27T12:05+01:00", "meeting done ."),
    Step("2026-02-03T12:05+01:00", "meeting done ."),
    Step("2026-02-03T12:10+01:00", 'session plan . --slot "10/02 9h" --for 3h'),
    Step("2026-02-10T12:15+01:00", "session done . --expected 24 --attended 22 --managers 4"),
    Step("2026-02-10T12:20+01:00", 'debrief plan . --slot "13/02 11h"'),
    Step("2026-02-13T12:05+01:00", "debrief done ."),
    Step("2026-02-13T12:10+01:00", "satisfaction . --score 4.5 --respondents 19"),
    Step("2026-02-13T12:12+01:00", 'deliverable . --title "Charte du télétravail" --type method'),
    Step("2026-02-13T12:15+01:00", "close ."),
    Step("2026-02-13T12:16+01:00", "history .", said=N_("Everything is in the history.")),
    Step("2026-02-13T12:17+01:00", "db verify", said=N_("And the history proves itself.")),
)


AFTERWARDS = (
    Step("", "today", said=N_("The coordinator’s day, half a year later.")),
    Step("", "board", said=N_("Every request, by state.")),
    Step("", "list --overdue", said=N_("What is late: a target missed is said, never blamed.")),
    Step("", "scheduler tick", said=N_("The watch goes round once.")),
    Step("", "alerts --level warning", said=N_("What to know, and the command that settles it.")),
    Step("", "review {semester}", said=N_("What the committee will read of this semester, page one.")),
    Step("", "db verify", said=N_("Each entry of the history is covered by the next.")),
)
ACTOR, STORE = "camille", "coop.db"


@click.command(help=_("Show the round, form by form, then half a year of a lab, in a throwaway store."))
@click.option("--keep", type=click.Path(file_okay=False), metavar="DIR", help=_("Leave the half-year’s store there."))
@click.option(
    "--lab",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("Another lab’s half-year: its declaration, with {file} beside it.", file=HALF_YEAR),
)
@json_option
def demo(keep: str | None, file: Path | None, as_json: bool) -> None:
    kept, lab = _kept(keep) if keep else None, file and file.absolute()
    with tempfile.TemporaryDirectory() as folder, _throwaway(Path(folder)):
        for step in () if as_json or lab else ROUND:
            _play(step)
        path = Path(folder) / "half-year.db"
        played = _live(path, lab, quiet=as_json)
        if not as_json:
            _look_around(path, played)
        if kept:
            shutil.move(path, kept)
    if as_json:
        store = str(kept) if kept else None
        print_json({"store": store, "from": played.first, "to": played.last, "requests": played.requests})
    elif kept:
        echo()
        echo(_("The half-year is kept. To look around in it, put this before a command:"))
        echo(f"COOP_DB={shlex.quote(str(kept))} COOP_ACTOR={played.actor} COOP_NOW={played.last}")
    else:
        echo()
        echo(_("This store was thrown away. To begin yours: coop init"))


def _kept(folder: str) -> Path:
    """Where the half-year's store is left once it is whole. One that is there already is never touched."""
    found = Path(folder).absolute() / STORE
    if found.exists():
        raise WrongUsage(_("There is already a store there: {path}", path=printable(found)))
    try:
        found.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        message = _("{path} cannot be written: {problem}.", path=printable(found), problem=cause(problem))
        raise WrongUsage(message) from None
    return found


def _live(path: Path, lab: Path | None, *, quiet: bool) -> Played:
    """Plays the recorded half-year in a store."""
    from handlers.demo.player import MovingClock, play, recorded
    from workflow.engine import Engine
    from workflow.lab.opening import open_lab, read_text
    from workflow.store.database import Store

    if lab:
        read_text(str(lab))  # a declaration that is not there is told before what should stand beside it
    lines = recorded(lab)
    if not quiet and not lab:
        _say(_("Now half a year of a lab, day by day: people, absences, a closed building, some seventy requests."))
    store, clock = Store(str(path)), MovingClock(datetime.fromisoformat(lines[0]["now"]))
    try:
        open_lab(store, clock, lines[0]["as"], str(lab) if lab else None)
        engine = Engine(store, clock)
        with progress(_("Six months")) as advance:
            return play(engine, clock, lines, advance)
    finally:
        store.close()


def _look_around(path: Path, played: Played) -> None:
    """What the coordinator sees at the end of it."""
    os.environ.update(COOP_DB=str(path), COOP_ACTOR=played.actor)
    echo(_n("{n} request received.", "{n} requests received.", played.requests))
    for step in AFTERWARDS:
        _play(evolve(step, now=played.last, line=step.line.format(semester=played.semester)))


@contextmanager
def _throwaway(folder: Path) -> Iterator[None]:
    """A store, a memory and a working directory of their own, and the two sample files in it."""
    settings = {
        "COOP_DB": str(folder / "coop.db"),
        "COOP_STATE": str(folder / "state"),
        "COOP_CONFIG": str(folder / "config.toml"),
        "COOP_ACTOR": ACTOR,
    }
    before, here = dict(os.environ), Path.cwd()
    for name in ("fiche.toml", "fiches.csv"):
        with as_file(files("cli.commands.begin.demonstration").joinpath(name)) as source:
            (folder / name).write_bytes(source.read_bytes())
    os.environ.update(settings, COOP_LANG=current())
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def _play(step: Step) -> None:
    if step.said:
        _say(_(step.said))
    else:
        echo()
    echo(click.style(f"$ coop {step.line}", bold=True))
    os.environ["COOP_NOW"] = step.now
    try:
        click.get_current_context().meta[RUN](shlex.split(step.line))
    except SystemExit as ended:
        if ended.code != step.exit:
            raise


def _say(text: str) -> None:
    echo()
    echo(click.style("# " + text, italic=True))
