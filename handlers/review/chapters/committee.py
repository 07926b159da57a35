"""The chapter of the review on what the committee is asked for, and what it decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from handlers.review.cells import Telling, count, ref, table, words
from handlers.review.pack import Cell, Chapter, Table
from states.declaration.vocabulary import DELIVERABLE
from states.language import _, _n, enumeration
from states.lifecycle.effects import Comment
from states.requests.entry import Entry
from states.review import governance
from states.review.dataset import Scope, Story


def committee(told: Telling) -> Chapter:
    """The projects to validate, those to ratify, what was decided, and what became of the last decisions."""
    scope = told.scope
    columns = [_("Request"), _("Project"), _("Service"), _("Tier"), _("State")]
    columns += [] if told.public else [_("Sponsor")]
    validating, ratifying = (_projects(told, found(scope)) for found in (governance.to_validate, governance.to_ratify))
    return Chapter(
        "committee",
        _("For the committee"),
        () if told.public else tuple(told.orientations),
        tables=(
            *((_in_numbers(told),) if told.public else ()),
            table("to_validate", _("Projects to validate"), columns, validating),
            table("to_ratify", _("Validated by delegation, to ratify"), columns, ratifying),
            _decisions(told, "decisions", _("Decisions on this review"), scope),
            _decisions(told, "last_decisions", _("What became of the last ones"), scope.previous),
            _project_committees(told),
        ),
    )


def _in_numbers(told: Telling) -> Table:
    """What the public is told of the projects: how many wait for which decision, how many had which."""
    scope = told.scope
    waiting = (
        (_("Projects to validate"), governance.to_validate(scope)),
        (_("Validated by delegation, to ratify"), governance.to_ratify(scope)),
    )
    decided = Counter(entry.data["decision"] for _story, entry in governance.decisions(scope))
    rows = [(words(what), count(len(stories))) for what, stories in waiting]
    rows += [(words(told.label("decisions", code)), count(n)) for code, n in decided.most_common()]
    return table("decisions_in_numbers", _("Decisions awaited and taken"), (_("Decision"), _("Projects")), rows)


def _projects(told: Telling, stories: Iterable[Story]) -> Iterator[tuple[Cell, ...]]:
    for story in stories:
        request = story.request
        sponsor = request.form.get("sponsor") or {}
        said = told.text(story.ref, sponsor.get("seq", 0), "sponsor")
        yield (
            ref(story.ref),
            words(told.title(story.ref) or "—"),
            words(told.label("services", request.form["service"])),
            words(told.label("tiers", request.tier)),
            words(told.label("states", request.state)),
            *(() if told.public else (words(said or "—"),)),
        )


def _decisions(told: Telling, code: str, title: str, scope: Scope) -> Table:
    rows = [
        (
            ref(story.ref),
            words(told.title(story.ref) or "—"),
            words(told.label("decisions", entry.data["decision"])),
            told.day(entry.occurred_at),
            words(told.label("states", story.request.state)),
            words(_since(story, entry)),
        )
        for story, entry in governance.decisions(scope)
    ]
    columns = (_("Request"), _("Project"), _("Decision"), _("Date"), _("State now"), _("Since"))
    return table(code, title, columns, rows)


def _project_committees(told: Telling) -> Table:
    """Who came, by role or function, and what was decided; published, only how many there were."""
    title = _("Project committees")
    if told.public:
        name = "committee.project_committees"
        counted = (words(title), told.cell(name), told.past(name))
        return told.compared("project_committees", title, _("Meetings"), [counted])
    rows = [
        (
            told.day(entry.occurred_at),
            ref(story.ref),
            words(told.title(story.ref) or "—"),
            words(Comment.who_came(story.declaration, entry) or "—"),
            words(told.text(story.ref, entry.seq, "decisions") or told.text(story.ref, entry.seq, "note") or "—"),
        )
        for story, entry in governance.project_committees(told.scope)
    ]
    columns = (_("Date"), _("Request"), _("Project"), _("Participants"), _("Decided or said"))
    note = _("By role or function: nobody is named.")
    return table("project_committees", title, columns, rows, note)


def _since(story: Story, decision: Entry) -> str:
    """What a project has come to since a decision: the meetings held, what it produced."""
    later = [entry for entry in story.effective if entry.seq > decision.seq]
    held = [one for one in story.held if one.entry.seq > decision.seq and one.meeting.begins_at >= decision.occurred_at]
    meetings = sum(1 for one in held if one.meeting.kind in ("work", "session"))
    made = sum(1 for entry in later if story.declaration.recorded(entry.event) == DELIVERABLE)
    parts = [_n("{n} meeting held", "{n} meetings held", meetings)] if meetings else []
    if made:
        parts.append(_n("{n} deliverable", "{n} deliverables", made))
    return enumeration(parts) or _("nothing yet")
