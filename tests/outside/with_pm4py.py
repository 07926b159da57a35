"""Reads exported logs with PM4Py, and replays every history on the nets made from the declaration.

    make pm4py

runs it, in an environment of its own: PM4Py is under the AGPL, and no part of the product. A final marking is the state
that the log says the history is in: a wrong state is noticed too. Prints what was checked; fails at the first fault.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
warnings.simplefilter("ignore")
with contextlib.redirect_stdout(io.StringIO()):  # it prints a banner
    import pandas
    import pm4py
    from pm4py.objects.ocel.validation import ocel20_rel_validation
    from pm4py.objects.petri_net.obj import Marking, PetriNet
    from pm4py.objects.petri_net.utils import petri_utils

CASE, ACTIVITY, TIME, STATE = "case:concept:name", "concept:name", "time:timestamp", "coop_to"


def main(folder: Path) -> None:
    nets = json.loads((folder / "nets.json").read_text("utf-8"))
    print(f"PM4Py {pm4py.__version__}, pandas {pandas.__version__}")
    for name in ("log", "whole"):
        log = pm4py.read_xes(str(folder / f"{name}.xes"))
        assert str(log[TIME].dtype).endswith("UTC]"), log[TIME].dtype
        print(f"{name}.xes: {log[CASE].nunique()} cases, {len(log)} events, {log.shape[1]} columns")
        print(f"  {_replayed(log, nets['requests'])} histories replayed on the net of the declaration, all fit")
        last = log.groupby(CASE)[STATE].last()
        assert (last == log.groupby(CASE)["case:coop_state"].first()).all()
        logs = {form: _objects(folder, name, form) for form in ("json", "sqlite")}
        assert set(logs["json"].events["ocel:eid"]) == set(logs["sqlite"].events["ocel:eid"])
        assert set(logs["json"].objects["ocel:oid"]) == set(logs["sqlite"].objects["ocel:oid"])
        flat = pm4py.ocel_flattening(logs["json"], "request")
        assert len(flat) == len(log), (len(flat), len(log))
        activities = pm4py.ocel_flattening(logs["json"], "activity").sort_values([CASE, "coop_seq"])
        print(f"  {_replayed(activities, nets['activities'])} activities of {name}.json replayed on theirs, all fit")
    _notices(nets["requests"], pm4py.read_xes(str(folder / "log.xes")))
    print("a history cut, or one out of order, does not fit: the nets say no to something")


def _objects(folder: Path, name: str, form: str) -> Any:
    file = str(folder / f"{name}.{form}")
    log = (pm4py.read_ocel2_json if form == "json" else pm4py.read_ocel2_sqlite)(file)
    kinds = ", ".join(f"{n} {kind}" for kind, n in log.objects["ocel:type"].value_counts().items())
    print(f"{name}.{form}: {len(log.events)} events, {len(log.relations)} relations, {len(log.o2o)} between objects")
    print(f"  objects: {kinds}")
    if form == "sqlite":
        kept, broken = ocel20_rel_validation.apply(file)
        assert not broken, broken
        print(f"  rules of an OCEL database: {len(kept)} of {len(kept) + len(broken)} kept")
    return log


def _net(ways: Sequence[Sequence[str]], start: str) -> tuple[Any, Mapping[str, Any], Any]:
    net, places = PetriNet("lifecycle"), {}
    for name in sorted({state for source, _event, target in ways for state in (source, target)}):
        places[name] = PetriNet.Place(name)
        net.places.add(places[name])
    for number, (source, event, target) in enumerate(ways):
        transition = PetriNet.Transition(f"t{number}", f"{event} {target}")
        net.transitions.add(transition)
        petri_utils.add_arc_from_to(places[source], transition, net)
        petri_utils.add_arc_from_to(transition, places[target], net)
    return net, places, Marking({places[start]: 1})


def _replays(log: Any, net: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each history, replayed from its beginning to the state it says it is in, event and state together."""
    made, places, begun = _net(net["ways"], net["start"])
    log = log.assign(**{ACTIVITY: log[ACTIVITY] + " " + log[STATE]})
    for case, history in log.groupby(CASE, sort=True):
        ended = Marking({places[history[STATE].iloc[-1]]: 1})
        (found,) = pm4py.conformance_diagnostics_token_based_replay(history, made, begun, ended)
        yield case, found


def _replayed(log: Any, net: Mapping[str, Any]) -> int:
    unfit = {case: found for case, found in _replays(log, net) if not found["trace_is_fit"]}
    assert not unfit, unfit
    return int(log[CASE].nunique())


def _notices(net: Mapping[str, Any], log: Any) -> None:
    longest = log[log[CASE] == log[CASE].value_counts().idxmax()]
    moving = longest[longest["coop_from"] != longest[STATE]].index
    for wrong in (longest.drop(moving[2]), longest.drop(moving[0])):
        assert not any(found["trace_is_fit"] for _case, found in _replays(wrong, net))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
