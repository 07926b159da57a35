"""Two to sixteen programs that do at the same moment what only some of them may."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random

from places import Files, Places, databases
from races import MOST, RACES, Race
from races import run as race_in

from soak.course import Course, Tally
from workflow.store.database import Store
from workflow.testing import Lab, SimulatedClock


def run(tally: Tally, random: Random) -> None:
    with ExitStack() as stack:
        places: dict[str, Places] = {
            "SQLite": Files(Path(stack.enter_context(tempfile.TemporaryDirectory()))),
            "PostgreSQL": stack.enter_context(databases()),
        }
        while not tally.done:
            database, race, runners = random.choice([*places]), random.choice(RACES), random.randint(2, MOST)
            with tally.trying(f"{race.name}, {database}", f"{runners} runners") as kind:
                _race(places[database], race, runners)
                kind.figures["runners"] = kind.figures.get("runners", 0) + runners


def _race(places: Places, race: Race, runners: int) -> None:
    if race.opened:
        with places.lab() as lab:
            race_in(race, lab, runners)
        return
    url = places.empty()
    lab = Lab(Store(url), SimulatedClock())
    race_in(race, lab, runners)
    lab.close()
    places.drop(url)


RUNS = Course("races", 5_000, run)
