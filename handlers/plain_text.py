"""Text as it may leave the lab, whatever program reads it: letters, calendars, headers."""

from __future__ import annotations

import re
import unicodedata


def plain(text: str) -> str:
    """The text without what no other program should be given: controls, direction marks. Line ends stay."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def one_line(text: str) -> str:
    """The text on one line, without controls: fit for a header and for a list."""
    return re.sub(r"\s+", " ", plain(re.sub(r"\s", " ", text))).strip()
