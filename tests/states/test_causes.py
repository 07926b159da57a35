"""What the system or a library says of a failure, in the reader's language."""

from __future__ import annotations

import errno
import tomllib

import pytest

from states.causes import SYSTEM, cause, in_its_words, quoted
from states.declaration.toml_lines import fault
from states.language import spoken


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "there is no such file or folder"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.ENOTTY, "Inappropriate ioctl for device"), "“Inappropriate ioctl for device”"),
        (OSError(), "“OSError”"),
        (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid"), "it is not UTF-8 text"),
        (ValueError("no.\nmore"), "“no”"),
        (ValueError(), "“ValueError”"),
    ],
)
def test_why_it_failed(problem: BaseException, expected: str) -> None:
    with spoken("en"):
        assert cause(problem) == expected


@pytest.mark.parametrize("code", SYSTEM)
def test_what_the_system_says_has_words_in_both_languages(code: int) -> None:
    with spoken("en"):
        english = cause(OSError(code, "x"))
    assert english == SYSTEM[code]
    assert cause(OSError(code, "x")) != english


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "“a”"),
        ("x" * 60, "“" + "x" * 60 + "”"),
        ("x" * 61, "“" + "x" * 59 + "…”"),
        ("a\x1bb", "“a\ufffdb”"),
    ],
)
def test_what_was_given_is_quoted(text: str, expected: str) -> None:
    with spoken("en"):
        assert quoted(text) == expected
        assert quoted("abcdef", 4) == "“abc…”"
        assert in_its_words(" one.\ntwo ") == "“one”"
        assert in_its_words("") == "“”"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = 1\nb = x\n", 2, 'expected TOML, such as title = "…", with every text between quotes; got “b = x”.'),
        ("a = 1\na = 2\n", 2, "a name or a table is given a second time, at “a = 2”: keep one."),
        ("[t]\n[t]\n", 2, "a name or a table is given a second time, at “[t]”: keep one."),
        ('a = 1\nb = """x\n\n', 2, 'not TOML: the file ends too early, after “b = """x”; a quote may be open.'),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    with spoken("en"):
        assert fault(text, caught.value) == (line, said)
