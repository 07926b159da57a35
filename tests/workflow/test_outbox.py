"""The outbox: queued with its cause, claimed once, marked once, decided by a person when nobody knows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from states.declaration.types import moment
from states.errors import Conflict, NotFound, Refused
from states.risks.rules import Risk, deadline_risk
from workflow.lab.calendar import close
from workflow.outbox.delivery import GIVE_UP, again, claim, counted, decide, listed, queue_digests, settle
from workflow.outbox.queue import CLAIMED, DROPPED, FAILED, SENT, STATUSES, WAITING, Queued, queue_alert
from workflow.store import schema as s
from workflow.testing import NOTE, PILOT, Lab, problems, tables

pytestmark = pytest.mark.usefixtures("no_letters")

# The clock starts on Monday 12 January 2026 at 9:00.


def all_of(lab: Lab) -> list[Queued]:
    return listed(lab.store, STATUSES)


def told(lab: Lab) -> list[str]:
    return [f"{q.kind} {q.key}" for q in all_of(lab)]


def by_key(lab: Lab, key: str) -> Queued:
    return next(q for q in all_of(lab) if q.key == key)


@pytest.fixture
def planned(lab: Lab) -> str:
    """A request whose interview is planned next week, with Sacha."""
    ref = lab.request("prequalified")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "staff": "sacha"})
    return ref


# --- Queued with its cause ---


def test_planning_moving_assigning_and_cancelling_queue_messages(lab: Lab, planned: str) -> None:
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-21T10:00"})
    lab.apply(planned, "assign_staff", {"meeting": "interview-1", "staff": "rene"})
    lab.apply(planned, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    assert sorted(told(lab)) == [
        "cancellation 2026-0001/6/interview-1/rene",
        "cancellation 2026-0001/6/interview-1/requester",
        "change 2026-0001/4/interview-1/requester",
        "change 2026-0001/4/interview-1/sacha",
        "change 2026-0001/5/interview-1/requester",
        "invitation 2026-0001/3/interview-1/requester",
        "invitation 2026-0001/3/interview-1/sacha",
        "invitation 2026-0001/5/interview-1/rene",
        "release 2026-0001/5/interview-1/sacha",
    ]


def test_ending_and_reopening_queue_messages(lab: Lab, planned: str) -> None:
    lab.apply(planned, "withdraw", note=NOTE)
    lab.apply(planned, "reopen", note=NOTE, actor=PILOT)
    lab.apply(planned, "correct", note=NOTE, actor=PILOT)
    kinds = [(q.kind, q.sequence) for q in all_of(lab) if q.recipient == "requester"]
    assert kinds == [("invitation", 3), ("cancellation", 4), ("invitation", 5), ("cancellation", 6)]


def test_holding_a_meeting_queues_nothing(lab: Lab, planned: str) -> None:
    before = len(all_of(lab))
    lab.step(planned, "hold_interview")
    assert len(all_of(lab)) == before


def test_what_is_refused_queues_nothing(lab: Lab) -> None:
    ref = lab.request("prequalified")
    assert lab.refused(ref, "plan_interview", {"at": "2026-01-18T10:00", "place": "montpellier"})
    assert all_of(lab) == []


def test_the_outbox_is_kept_by_a_rebuild(lab: Lab, planned: str) -> None:
    before = tables(lab.store, [s.outbox])
    assert problems(lab) == []
    assert tables(lab.store, [s.outbox]) == before


def test_nothing_personal_is_in_it(lab: Lab) -> None:
    ref = lab.request("prequalified", title="Projet secret")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "address": "12 rue Cachée", "staff": "sacha"})
    kept = repr(tables(lab.store, [s.outbox]))
    for personal in ("secret", "Cachée", "Noa", "noa.temoin", "example.org", "Sacha"):
        assert personal not in kept


def test_out_of_hours_it_waits_for_the_morning_unless_it_presses(lab: Lab, planned: str) -> None:
    lab.clock.to("2026-01-16T20:00:00+01:00")  # a Friday evening
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-19T15:00"})
    calm = by_key(lab, "2026-0001/4/interview-1/requester")
    assert (calm.urgent, calm.not_before) == (False, "2026-01-19T07:00:00Z")
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-19T09:00"})
    pressing = by_key(lab, "2026-0001/5/interview-1/requester")
    assert (pressing.urgent, pressing.not_before) == (True, lab.clock.now)
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-22T09:00"})
    assert by_key(lab, "2026-0001/6/interview-1/requester").urgent  # they would come on Monday at 9


# --- Alerts and digests ---


def raise_(lab: Lab, id: int, risk: Risk) -> int:
    """How many messages are new."""
    before = len(all_of(lab))
    with lab.store.writing() as tx:
        queue_alert(tx, lab.declaration, id, risk, lab.clock.now)
    return len(all_of(lab)) - before


def test_an_escalation_goes_to_the_pilot_once(lab: Lab) -> None:
    risk = deadline_risk(lab.declaration, "2026-0001", "received", "1", lab.clock.now, "escalated")
    assert raise_(lab, 4, risk) == 1
    assert raise_(lab, 4, risk) == 0
    assert told(lab) == [f"escalation alert/4/{PILOT}"]
    assert all_of(lab)[0].urgent


def test_only_what_is_critical_goes_to_the_coordinator(lab: Lab) -> None:
    for stage in ("reminder", "due"):
        assert raise_(lab, 1, deadline_risk(lab.declaration, "2026-0001", "received", "1", lab.clock.now, stage)) == 0
    assert raise_(lab, 2, Risk("unstaffed", "warning", "c")) == 0
    assert raise_(lab, 3, Risk("unstaffed", "critical", "c")) == 1
    assert told(lab) == ["escalation alert/3/camille"]


def test_a_digest_is_queued_once_a_working_day_in_working_hours(lab: Lab) -> None:
    lab.register("anouk")
    assert queue_digests(lab.engine) == 2
    assert queue_digests(lab.engine) == 0
    lab.clock.to("2026-01-13T07:59:00+01:00")
    assert queue_digests(lab.engine) == 0
    lab.clock.to("2026-01-13T08:00:00+01:00")
    assert queue_digests(lab.engine) == 2
    lab.clock.to("2026-01-17T10:00:00+01:00")  # a Saturday
    assert queue_digests(lab.engine) == 0
    assert "digest digest/2026-01-13/anouk" in told(lab)


def test_a_closed_day_has_no_digest(lab: Lab) -> None:
    close(lab.engine, "camille", None, (date(2026, 1, 12), date(2026, 1, 12)), NOTE)
    assert queue_digests(lab.engine) == 0


# --- Claimed once, marked once ---


def test_a_message_is_claimed_then_marked(lab: Lab, planned: str) -> None:
    first = claim(lab.engine, "me")
    assert first is not None
    assert by_key(lab, first.key).shown == "uncertain"
    assert counted(lab.store) == {"waiting": 1, "uncertain": 1, "failed": 0}
    assert settle(lab.engine, first, SENT)
    assert (by_key(lab, first.key).status, by_key(lab, first.key).sent_at) == (SENT, lab.clock.now)
    second = claim(lab.engine, "me")
    assert second is not None
    assert second.key != first.key
    assert claim(lab.engine, "me") is None


def test_several_processes_never_claim_the_same(lab: Lab, planned: str) -> None:
    lab.apply(planned, "assign_staff", {"meeting": "interview-1", "staff": "sacha,rene,camille"})

    def take_all(other: Lab) -> list[str]:
        found = []
        while claimed := claim(other.engine, "x"):
            found.append(claimed.key)
        return found

    taken: list[Any] = lab.race(*[take_all] * 4)
    keys = [key for each in taken for key in each]
    assert sorted(keys) == sorted(q.key for q in all_of(lab) if q.status == CLAIMED)
    assert len(keys) == 4


def test_out_of_hours_only_what_is_urgent_is_claimed(lab: Lab, planned: str) -> None:
    lab.clock.to("2026-01-12T22:00:00+01:00")
    assert claim(lab.engine, "me") is None
    raise_(lab, 1, Risk("unstaffed", "critical", "c"))
    claimed = claim(lab.engine, "me")
    assert claimed is not None
    assert claimed.key == "alert/1/camille"
    assert claim(lab.engine, "me") is None


def test_a_message_put_back_waits_longer_and_longer_then_fails(lab: Lab, planned: str) -> None:
    decide(lab.engine, "camille", f"{planned}/3/interview-1/sacha", "drop")
    waits = []
    for number in range(GIVE_UP):
        claimed = claim(lab.engine, "me")
        assert claimed is not None
        before = lab.clock()
        status = again(lab.engine, claimed, "451")
        kept = by_key(lab, claimed.key)
        assert status == (FAILED if number == GIVE_UP - 1 else WAITING)
        assert kept.last_error == "451"
        if status == WAITING:
            waits.append((moment(kept.not_before) - before).total_seconds() / 60)
            assert claim(lab.engine, "me") is None
            _make_due(lab, claimed.key)
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 360


def _make_due(lab: Lab, key: str) -> None:
    """The next attempt, without waiting for days of working hours."""
    with lab.store.engine.begin() as connection:
        connection.execute(s.outbox.update().where(s.outbox.c.key == key).values(not_before=lab.clock.now))


def test_a_later_message_stands_for_those_that_have_not_left(lab: Lab, planned: str) -> None:
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-21T10:00"})
    sent = []
    while claimed := claim(lab.engine, "me"):
        settle(lab.engine, claimed, SENT)
        sent.append((claimed.kind, claimed.sequence, claimed.recipient))
    # They had never been invited: what leaves is an invitation.
    assert sorted(sent) == [("invitation", 4, "requester"), ("invitation", 4, "sacha")]
    dropped = [q.last_error for q in all_of(lab) if q.status == DROPPED]
    assert dropped == ["superseded", "superseded"]


def test_a_cancellation_of_what_was_never_announced_is_not_sent(lab: Lab, planned: str) -> None:
    lab.apply(planned, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    assert claim(lab.engine, "me") is None
    assert {q.last_error for q in all_of(lab)} == {"superseded", "never_announced"}


def test_a_cancellation_follows_an_invitation_that_may_have_left(lab: Lab, planned: str) -> None:
    first = claim(lab.engine, "me")
    assert first is not None
    lab.apply(planned, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    second = claim(lab.engine, "me")
    assert second is not None
    assert (second.kind, second.recipient) == ("cancellation", first.recipient)


def test_what_is_past_is_not_sent(lab: Lab, planned: str) -> None:
    lab.clock.to("2026-01-20T10:00:00+01:00")
    assert claim(lab.engine, "me") is None
    assert {q.last_error for q in all_of(lab)} == {"past"}


# --- A person decides ---


def uncertain(lab: Lab) -> Queued:
    found = claim(lab.engine, "a process that dies here")
    assert found is not None
    return found


def test_an_uncertain_message_is_never_claimed_again_by_itself(lab: Lab, planned: str) -> None:
    found = uncertain(lab)
    lab.clock.forward(hours=5)
    while claimed := claim(lab.engine, "me"):
        assert claimed.key != found.key
        settle(lab.engine, claimed, SENT)
    assert by_key(lab, found.key).shown == "uncertain"


@pytest.mark.parametrize(("decision", "status"), [("retry", WAITING), ("sent", SENT), ("drop", DROPPED)])
def test_a_person_decides(lab: Lab, planned: str, decision: str, status: str) -> None:
    found = uncertain(lab)
    decide(lab.engine, "camille", found.key, decision)
    assert by_key(lab, found.key).status == status
    assert not settle(lab.engine, found, SENT)  # the process was only slow: what the person said stands
    assert by_key(lab, found.key).status == status
    if decision == "retry":
        once_more = claim(lab.engine, "me")
        assert once_more is not None
        assert (once_more.key, once_more.attempts) == (found.key, 2)


def test_not_anyone_decides_and_not_twice(lab: Lab, planned: str) -> None:
    found = uncertain(lab)
    with pytest.raises(Refused):
        decide(lab.engine, "sacha", found.key, "sent")
    with pytest.raises(NotFound):
        decide(lab.engine, "camille", "2026-0001/99/work-1/requester", "sent")
    decide(lab.engine, "camille", found.key, "sent")
    for decision in ("sent", "retry", "drop"):
        with pytest.raises(Conflict):
            decide(lab.engine, "camille", found.key, decision)
    assert CLAIMED not in {q.status for q in all_of(lab)}
