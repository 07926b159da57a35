"""A program of its own killed on the way: at a crash point, after some time, or once it has said something."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from time import monotonic
from typing import Any

from attrs import frozen

from workflow import durable


@frozen
class End:
    """How a program ended."""

    killed: bool
    exit: int  # 0 unless it ended by itself, with another code
    said: str  # all that it wrote on its outputs
    seconds: float
    points: tuple[str, ...]  # the crash points it reached, the last of which is where it was killed at one


def crash(
    act: Callable[[], Any], *, at: int = 0, after: float | None = None, until: Callable[[str], bool] | None = None
) -> End:
    """Does something in a child of this process, which is killed (-9), unless it ends before.

    `at`: at that crash point (see `workflow.durable`), counted from 1. `after`: once so many seconds have passed.
    `until`: once that is true of what it said. The stores this process has open must be closed before: SQLite does not
    follow into a child.
    """
    with tempfile.TemporaryFile("w+") as reached:
        read, write = os.pipe()
        began = monotonic()
        gc.freeze()  # so that a child does not go through all that its parent holds
        child = os.fork()
        if child == 0:
            _live(act, at, write, reached.fileno())
        gc.unfreeze()
        os.close(write)
        said = _listen(child, read, began + after if after is not None else None, until)
        status = os.waitpid(child, 0)[1]
        seconds = monotonic() - began
        os.close(read)
        reached.seek(0)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
        return End(os.WIFSIGNALED(status), code, said, seconds, tuple(reached.read().splitlines()))


def _listen(child: int, output: int, end: float | None, until: Callable[[str], bool] | None) -> str:
    """What a child says until it ends, or is ended."""
    said = b""
    while True:
        left = max(0.0, end - monotonic()) if end is not None else None
        if not select.select([output], [], [], left)[0]:
            die(child)
            end = None
            continue
        part = os.read(output, 65536)
        if not part:
            return said.decode("utf-8", "replace")
        said += part
        if until is not None and until(said.decode("utf-8", "replace")):
            die(child)
            until = None


def _live(act: Callable[[], Any], at: int, output: int, reached: int) -> None:
    """What the child does; it never comes back."""
    code = 1
    try:
        for number in (1, 2):
            os.dup2(output, number)
        os.close(output)
        sys.stdout, sys.stderr = (os.fdopen(n, "w", encoding="utf-8", buffering=1, closefd=False) for n in (1, 2))
        durable.watch(_killer(at, reached))
        act()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _killer(at: int, reached: int) -> durable.Watcher:
    left = at

    def reach(point: str) -> None:
        nonlocal left
        left -= 1
        os.write(reached, f"{point}\n".encode())
        if left == 0:
            die(os.getpid())

    return reach


def die(process: int) -> None:
    """Ends a process at once: nothing of it runs any more."""
    os.kill(process, signal.SIGKILL)
