"""One way to write a value down, so that a digest means the same everywhere and for years."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} has no canonical form: {value!r}")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False, default=_refuse
)


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, Unicode as it is. No float ever: money, scores and hours are text."""
    return _ENCODER.encode(value)


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
