"""A terminal of a given width: runs the command in it, types, and gives back what stands on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from codecs import getincrementaldecoder
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import IO

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds that a question is waited for
INTERRUPT = "\x03"
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")


class Terminal:
    """One command in a pseudo-terminal. `screen` is all that it printed, escapes included.

    `out`, `err`: files that its standard output, its standard error go to instead.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        out: IO[bytes] | None = None,
        err: IO[bytes] | None = None,
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        named = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
        # Whoever runs the tests in the background has the interrupt ignored, which a program inherits.
        listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        code = f"{listening}; import sys; sys.path.insert(0, {str(ROOT)!r})"
        code += f"; from cli.main import main; main({list(words)!r})"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=theirs,
            stdout=theirs if out is None else out,
            stderr=theirs if err is None else err,
            env={**named, "TERM": "xterm-256color", **(env or {})},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
        )
        os.close(theirs)
        self.screen, self._seen = "", 0
        self._decode = getincrementaldecoder("utf-8")("replace").decode  # a read may end in the middle of a character

    def waits(self, text: str) -> Terminal:
        """Waits until a text is printed, after what was waited for and typed before."""
        end = monotonic() + PATIENCE
        while (found := self.screen.find(text, self._seen)) < 0:
            if monotonic() > end or not self._read(end):
                raise AssertionError(f"“{text}” was not printed:\n{self.plain}")
        self._seen = found + len(text)
        return self

    def types(self, keys: str) -> Terminal:
        """Types, once the command listens to keys: what is typed before is thrown away when it begins to."""
        end = monotonic() + PATIENCE
        while termios.tcgetattr(self._ours)[3] & termios.ICANON:
            if monotonic() > end or self._process.poll() is not None:
                raise AssertionError(f"nothing listens to the keys:\n{self.plain}")
            sleep(0.01)
        if keys == INTERRUPT:  # one that comes between a prompt and the wait for a key is not seen before the next key
            sleep(0.5)
        os.write(self._ours, keys.encode())
        return self

    def ends(self) -> int:
        """Waits for the end of the command; its exit code."""
        end = monotonic() + PATIENCE
        while self._read(end):
            pass
        code = self._process.wait(PATIENCE)
        os.close(self._ours)
        return code

    @property
    def plain(self) -> str:
        """What is on the screen, without escapes or spaces at the ends of lines."""
        return plain(self.screen)

    def _read(self, end: float) -> bool:
        """One more piece of what is printed; False at its end."""
        if not select.select([self._ours], [], [], max(0.0, end - monotonic()))[0]:
            return False
        try:
            found = os.read(self._ours, 65536)
        except OSError:  # how Linux tells that nobody is left on the other side
            return False
        self.screen += self._decode(found)
        return bool(found)


def plain(screen: str) -> str:
    lines = _ESCAPES.sub("", screen).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip(" ") for line in lines)
