"""What figures, rules and entries are called in a review, and how each figure is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from states.declaration.vocabulary import ATTENDANCE, MANAGERS, UNSAID
from states.language import _, enumeration, label_of

if TYPE_CHECKING:  # the shell completes these names, and does not wait for the declaration's classes
    from states.declaration.model import Declaration

RATES = frozenset({"deadlines.rate", "indicators.attendance_rate", "indicators.attendance_rate_all",
                   "indicators.space_usage_rate", "indicators.return_on_investment"})  # fmt: skip


# The figures of the axes that the declaration counts them on: their names say which.
_COUNTS = {"indicators.attendance_rate": ATTENDANCE, "indicators.managers_participating": MANAGERS}

# The entries of the lab’s own stream that a review tells of.
CALENDAR = frozenset({"holidays_copied", "calendar_closed", "calendar_reopened", "place_closed", "place_reopened",
                      "place_swapped", "swap_cancelled"})  # fmt: skip


def figure_name(declaration: Declaration, name: str) -> str:
    """A figure by its full name, in words: `lead_times.working.n` is “Time in the state Working: stays”."""
    if name in lists_and_groups():
        return lists_and_groups()[name]
    group, _dot, rest = name.partition(".")
    single = single_figures().get(name)
    if single:
        axes = [axis.text for axis in declaration.axes.values() if axis.counts and axis.counts == _COUNTS.get(name)]
        inside = [axis[:1].lower() + axis[1:] for axis in axes]
        return _("{figure}, {axis}", figure=single, axis=enumeration(inside)) if axes else single
    first, _dot, last = rest.partition(".")
    if group == "lead_times":
        part = {"n": _("stays"), "median_days": _("median"), "p90_days": _("nine in ten under")}.get(last)
        said = _("Time in the state “{state}”", state=declaration.label("states", first))
        return f"{said}, {part}" if part else said
    if group == "alerts":
        return _("Alerts: {rule}", rule=alert_name(rest))
    if group == "agreement":
        asked = agreement_names()[first]
        return _("{group}: {name}", group=asked, name=answer_names()[last]) if last else asked
    said, vocabulary = figure_groups()[first]
    label = _("not said") if last == UNSAID else declaration.label(vocabulary, last) or "—"
    return _("{group}: {name}", group=said, name=label) if last else said


def figure_kind(name: str) -> str:
    """What the value of a figure is, as cells say it: `rate`, `number`, `days` or `count`."""
    if name in RATES:
        return "rate"
    if name == "indicators.satisfaction":
        return "number"
    return "days" if name.startswith("lead_times.") and not name.endswith(".n") else "count"


def event_name(declaration: Declaration, ref: str, code: str) -> str:
    """What an entry tells, as done: `Session tenue`. What is of no lifecycle, nor of a calendar, is an alert."""
    if code in CALENDAR:
        return _("Calendar of the lab or of a place")
    event = (declaration.of(ref) if ref else declaration).events.get(code)
    return (label_of(event.past) or event.text if event else "") or _("Alert raised")


def list_name(name: str) -> str:
    """What a list of the document is called: `to_ratify`, `decisions`…; any other name as it is."""
    return lists_and_groups().get(name, name)


def lists_and_groups() -> Mapping[str, str]:
    """What holds several figures or entries of the document."""
    return {
        "indicators": _("Indicators"),
        "flow": _("The flow of requests"),
        "lead_times": _("Time spent in each state"),
        "deadlines": _("Deadlines"),
        "alerts": _("Alerts raised"),
        "committee": _("For the committee"),
        "agreement": _("Agreement of the requester"),
        "exchange": _("Lent and borrowed between labs"),
        "to_validate": _("Projects to validate"),
        "to_ratify": _("Validated by delegation, to ratify"),
        "decisions": _("Decisions on this review"),
        "waivers": _("Rules waived"),
        "derogations": _("Granted beyond the cap"),
        "signals": _("Signals"),
    }


def single_figures() -> Mapping[str, str]:
    """The figures that stand alone, by their full names."""
    return {
        "flow.received": _("Requests received"),
        "flow.accepted": _("Requests accepted"),
        "flow.declined": _("Requests declined"),
        "flow.withdrawn": _("Requests withdrawn"),
        "flow.cancelled": _("Requests cancelled"),
        "flow.closed": _("Requests closed"),
        "flow.open": _("Requests under way at the end"),
        "flow.open_at_start": _("Requests under way at the start"),
        "flow.reopened": _("Requests reopened"),
        "indicators.projects_accompanied": _("Projects accompanied"),
        "indicators.projects_accompanied_year": _("Projects accompanied since 1 January"),
        "indicators.managers_participating": _("Participations of managers"),
        "indicators.attendance_rate": _("Attendance"),
        "indicators.attendance_rate_all": _("Attendance, all axes"),
        "indicators.services_participating": _("Regional services taking part"),
        "indicators.services_declared": _("Regional services declared"),
        "indicators.deliverables": _("Deliverables"),
        "indicators.satisfaction": _("Satisfaction, out of 5"),
        "indicators.space_usage_rate": _("Use of the space"),
        "indicators.return_on_investment": _("Return on investment"),
        "deadlines.met": _("Deadlines met"),
        "deadlines.missed": _("Deadlines missed"),
        "deadlines.rate": _("Share of deadlines met"),
        "corrections": _("Entries corrected"),
        "exchange.days_gained": _("Days of the other lab, gained by a swap"),
        "exchange.days_gained_used": _("Days gained, on which something was held"),
        "exchange.days_given": _("Days of ours, lent in exchange"),
        "exchange.held_agreed": _("Held by arrangement, agreed with the hosts"),
        "exchange.held_not_agreed": _("Held by arrangement, agreement not recorded"),
        "committee.awaited": _("Decisions awaited"),
        "committee.project_committees": _("Project committees"),
    }


def figure_groups() -> Mapping[str, tuple[str, str]]:
    """The figures of `flow` that there is one of for each code: what they count, and the vocabulary."""
    return {
        "open_by_state": (_("Under way at the end"), "states"),
        "by_tier": (_("Accompanied requests"), "tiers"),
        "by_axis": (_("Accompanied requests"), "axes"),
        "by_department": (_("Accompanied requests"), "departments"),
        "by_family": (_("Accompanied requests"), "families"),
        "by_academy": (_("Accompanied requests"), "academies"),
        "off_site_by_department": (_("Held off site"), "departments"),
        "decline_reasons": (_("Requests declined"), "decline_reasons"),
    }


def agreement_names() -> Mapping[str, str]:
    """What requesters may have agreed to."""
    return {
        "closed": _("Closing"),
        "declined": _("Refusal"),
        "tier_changed": _("Change of tier"),
    }


def answer_names() -> Mapping[str, str]:
    """What they may have answered."""
    return {"yes": _("agrees"), "no": _("does not agree"), UNSAID: _("not said")}


def meeting_names() -> Mapping[str, str]:
    """What is held for a request, by kind."""
    return {
        "interview": _("Interviews"),
        "work": _("Work meetings"),
        "session": _("Sessions"),
        "debrief": _("Debriefs"),
    }


def step_names() -> Mapping[str, str]:
    """How far a request to accompany has come."""
    return {
        "received": _("Requests received"),
        "accepted": _("Accepted"),
        "interviewed": _("Interview held"),
        "begun": _("Work begun"),
        "gathered": _("Session held"),
        "closed": _("Closed"),
    }


def alert_name(rule: str) -> str:
    """A rule of alert in a few words."""
    return alert_names().get(rule, rule)


def alert_names() -> Mapping[str, str]:
    """Every rule of alert, in a few words."""
    return {
        "staff_absence": _("someone assigned is away"),
        "single_point_of_failure": _("nobody to replace someone"),
        "unstaffed": _("nobody assigned"),
        "skill_gap": _("a skill is missing"),
        "overload": _("more hours asked than there are"),
        "material_not_ready": _("preparation not done"),
        "place_closed": _("the place is closed"),
        "agreement_missing": _("the hosts have not agreed"),
        "deadline": _("a deadline"),
    }


def rule_name(declaration: Declaration, rule: str) -> str:
    """A rule that can be waived, in words."""
    found = declaration.eligibility.get(rule)
    if found:
        return found.text
    return {
        "outside_hours": _("outside the hours"),
        "day_off": _("a day off"),
        "deliverable": _("a deliverable before closing"),
    }.get(rule, rule)


def code_name(code: str) -> str:
    """A half of a day, the level of an alert or what a signal is made of, in words."""
    return {
        "morning": _("morning"),
        "afternoon": _("afternoon"),
        "info": _("for information"),
        "warning": _("to be watched"),
        "critical": _("critical"),
        "declined_share": _("share of answers that were no"),
        "satisfaction": _("mean satisfaction"),
        "tiers_changed": _("share of tiers changed"),
    }.get(code, code)


def said_name(name: str) -> str:
    """What an entry brings to a figure, in words."""
    return {
        "type": _("type"),
        "meeting": _("meeting"),
        "project": _("project"),
        "managers": _("managers"),
        "attended": _("present"),
        "expected": _("expected"),
        "service": _("service"),
        "score": _("score"),
        "respondents": _("respondents"),
        "day": _("day"),
        "half_day": _("half-day"),
        "gain": _("gain"),
        "cost": _("cost"),
        "state": _("state"),
        "until": _("until"),
        "days": _("days"),
        "kind": _("deadline"),
        "due_at": _("due"),
        "settled_at": _("settled"),
        "corrected_by": _("corrected by entry"),
        "level": _("level"),
        "decision": _("decision"),
        "rule": _("rule"),
        "extra": _("meetings granted"),
        "cause": _("signal"),
        "hours": _("hours"),
        "effort": _("effort"),
        "work_held": _("work meetings held"),
        "cap": _("cap"),
        "registered": _("registered"),
        "services": _("services present"),
    }.get(name, name)


def definitions() -> list[tuple[str, str]]:
    """How each figure is counted: contract.md, “How the review counts”."""
    return [
        (
            _("Effective entries"),
            _("An entry that was corrected, and its correction, count nowhere but in corrections."),
        ),
        (
            _("When"),
            _(
                "An entry counts in the period in which what it tells occurred, whenever it was entered; "
                "what was held, in that of its real start."
            ),
        ),
        (_("Project"), _("A chain of requests that follow each other; a request without one is its own.")),
        (_("Accompanied"), _("A work meeting or a session of an accompanied request was held in the period.")),
        (
            _("Participations of managers"),
            _("The managers at sessions and activities of the axes that count them: participations, not persons."),
        ),
        (_("Attendance"), _("Present ÷ expected or registered, over what gave both numbers.")),
        (
            _("Service taking part"),
            _("A request of the service worked on in the period, or its people at an activity."),
        ),
        (
            _("Held off site"),
            _("What was held outside the lab’s places, by the department said of it; apart, where nobody said one."),
        ),
        (
            _("Lent and borrowed between labs"),
            _("Days swapped that have come; what was held where others are asked, agreed or not. Never persons."),
        ),
        (
            _("Whether the requester agrees"),
            _("Said at a closing, a refusal or a change of tier; an opinion, which is never published."),
        ),
        (_("Satisfaction"), _("The mean score, weighted by respondents; one when their number was not said.")),
        (
            _("Time in a state"),
            _("Stays that ended in the period, in calendar days; the values between two stays are interpolated."),
        ),
        (
            _("Deadlines"),
            _(
                "Those due in the period: met if left by then. A pause moves that moment; a dropped one is not "
                "counted, nor a duty only to record what was held."
            ),
        ),
        (
            _("Use of the space"),
            _("Half-days (08–13, 13–19) with something held ÷ half-days open to the lab that have begun."),
        ),
        (
            _("Return on investment"),
            _(
                "(Gains − costs) ÷ costs; costs are those recorded, and the hours at the declared hourly cost; "
                "none without a gain."
            ),
        ),
        (_("No data"), _("What nobody can compute is never shown as 0.")),
    ]
