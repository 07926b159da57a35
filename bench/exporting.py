"""`export xes` of a long history: against a straight program that writes the same text, and in how much memory.

    python bench/exporting.py xes|bare|text STORE FILE

does that once and prints `{"name", "seconds", "mb"}`: the processor's time, and the peak of the process's memory.
`bare` reads the rows with `sqlite3` and writes the same bytes, which is checked; `text` copies them, a line at a time.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.applying import peak
from bench.figures import HERE, Contest, Figure, Measure, Preparing, Side
from bench.lab import environment, opened
from bench.verifying import FEW, MANY, filled
from handlers.exchange.event_logs.xes import Xes
from workflow.files import write_whole
from workflow.views.reader import Reader

TIME = Figure("export-xes", f"coop export xes, {MANY:,} entries ÷ a straight program writing the same text", most=3)
MEMORY = Figure("export-xes-memory", f"peak memory of export xes, {MANY:,} entries ÷ {FEW:,}", most=1.2)
ZONE = ZoneInfo("Europe/Paris")
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": " ", "\t": " "})
ROWS = """
    SELECT
        e.stream, e.seq, e.event, e.from_state, e.to_state, e.role, e.occurred_at, e.recorded_at, e.data,
        r.state, r.tier
    FROM requests AS r JOIN entries AS e ON e.stream = r.ref ORDER BY r.ref, e.seq
"""
MOMENTS = {"at", "started_at", "submitted_at"}
LEFT = {"external_id", "staff", "extra_staff"}  # what never leaves


def xes(store: Path, file: Path) -> None:
    """As the command does it."""
    with opened(str(store)) as (opened_store, _clock, _engine), opened_store.looking() as tx:
        log = Xes(Reader(tx, "2027-12-01T00:00:00Z"), whole=False)
        write_whole(file, log.pieces(lambda _done, _total: None))


def bare(store: Path, file: Path) -> None:
    """The same bytes, of a history without corrections under one declaration, whose values are known beforehand."""
    head = file.with_name("log.xes").read_text("utf-8").partition("<trace>")[0]  # what is said before the first trace
    with file.open("w", encoding="utf-8") as written:
        written.write(head)
        for ref, rows in groupby(sqlite3.connect(store).execute(ROWS), itemgetter(0)):
            events = [*_events(rows)]
            form, state, tier = events[0][1:]
            own = f'<string key="coop_tier" value="{tier}"/>' if tier else ""
            written.write(
                f'<trace>\n<string key="concept:name" value="{ref}"/>{form}'
                f'<string key="coop_state" value="{state}"/>{own}'
                f'<string key="coop_declaration" value="2026.1"/>\n{"".join(one[0] for one in events)}</trace>\n'
            )
        written.write("</log>\n")


def _events(rows: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, str, str, str]]:
    for _ref, seq, event, source, to, role, occurred, recorded, text, state, tier in rows:
        said = "".join(_values(json.loads(text)))
        yield (
            f"{_opening(event, role, source, to)}{_times_of(occurred, recorded, seq)}{said}</event>\n",
            said,
            state,
            tier,
        )


def _opening(event: str, role: str, source: str | None, to: str) -> str:
    before = f'<string key="coop_from" value="{source}"/>' if source else ""
    return (
        f'<event><string key="concept:name" value="{event}"/><string key="lifecycle:transition" value="complete"/>'
        f'<string key="org:role" value="{role}"/>{before}<string key="coop_to" value="{to}"/>'
    )


def _times_of(occurred: str, recorded: str, seq: str) -> str:
    return (
        f'<date key="time:timestamp" value="{_moment(occurred)}"/>'
        f'<date key="coop_recorded_at" value="{_moment(recorded)}"/><int key="coop_seq" value="{seq}"/>'
    )


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(ZONE).isoformat()


def _values(data: dict[str, object]) -> Iterator[str]:
    for name, value in data.items():
        if name in LEFT or value is None or isinstance(value, dict | list):
            continue
        if name in MOMENTS:
            yield f'<date key="{name}" value="{_moment(str(value))}"/>'
        elif isinstance(value, bool):
            yield f'<boolean key="{name}" value="{"true" if value else "false"}"/>'
        elif isinstance(value, int):
            yield f'<int key="{name}" value="{value}"/>'
        else:
            yield f'<string key="{name}" value="{str(value).translate(ESCAPED)}"/>'


def text(_store: Path, file: Path) -> None:
    """The text alone, already made."""
    with file.with_name("log.xes").open("rb") as lines:
        write_whole(file, lines)


WAYS: dict[str, Callable[[Path, Path], None]] = {"xes": xes, "bare": bare, "text": text}


def _measured(way: str, store: Path, file: Path) -> Measure:
    command = [sys.executable, str(HERE / "exporting.py"), way, str(store), str(file)]
    found = subprocess.run(command, env=environment(), check=True, stdout=subprocess.PIPE, text=True).stdout
    told = json.loads(found)
    return {"seconds": told["seconds"], "mb": told["mb"]}


def _times(preparing: Preparing) -> tuple[Side, Side]:
    store, ours, straight = (
        filled(preparing.directory, MANY),
        *(preparing.directory / n for n in ("log.xes", "bare.xes")),
    )
    _measured("xes", store, ours)
    _measured("bare", store, straight)
    assert _same(ours, straight), "the straight program does not write the same text"
    return partial(_measured, "xes", store, ours), partial(_measured, "bare", store, straight)


def _same(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        return all(a == b for a, b in zip(first, second, strict=True))


def _memory(preparing: Preparing) -> tuple[Side, Side]:
    stores = (filled(preparing.directory, entries) for entries in (MANY, FEW))
    many, few = (partial(_measured, "xes", store, preparing.directory / "log.xes") for store in stores)
    return many, few


def _ratio(figure: str, of: str, ours: Measure, limit: Measure) -> Measure:
    return {figure: ours[of] / limit[of]}


def contests() -> list[Contest]:
    """Measured when asked for: the long history takes minutes to make, and gigabytes."""
    return [
        Contest((TIME,), 3, 1, _times, partial(_ratio, TIME.name, "seconds"), default=False),
        Contest((MEMORY,), 1, 1, _memory, partial(_ratio, MEMORY.name, "mb"), default=False),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("store", type=Path)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    began = time.process_time()
    WAYS[given.way](given.store, given.file)
    print(json.dumps({"name": given.way, "seconds": time.process_time() - began, "mb": peak()}))


if __name__ == "__main__":
    main()
