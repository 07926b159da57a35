"""One way to write a value down, so that a digest means the same everywhere and for years."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from json import encoder
from typing import Any


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} has no canonical form: {value!r}")


def _writer() -> Callable[[Any], str]:
    """What writes a value; made once, where JSONEncoder makes it for each: that takes longer than to write a few."""
    make: Any = getattr(encoder, "c_make_encoder", None)
    if make is None:  # another Python
        return encoder.JSONEncoder(
            sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False,
            default=_refuse,
        ).encode  # fmt: skip
    pieces = make(None, _refuse, encoder.encode_basestring, None, ":", ",", True, False, False)
    return lambda value: "".join(pieces(value, 0))


_written = _writer()


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, Unicode as it is. No float ever: money, scores and hours are text."""
    return _written(value)


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
