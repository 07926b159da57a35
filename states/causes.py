"""What the system or a library says of a failure, in the reader's language; words of their own are quoted."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from states.language import N_, _

SYSTEM: Mapping[int, str] = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("the system does not allow it"),
    errno.EPERM: N_("the system does not allow it"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of this path is a file, not a folder"),
    errno.EEXIST: N_("it exists already"),
    errno.ENAMETOOLONG: N_("its name is too long"),
    errno.ELOOP: N_("its links turn in a circle"),
    errno.EROFS: N_("it can only be read"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the room that is allowed is full"),
    errno.EFBIG: N_("it would be larger than what is allowed"),
    errno.EIO: N_("the disk does not answer as it should"),
    errno.EBUSY: N_("another program uses it"),
    errno.ETXTBSY: N_("another program uses it"),
    errno.ECONNREFUSED: N_("nothing answers there"),
    errno.ECONNRESET: N_("the connection was cut"),
    errno.EPIPE: N_("the connection was cut"),
    errno.EHOSTUNREACH: N_("there is no way to that machine"),
    errno.ENETUNREACH: N_("there is no network"),
    errno.EMFILE: N_("too many files are open"),
    errno.ENFILE: N_("too many files are open"),
    errno.EPIPE: N_("nobody reads any more"),
    errno.EBADF: N_("it is closed"),
}


def cause(problem: BaseException) -> str:
    """Why it failed, as the end of a sentence; words that are not ours are quoted."""
    if isinstance(problem, UnicodeDecodeError):
        return _("it is not UTF-8 text")
    if isinstance(problem, OSError):
        if known := SYSTEM.get(problem.errno or 0):
            return _(known)
        return in_its_words(problem.strerror or type(problem).__name__)
    return in_its_words(str(problem) or type(problem).__name__)


def in_its_words(words: str) -> str:
    """What a program that is not ours says, quoted: its first line."""
    first = next(iter(words.strip().splitlines()), "").rstrip(".")
    return _("“{words}”", words=first)


def quoted(text: str, most: int = 60) -> str:
    """What was given, between quotes, shortened, without the characters that would disturb a terminal."""
    text = text if len(text) <= most else text[: most - 1] + "…"
    return _("“{words}”", words="".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))
