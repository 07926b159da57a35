"""`demo`: a few forms led through the whole round, in a throwaway store, with the very commands one would type."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import click
from attrs import frozen

from cli.terminal import echo
from states.language import N_, _, current


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


@click.command(help=_("Lead a few forms through the whole round, in a throwaway store."))
def demo() -> None:
    with tempfile.TemporaryDirectory() as folder, _throwaway(Path(folder)):
        for step in ROUND:
            _play(step)
    echo()
    echo(_("This store was thrown away. To begin yours: coop init"))


@contextmanager
def _throwaway(folder: Path) -> Iterator[None]:
    """A store, a memory and a working directory of their own, and the two sample files in it."""
    settings = {
        "COOP_DB": str(folder / "coop.db"),
        "COOP_STATE": str(folder / "state"),
        "COOP_CONFIG": str(folder / "config.toml"),
        "COOP_ACTOR": "camille",
    }
    before, here = dict(os.environ), Path.cwd()
    for name in ("fiche.toml", "fiches.csv"):
        with as_file(files("cli.demonstration").joinpath(name)) as source:
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
    from cli.main import main

    echo()
    if step.said:
        echo(click.style(f"# {_(step.said)}", italic=True))
    echo(click.style(f"$ coop {step.line}", bold=True))
    os.environ["COOP_NOW"] = step.now
    try:
        main(shlex.split(step.line))
    except SystemExit as ended:
        if ended.code != step.exit:
            raise
