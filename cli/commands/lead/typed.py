"""The command that applies an event, as it is typed: what it needs is given, or marked as to be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cli.commands.lead.event_options import option_name, positional
from cli.commands.offered import is_built
from states.forms.inputs import PLACEHOLDER
from states.forms.recommendation import recommend
from states.lifecycle.effect import Effect
from states.lifecycle.effects import AssignTier, Explain, Validate, effect_of
from states.requests.request import HELD
from states.review.semesters import semester_of

if TYPE_CHECKING:
    from datetime import date

    from states.declaration.model import Declaration
    from states.lifecycle.decision import Option
    from states.requests.request import Request


class Asked(NamedTuple):
    """What is to be led, as it is to be typed: the deadlines of it that are past their moment are `late`."""

    declaration: Declaration
    request: Request
    ref: str
    today: date
    late: Sequence[str]


def typed_command(asked: Asked, option: Option, someone: str = "") -> str | None:
    """`coop meeting plan 12 --slot first`; `someone` who is to type it if it is not you.

    None when there is nothing to do it to: no deadline past its moment, no task left.
    """
    declaration, request, ref, today, late = asked
    event = declaration.events[option.event]
    effect = effect_of(event)
    words = ["coop", *(["--as", someone] if someone else [])]
    if isinstance(effect, Explain) and not late:
        return None
    if is_built(event.command):
        words += [event.command, _reference(request, option, effect, ref)]
        words += late[:1] if isinstance(effect, Explain) else ()
        words += _given(declaration, request, option, effect)
    elif event.command == "tasks":
        task = _open_task(declaration, request)
        if task is None:
            return None
        words += ["tasks", ref, "--done", task]
    elif event.command == "review decide":
        words += [event.command, semester_of(declaration, today).code, ref, "--decision", PLACEHOLDER]
    else:
        words += ["advance", ref, option.event]
        words += [f'--set {name}="{PLACEHOLDER}"' for name in option.needs if name != "note"]
        words += _note(option)
    return " ".join(words)


def _reference(request: Request, option: Option, effect: Effect, ref: str) -> str:
    """With the meeting it is about, where the event does not say which by its kind."""
    if "meeting" not in option.needs:
        return ref
    if effect.of_held:
        meeting = next((m for m in reversed(request.meetings) if m.status == HELD), None)
    else:
        meeting = min(request.planned(), key=lambda planned: planned.at, default=None)
    return f"{ref}/{meeting.id if meeting else PLACEHOLDER}"


def _given(declaration: Declaration, request: Request, option: Option, effect: Effect) -> Iterator[str]:
    event = declaration.events[option.event]
    keys = declaration.keys_of(event)
    if event.form:
        yield f'--set "{PLACEHOLDER}"'
    for name in option.needs:
        if name in ("note", "meeting") or (name == "basis" and isinstance(effect, Validate)):
            continue
        if isinstance(effect, AssignTier) and recommend(declaration, request.form).tier:
            continue  # it is the one assigned when none is typed
        if name in positional(declaration, event):
            if not isinstance(effect, Explain):
                yield PLACEHOLDER
        elif keys[name][0].type == "bool":
            yield option_name(name)
        else:
            yield f"{option_name(name)} {'first' if name == 'at' else PLACEHOLDER}"
    if effect.of_held:
        yield f"--attended {PLACEHOLDER}"  # the figure most often put right
    elif effect.records and event.takes and not event.needs:  # an empty entry is refused
        yield f"{option_name(next(iter(keys)))} {PLACEHOLDER}"
    yield from _note(option)


def _note(option: Option) -> list[str]:
    return [f'--note "{PLACEHOLDER}"'] if "note" in option.needs else []


def _open_task(declaration: Declaration, request: Request) -> str | None:
    tasks = declaration.tiers[request.tier].tasks if request.tier else {}
    return next((id for id in tasks if not request.tasks.get(id)), None)
