"""What one declaration says that another does not, path by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The changes from one document to another: `{"path", "keys", "change", "before", "after"}`.

    `keys` are the parts of the path; `change` is ADDED, REMOVED or CHANGED.
    """
    return list(_between((), before, after))


def _between(path: tuple[str, ...], before: Any, after: Any) -> Iterator[dict[str, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(n for n in after if n not in before)]:
            here = (*path, name)
            if name not in after:
                yield _change(here, REMOVED, before[name], None)
            elif name not in before:
                yield _change(here, ADDED, None, after[name])
            else:
                yield from _between(here, before[name], after[name])
    elif before != after:
        yield _change(path, CHANGED, before, after)


def _change(path: tuple[str, ...], change: str, before: Any, after: Any) -> dict[str, Any]:
    return {"path": ".".join(path), "keys": path, "change": change, "before": before, "after": after}
