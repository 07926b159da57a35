"""The day and the alerts of a lab with 5,000 open requests, all late, all their alerts standing: against `coop list`.

Both sides print everything there is. What is compared is the processor's time, start of the program included.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from bench.figures import Contest, Figure, Measure, Preparing, Side, busy
from bench.lab import environment, open_lab, opened
from states.declaration.types import moment
from workflow.sweep import sweep

OPEN = 5_000
NOW = "2026-04-01T09:00:00+02:00"
COMMANDS = ("today", "alerts")


def _store(directory: Path) -> Path:
    file = directory / "looking.db"
    if not file.exists():
        open_lab(str(file), OPEN)
        with opened(str(file)) as (_store, clock, engine):
            clock.at = moment(NOW)
            sweep(engine)
    return file


def _contest(command: str) -> Contest:
    figure = Figure(f"{command}-many", f"coop {command}, {OPEN:,} open and late ÷ coop list", most=2)

    def prepare(preparing: Preparing) -> tuple[Side, Side]:
        env = environment(COOP_DB=str(_store(preparing.directory)), COOP_NOW=NOW)
        coop = Path(sys.executable).with_name("coop")
        return busy([coop, command], env), busy([coop, "list"], env)

    return Contest((figure,), 5, 3, prepare, _ratio(figure.name))


def _ratio(name: str) -> Callable[[Measure, Measure], Measure]:
    return lambda ours, limit: {name: ours["seconds"] / limit["seconds"]}


def contests() -> list[Contest]:
    return [_contest(command) for command in COMMANDS]
