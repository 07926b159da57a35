"""The histories that logs of events are made of, read a part at a time."""

from __future__ import annotations

import pytest

from states.references import LAB
from workflow.store import schema as s
from workflow.testing import Lab
from workflow.views import event_log
from workflow.views.event_log import happened, histories, number_of_entries


def test_each_history_is_read_whole_and_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_AT_ONCE", 2)
    refs = [lab.request("working"), lab.request("received"), lab.request("prequalified")]
    activities = [lab.activity(place="hors_les_murs"), lab.activity(place="hors_les_murs")]
    with lab.reading() as reader:
        read = {history.request.ref: history for history in histories(reader)}
        assert [*read] == sorted(refs)
        assert [history.request.ref for history in histories(reader, s.activities)] == sorted(activities)
        for ref, history in read.items():
            entries = reader.entries(ref)
            assert [(e.seq, e.event, e.data) for e in history.entries] == [(e.seq, e.event, e.data) for e in entries]
        assert number_of_entries(reader) == sum(len(reader.entries(ref)) for ref in (*refs, *activities))


def test_what_happened_is_counted_by_event_and_version(lab: Lab) -> None:
    lab.request("prequalified")
    lab.request("received")
    lab.activity()
    with lab.reading() as reader:
        requests = {one.event: (one.entries, one.declaration) for one in happened(reader)}
        activities = [one.event for one in happened(reader, s.activities)]
        digest = reader.declaration.digest
        assert requests == {"submit": (2, digest), "prequalify": (1, digest)}
        assert activities == ["plan_activity"]
        assert LAB not in {history.request.ref for history in histories(reader)}
