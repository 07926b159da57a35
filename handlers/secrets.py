"""Secrets kept in a file that only its owner may read; never a setting, never printed."""

from __future__ import annotations

from pathlib import Path

from states.causes import cause, quoted
from states.errors import WrongUsage
from states.language import _
from workflow.files import open_secret, read_by_others


def secret_in(path: str) -> str:
    """The first line of a file. WrongUsage where it cannot be read, is empty, or others may read it."""
    file = Path(path).expanduser()
    try:
        if read_by_others(file):
            raise open_secret(file)
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise WrongUsage(_("{file} cannot be read: {reason}.", file=quoted(path), reason=cause(problem))) from None
    if not lines[0].strip():
        raise WrongUsage(_("{file} is empty: its first line is the secret.", file=quoted(path)))
    return lines[0].strip()
