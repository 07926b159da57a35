"""Each race there is, run once or twice on each database; `make soak` runs them thousands of times."""

from __future__ import annotations

import pytest
from places import Places
from races import RACES, Race, run

from workflow.store.database import Store
from workflow.testing import Lab, SimulatedClock


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_only_those_win_who_may_and_the_others_are_told(places: Places, race: Race) -> None:
    if race.opened:
        with places.lab() as lab:
            run(race, lab, 3)
        return
    url = places.empty()
    lab = Lab(Store(url), SimulatedClock())
    run(race, lab, 3)
    lab.close()
    places.drop(url)
