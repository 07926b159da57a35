"""The chapter of the review on the projects accompanied, one line each: what a committee validates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handlers.review.cells import Telling, count, ref, table, words
from handlers.review.pack import Cell, Chapter
from handlers.review.text import written
from states.declaration.vocabulary import DELIVERABLE, FOLLOW_UP, SATISFACTION
from states.language import _, enumeration
from states.review.dataset import Story
from states.review.figures import ratio
from states.review.indicators import project_of, weighed


def projects(told: Telling) -> Chapter:
    """Each project with a work meeting or a session held in the period, told by its last request."""
    chains: dict[str, list[Story]] = {}
    for story in told.scope.accompanied:
        chains.setdefault(project_of(told.scope, story.ref), []).append(story)
    columns = (
        _("Request"), _("Project"), _("Service"), _("Tier"), _("State"), _("Sessions"), _("Deliverable"),
        _("What came of it"),
    )  # fmt: skip
    note = _("Sessions, deliverables and follow-ups of the whole project up to the end of the period.")
    rows = [_row(told, stories) for _first, stories in sorted(chains.items())]
    shown = table("projects", _("Projects accompanied"), columns, rows, note)
    return Chapter("projects", _("The projects"), tables=(shown,), wide=True)


def _row(told: Telling, stories: Sequence[Story]) -> tuple[Cell, ...]:
    story, end = stories[-1], told.scope.limit
    stay = story.stay_at(end)
    sessions = sum(
        held.meeting.kind == "session" and held.meeting.begins_at < end for one in stories for held in one.held
    )
    return (
        ref(story.ref),
        words(told.title(story.ref) or "—"),
        words(told.service(story.ref)),
        words(told.label("tiers", story.tier_at(end)) or "—"),
        words(told.label("states", stay.state if stay else story.request.state)),
        count(sessions),
        words(enumeration(list(_texts(told, stories, DELIVERABLE, "title"))) or "—"),
        words(_outcome(told, stories)),
    )


def _texts(told: Telling, stories: Sequence[Story], kind: str, *fields: str) -> Iterator[str]:
    """What people wrote in the entries that record something, oldest first."""
    for story in stories:
        for entry in story.effective:
            if story.declaration.recorded(entry.event) == kind and entry.occurred_at < told.scope.limit:
                text = next((said for name in fields if (said := told.text(story.ref, entry.seq, name))), None)
                if text:
                    yield text


def _outcome(told: Telling, stories: Sequence[Story]) -> str:
    """What it changed, as last said at a follow-up; else what people thought of it."""
    changed = list(_texts(told, stories, FOLLOW_UP, "changed", "done"))
    if changed:
        return changed[-1]
    limit = told.scope.limit
    scores = [
        weighed(entry)
        for story in stories
        for entry in story.effective
        if story.declaration.recorded(entry.event) == SATISFACTION and entry.occurred_at < limit
    ]
    mean = ratio(sum(score * n for score, n in scores), sum(n for _score, n in scores))
    return "—" if mean is None else _("satisfaction {mean} out of 5", mean=written(Cell(mean, "number")))
