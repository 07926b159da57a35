"""Which lists of entries a review has, so that each of its numbers leads to exactly those it was counted from.

A list that several numbers are parts of is written once, under a heading for each; what is split in several ways is
listed whole the first time, and as requests alone the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from attrs import evolve

from handlers.review.cells import Telling, judges
from handlers.review.evidence import NOTHING, Listing
from handlers.review.words import alert_name, answer_names, figure_name, meeting_names, step_names
from states.declaration.vocabulary import EFFORT, FOLLOW_UP, UNSAID
from states.language import _, month_name
from states.review.figures import Figure, Item, count
from states.review.splits import MEETINGS, STEPS

Label = Callable[[str], str]


def lists(told: Telling) -> tuple[Listing, ...]:
    """Every list with something in it: those of figures in their order, then those of splits alone."""
    grouped = [kept for listing in _grouped(told) if (kept := _filled(listing))]
    placed = {name for listing in grouped for name, _code in listing.names()}
    by_code = {listing.code: listing for listing in grouped}
    found: list[Listing] = []
    alike: dict[int, int] = {}
    for name, figure in told.figures.items():
        if name in by_code:
            found.append(by_code.pop(name))
        elif name not in placed and (mark := _mark(figure)) is not None:
            first = alike.setdefault(mark, len(found))
            if first < len(found):
                found[first] = evolve(found[first], also=(*found[first].also, name))
            else:
                found.append(Listing(name, figure_name(told.declaration, name), figure))
    return (*found, *by_code.values())


def _filled(listing: Listing) -> Listing | None:
    """It without its parts in which nothing is; None of nothing."""
    parts = tuple(kept for part in listing.parts if (kept := _filled(part)))
    return evolve(listing, parts=parts) if parts or listing.figure.items else None


def _mark(figure: Figure) -> int | None:
    """What the same entries, saying the same, have in common; None of none. The entries themselves are not kept."""
    items = figure.items
    return hash(tuple((item.ref, item.seq, repr(item.said)) for item in items)) if items else None


# --- Parts ---


def _grouped(told: Telling) -> Iterator[Listing]:
    """The lists that have parts."""
    yield from _of_figures(told)
    yield from _of_requests(told)
    yield _furthest(told)
    yield _stays(told)
    held = (Listing(f"held.{kind}", meeting_names()[kind], parts=_below(told, f"held.{kind}", _of(told, "places")))
            for kind in MEETINGS)  # fmt: skip
    yield Listing("held", _("What was held, and where"), parts=tuple(held))
    gathered = (Listing(f"gathered.{code}", axis.text, parts=_below(told, f"gathered.{code}", _gathering))
                for code, axis in told.declaration.axes.items())  # fmt: skip
    yield Listing("gathered", _("Attendance by axis"), parts=tuple(gathered))
    yield Listing("proposed", _("Activities held"), parts=_below(told, "proposed", _of(told, "activity_types")))
    yield Listing("alerts", _("Alerts raised"), parts=_below(told, "alerts", alert_name))
    opinions = (Listing(f"agreement.{what}", figure_name(told.declaration, f"agreement.{what}"),
                        parts=_below(told, f"agreement.{what}", answer_names().__getitem__))
                for what in ("declined", "tier_changed"))  # fmt: skip
    yield Listing("agreement", _("Whether the requester agrees"), parts=tuple(opinions))
    answered = told.splits.get("answered", NOTHING)
    yield Listing("answered", _("Time to answer"), answered)


def _of_figures(told: Telling) -> Iterator[Listing]:
    """The entries of a figure by what it is split into, each written once."""
    of = partial(_of, told)
    money = {EFFORT: _("Efforts recorded"), FOLLOW_UP: _("Follow-ups recorded")}
    met, missed = (
        Listing(
            f"deadlines.{name}", figure_name(told.declaration, f"deadlines.{name}"), parts=_below(told, name, told.due)
        )
        for name in ("met", "missed")
    )
    for code, parts in (
        *((f"indicators.{name}", _by_project(told, name)) for name in _PROJECTS),
        ("flow.received", _below(told, "received.service", of("services"))),
        ("flow.declined", _below(told, "flow.decline_reasons", of("decline_reasons"))),
        ("flow.cancelled", _below(told, "cancelled", of("cancel_reasons"))),
        ("flow.closed", _below(told, "agreement.closed", answer_names().__getitem__)),
        ("indicators.services_participating", _below(told, "taking_part", of("services"))),
        ("indicators.deliverables", _below(told, "produced", of("deliverable_types"))),
        ("indicators.satisfaction", _below(told, "judged", partial(judges, told.declaration))),
        ("indicators.space_usage_rate", _below(told, "space", _month, ranked=False)),
        ("indicators.return_on_investment", _below(told, "money", money.__getitem__)),
        ("deadlines.rate", (met, missed)),
    ):
        yield Listing(code, figure_name(told.declaration, code), parts=parts)


_PROJECTS = ("projects_accompanied", "projects_accompanied_year")


def _by_project(told: Telling, name: str) -> tuple[Listing, ...]:
    """A part for each project, named after its first request: as many as the figure says."""
    found: dict[str, list[Item]] = {}
    for item in told.figures[f"indicators.{name}"].items:
        found.setdefault(item.said["project"], []).append(item)
    titled = ((ref, items, f"{ref} {told.title(ref) or ''}".strip()) for ref, items in sorted(found.items()))
    return tuple(Listing(f"{name}.{ref}", title, count(items)) for ref, items, title in titled)


def _of_requests(told: Telling) -> Iterator[Listing]:
    """Requests received and accompanied, split in the other ways there are."""
    of = partial(_of, told)
    for code, title, vocabulary in (
        ("received.department", _("Requests by department"), "departments"),
        ("received.axis", _("Requests by axis"), "axes"),
        ("received.wanted_tier", _("Requests by tier wished for"), "tiers"),
        ("received.family", _("Requests by family of services"), "families"),
        ("received.academy", _("Requests by academy"), "academies"),
        ("flow.by_axis", _("Accompanied requests by axis"), "axes"),
        ("flow.by_department", _("Accompanied requests by department"), "departments"),
        ("flow.by_family", _("Accompanied requests by family of services"), "families"),
        ("flow.by_academy", _("Accompanied requests by academy"), "academies"),
    ):
        yield Listing(code, title, parts=_below(told, code, of(vocabulary)), brief=True)
    tiers = (evolve(part, code=f"flow.by_tier.{part.code.removeprefix('tiers.')}")
             for part in _below(told, "tiers", of("tiers")))  # fmt: skip
    yield Listing("tiers", _("Accompanied requests by tier"), parts=tuple(tiers))
    off_site = _below(told, "flow.off_site_by_department", of("departments"))
    yield Listing("flow.off_site_by_department", _("Held off site, by department"), parts=off_site)


def _furthest(told: Telling) -> Listing:
    """Each step within the one before: what came further is listed under it."""
    found: tuple[Listing, ...] = ()
    for step in reversed(STEPS):
        figure = told.splits.get(f"furthest.{step}", NOTHING)
        found = (Listing(f"furthest.{step}", step_names()[step], figure, found),)
    return Listing("furthest", _("How far they had come"), parts=found, brief=True)


def _stays(told: Telling) -> Listing:
    """Where requests were: in each state, the stays that ended in the period, then those that go on at its end."""
    states = []
    for code in told.declaration.states:
        over, on = f"lead_times.{code}.n", f"flow.open_by_state.{code}"
        also = tuple(f"lead_times.{code}{name}" for name in ("", ".median_days", ".p90_days"))
        parts = (
            Listing(over, _("Ended in the period"), told.figures.get(over, NOTHING), also=also),
            Listing(on, _("Under way at the end"), told.figures.get(on, NOTHING)),
        )
        states.append(Listing(f"stays.{code}", told.label("states", code), parts=parts))
    return Listing("stays", _("Time spent in each state"), parts=tuple(states))


def _below(told: Telling, group: str, label: Label, *, ranked: bool = True) -> tuple[Listing, ...]:
    """A part for each figure of a group, the longest first if `ranked`."""
    found = [
        Listing(name, label(name.removeprefix(f"{group}.")) or _("not said"), figure)
        for name, figure in (*told.figures.items(), *told.splits.items())
        if name.startswith(f"{group}.")
    ]
    return tuple(sorted(found, key=lambda part: (-part.figure.value, part.title)) if ranked else found)


def _of(told: Telling, vocabulary: str) -> Label:
    return lambda code: _("not said") if code == UNSAID else told.label(vocabulary, code)


def _gathering(kind: str) -> str:
    return {"session": _("Sessions"), "activity": _("Activities")}[kind]


def _month(code: str) -> str:
    return month_name(date.fromisoformat(f"{code}-01"))
