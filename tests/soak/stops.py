"""A PostgreSQL server stopped at once, and its connections cut, again and again under two writers."""

from __future__ import annotations

from contextlib import closing
from random import Random

from places import Databases, own_server
from stops import cut, stopped_under_load

from soak.course import Course, Tally

MOST = 4  # stops in a row, of one lab


def run(tally: Tally, random: Random) -> None:
    with own_server() as server:
        while not tally.done:
            with closing(Databases(server.url, ours=False)) as places:  # each time: its connections are cut too
                url = places.empty()
            stops = [random.choice([cut, server.stop]) for _time in range(random.randint(1, MOST))]
            names = ", ".join(stop.__name__ for stop in stops)
            with tally.trying("PostgreSQL", names, times=len(stops)) as kind:
                acknowledged = stopped_under_load(server, url, stops)
                kind.figures["acknowledged"] = kind.figures.get("acknowledged", 0) + acknowledged


STOPS = Course("stops", 200, run)
