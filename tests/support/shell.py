"""An interactive shell in a pseudo-terminal, in which keys are typed: what its own completion does."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
from collections.abc import Mapping
from time import monotonic

PATIENCE = 30.0  # seconds
PROMPT = "ready> "
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?>=]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|\([A-B0]|[=>])")
# How each starts without anything of the user's, and with a prompt that is known.
COMMANDS: Mapping[str, tuple[list[str], str]] = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f"PS1='{PROMPT}'; bind 'set enable-bracketed-paste off'"),
    "zsh": (["zsh", "-f", "-i"], f"PROMPT='{PROMPT}'; autoload -Uz compinit; compinit -u -D"),
    "fish": (["fish", "--no-config", "-i"], f"function fish_prompt; echo -n '{PROMPT}'; end"),
}

# A title that would do harm in a shell that takes it for a command, or on a terminal that obeys it.
HOSTILE = "A\x1b[31mB\x07\tC $(touch touched) `touch touched` %F{red} 'q' \"d\" \\e ; touch touched | * ~ \u202eZ"


class Shell:
    """A shell at its prompt."""

    def __init__(self, name: str, env: Mapping[str, str]) -> None:
        self.name = name
        command, prepare = COMMANDS[name]
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:  # pragma: no cover - the child becomes the shell
            os.execvpe(command[0], command, {**env, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.does(prepare)

    def does(self, line: str) -> str:
        """Types a line and waits for the next prompt; what was printed."""
        mark = "done" + "-it"
        self._type(f"{line}; echo done''-it\n")
        return self._until(mark + "\r\n")

    def types(self, keys: str, until: str) -> str:
        """Types keys, and waits for a text; what was printed, escapes taken out. The line is then thrown away."""
        self._type(keys)
        printed = self._until(until)
        self._type("\x03" if self.name == "fish" else "\x15\n")
        self.does("true")
        return printed

    def _type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def _until(self, text: str) -> str:
        raw, end = b"", monotonic() + PATIENCE
        while monotonic() < end:
            ready, _w, _x = select.select([self._terminal], [], [], 0.2)
            if ready:
                raw += os.read(self._terminal, 65536)
            printed = _ESCAPES.sub("", raw.decode("utf-8", "replace")).replace("\r\n", "\n").replace("\n", "\r\n")
            if text in printed:
                return printed
        raise AssertionError(f"{self.name} did not print “{text}”:\n{printed!r}")

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self._pid, 0)
