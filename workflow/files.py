"""Files written whole: beside what they replace, then in its place. Nobody ever reads half of one."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote

from states.errors import WrongUsage
from states.language import _
from workflow import durable

PRIVATE = 0o600  # what a lab writes holds names and addresses: it is for its owner alone, whatever the umask


def made_private(path: Path) -> None:
    """Makes an empty file for its owner alone, unless there is one: what opens it then changes no right."""
    with suppress(OSError):  # whatever opens it says what is in its way
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))


def read_by_others(path: Path) -> bool:
    """Whether a file may be read by others than its owner, or than the group that another owner lends it to.

    Never said where the system has no such rights.
    """
    if os.name != "posix":
        return False
    known = path.stat()
    return bool(known.st_mode & (0o077 if known.st_uid == os.getuid() else 0o027))


def open_secret(path: Path) -> WrongUsage:
    """The error for a password that stands where others may read it."""
    message = _("{file} holds a secret, and others may read it.", file=path)
    return WrongUsage(message, hint=f"chmod 600 {quote(str(path))}")


def write_whole(path: Path, content: bytes | Iterable[bytes], mode: int = PRIVATE) -> None:
    """Writes a file; OSError, and what was there is there still, if it cannot be written to the end.

    `content`: all of it, or its pieces in turn. `mode`: the rights of a new file, less what the umask takes; a file
    that is replaced keeps those it had.
    """
    target = path.resolve()  # a link stays one
    if target.exists() and not target.is_file():  # a pipe, a terminal: nothing is beside it
        with target.open("wb") as pipe:
            pipe.writelines(_pieces(content))
        return
    with _beside(target) as beside:
        durable.write(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), _pieces(content))


def fill_whole(path: Path, fill: Callable[[Path], None]) -> None:
    """The same of a file that is filled by its name, by whoever opens it: it is there, empty, for its owner alone."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE), str(path))
    with _beside(target) as beside:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        fill(beside)
        durable.sync(beside)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """The name of a file beside another, which takes its place once it is made; taken away if it is not."""
    beside = target.with_name(f".{target.name[:200]}.{os.urandom(4).hex()}")
    try:
        yield beside
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o777)
        durable.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _pieces(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return (content,) if isinstance(content, bytes) else content
