"""The life of one invented request, told as a story that waits: each `yield` is the instant of its next gesture.

Meanwhile others act too: a meeting may have been moved by an absence, a validation ended by the committee.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from random import Random
from typing import Any

from attrs import define, field

from half_year.courses import Course
from half_year.desk import DESIGNER, PILOT, REFERENT, TOULOUSE, Desk, Wanted, words
from half_year.forms import form
from half_year.turns import TURNS
from states.declaration.types import end_of
from states.forms.recommendation import recommend
from states.requests.request import Meeting, Request

Story = Iterator[str]
Answer = Generator[str, None, bool]  # a story that says whether it came to its end

HELD = {"interview": "hold_interview", "work": "hold_meeting", "session": "hold_session", "debrief": "hold_debrief"}
PLAN = {"interview": "plan_interview", "work": "plan_meeting", "session": "plan_session", "debrief": "plan_debrief"}
MINUTES = {"interview": 60, "work": 120, "session": 180, "debrief": 60}
WORK = {"coup_de_pouce": (1, 1), "tuto": (1, 3), "50_50": (2, 4)}  # how many work meetings a request comes to have


@define
class Life:
    """One request, from its form on."""

    desk: Desk
    course: Course
    number: int  # among all the forms
    nth: int  # among those of its sort
    rng: Random
    ref: str = ""
    title: str = ""
    turns: list[str] = field(factory=list)  # those still to come
    done: tuple[str, dict[str, Any]] = ("", {})  # the last event that moved it, to be done again after a correction

    # --- What is ---

    @property
    def request(self) -> Request:
        return self.desk.request(self.ref)

    @property
    def actor(self) -> str:
        """Who leads it: the coordinator, or the referent of Toulouse."""
        return REFERENT if self.request.form["department"] in TOULOUSE else self.desk.coordinator

    @property
    def over(self) -> bool:
        """Whether nothing more is done with it: ended, or left where its course stops."""
        request = self.request
        return self.desk.declaration.is_final(request.state) or (request.state == self.course.stop and not self.turns)

    def marked(self, mark: str) -> bool:
        return mark in self.course.marks

    def say(self, name: str) -> str:
        """A note of words.toml."""
        found = words()["notes"][name]
        return str(self.rng.choice(found)) if isinstance(found, list) else str(found)

    def do(self, event: str, actor: str | None = None, note: str | None = None, **more: Any) -> Request:
        self.done = (event, {"actor": actor or self.actor, "note": note, **more})
        return self.desk.do(self.ref, event, actor or self.actor, note, **more)

    def wait(self, low: int, high: int) -> str:
        """The moment of a gesture, so many working days from now."""
        return self.desk.office(self.rng, self.rng.randint(low, high))

    # --- The story ---

    def story(self) -> Story:
        """The whole of it. It may be left at any `yield`: the period ends there."""
        self.turns = list(self.course.turns)
        self.receive()
        parts = (
            (self.triage, self.hosting, self.session, self.closing)
            if self.course.kind == "autonomous"
            else (self.triage, self.interview, self.tier, self.work, self.session, self.debrief, self.closing)
        )
        for part in parts:
            if self.over:
                return
            yield from part()
            yield from self.turn()
        yield from self.after()

    def turn(self) -> Story:
        """What happens on the way, once the request is where that happens."""
        while True:
            state = self.request.state
            found = next((t for t in self.turns if t.startswith(f"{state}:")), None)
            if found is None:
                return
            self.turns.remove(found)
            what, _under, reason = found.partition(":")[2].partition("_because_")
            yield from TURNS[what](self, reason)

    def receive(self) -> None:
        given = form(self.course, self.number, self.nth, self.desk.declaration, self.rng)
        if self.marked("follows") and self.desk.closed:
            before = self.rng.choice(list(self.desk.closed))
            again = f"{self.desk.closed[before]} : la suite"
            given.update(follows=before, moment="follow_up", title=again)
        self.title = given["title"]
        self.ref = self.desk.receive(given).ref

    def triage(self) -> Story:
        """From the form to the first answer: yes, no, or a question."""
        yield self.wait(8, 9) if self.marked("late") else self.wait(0, 3)
        yield from self.turn()
        if self.marked("asked"):
            yield from self.asking()
        if self.over:
            return
        if self.course.refused is not None and not self.course.turns:
            self.decline()
            return
        if self.marked("waived"):
            self.do("prequalify", PILOT, self.say("waive"), waive=("scope",))
        else:
            self.do("prequalify")

    def asking(self) -> Story:
        self.do("request_info", note=self.say("ask"))
        if self.over:
            return
        yield self.wait(2, 7)
        people = self.rng.randrange(10, 40)
        self.do("provide_info", note=self.say("answer"), on_behalf=True, participants=people, managers=people // 5)
        yield self.wait(0, 1)

    def decline(self) -> None:
        subject = words()["declined"][self.course.refused or 0]
        told = {name: subject[name] for name in ("reason", "orientation")}
        self.do("decline", note=subject["note"], agreed=self.agrees, **told)

    def interview(self) -> Story:
        if self.request.state != "prequalified":
            return
        yield self.wait(0, 2)
        yield from self.meet("interview", 1, 5)

    def tier(self) -> Story:
        """The tier: the one recommended, or another one with a note; then the pilot's validation."""
        if self.request.state != "qualified":
            return
        yield self.wait(0, 2)
        tier, note = recommend(self.desk.declaration, self.request.form).tier or self.course.tier, None
        if self.marked("other_tier"):
            tier, note = ("50_50" if tier == "tuto" else "tuto"), self.say("other_tier")
        self.do("assign_tier", note=note, tier=tier)
        yield from self.turn()
        if self.request.state != "tier_assigned":
            return
        if self.course.stop != "tier_assigned":
            yield self.wait(0, 3)
            self.validate()

    def validate(self) -> None:
        request = self.request
        if request.needs_validation(self.desk.declaration) and not request.validated:
            self.desk.do(self.ref, "validate", PILOT, basis="delegation")

    def work(self) -> Story:
        """The work meetings, one after the other."""
        if self.request.state not in ("tier_assigned", "working"):
            return
        wanted = self.rng.randint(*WORK[self.request.tier or "tuto"])
        if "working:derogation" in self.turns:
            wanted = self.desk.declaration.tiers["50_50"].work.max + 1
        while not self.over and len(self.request.of_kind("work", "held")) < wanted:
            yield self.wait(0, 3)
            if not self.plan("work", 3, 7):
                return
            yield from self.turn()
            if self.request.state != "working":
                return
            if self.course.stop == "working" and not self.request.of_kind("session", "planned"):
                self.plan("session", 30, 40)
            if self.request.next_planned("work"):
                yield from self.held("work")
        if self.marked("amended"):
            self.desk.do(self.ref, "amend", self.actor, participants=self.rng.randrange(25, 45))

    def hosting(self) -> Story:
        yield self.wait(0, 2)
        self.do("accept_autonomous")
        yield from self.turn()

    def session(self) -> Story:
        """The session, with who came; then what participants and figures say of it."""
        if self.request.state not in ("working", "hosted"):
            return
        yield self.wait(0, 2)
        self.tick("run_sheet", "organising")
        more: dict[str, Any] = {}
        if self.request.tier == "50_50":
            rng = self.rng
            more = {"facilitation": rng.choice(("both", "lab")), "skill": rng.choice(("design", "facilitation"))}
        yield from self.meet("session", 5, 12, **more)
        yield from self.turn()
        if self.request.state == "working":  # another cycle
            yield from self.work()
            yield from self.session()

    def debrief(self) -> Story:
        if self.request.state != "session_held":
            return
        yield self.wait(0, 3)
        self.measure()
        yield from self.meet("debrief", 2, 8)

    def measure(self) -> None:
        """Satisfaction, hours and ticked tasks, as far as people say them."""
        rng = self.rng
        if rng.random() < 0.75:
            score = rng.choice(("3.5", "4", "4", "4.2", "4.5", "4.5", "4.8", "5"))
            self.desk.do(self.ref, "record_satisfaction", self.actor, score=score, respondents=rng.randrange(5, 25))
        if rng.random() < 0.5:
            gain = rng.choice((None, None, "1500", "4000"))
            self.desk.do(
                self.ref, "record_effort", self.actor, hours=str(rng.randrange(6, 40)), gain=gain, staff=self.actor
            )
        self.tick("facilitation", "documentation")

    def tick(self, *stages: str) -> None:
        """Ticks the tasks of some stages that are not done yet, but for a few."""
        tier = self.desk.declaration.tiers.get(self.request.tier or "")
        tasks = [code for code, task in (tier.tasks if tier else {}).items() if task.stage in stages]
        for code in [code for code in tasks if self.rng.random() < 0.85 and not self.request.tasks.get(code)]:
            self.desk.do(self.ref, "complete_task", self.actor, task=code)

    def closing(self) -> Story:
        """The deliverable, and the end."""
        if self.request.state != ("debriefed" if self.request.accompanied else "session_held"):
            return
        yield self.wait(0, 6)
        if self.request.accompanied and not self.marked("no_deliverable"):
            type = self.rng.choice(list(words()["deliverables"]))
            title = self.rng.choice(words()["deliverables"][type])
            self.desk.do(self.ref, "record_deliverable", self.actor, title=title, type=type)
        if self.over:
            return
        if self.marked("no_deliverable"):
            self.do("close", note=self.say("no_deliverable"), waive=("deliverable",), agreed=self.agrees)
        else:
            self.do("close", agreed=self.agrees)
        self.desk.closed[self.ref] = self.title

    def after(self) -> Story:
        """Three and six months on: what became of it. Nobody answers always."""
        said = words()["follow_up"]
        while self.request.state == "closed" and self.rng.random() < 0.8:
            yield self.wait(55, 61)
            reused = self.rng.choice((None, None, "draio", "dsden_34"))
            done, changed = self.rng.choice(said["done"]), self.rng.choice(said["changed"])
            self.desk.do(self.ref, "record_follow_up", self.actor, done=done, changed=changed, reused_by=reused)
            if sum(r.event == "record_follow_up" for r in self.request.records) == 2:
                return

    # --- Meetings ---

    def meet(self, kind: str, low: int, high: int, **more: Any) -> Answer:
        """Plans a meeting so many working days ahead and holds it; planned afresh if it had to be cancelled."""
        for _attempt in range(3):
            if not self.plan(kind, low, high, **more) or self.over:
                return False
            if (yield from self.held(kind)):
                return True
        return False

    def staff(self, kind: str) -> tuple[str, ...]:
        people = [self.actor]
        if kind == "session" and self.request.tier == "50_50":
            people.append(DESIGNER)
        return tuple(people)

    @property
    def agrees(self) -> bool | None:
        """Whether the requester agrees to what ends the request: most do, some do not say, one in ten does not."""
        return {"3": False, "0": None, "6": None, "9": None}.get(self.ref[-1], True)

    def plan(self, kind: str, low: int, high: int, **more: Any) -> bool:
        """Plans a meeting; whether it could be. What the committee refused is cancelled instead."""
        request = self.request
        waits = request.needs_validation(self.desk.declaration) and not request.validated
        if waits and request.state in ("tier_assigned", "working"):
            self.do("cancel", note=words()["notes"]["cancel"]["out_of_scope"], reason="out_of_scope")
            return False
        place, staff = request.form["place"], () if not request.accompanied else self.staff(kind)
        if kind == "work" and self.rng.random() < 0.3:
            place = "hors_les_murs"
        wanted = Wanted(place, MINUTES[kind], staff, self.rng.randint(low, high))
        slot = self.desk.slot(self.rng, wanted)
        if slot is None:
            wanted = Wanted("hors_les_murs", wanted.minutes, staff, wanted.days)
            slot = self.desk.slot(self.rng, wanted)
        assert slot is not None
        agreed = self.rng.random() < 0.8 if wanted.place == "toulouse" else None
        # Off site is at the requester's; of an interview, a call, no department is said.
        there = request.form["department"] if wanted.place == "hors_les_murs" and kind != "interview" else None
        self.do(
            PLAN[kind], at=slot, duration=f"{wanted.minutes}m", place=wanted.place,
            staff=",".join(staff) or None, agreed=agreed, department=there, **more,
        )  # fmt: skip
        return True

    def held(self, kind: str) -> Answer:
        """Waits for the earliest planned meeting of a kind, wherever it is moved to, and records it as held."""
        while True:
            meeting = self.request.next_planned(kind)
            if meeting is None:
                return False
            end = end_of(meeting.at, meeting.duration)
            if self.desk.now >= end:
                break
            yield self.recorded_at(end)
        self.do(HELD[kind], meeting=meeting.id, **self.attendance(kind, meeting))
        return True

    def recorded_at(self, end: str) -> str:
        """Most are recorded on leaving, a few some days later."""
        if self.rng.random() < 0.07:
            day = self.desk.calendar.add(self.desk.calendar.local_day(end), self.rng.randint(1, 4))
            return self.desk.at(day, 9, 30)
        return end_of(end, self.rng.randint(2, 40))

    def attendance(self, kind: str, meeting: Meeting) -> dict[str, Any]:
        if kind != "session":
            return {}
        expected = self.request.form.get("participants") or 20
        attended = max(1, int(expected * self.rng.uniform(0.6, 1.05)))
        managers = min(attended, self.request.form.get("managers") or 0)
        return {"expected": expected, "attended": attended, "managers": managers, "started_at": meeting.at}
