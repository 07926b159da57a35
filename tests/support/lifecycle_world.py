"""What a command must come to in the small model of the lifecycle: its exit code, its rules, or what is recorded."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from lifecycle_model import (
    CAPS,
    COORDINATORS,
    ENDINGS,
    FIXED,
    HOLDS,
    HOLIDAYS,
    IN_TURN,
    MOVES,
    NOTED,
    PARIS,
    PLANS,
    ROLES,
    SINCE_RECEPTION,
    STAYS,
    WAIVERS,
    Case,
    Command,
    Done,
    Slot,
    View,
)


@dataclass
class World:
    """The lab: its requests, who is away, what is closed."""

    now: datetime
    cases: dict[str, Case] = field(default_factory=dict)
    away: set[tuple[str, date]] = field(default_factory=set)
    closed: set[tuple[str, date]] = field(default_factory=set)

    # --- What a command must come to ---

    def exit_of(self, command: Command) -> int:
        """The exit code of a command wrong in itself, 0 if it is for the lifecycle to judge."""
        event, given, view = command.event, command.given, command.case.view()
        unknown_entry = event == "correct" and not 1 <= given.get("seq", 1) <= len(command.case.done)
        of_meeting = event in HOLDS or event in ("move_meeting", "assign_staff", "cancel_meeting")
        unknown_meeting = of_meeting and given.get("meeting") not in {None, *view.meetings}
        if command.flaw == 4 or unknown_entry or unknown_meeting:
            return 4
        no_note = not command.note and (event in NOTED or command.waive)
        same = event == "change_tier" and given.get("tier") == view.tier
        same = same or (event == "amend" and self.amends_nothing(command, view))
        same = same or (event == "provide_info" and not command.note)
        same = same or (event == "ratify" and given.get("decision") == "refuse" and not command.note)
        same = same or (event == "ratify" and self.decides_nothing(command, view))
        same = same or (event in ("move_meeting", "assign_staff") and self.moves_nothing(command, view))
        if command.flaw == 6 or no_note or same or (event == "correct" and command.at):
            return 6
        return 0

    def rules_of(self, command: Command) -> set[str]:
        """Every rule a command does not meet."""
        view, event = command.case.view(), command.event
        at = command.at or self.now
        found = {*self._common(command, view, at)}
        sources = MOVES[event][0] if event in MOVES else STAYS[event]
        if view.state not in sources or (event == "cancel" and not view.accepted):
            found.add("state")
        accompanied = command.case.kind == "accompanied"
        if event in ("plan_interview", "plan_debrief", "resume_work", "change_tier") and not accompanied:
            found.add("kind")
        if event == "accept_autonomous" and accompanied:
            found.add("kind")
        if event == "close" and accompanied:
            found |= {"kind"} if view.state == "session_held" else set()
            found |= {"deliverable"} if not view.deliverables and "deliverable" not in command.waive else set()
        if event in ENDINGS and any(view.meetings[id].slot.at <= at for id in view.planned):
            found.add("not_recorded")
        if event == "prequalify" and view.share < 50 and "collaborative_share" not in command.waive:
            found.add("collaborative_share")
        if event == "amend" and view.accepted and FIXED & command.given.keys():
            found.add("state")
        return (
            found
            | self._of_tiers(command, view)
            | self._of_meetings(command, view, at)
            | self._of_undoing(command, view)
        )

    def _common(self, command: Command, view: View, at: datetime) -> set[str]:
        found, event, role = set(), command.event, ROLES[command.actor]
        may = command.actor in COORDINATORS
        if event in ("grant_derogation", "reopen"):
            may = role == "pilot"
        elif event == "validate":
            expected = {"pilot": "delegation", "committee": "committee"}
            may = role in expected and command.given["basis"] == expected[role]
        elif event == "ratify":
            may = role == "committee"
        elif event == "comment":
            may = True
        if not may:
            found.add("role")
        waivers = ("paule",) if event == "prequalify" else COORDINATORS
        if any(rule not in WAIVERS.get(event, ()) or command.actor not in waivers for rule in command.waive):
            found.add("waiver_not_allowed")
        if at > self.now:
            found.add("at_in_future")
        floor = command.case.submitted if event in SINCE_RECEPTION else view.last_at
        if event != "correct" and at < floor:
            found.add("at_before_previous")
        return found

    def _of_tiers(self, command: Command, view: View) -> set[str]:
        event, given, found = command.event, command.given, set()
        unvalidated = view.tier == "50_50" and not view.validated
        if event in ("plan_meeting", "plan_session", "plan_debrief") and view.refused:
            found.add("refused_by_committee")
        elif event in ("plan_meeting", "plan_session") and unvalidated:
            found.add("not_validated")
        if event == "plan_meeting" and view.counted >= view.cap:
            found.add("cap_reached")
        if event == "change_tier" and view.counted > CAPS[given["tier"]]:
            found.add("cap_reached")
        if event == "hold_session" and view.tier and not view.of("work", "held"):
            found.add("below_minimum")
        if event == "validate" and view.refused:
            by_delegation = given["basis"] != "committee" and ROLES[command.actor] != "committee"
            found |= {"refused_by_committee"} if by_delegation else set()
        elif event == "validate" and not unvalidated:
            found.add("validation_not_needed")
        if event == "ratify" and not view.validated:
            found.add("not_validated")
        if event == "grant_derogation" and view.tier not in (None, "50_50"):
            found.add("derogation_not_allowed")
        if event == "assign_tier" and command.case.advised not in (None, given["tier"]) and not command.note:
            found.add("note_required")
        return found

    def _of_meetings(self, command: Command, view: View, at: datetime) -> set[str]:
        event, found = command.event, set()
        if event in HOLDS or event in ("move_meeting", "assign_staff", "cancel_meeting"):
            id = command.given.get("meeting") or view.next(HOLDS.get(event, ""))
            meeting = view.meetings.get(id or "")
            if meeting is None or meeting.status != "planned" or meeting.kind != HOLDS.get(event, meeting.kind):
                return {"none_planned"}
            if event in HOLDS and (command.given.get("started") or meeting.slot.at) > at:
                found.add("not_yet")
        if event in ("plan_session", "plan_debrief") and view.of(PLANS[event], "planned"):
            found.add("already_planned")
        slot = self.slot_of(command, view)
        if slot and event != "cancel_meeting":
            own = (command.case.ref, command.given.get("meeting", ""))
            found |= self._of_people(slot, own)
            if event != "assign_staff":
                found |= self._of_place(slot, own)
                found |= {"slot_in_past"} if slot.at < at else set()
                found |= (_outside(slot) | _day_off(slot)) - set(command.waive)
        return found

    def _of_undoing(self, command: Command, view: View) -> set[str]:
        if command.event != "correct":
            return set()
        case, found = command.case, set()
        seq = command.given.get("seq") or case.last_typed
        done = case.done[seq - 1] if seq else None
        if done is None or done.struck or done.event in ("correct", "submit"):
            return {"nothing_to_correct"}
        if done.event in IN_TURN and seq != view.last:
            return {"nothing_to_correct"}
        after = case.view(without=seq)
        if done.event == "amend" and after.accepted and FIXED & done.given.keys():
            found.add("form_inconsistent")
        if done.actor != command.actor and command.actor != "paule":
            found.add("role")
        owes = case.kind == "accompanied" and not view.waived_deliverable
        if view.state == "closed" == after.state and owes and not after.deliverables:
            found.add("deliverable")
        for id, rules in self.lost(case, view, after):
            if not command.given.get("release") or id in view.planned:
                found |= rules
        return found

    @staticmethod
    def amends_nothing(command: Command, view: View) -> bool:
        """Whether what is amended is what the form says."""
        return all(view.form.get(name) == value for name, value in command.given.items())

    def moves_nothing(self, command: Command, view: View) -> bool:
        """Whether a planned meeting is already where, or with whom, it is asked to be."""
        meeting = view.meetings.get(command.given.get("meeting", ""))
        return meeting is not None and meeting.status == "planned" and self.slot_of(command, view) == meeting.slot

    def decides_nothing(self, command: Command, view: View) -> bool:
        """Whether the committee has decided so already, at the same review."""
        given = command.given.get("decision")
        if given == "ratify":
            return view.ratified
        return given == view.decision and (given == "postpone" or view.refused)

    # --- Slots ---

    def slot_of(self, command: Command, view: View) -> Slot | None:
        """The slot a command leads to: given, or that of the meeting with other people."""
        meeting = view.meetings.get(command.given.get("meeting", ""))
        if command.event == "assign_staff" and meeting:
            return replace(meeting.slot, staff=frozenset(command.given["staff"].split(",")) - {"none"})
        if command.event == "move_meeting" and meeting and command.slot:
            return replace(meeting.slot, at=command.slot.at)
        return command.slot if command.event in PLANS else None

    def lost(self, case: Case, before: View, after: View) -> list[tuple[str, set[str]]]:
        """The meetings that would come back to a slot someone has taken, or that has closed."""
        found = []
        for id in after.planned:
            slot, known = after.meetings[id].slot, before.meetings.get(id)
            there = known is not None and known.status == "planned" and known.slot
            if there and replace(there, staff=slot.staff) == slot and slot.staff <= there.staff:
                continue
            rules = self._of_place(slot, (case.ref, id)) | self._of_people(slot, (case.ref, id))
            if rules:
                found.append((id, rules))
        return found

    def _others(self, own: tuple[str, str]) -> list[Slot]:
        return [
            view.meetings[id].slot
            for case in self.cases.values()
            for view in [case.view()]
            for id in view.planned
            if (case.ref, id) != own
        ]

    def _of_place(self, slot: Slot, own: tuple[str, str]) -> set[str]:
        if slot.place == "hors_les_murs":
            return set()
        off = {"montpellier": (3, 5, 6), "toulouse": (5, 6)}[slot.place]
        shut = any(d.weekday() in off or d in HOLIDAYS or (slot.place, d) in self.closed for d in slot.days)
        taken = any(other.place == slot.place and other.meets(slot) for other in self._others(own))
        return ({"place_closed"} if shut else set()) | ({"place_taken"} if taken else set())

    def _of_people(self, slot: Slot, own: tuple[str, str]) -> set[str]:
        busy = any(other.meets(slot) and other.staff & slot.staff for other in self._others(own))
        absent = any((person, day) in self.away for person in slot.staff for day in slot.days)
        return ({"staff_busy"} if busy else set()) | ({"staff_absent"} if absent else set())

    # --- What is done ---

    def record(self, command: Command) -> None:
        """The command was accepted."""
        case, event, given = command.case, command.event, dict(command.given)
        view, at = case.view(), command.at or self.now
        if event in PLANS:
            kind = PLANS[event]
            case.numbers[kind] = case.numbers.get(kind, 0) + 1
            given |= {"id": f"{kind}-{case.numbers[kind]}", "slot": command.slot}
        elif event in HOLDS:
            given["id"] = given.get("meeting") or view.next(HOLDS[event])
            slot = view.meetings[given["id"]].slot  # what was held happened when it ended
            ended = replace(slot, at=given.get("started") or slot.at).end
            at = command.at or min(max(ended, view.last_at), self.now)
        elif event == "close":
            given["waived"] = [*command.waive] if not view.deliverables else []
        elif "meeting" in given:
            given |= {"id": given["meeting"], "slot": self.slot_of(command, view)}
        elif event == "reopen":
            ended = case.view(without=view.last).planned
            back = deepcopy(view)
            for id in ended:
                back.meetings[id].status = "planned"
            gone = {id for id, _rules in self.lost(case, view, back)}
            gone |= {id for id in ended if back.meetings[id].slot.at <= self.now}  # what is past is not to come again
            given["restored"] = [id for id in ended if id not in gone]
        elif event == "correct":
            seq = given.get("seq") or case.last_typed
            gone = [id for id, _rules in self.lost(case, view, case.view(without=seq)) if id not in view.planned]
            given["released"] = gone if given.get("release") else []
            case.done[seq - 1].struck = True
        case.done.append(Done(event, command.actor, at, given))


def _day_off(slot: Slot) -> set[str]:
    off = any(d.weekday() >= 5 or d in HOLIDAYS for d in slot.days)
    return {"day_off"} if off and slot.place == "hors_les_murs" else set()


def _outside(slot: Slot) -> set[str]:
    start, end = slot.at.astimezone(PARIS), slot.end.astimezone(PARIS)
    inside = start.date() == end.date() and start.time() >= time(8) and end.time() <= time(19)
    return set() if inside else {"outside_hours"}
