"""What an effect is: what is to be known of one stands on it, here with what is so of most.

Each effect has two halves: `prepare` turns what was given into the entry's data (defaults filled in, nothing
changed), and `apply` folds a stored entry into the request. One that can lead to several states chooses in `target`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from states.language import label_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from states.declaration.model import Edge
    from states.declaration.tables import Event
    from states.errors import FieldError
    from states.lifecycle.attempt import Attempt
    from states.requests.entry import Entry
    from states.requests.request import Request


class Effect:
    """An effect that keeps what was given and changes nothing but the state."""

    needs: tuple[str, ...] = ()  # the keys its event must have, required or with a default
    reads: tuple[str, ...] = ()  # the facts the engine fetches for it
    creates = False  # a history begins with it
    makes_meeting = False
    of_a_meeting = False  # it is about a planned meeting: the one named, else the earliest of the event's kind
    of_held = False  # it is about a meeting that was held
    holds_meeting = False
    cancels_meeting = False
    counts = False  # it changes what `correct` brings back only if it is undone in turn
    goes_back = False  # it leads where the request has been before
    moves_meeting = False
    note_is_content = False  # its note is what is recorded, not why
    records = False  # what it keeps is of a kind that its event says
    reverts = False  # it may leave a final state
    weighs: tuple[str, ...] = ()  # the keys of which each code leads elsewhere
    changes: tuple[str, ...] = ()  # what it changes of the request, in the words of `states.verification.situations`

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        """The entry's data. Never refuses: guards do."""
        return dict(attempt.inputs)

    def target(self, attempt: Attempt, edge: Edge) -> str:
        """The state this leads to, one of the edge's targets."""
        return edge.targets[0]

    @property
    def settles(self) -> bool:
        """Whether it tells what became of a meeting."""
        return self.holds_meeting or self.cancels_meeting

    @property
    def chooses(self) -> bool:
        """Whether it leads to one of several states, which history tells."""
        mine = type(self)
        return mine.target is not Effect.target or mine.interview_after is not Effect.interview_after

    def interview_after(self, attempt: Attempt) -> bool:
        """Whether an interview is still planned once this is done: without one, no state waits for it."""
        return True

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        """What is wrong with inputs that would change nothing of the request."""
        yield from ()

    def stands(self, request: Request, event: Event) -> bool:
        """Whether what it does stands already, where its state alone does not tell."""
        return False

    def happened(self, request: Request, event: Event, inputs: Mapping[str, Any], now: str) -> str:
        """When what is recorded happened, unless it is said: now."""
        return now

    def done(self, event: Event, data: Mapping[str, Any]) -> str:
        """What an entry tells, in a few words: `Session held`."""
        return label_of(event.past) or event.text

    def form_after(self, attempt: Attempt) -> Mapping[str, Any]:
        """What the form, or what is told of an activity, would say once this is done."""
        return {**attempt.request.form, **attempt.data}

    def changing(self, inputs: Mapping[str, Any]) -> tuple[str, ...]:
        """What it changes of the request with these inputs."""
        return self.changes

    def begin(self, entry: Entry) -> Request:
        raise ValueError(f"a history begins with a creation, not with {entry.event}")

    def apply(self, request: Request, entry: Entry) -> None:
        """Folds the entry into the request."""


def placed_of(entry: Entry) -> dict[str, Any]:
    """The form fields of an entry; a private one also says in which entry it stands, so that it can be found."""
    return {
        name: {**value, "seq": entry.seq} if isinstance(value, dict) else value for name, value in entry.data.items()
    }
