"""From what was typed to an applied event, and from an applied event to what is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.options import print_json
from cli.output.history import values_told
from cli.output.request import registrations
from cli.output.terminal import echo, printable, stderr
from states.declaration.types import end_of, local
from states.declaration.vocabulary import CLOSED
from states.language import _, enumeration, long_time
from states.references import is_activity

if TYPE_CHECKING:
    from cli.session import Session
    from states.declaration.model import Declaration
    from states.requests.entry import Entry
    from states.requests.request import Request
    from workflow.engine import Applied


def document(session: Session, applied: Applied) -> dict[str, Any]:
    """The `show` document after the event, with `applied`."""
    entry = applied.entry
    with session.reader() as reader:
        shown = reader.show(applied.request)
    return {
        **shown,
        "applied": {"seq": entry.seq, "event": entry.event, "from": entry.source, "to": entry.to},
        "replayed": applied.replayed,
        "notices": list(applied.notices),
    }


def present(session: Session, applied: Sequence[Applied], as_json: bool) -> None:
    """Prints what was stored, and remembers the reference for `.`."""
    session.touch(applied[-1].request.ref)
    if as_json:
        print_json(document(session, applied[-1]))
        return
    shown = None
    for one in applied:
        _told(session, one, named=one.request.ref != shown)
        shown = one.request.ref


def _told(session: Session, applied: Applied, *, named: bool) -> None:
    from states.lifecycle.effects import effect_of

    with session.reader() as reader:
        declaration = reader.declaration_of(applied.entry.declaration).of(applied.request.ref)
        texts = reader.texts(applied.request.ref)
        title = texts.filled(applied.request.form, 1)["title"]
        data = texts.filled(applied.entry.data, applied.entry.seq)
    entry, request = applied.entry, applied.request
    event = declaration.events[entry.event]
    again = " " + _("(already done by the same key)") if applied.replayed else ""
    if named:
        echo(printable(f"{request.ref} · {title or '—'}"))
    echo(f"  {effect_of(event).done(event, data)}{again}{moved(declaration, entry)}")
    undone: list[str] = []
    if "corrects" in entry.data:
        from cli.commands.lead.undo import lines

        undone = lines(session, entry)
    told = {name: value for name, value in data.items() if name not in ECHOED}
    values = " · ".join(values_told(declaration, event, told))
    for line in [*details(declaration, request, entry), *undone, *filter(None, [values])]:
        echo(f"  {printable(line)}")
    if declaration.letters and not applied.replayed:
        from cli.commands.look.letter import waiting_lines

        for line in waiting_lines(session, request.ref, entry.seq):
            echo(f"  {printable(line)}")
    for notice in applied.notices:
        stderr(printable(notice))


# What `details` says in its own words, or what is as it usually is.
ECHOED = (
    "at",
    "meeting",
    "corrects",
    "was",
    "ends_validation",
    "place",
    "started_at",
    "registered",
    "duration",
    "staff",
)


def _over(data: Mapping[str, Any]) -> str | None:
    """When a meeting that an entry holds was over: what is held is dated so by itself."""
    return end_of(data["started_at"], data["duration"]) if "started_at" in data and "duration" in data else None


def moved(declaration: Declaration, entry: Entry) -> str:
    """` — Received → Prequalified` for an entry that moved the request, ` — Working` for one that did not."""
    to = declaration.label("states", entry.to)
    if entry.source is None or entry.source == entry.to:
        return f" — {to}"
    return f" — {declaration.label('states', entry.source)} → {to}"


def details(declaration: Declaration, request: Request, entry: Entry) -> list[str]:
    """What is worth echoing of an entry: the moments understood, what else it cancelled, brought back or undid."""
    data, zone = entry.data, declaration.lab.tz
    named = _("Slot") if is_activity(request.ref) else data.get("meeting")
    found = []
    if "at" in data and "meeting" in data:
        place = declaration.label("places", data.get("place")) or ""
        found.append(
            _("{meeting}: {moment}", meeting=named, moment=long_time(local(data["at"], zone)))
            + (f", {place}" if place else "")
        )
    elif "started_at" in data:
        started = long_time(local(data["started_at"], zone))
        found.append(_("{meeting}: begun {moment}", meeting=named, moment=started))
    elif "meeting" in data:
        found.append(str(named))
    if is_activity(request.ref) and "registered" in data:
        found.append(registrations(data["registered"], request.form.get("capacity")))
    if entry.occurred_at not in (entry.recorded_at, _over(data)):
        found.append(_("Dated {moment}", moment=long_time(local(entry.occurred_at, zone))))
    if data.get("cancelled") and not is_activity(request.ref):
        found.append(_("Cancelled with it: {meetings}", meetings=enumeration(list(data["cancelled"]))))
    if data.get("restored"):
        found.append(_("Back in the calendar: {meetings}", meetings=enumeration(list(data["restored"]))))
    if data.get("left_cancelled"):
        left = enumeration(list(data["left_cancelled"]))
        found.append(_("Still cancelled, their time past or their slot taken: {meetings}", meetings=left))
    if declaration.outcome(entry.to) == CLOSED and request.tier:
        tasks = declaration.tiers[request.tier].tasks
        todo = [
            t.text
            for id, t in tasks.items()
            if t.stage == "documentation" and not t.optional and not request.tasks.get(id)
        ]
        if todo:
            found.append(_("Documentation still open: {tasks}", tasks=enumeration(todo)))
    if event_counts(declaration, entry.event) and request.tier:
        cap = request.cap(declaration)
        found.append(_("Work meetings: {counted} of {cap}", counted=request.counted(), cap=cap))
    return found


def event_counts(declaration: Declaration, code: str) -> bool:
    """Whether an event changes how many work meetings there are, or how many there may be."""
    from states.lifecycle.effects import effect_of

    event = declaration.events[code]
    return event.meeting == "work" or not {"tier", "extra"}.isdisjoint(effect_of(event).changes)
