"""Secrets: a variable of the environment, or a file that only its owner may read; never a setting, never printed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from states.causes import cause, quoted
from states.errors import WrongUsage
from states.language import _


def secret_in(path: str) -> str:
    """The first line of a file. WrongUsage where it cannot be read, is empty, or others may read it."""
    file = Path(path).expanduser()
    try:
        lines = file.read_text("utf-8").splitlines()
        mode = file.stat().st_mode
    except (OSError, UnicodeDecodeError) as problem:
        raise WrongUsage(_("{file} cannot be read: {reason}.", file=quoted(path), reason=cause(problem))) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WrongUsage(_("Others may read the secret in {file}.", file=quoted(path)), hint=f"chmod 600 {path}")
    if not lines or not lines[0].strip():
        raise WrongUsage(_("{file} is empty: its first line is the secret.", file=quoted(path)))
    return lines[0].strip()
