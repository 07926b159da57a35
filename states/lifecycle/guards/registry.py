"""What a guard is, and the register a declaration finds it in by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import frozen

from states.errors import Refusal
from states.lifecycle.attempt import Attempt

Check = Callable[[Attempt], Iterable[Refusal]]


@frozen
class Guard:
    name: str
    check: Check
    needs: tuple[str, ...]  # inputs without which it has nothing to look at
    reads: tuple[str, ...]  # facts the engine fetches for it


GUARDS: dict[str, Guard] = {}


def guard(*, needs: tuple[str, ...] = (), reads: tuple[str, ...] = ()) -> Callable[[Check], Check]:
    """Binds a function to its name, under which a declaration asks for it."""

    def bind(check: Check) -> Check:
        name = check.__name__
        GUARDS[name] = Guard(name, check, needs, reads)
        return check

    return bind
