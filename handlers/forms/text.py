"""From a file to its text: reading it whole, telling text from spreadsheets and pictures, finding the encoding."""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from handlers.forms.raw import STDIN, unreadable
from states.causes import cause, quoted
from states.errors import Invalid, did_you_mean
from states.language import N_, _, enumeration

LARGEST = 50_000_000  # bytes; a year of a lab's forms is far below one million


@frozen
class Source:
    """The text of a file, and how it was written."""

    file: str
    text: str  # without a byte order mark
    encoding: str  # one of ENCODINGS
    chosen: bool = False  # by whoever gives the file, not by what is in it


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

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-15", "mac-roman", "cp850")
_GUESSED = ("windows-1252", "iso-8859-15", "mac-roman", "cp850")
_WORD = re.compile(r"[^\s;,\"()/<>|]+")
# What another code page makes of an accented letter, read as Windows-1252 or UTF-8: no French word has these there.
_DAMAGE = re.compile(
    r"(?<=[a-zà-öø-ÿ])[ŽŠŒŸÕÏ](?=[a-zà-öø-ÿ]|$)"  # a capital inside a word
    r"|(?<=[A-Za-zà-öø-ÿ])[‚ƒˆ˜‡‹‰½¼¾](?=[A-Za-zà-öø-ÿ])|(?<=[a-z])[‚ƒˆ˜]|[‚ƒˆ˜](?=[a-z])|¤"
    r"|Ã[\u0080-\u00bf\u0152-\u02ff\u2010-\u20ac\u2122]|â€[\u0080-\u2122]|\ufffd(?=\w)|(?<=\w)\ufffd"
)
_ODD = re.compile(r"(?<=[a-z])[…“”–—•™ž](?=[a-z])")  # right now and then; wrong if no accented letter stands beside
_ACCENTED = re.compile(r"[àâçéèêëîïôùûœ]")
_FRENCH = frozenset("àâäçéèêëîïôöùûüÿæœÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸÆŒ«»’‘“”–—…€°·²³½•ñáíóúãõß§×\u00a0")
_NEVER_ALONE = "êîûäëïöüÖÜÄÇ"
_CAPITAL_INSIDE = re.compile(r"(?<=[a-zà-öø-ÿ])[À-ÖØ-ÞŒŸ](?=[a-zà-öø-ÿ]|$)")


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
        raise unreadable(file, _("the system cannot read this file: {reason}.", reason=cause(problem))) from None
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


def decoded(data: bytes, file: str, encoding: str | None = None) -> Source:
    """The text of `data`, in `encoding` if it is said; else UTF-8 or UTF-16 by its mark, UTF-8, or Windows-1252.

    Raises Invalid for an empty file, for what is no text, and for text in none of these encodings: one whose words are
    no words, so read, is none.
    """
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise _no_text(file, _(what))
    if encoding:
        text, used = _in(encoding, data, file), encoding
    else:
        text, used = _decoded(data, file)
        _refuse_damaged(text, used, data, file)
    text = text.lstrip("\ufeff")
    if "\x00" in text:
        message = _("there are NUL bytes, as in a binary file; a text is expected: export it as CSV (UTF-8).")
        raise unreadable(file, message, line=text.count("\n", 0, text.index("\x00")) + 1)
    if _WEB_PAGE.match(text):
        raise _no_text(file, _("a web page"))
    if not text.strip():
        raise unreadable(file, _("the file is empty; a form is expected."))
    return Source(file, text, used, chosen=encoding is not None)


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
    return data.decode("windows-1252", "replace"), "windows-1252"


def _in(encoding: str, data: bytes, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise unreadable(file, _("this text is not in {encoding}.", encoding=encoding), line=line) from None


# --- Code pages guessed wrong ---


def _refuse_damaged(text: str, encoding: str, data: bytes, file: str) -> None:
    """Raises Invalid for a text whose words are none, so read, naming two of them and how they would read."""
    damaged = _damaged(text, encoding)
    if not damaged:
        return
    found = [(word, text.index(word)) for word in damaged]
    line = len(re.findall(r"\r\n|\r|\n", text[: found[0][1]])) + 1
    words = enumeration([quoted(word) for word in damaged])
    sentences = [_("read as {encoding}, {words} are no words.", encoding=encoding, words=words)]
    if encoding in _GUESSED:  # there a word is at the same place in every reading
        for other, reading in _plausible(data):
            read = enumeration([quoted(reading[at : at + len(word)]) for word, at in found])
            sentences.append(_("With --encoding {other}: {words}.", other=other, words=read))
    sentences.append(_("Save or export the file in UTF-8, or say its encoding."))
    raise unreadable(file, " ".join(sentences), line=line)


def _damaged(text: str, encoding: str) -> list[str]:
    """Two words at most that no French text has, as they stand in it."""
    if text.isascii():
        return []
    words = _words(text)
    damaged = [word for word in words if _DAMAGE.search(word) or (encoding in _GUESSED and "\ufffd" in word)]
    if not damaged and encoding in _GUESSED and not any(_ACCENTED.search(word) for word in words):
        damaged = [word for word in words if _ODD.search(word)]
    return list(dict.fromkeys(damaged))[:2]


def _words(text: str) -> list[str]:
    """Those in which a letter is not of ASCII: the others read the same in every code page."""
    return [found[0] for found in _WORD.finditer(text) if not found[0].isascii()]


def _plausible(data: bytes) -> Iterator[tuple[str, str]]:
    """The encodings in which every word could be French, each with the text so read."""
    for encoding in _GUESSED[1:]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(map(_may_be_french, _words(text))):
            yield encoding, text


def _may_be_french(word: str) -> bool:
    letters = {c for c in word if not c.isascii()}
    return letters <= _FRENCH and not _CAPITAL_INSIDE.search(word) and not (len(word) == 1 and word in _NEVER_ALONE)


def refuse_other_than_unicode(source: Source) -> None:
    """Raises Invalid for a guessed Windows-1252 text in a format that is always Unicode (TOML, JSON)."""
    if source.encoding == "windows-1252" and not source.chosen:
        first = next(n for n, character in enumerate(source.text) if not character.isascii())
        line = source.text.count("\n", 0, first) + 1
        message = _("TOML and JSON are expected in UTF-8: save this file again in UTF-8.")
        raise unreadable(source.file, message, line=line)
