"""Files written whole: beside what they replace, then in its place. Nobody ever reads half of one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from workflow import durable


def write_whole(path: Path, content: bytes | Iterable[bytes], mode: int = 0o666) -> None:
    """Writes a file; OSError, and what was there is there still, if it cannot be written to the end.

    `content`: all of it, or its pieces in turn. `mode`: the rights of a new file, less what its owner's umask takes; a
    file that is replaced keeps those it had.
    """
    target = path.resolve()  # a link stays one
    if target.exists() and not target.is_file():  # a pipe, a terminal: nothing is beside it
        with target.open("wb") as pipe:
            pipe.writelines(_pieces(content))
        return
    beside = target.with_name(f".{target.name[:200]}.{os.urandom(4).hex()}")
    try:
        durable.write(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), _pieces(content))
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o777)
        durable.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _pieces(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return (content,) if isinstance(content, bytes) else content
