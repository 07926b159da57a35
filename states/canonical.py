"""One way to write a value down, so that a digest means the same everywhere and for years."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from json import encoder
from typing import Any


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} has no canonical form: {value!r}")


def writer(item: str, key: str, default: Callable[[Any], Any], *, nan: bool) -> Callable[[Any], str]:
    """What writes values as JSON with sorted keys, Unicode as it is, and these separators.

    It is made once, where `json.dumps` makes one for each value: that takes longer than to write a short one.
    """
    make: Any = getattr(encoder, "c_make_encoder", None)
    if make is None:  # another Python
        return encoder.JSONEncoder(
            sort_keys=True, separators=(item, key), ensure_ascii=False, allow_nan=nan, check_circular=False,
            default=default,
        ).encode  # fmt: skip
    pieces = make(None, default, encoder.encode_basestring, None, key, item, True, False, nan)
    return lambda value: "".join(pieces(value, 0))


_written = writer(",", ":", _refuse, nan=False)


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, Unicode as it is. No float ever: money, scores and hours are text."""
    return _written(value)


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
