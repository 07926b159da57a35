"""Races: several programs, each in a process of its own, do at the same moment what only some of them may.

Each race says what is laid out, what each runner tries, how many may win and what the others are told. Whatever the
race, nobody is told a fault of the program, no number of the history is skipped, and the store is whole.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import date
from functools import cache
from typing import Any

from attrs import asdict, frozen
from sqlalchemy import func, select

from handlers.scheduler import tick
from states.declaration.documents import shipped
from states.errors import CoopError, Refused
from states.references import LAB
from workflow.engine import Applied
from workflow.lab.calendar import record_absence
from workflow.lab.opening import adopt, checked, open_lab
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.testing import NOTE, Lab, problems

MOST, PATIENCE = 16, 120.0  # runners; seconds that one waits for the others, on a machine that is busy
ACTORS = ("camille", "rene")  # in turn
DAYS = tuple(  # that no lay comes to, and each place may be open
    f"2026-{day}T10:00"
    for day in (
        "04-07", "04-08", "04-10", "04-13", "04-14", "04-15", "04-17", "04-20", "04-21", "04-22", "04-24", "04-27",
        "04-28", "04-29", "05-04", "05-05",
    )
)  # fmt: skip
SLOT = DAYS[0]
TOLD_APART = (3, 5)  # what whoever was slower is told: a refusal, or a conflict


@frozen
class End:
    """How a runner ended: `applied`, `replayed`, the rules that refused it, or the class of its error."""

    how: str
    exit: int
    words: str
    ref: str | None = None
    seq: int | None = None
    faster: tuple[str, int] | None = None  # whom it is told was faster: the entry


Try = Callable[[Lab, int, Any], object]


@frozen
class Race:
    """A race: what it is run for, what each runner tries, how many win, and what the others are told."""

    name: str
    lay: Callable[[Lab, int], Any]
    run: Try
    winners: Callable[[int], int] | None = None  # of so many runners; None: as it comes
    told: frozenset[str] = frozenset()
    named: bool = False  # whether they are told who was faster
    opened: bool = True  # whether there is a lab before it


def everyone(runners: int) -> int:
    return runners


def one(_runners: int) -> int:
    return 1


# --- What is laid out ---


def _one(state: str, **given: Any) -> Callable[[Lab, int], str]:
    return lambda lab, _runners: lab.request(state, **given)


def _each(state: str) -> Callable[[Lab, int], list[str]]:
    return lambda lab, runners: [lab.request(state) for _time in range(runners)]


def _but_one(lab: Lab, _runners: int) -> str:
    """A request with all its meetings planned but one."""
    ref = lab.request("working", tier="tuto")
    lab.apply(ref, "plan_meeting", {"at": "2026-01-20T10:00"})
    return ref


def _late(lab: Lab, runners: int) -> list[str]:
    refs = [lab.request() for _time in range(runners)]
    lab.clock.to("2026-01-26T09:00+01:00")
    return refs


def _nothing(_lab: Lab, _runners: int) -> None:
    return None


# --- What is tried ---


def _plan(**given: Any) -> Try:
    return lambda lab, n, refs: lab.apply(refs[n], "plan_meeting", {"at": SLOT, **given})


def _leave_or_decline(lab: Lab, n: int, ref: str) -> object:
    if n % 2:
        return lab.apply(ref, "withdraw", note=NOTE)
    return lab.apply(ref, "decline", {"reason": "no_capacity", "orientation": "Ailleurs"}, note=NOTE)


def _correct_or_go_on(seen: int | None) -> Try:
    def run(lab: Lab, n: int, ref: str) -> object:
        if n % 2:
            return lab.apply(ref, "assign_tier", {"tier": "tuto"}, note=NOTE, expect_seq=seen)
        return lab.apply(ref, "correct", note=NOTE, expect_seq=seen)

    return run


def _away_or_plan(lab: Lab, n: int, refs: list[str]) -> object:
    if n == 0:
        return record_absence(lab.engine, "camille", "rene", [(date(2026, 4, 7), date(2026, 4, 7))])
    return lab.apply(
        refs[n], "plan_meeting", {"at": f"2026-04-07T{8 + n % 9:02}:00", "duration": "30m", "staff": "rene"}
    )


def _adopt_or_go_on(lab: Lab, n: int, refs: list[str]) -> object:
    if n % 4 == 0:
        return adopt(lab.engine, *_another_version(), "camille")
    return lab.submit() if n % 4 == 1 else lab.apply(refs[n], "prequalify")


@cache
def _another_version() -> Any:
    return checked(re.sub(r'(?m)^version = ".*"', 'version = "autre"', shipped(), count=1))


def _open(lab: Lab, n: int, _laid: Any) -> object:
    return open_lab(lab.store, lab.clock, f"personne-{n}", None).opened


def _go_round(lab: Lab, _n: int, _refs: Any) -> object:
    done = tick(lab.engine, None)
    for problem in done.failures:
        raise problem
    return done.raised > 0


def _comment_often(lab: Lab, _n: int, ref: str) -> object:
    for _time in range(4):
        applied = lab.apply(ref, "comment", note=NOTE)
    return applied


def _move_or_plan(lab: Lab, n: int, refs: list[str]) -> object:
    """Into one place, by a new meeting or one that is elsewhere."""
    if n % 2:
        return lab.apply(refs[n], "plan_meeting", {"at": SLOT, "place": "montpellier"})
    return lab.apply(refs[n], "move_meeting", {"meeting": "interview-1", "at": SLOT, "place": "montpellier"})


def _laid_to_move(lab: Lab, runners: int) -> list[str]:
    return [lab.request("tier_assigned" if n % 2 else "interview_planned") for n in range(runners)]


RACES = (
    Race(
        "the last meeting", _but_one, lambda lab, n, ref: lab.apply(ref, "plan_meeting", {"at": DAYS[n]}), one,
        frozenset({"cap_reached"}), named=True,
    ),
    Race("one slot", _each("tier_assigned"), _plan(place="montpellier"), one, frozenset({"place_taken"}), named=True),
    Race("one slot, to move into", _laid_to_move, _move_or_plan, one, frozenset({"place_taken"}), named=True),
    Race("one person", _each("tier_assigned"), _plan(staff="rene"), one, frozenset({"staff_busy"}), named=True),
    Race("an absence", _each("tier_assigned"), _away_or_plan, None, frozenset({"staff_absent", "staff_busy"})),
    Race("numbers", _nothing, lambda lab, _n, _laid: lab.submit(), everyone),
    Race("numbers of activities", _nothing, lambda lab, n, _laid: lab.activity(at=DAYS[n]), everyone),
    Race(
        "one form", _nothing, lambda lab, _n, _laid: lab.submit(external_id="D-1"), one, frozenset({"AlreadyReceived"})
    ),
    Race(
        "one key", _one("received"), lambda lab, _n, ref: lab.apply(ref, "comment", note=NOTE, key="k"), one,
        frozenset({"replayed"}),
    ),
    Race(
        "one key, of several things", _each("received"),
        lambda lab, n, refs: lab.apply(refs[n], "comment", note=NOTE, key="k"), one, frozenset({"Conflict"}),
    ),
    Race("one key, of a form", _nothing, lambda lab, _n, _laid: lab.submit(key="k"), one, frozenset({"replayed"})),
    Race(
        "what was seen", _one("received"),
        lambda lab, n, ref: lab.apply(ref, ("prequalify", "comment")[n % 2], note=NOTE, expect_seq=1), one,
        frozenset({"Conflict"}), named=True,
    ),
    Race("one end", _one("received"), _leave_or_decline, one, frozenset({"state"}), named=True),
    Race(
        "to correct or to go on", _one("qualified"), _correct_or_go_on(None), None,
        frozenset({"state", "nothing_to_correct", "role"}),
    ),
    Race(
        "to correct or to go on, seen", _one("qualified"), _correct_or_go_on(4), one, frozenset({"Conflict"}),
        named=True,
    ),
    Race("another version", _each("received"), _adopt_or_go_on, everyone),
    Race("one lab", _nothing, _open, one, frozenset({"done before", "Conflict"}), opened=False),
    Race("one name", _nothing, lambda lab, _n, _laid: lab.register("anouk"), one, frozenset({"Conflict"})),
    Race("one round of the watch", _late, _go_round, None, frozenset({"done before"})),
    Race("one history", _one("received"), _comment_often, everyone),
)  # fmt: skip


# --- The race itself ---


def run(race: Race, lab: Lab, runners: int) -> list[End]:
    """Runs a race in a lab, and says how each ended; AssertionError for a promise that was not kept."""
    laid = race.lay(lab, runners) if race.opened else None
    _another_version()  # once, rather than by each
    lab.close()  # nobody shares a connection
    ends = [*_at_a_barrier(lab, lambda other, n: race.run(other, n, laid), runners)]
    counted = Counter(end.how for end in ends)
    won = sum(end.exit == 0 and end.how not in race.told for end in ends)
    assert race.winners is None or won == race.winners(runners), counted
    for end in ends:
        if end.exit or end.how in race.told:
            assert {*end.how.split(", ")} <= race.told, (counted, end)
            assert end.exit in (0, *TOLD_APART), end
    if race.named:
        winner = next(n for n, end in enumerate(ends) if end.exit == 0)
        for n, end in enumerate(ends):
            who = (ends[winner].ref, ends[winner].seq)
            known = (who,) if n % len(ACTORS) != winner % len(ACTORS) else (who, None)  # oneself need not be told
            assert n == winner or end.faster in known, (winner, n, end)
    _check(lab)
    return ends


def _check(lab: Lab) -> None:
    """The store is whole: histories and references without a gap, alerts raised once, a request of each form."""
    assert problems(lab) == []
    with lab.store.looking() as tx:
        facts = lab.engine.facts(tx)
        alerts = [e.data for e in facts.entries_of(LAB) if e.event == "alert_raised"]
        raised = [(alert["cause"], alert["level"], alert.get("stage")) for alert in alerts]
        assert len(raised) == len(set(raised)), raised
    e = s.entries.c
    with lab.store.reading() as connection:
        rows = connection.execute(select(e.stream, func.count(), func.max(e.seq)).group_by(e.stream)).all()
    assert all(number == last for _stream, number, last in rows), rows
    for series in (r"\d{4}-(\d+)", r"\d{4}-A(\d+)"):
        numbers = [int(found[1]) for stream, _n, _last in rows if (found := re.fullmatch(series, stream))]
        assert sorted(numbers) == [*range(1, len(numbers) + 1)]


def _at_a_barrier(lab: Lab, act: Callable[[Lab, int], object], runners: int) -> Iterator[End]:
    """Has each act at the same moment, in a process of its own, that has opened the store; how each ended."""
    waits, go = os.pipe()
    readies, ready = os.pipe()
    children = []
    for n in range(runners):
        answers, answer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(go)
            _in_child(lab, n, lambda other, n=n: act(other, n), waits, ready, answer)
        os.close(answer)
        children.append((child, answers))
    os.close(waits)
    for _child in children:
        os.read(readies, 1)
    os.close(go)  # which all are waiting for
    for child, answers in children:
        with os.fdopen(answers) as file:
            text = file.read()
        os.waitpid(child, 0)
        end = json.loads(text)
        yield End(**end | {"faster": tuple(end["faster"]) if end["faster"] else None})
    os.close(ready)
    os.close(readies)


def _in_child(lab: Lab, n: int, act: Callable[[Lab], object], waits: int, ready: int, answer: int) -> None:
    try:
        with closing(Store(lab.store.url, wait=PATIENCE)) as store:
            other = Lab(store, lab.clock, ACTORS[n % len(ACTORS)])
            with suppress(CoopError), other.store.reading():
                pass
            os.write(ready, b".")
            os.read(waits, 1)
            os.write(answer, json.dumps(asdict(_end(lambda: act(other)))).encode())
    finally:
        os._exit(0)


def _end(act: Callable[[], object]) -> End:
    try:
        result = act()
    except Refused as refused:
        return _told(", ".join(sorted({refusal.rule for refusal in refused.refusals})), refused)
    except CoopError as problem:
        return _told(type(problem).__name__, problem)
    except BaseException:
        return End("fault", 1, traceback.format_exc())
    if isinstance(result, Applied):
        return End("replayed" if result.replayed else "applied", 0, "", result.entry.stream, result.entry.seq)
    return End("done before" if result is False else "applied", 0, "")


def _told(how: str, problem: CoopError) -> End:
    faster = (problem.faster.ref, problem.faster.seq) if problem.faster else None
    return End(how, problem.exit, str(problem), faster=faster)
