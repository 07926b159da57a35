"""The requests of an invented half-year: what becomes of each, and what happens on the way.

Some sixty for six months. A turn is written `state:what`: once there, that happens.
"""

from __future__ import annotations

from random import Random

from attrs import Factory, frozen


@frozen
class Course:
    """What becomes of one request. `arrives`: between which fractions of the period its form comes in."""

    arrives: tuple[float, float] = (0.0, 0.55)
    tier: str = "tuto"  # the one its form recommends
    kind: str = "accompanied"
    stop: str = ""  # the state in which it is left
    turns: tuple[str, ...] = ()
    refused: int | None = None  # which of the subjects that are not retained
    place: str = ""
    service: str = ""
    marks: frozenset[str] = Factory(frozenset)  # late, asked, other_tier, follows…

    @property
    def sort(self) -> str:
        """The table of words.toml its subject is in."""
        if self.refused is not None:
            return "declined"
        return "autonomous" if self.kind == "autonomous" else "subjects"


def _course(arrives: tuple[float, float], tier: str, *turns: str, marks: str = "", **more: str) -> Course:
    return Course(arrives, tier, turns=turns, marks=frozenset(marks.split()), **more)  # type: ignore[arg-type]


_EARLY, _FIRST, _HALF, _LATE, _LAST = (0.0, 0.15), (0.02, 0.35), (0.05, 0.6), (0.6, 0.85), (0.9, 0.99)

_CLOSED = (
    # Without a hitch
    *[_course(_EARLY, "coup_de_pouce") for _ in range(3)],
    *[_course(_HALF, "coup_de_pouce") for _ in range(3)],
    *[_course(_EARLY, "tuto") for _ in range(2)],
    *[_course(_HALF, "tuto") for _ in range(4)],
    *[_course(_HALF, "50_50") for _ in range(3)],
    # With something on the way
    _course(_FIRST, "tuto", marks="asked"),
    _course(_HALF, "coup_de_pouce", marks="asked"),
    _course(_HALF, "50_50", "working:comment", marks="asked amended"),
    _course(_FIRST, "coup_de_pouce", "prequalified:explain", marks="late"),
    _course(_HALF, "tuto", marks="late"),
    _course(_FIRST, "tuto", "working:move", marks="other_tier"),
    _course(_HALF, "coup_de_pouce", "prequalified:undo", marks="other_tier"),
    _course(_FIRST, "50_50", "working:move", "working:comment"),
    _course(_FIRST, "tuto", "working:cancel_meeting"),
    _course(_HALF, "tuto", "working:cancel_meeting", "qualified:undo"),
    _course(_FIRST, "tuto", "tier_assigned:undo", "working:suspend"),
    _course(_HALF, "50_50", "working:suspend"),
    _course(_FIRST, "tuto", "working:change_tier"),
    _course(_EARLY, "50_50", "working:derogation"),
    _course(_FIRST, "tuto", "session_held:resume_work"),
    _course(_FIRST, "coup_de_pouce", "closed:reopen"),
    _course(_FIRST, "coup_de_pouce", marks="no_deliverable"),
    _course(_HALF, "coup_de_pouce", marks="waived", service="partenaire"),
    _course(_HALF, "tuto", service="autre_etat"),
    _course((0.4, 0.6), "coup_de_pouce", marks="follows"),
    _course((0.5, 0.65), "tuto", marks="follows"),
)

_OTHER_FATES = (
    *[Course((0.03 + 0.13 * n, 0.1 + 0.13 * n), refused=n) for n in range(6)],
    Course((0.1, 0.6), refused=6, turns=("qualified:decline",)),
    _course(_HALF, "tuto", "received:withdraw"),
    _course(_HALF, "50_50", "working:withdraw"),
    _course(_FIRST, "tuto", "tier_assigned:suspend_withdraw"),
    _course(_FIRST, "50_50", "working:cancel_because_staff_absence"),
    _course(_HALF, "tuto", "tier_assigned:cancel_because_requester_unavailable"),
    _course((0.3, 0.6), "tuto", kind="autonomous"),
    _course(_EARLY, "tuto", kind="autonomous"),
    _course((0.5, 0.7), "tuto", kind="autonomous"),
    _course((0.2, 0.6), "tuto", "hosted:cancel_because_no_space", kind="autonomous", place="montpellier"),
)

_OPEN = (
    # Still at some stage when the period ends
    _course(_LAST, "tuto", stop="received"),
    _course((0.92, 0.95), "tuto", stop="received"),
    _course((0.9, 0.93), "50_50", stop="info_requested", marks="asked"),
    _course((0.9, 0.95), "coup_de_pouce", stop="prequalified"),
    _course((0.86, 0.9), "tuto", stop="interview_planned"),
    _course((0.84, 0.9), "50_50", stop="qualified"),
    _course((0.75, 0.82), "50_50", stop="tier_assigned"),
    _course(_LATE, "tuto", stop="working"),
    _course(_LATE, "50_50", stop="working"),
    _course((0.6, 0.7), "coup_de_pouce", stop="session_held"),
    _course((0.55, 0.62), "coup_de_pouce", stop="debriefed"),
    _course(_LATE, "tuto", "tier_assigned:suspend", stop="suspended"),
    _course((0.75, 0.85), "tuto", stop="hosted", kind="autonomous"),
    # And whatever the end finds them at
    *[
        _course((0.62, 0.98), tier, marks="follows" if n == 1 else "")
        for n, tier in enumerate(["tuto", "tuto", "50_50", "coup_de_pouce"])
    ],
)

COURSES = (*_CLOSED, *_OTHER_FATES, *_OPEN)


def courses(months: int, rng: Random) -> list[tuple[float, Course]]:
    """When each form comes in, as a fraction of the period, in order; about ten a month."""
    wanted = round(len(COURSES) * months / 6)
    chosen = [COURSES[n % len(COURSES)] for n in range(wanted)] if months >= 6 else rng.sample(COURSES, wanted)
    return sorted(((rng.uniform(*course.arrives), course) for course in chosen), key=lambda found: found[0])
