"""A migration, told: what each running request would become, then what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cli.output.lines import line, title
from cli.output.terminal import one_line
from states.declaration.types import local
from states.language import _, _n, long_time

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from workflow.versions.migration import Outcome
    from workflow.versions.plan import Dated, Row


def tell_plan(rows: Sequence[Row], declaration: Declaration, titles: Mapping[str, str | None]) -> None:
    """What `coop lifecycle migrate` prints before anything is written."""
    if not rows:
        line(_("No running request obeys another version: there is nothing to move."))
        return
    for row in rows:
        _tell_row(row, declaration, titles)
    line()
    verdicts = Counter(row.verdict for row in rows)
    counts = {
        "follow": _n("{n} follows", "{n} follow", verdicts["follows"]),
        "choice": _n("{n} needs a choice", "{n} need a choice", verdicts["choice"]),
        "cannot": _n("{n} cannot", "{n} cannot", verdicts["cannot"]),
    }
    line((_("{follow}, {choice}, {cannot}.", **counts), "bold"))


def _tell_row(row: Row, declaration: Declaration, titles: Mapping[str, str | None]) -> None:
    own = declaration.of(row.ref)
    before, after = row.versions
    line()
    line((row.ref, "bold cyan"), f"  {one_line(titles.get(row.ref) or '—')}", cut=True)
    states = list(dict.fromkeys(own.label("states", code) for code in row.states))
    line("  ", _("version {before} → {after}, {state}", before=before, after=after, state=" → ".join(states)))
    for text in _changes(row, own):
        line("  ", text)
    verdict = {"follows": _("follows"), "choice": _("needs a choice"), "cannot": _("cannot follow")}[row.verdict]
    line("  ", (verdict, {"follows": "green", "choice": "yellow"}.get(row.verdict, "red")))
    for reason in row.reasons:
        line("    · ", reason)


def _changes(row: Row, declaration: Declaration) -> Iterator[str]:
    """What changes of one request, a line each."""
    for one in row.deadlines:
        yield _deadline(one, declaration)
    if row.cap[0] != row.cap[1]:
        yield _(
            "work meetings: {used} used, cap {before} → {after}", used=row.used, before=row.cap[0], after=row.cap[1]
        )
    for words, ids in zip((_("new tasks: {ids}"), _("tasks that vanish: {ids}")), row.tasks, strict=True):
        if ids:
            yield words.format(ids=", ".join(ids))
    for id, rules in row.meetings:
        yield _("{meeting} would no longer be planned there: {rules}", meeting=id, rules=", ".join(rules))
    for code in row.letters:
        yield _(
            "the letter “{letter}” was sent, and would now say otherwise", letter=declaration.label("letters", code)
        )


def _deadline(one: Dated, declaration: Declaration) -> str:
    zone, label = declaration.lab.tz, declaration.label("deadlines", one.kind)
    before, after = (long_time(local(at, zone)) if at else _("none") for at in (one.before, one.after))
    if one.before == one.after:
        late = " " + _("(overdue)") if one.overdue else ""
        return _("{deadline}: {day}, as it was", deadline=label, day=before) + late
    return _("{deadline}: {before} → {after}", deadline=label, before=before, after=after)


def tell_outcomes(outcomes: Sequence[Outcome]) -> None:
    """What `coop lifecycle migrate --apply` prints: how many moved, who stayed and why, what is not as planned."""
    moved = sum(one.moved for one in outcomes)
    line((_n("{n} request moved.", "{n} requests moved.", moved), "bold"))
    if otherwise := [one for one in outcomes if one.otherwise]:
        title(_("Not as planned:"))
        for one in otherwise:
            line("  ", (one.row.ref, "cyan"), "  ", ", ".join(one.otherwise))
    left = [one.row for one in outcomes if not one.moved]
    if left:
        title(_("Left on their version, where they may stay for ever:"))
    for row in left:
        line("  ", (row.ref, "cyan"), "  ", " ".join(row.reasons) or _("moved by somebody else"))
