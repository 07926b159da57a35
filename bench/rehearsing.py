"""`lifecycle rehearse` of 10,000 requests: against `db rebuild` of them, and in how much memory.

    python bench/rehearsing.py cap|deadline|both|rebuild STORE

does that once and prints `{"seconds", "mb"}`: a cap lowered, a deadline longer, or both.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

from bench.applying import peak
from bench.figures import HERE, Contest, Figure, Measure, Preparing, Side, answered
from bench.lab import STEPS, opened
from bench.verifying import filled
from states.declaration.documents import shipped
from workflow.clock import now_of
from workflow.integrity.rebuilding import rebuild
from workflow.lab.opening import checked
from workflow.versions.rehearsal import rehearse
from workflow.views.reader import Reader

MANY, FEW = 10_000 * STEPS, 1_000 * STEPS  # entries
CAP = ("work = { min = 1, max = 6 }", "work = { min = 1, max = 5 }")
LONGER = ("days = 60", "days = 50")  # of a state that these requests were not in: what is found is not measured
CHANGES = {"cap": (CAP,), "deadline": (LONGER,), "both": (CAP, LONGER)}
OF = "10,000 requests ÷ coop db rebuild of them"
TIME = {
    "cap": Figure("rehearse-cap", f"coop lifecycle rehearse, a cap lowered, of {OF}", most=2),
    "deadline": Figure("rehearse-deadline", f"the same, a deadline shorter, of {OF}", most=2),
    "both": Figure("rehearse-both", f"the same, both, of {OF}", most=2),
}
MEMORY = Figure("rehearse-memory", "peak memory of a rehearsal, of 10,000 requests ÷ of 1,000", most=1.2)


def _changed(name: str) -> str:
    text = shipped()
    for old, new in CHANGES[name]:
        if old not in text:
            raise SystemExit(f"The declaration has no {old!r} to change.")
        text = text.replace(old, new, 1)
    return text


def _measured(work: str, store: Path) -> Measure:
    return answered([sys.executable, HERE / "rehearsing.py", work, store])


def _times(name: str, preparing: Preparing) -> tuple[Side, Side]:
    store = filled(preparing.directory, MANY)
    return partial(_measured, name, store), partial(_measured, "rebuild", store)


def _memory(preparing: Preparing) -> tuple[Side, Side]:
    many, few = (filled(preparing.directory, entries) for entries in (MANY, FEW))
    return partial(_measured, "both", many), partial(_measured, "both", few)


def _ratio(figure: str, of: str, ours: Measure, limit: Measure) -> Measure:
    return {figure: ours[of] / limit[of]}


def contests() -> list[Contest]:
    """Measured when asked for: the history takes a minute to make."""
    return [
        *(
            Contest((figure,), 3, 1, partial(_times, name), partial(_ratio, figure.name, "seconds"), default=False)
            for name, figure in TIME.items()
        ),
        Contest((MEMORY,), 1, 1, _memory, partial(_ratio, MEMORY.name, "mb"), default=False),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", choices=(*CHANGES, "rebuild"))
    parser.add_argument("store", type=Path)
    given = parser.parse_args()
    with opened(str(given.store)) as (store, clock, _engine):
        if given.work == "rebuild":
            began = time.process_time()
            rebuild(store, clock, lambda _done, _total: None)
        else:
            declaration, _document = checked(_changed(given.work))
            began = time.process_time()
            with store.looking() as tx:
                rehearse(Reader(tx, now_of(clock)), declaration, lambda _done, _total: None)
        print(json.dumps({"seconds": time.process_time() - began, "mb": peak()}))


if __name__ == "__main__":
    main()
