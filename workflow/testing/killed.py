"""A program killed at a step of what it does."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

TOUCHING = {
    "connect", "execute", "backup", "__call__", "close", "link", "replace", "unlink", "fsync", "copyfile", "mkstemp",
}  # fmt: skip


def killed_at(step: int, act: Callable[[], Any], *modules: str) -> bool:
    """Does something in a child of this process, which kills itself (-9) at a step of it; whether it came so far.

    A step is a call by which one of these modules touches the disk: counted from 1, each can be tried in turn. The
    stores this process has open must be closed before: SQLite does not follow into a child.
    """
    child = os.fork()
    if child == 0:
        left = step

        def count(frame: FrameType, event: str, what: Any) -> None:
            nonlocal left
            caller, name = (frame, what.__name__) if event == "c_call" else (frame.f_back, frame.f_code.co_name)
            if event not in ("c_call", "call") or name not in TOUCHING or caller is None:
                return
            if caller.f_globals["__name__"] in modules:
                left -= 1
                if left == 0:
                    die()

        try:
            sys.setprofile(count)
            act()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("what was tried failed by itself")
    return os.WIFSIGNALED(status)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
