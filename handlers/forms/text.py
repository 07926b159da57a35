"""From a file to its text: reading it whole, telling text from spreadsheets and pictures, finding the encoding."""

from __future__ import annotations

import codecs
import os
import re
import sys
from pathlib import Path

from attrs import frozen

from handlers.forms.raw import STDIN, unreadable
from states.errors import Invalid, did_you_mean
from states.language import N_, _

LARGEST = 50_000_000  # bytes; a year of a lab's forms is far below one million


@frozen
class Source:
    """The text of a file, and how it was written."""

    file: str
    text: str  # without a byte order mark
    encoding: str  # utf-8, utf-16, windows-1252


_SIGNATURES = (
    (b"PK\x03\x04", N_("a spreadsheet (xlsx, ods) or another compressed file")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", N_("a spreadsheet or a document of an old version of Office")),
    (b"%PDF", N_("a PDF")),
    (b"\x89PNG", N_("a picture")),
    (b"\xff\xd8\xff", N_("a picture")),
    (b"GIF8", N_("a picture")),
    (b"\x1f\x8b", N_("a compressed file")),
    (b"7z\xbc\xaf\x27\x1c", N_("a compressed file")),
    (b"{\\rtf", N_("a word processor’s document")),
    (b"SQLite format 3\x00", N_("a database")),
)
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|\?xml|table|head|meta)\b", re.IGNORECASE)
# What UTF-8 makes of é or ’ is never French in Windows-1252 (Ã©, â€™): such a file is damaged UTF-8.
_MANGLED = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]")


def name_of(path: str | os.PathLike[str]) -> str:
    """The path as it was given, in characters that can always be written."""
    return os.fspath(path).encode("utf-8", "replace").decode("utf-8")


def content(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file, or of standard input for `-`. Raises Invalid when it cannot be read or is too large."""
    file = name_of(path)
    try:
        if file == STDIN:
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(path).open("rb") as stream:
                data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise unreadable(file, _("there is no such file; check its name and folder.") + _nearest_file(path)) from None
    except IsADirectoryError:
        raise unreadable(file, _("this is a folder, a file is expected: give the files it holds.")) from None
    except PermissionError:
        raise unreadable(file, _("you may not read this file: ask its owner, or copy it where you can.")) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise unreadable(file, _("the system cannot read this file: {reason}.", reason=reason)) from None
    refuse_large(data, file)
    return data


def _nearest_file(path: str | os.PathLike[str]) -> str:
    try:
        return did_you_mean(Path(path).name, os.listdir(Path(path).parent))
    except OSError:
        return ""


def refuse_large(data: bytes, file: str) -> None:
    """Raises Invalid over LARGEST bytes: such a file is not forms, and would fill the memory."""
    if len(data) > LARGEST:
        size = LARGEST // 1_000_000
        raise unreadable(file, _("more than {size} MB, which is too large for forms: split it.", size=size))


def decoded(data: bytes, file: str) -> Source:
    """The text of `data`: UTF-8 or UTF-16 by its mark, else UTF-8, else Windows-1252.

    Raises Invalid for an empty file, for what is no text, and for text in none of these encodings.
    """
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise _no_text(file, _(what))
    text, encoding = _decoded(data, file)
    text = text.lstrip("\ufeff")
    if "\x00" in text:
        message = _("there are NUL bytes, as in a binary file; a text is expected: export it as CSV (UTF-8).")
        raise unreadable(file, message, line=text.count("\n", 0, text.index("\x00")) + 1)
    if _WEB_PAGE.match(text):
        raise _no_text(file, _("a web page"))
    if not text.strip():
        raise unreadable(file, _("the file is empty; a form is expected."))
    return Source(file, text, encoding)


def _no_text(file: str, what: str) -> Invalid:
    message = _("this is {what}, a text file is expected: export it as CSV (UTF-8) and give that.", what=what)
    return unreadable(file, message)


def _decoded(data: bytes, file: str) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise unreadable(file, _("this UTF-16 text is damaged or cut short: export it again, in UTF-8.")) from None
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
    if data.startswith(codecs.BOM_UTF8) or _MANGLED.search(data):
        raise unreadable(
            file, _("this UTF-8 text is damaged or cut short: save or export it again, in UTF-8."), line=line
        )
    try:
        return data.decode("windows-1252"), "windows-1252"
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise unreadable(
            file, _("this text is neither UTF-8 nor Windows-1252: save or export it again, in UTF-8."), line=line
        ) from None


def refuse_other_than_unicode(source: Source) -> None:
    """Raises Invalid for a Windows-1252 text in a format that is always Unicode (TOML, JSON)."""
    if source.encoding == "windows-1252":
        first = next(n for n, character in enumerate(source.text) if not character.isascii())
        line = source.text.count("\n", 0, first) + 1
        message = _("TOML and JSON are expected in UTF-8: save this file again in UTF-8.")
        raise unreadable(source.file, message, line=line)
