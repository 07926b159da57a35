"""What a guard is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from states.errors import Refusal
from states.lifecycle.attempt import Attempt

if TYPE_CHECKING:
    from states.declaration.model import Declaration

Check = Callable[[Attempt], Iterable[Refusal]]
Waivable = Callable[["Declaration"], Iterable[str]]


class Guard(NamedTuple):
    """A rule under the name a declaration asks for it by, with all that is to be known of it."""

    name: str
    check: Check
    needs: tuple[str, ...]  # inputs without which it has nothing to look at
    reads: tuple[str, ...]  # facts the engine fetches for it
    reads_request: tuple[str, ...]  # what it looks at of the request, beyond what each situation keeps
    waivable: Waivable  # the rules it gives way to a waiver of


def guard(
    *,
    needs: tuple[str, ...] = (),
    reads: tuple[str, ...] = (),
    reads_request: tuple[str, ...] = (),
    waivable: tuple[str, ...] | Waivable = (),
) -> Callable[[Check], Guard]:
    """Makes a guard of a function; it bears the function's name."""

    def bind(check: Check) -> Guard:
        heeds = waivable if callable(waivable) else lambda _declaration: waivable
        return Guard(check.__name__, check, needs, reads, reads_request, heeds)

    return bind
