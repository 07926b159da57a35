"""Measures, and prints one line per figure: the ratio of our side to its limit, its spread, its target, ok or NOT.

    python bench/run.py [--only NAME]… [--rounds N] [--json FILE] [--rows]

Ratios are taken inside one round, on this machine, at this moment; no absolute time is ever compared with anything.
The exit code is 1 if a figure does not keep its bound. bench/README.md says how each figure is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench import (
    applying,
    checking,
    exporting,
    looking,
    postgresql,
    rehearsing,
    reviewing,
    scale,
    startup,
    sweeping,
    transition,
    verifying,
    weighing,
)
from bench.figures import Contest, Measured, measure
from bench.lab import open_lab
from bench.recording import by_event


def _chosen(contests: Sequence[Contest], names: Sequence[str]) -> list[Contest]:
    known = [figure.name for contest in contests for figure in contest.figures]
    for name in names:
        if name not in known:
            raise SystemExit(f"There is no figure {name!r}; there are: {', '.join(known)}.")
    if not names:
        return [contest for contest in contests if contest.default]
    return [contest for contest in contests if any(figure.name in names for figure in contest.figures)]


def _sync(directory: Path) -> float:
    """What the disk takes to keep 4 KiB, in microseconds: the least a durable transaction can."""
    file, taken = os.open(directory / "sync", os.O_RDWR | os.O_CREAT), []
    os.write(file, bytes(4096 * 200))
    os.fsync(file)
    for number in range(200):
        began = time.perf_counter()
        os.pwrite(file, b"1" * 4096, 4096 * number)
        getattr(os, "fdatasync", os.fsync)(file)
        taken.append(time.perf_counter() - began)
    os.close(file)
    return median(taken) * 1e6


def _print_table(found: Sequence[Measured]) -> None:
    print(f"{'figure':18} {'ratio':>7} {'min–max':>15}  {'target':20} {'':4} what")
    for one in found:
        figure, spread = one.figure, f"{min(one.ratios):.3f}–{max(one.ratios):.3f}"
        verdict = "ok" if one.ok else "NOT"
        print(f"{figure.name:18} {one.ratio:>7.3f} {spread:>15}  {figure.target:20} {verdict:4} {figure.about}")


def _print_rows(directory: Path) -> None:
    """The table of bench/README.md: per event, the statements that write, and the rows that differ afterwards."""
    template = directory / "template.db"
    open_lab(str(template))
    events = by_event(template, directory / "scratch.db")
    tables = list(dict.fromkeys(name for event in events for name in event["statements"]))
    print("| event | " + " | ".join(tables) + " | statements | rows changed | reads |")
    print("|---|" + "--:|" * (len(tables) + 3))
    total: Counter[str] = Counter()
    for event in events:
        cells = {name: event["statements"].get(name, 0) for name in tables}
        cells["statements"] = sum(event["statements"].values())
        cells["changed"], cells["reads"] = sum(event["changed"].values()), event["reads"]
        total.update(cells)
        print(f"| `{event['event']}` | " + " | ".join(str(count or "") for count in cells.values()) + " |")
    print("| **all** | " + " | ".join(f"**{count}**" for count in total.values()) + " |")


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="bench/run.py"
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this figure; repeat for several")
    parser.add_argument("--rounds", type=int, help="rounds of each figure, one more being dropped; default: its own")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--rows", action="store_true", help="print what each event writes, and measure nothing")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    given = _arguments(words)
    contests = [*startup.contests(), *transition.contests(), *applying.contests(), *reviewing.contests()]
    contests += [
        *checking.contests(),
        *sweeping.contests(),
        *looking.contests(),
        *scale.contests(),
        *verifying.contests(),
        *rehearsing.contests(),
        *exporting.contests(),
        *weighing.contests(),
    ]
    contests += postgresql.contests()
    chosen = _chosen(contests, given.only)
    found: list[Measured] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        if given.rows:
            _print_rows(Path(directory))
            return 0
        machine = {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "processors": os.cpu_count(),
            "system": platform.system(),
            "sync_us": round(_sync(Path(directory))),
        }
        for contest in chosen:
            rounds = given.rounds or contest.rounds
            found += measure(contest, Path(directory), rounds, lambda text: print(text, file=sys.stderr, flush=True))
    _print_table(found)
    words_of = ", ".join(f"{name} {value}" for name, value in machine.items())
    print(f"\n{words_of}; measured in {time.perf_counter() - began:.0f} s")
    if given.json:
        document = {"machine": machine, "figures": [one.document() for one in found]}
        given.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0 if all(one.ok for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
