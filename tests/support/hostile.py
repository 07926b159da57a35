"""What is made of samples: changed at random; and texts made to last, or to swell whoever reads them."""

from __future__ import annotations

import json
import math
import os
import resource
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

from form_files import FORM, table
from strangers import EVENT, Reader, tried

from states.errors import CoopError

# --- Changing a sample ---

# What readers stumble on, put anywhere.
STONES: Sequence[bytes] = (
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\x1b[31m", b"\r", b"\n\n", b"\t", b'"', b'"""', b"'", b"\\",
    b"\\u0000", b"\\ud800", b"[", b"[" * 300, b"]", b"{", b"{}", b"}", b"(", b",", b";", b";" * 50, b"=", b"." * 40,
    b"a." * 120, b":", b"#", b"%", b"%s", b"{{", b"{%", b"{{ x.__class__ }}", b"-", b"-0", b"0", b"9" * 400,
    b"9" * 5000, b"1e999", b"-1e-999", b"NaN", b"Infinity", b"0x" + b"f" * 5000, b"null", b"true", b"0001-01-01",
    b"9999-12-31", b"99999-12-31", b"2026-02-30", b"T25:61", b"+99:99", b"Z", "\u0663".encode(), "\u00b2".encode(),
    "\u2028".encode(), "\u202e".encode(), "e\u0301".encode(), "\U0001f642".encode(), "\u0130".encode(), b"INTERVAL=0",
    b"FREQ=DAILY;", b"BYDAY=53MO", b"BYMONTH=13", b"BYYEARDAY=366", b"COUNT=999999999", b"UNTIL=00010101",
    b"TZID=/etc/passwd:", b"P9999999999D", b"../../x", b"~nobody-of-that-name", b"@", b"://", b"?", b"&", b"DTSTART:",
    b"RRULE:",
)  # fmt: skip


def mutated(random: Random, samples: Sequence[bytes]) -> bytes:
    """A sample changed in a few places, or two of them mixed."""
    data = bytearray(random.choice(samples))
    if len(data) > 4000 and random.random() < 0.7:  # most of the time a part says as much, and is read faster
        cut = random.randrange(len(data) - 2000)
        data = data[: random.randrange(1500)] + data[cut : cut + 2000]
    for _change in range(random.choice((1, 1, 2, 3, 6))):
        first = random.randrange(len(data) + 1)
        last = min(len(data), first + random.choice((0, 0, 1, 1, 4, 20, 200)))
        kind = random.randrange(6)
        if kind == 0:
            data[first:last] = b""
        elif kind == 1:
            data[first:last] = random.choice(STONES)
        elif kind == 2:
            data[first:first] = data[first:last] * random.choice((1, 2, 30))
        elif kind == 3:
            data[first:last] = random.randbytes(random.choice((1, 1, 3, 8)))
        elif kind == 4:
            other = random.choice(samples)
            start = random.randrange(len(other) + 1)
            data[first:last] = other[start : start + random.choice((1, 10, 100))]
        elif last > first:
            data[first] ^= 1 << random.randrange(8)
    return bytes(data)


# --- What is made to last, or to swell ---

MEGABYTE = 1_000_000
# What a pattern may go over again from each place it begins at, before something that it does not end with.
WORDS = {"set": "title=", "date": "mar ", "address": "postgresql://u", "environment": "", "letter": "# "}
REPEATED = (" ", "x", "a ", "a-", "-", "1", "1 ", ".", "0,", "*", "'", "(", "<", "|", "@", "x@", "é", "\u00a0")


def swollen(size: int = MEGABYTE) -> Iterator[tuple[str, str, bytes]]:
    """A reader, what is done to it, and about so many bytes that do it."""

    def filled(unit: str, before: str = "", after: str = "") -> bytes:
        return (before + unit * ((size - len(before) - len(after)) // len(unit.encode())) + after).encode()

    def numbered(line: str, before: str = "", after: str = "") -> bytes:
        return (before + "".join(line.format(n) for n in range(size // len(line) - 1)) + after).encode()

    event = EVENT.partition("{}")
    for reader in ("form .toml", "mapping", "declaration", "config"):
        yield reader, "one name of many parts", filled("a.", after="a = 1")
        yield reader, "nested lists", filled("[", before="a = ")
        yield reader, "nested tables", filled("{a=", before="a = ")
        yield reader, "many tables", numbered("[t{}]\n")
        yield reader, "many names", numbered("a{} = 1\n")
        yield reader, "many empty tables in a list", filled("[[a]]\n")
        yield reader, "tables in a list of one line", filled("{},", before="a = [", after="]")
        yield reader, "an open text", filled("x", before='a = """')
        yield reader, "many quotes", filled('"', before="a = ")
        yield reader, "a long number", filled("9", before="a = ")
    for name in ("form .json", "form of no name", "apply"):
        yield name, "nested lists", filled("[")
        yield name, "nested objects", filled('{"a":')
        yield name, "empty objects", filled("{},", before="[", after="{}]")
        yield name, "empty lists", filled("[],", before='{"set": [', after="[]]}")
        yield name, "numbers", filled("1,", before="[", after="1]")
        yield name, "many names", numbered('"k{}":1,', before="{", after='"k": 1}')
        yield name, "a name given twice", numbered('"k{}":1,', before="{", after='"k7": 1}')
        yield name, "a long number", filled("9", before='{"title": ', after="}")
        yield name, "an open text", filled("x", before='{"title": "')
        yield name, "escapes", filled("\\u00e9", before='{"title": "', after='"}')
    yield "apply", "many lines", filled("{}\n")
    yield "apply", "many lines of nothing", filled('{"ref":"1","event":"x"}\n')
    for name in ("form .csv", "form of no name"):
        yield name, "empty cells", filled(";", before="title;need\n")
        yield name, "many columns", filled(";", before="title")
        yield name, "empty lines", filled("\n", before="title;need\n")
        yield name, "short rows", filled("a\n", before="title;need\n")
        yield name, "an open quote", filled("x;\n", before='title;need\n"')
        yield name, "quotes", filled('""', before="title;need\n")
    for unit in REPEATED:
        value = "é " + unit * (size // len(FORM) // len(unit.encode())) + "x"
        row = dict.fromkeys(FORM, value)
        yield "form .csv", f"each cell “{unit}” again and again", table(row).encode()
        yield "form .csv", f"each column “{unit}” again and again", table(FORM, names=row).encode()
        yield "form .json", f"each field “{unit}” again and again", json.dumps(row).encode()
        for name, before in WORDS.items():
            yield name, f"{before}“{unit}” again and again", filled(unit, before=before, after="x")
    dense = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:20260309T090000Z\r\nEND:VEVENT\r\n"
    yield "calendar", "many events", numbered(dense, before="BEGIN:VCALENDAR\r\n", after="END:VCALENDAR\r\n")
    yield "calendar", "nested components", filled("BEGIN:VEVENT\r\n", before="BEGIN:VCALENDAR\r\n")
    yield "calendar", "a long line", filled("x", before=event[0] + "SUMMARY:", after=event[2])
    yield "calendar", "folded lines", filled("\r\n x", before=event[0] + "SUMMARY:", after=event[2])
    for rule in (
        "FREQ=DAILY;INTERVAL=0", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;COUNT=999999999",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))), "FREQ=YEARLY;BYYEARDAY=366;BYWEEKNO=1",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1;BYSETPOS=366", "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * (size // 10)),
        "FREQ=DAILY;INTERVAL=999999999999",
    ):  # fmt: skip
        for start in ("20260309", "00010101", "99991231"):
            yield (
                "calendar",
                f"{rule[:40]} from {start}",
                f"{event[0]}DTSTART;VALUE=DATE:{start}\r\nRRULE:{rule}{event[2]}".encode(),
            )
    for text in ("9" * size, "1 " * (size // 2), "10/" * (size // 3), "a" * size, " " * size, "10h" * (size // 3)):
        yield "date", text[:6], text.encode()
        yield "environment", text[:6], text.encode()
        yield "address", text[:6], text.encode()
        yield "set", text[:6], f"title={text}".encode()
    yield "address", "colons", filled("a:", before="postgresql://")
    yield "address", "hosts", filled("h,", before="postgresql://")
    yield "address", "parameters", filled("a=b&", before="postgresql://h/d?")
    for text in (
        "{{ form.title }}",
        "{% if x %}",
        "{# #}",
        "{{",
        "# x\n",
        "{{ 9**9**9 }}",
        "{% for a in b %}{% endfor %}",
        "(",
        "x|upper",
    ):
        yield "letter", text[:20], filled(text, before="# Objet\n\n")
    yield "letter", "a deep expression", filled("(", before="# Objet\n\n{{ ")
    yield "letter", "a product", b"# Objet\n\n{{ 'x' * 10000000000 }}"


SECONDS, TIMES, ROOM = 2.0, 10, 64_000_000  # for a megabyte; its size; what the libraries themselves take


def held_to(reader: Reader, data: bytes) -> str:
    """What goes wrong where a text is read with so much time of the processor and memory; nothing if all is well."""
    with suppress(CoopError):
        reader.read(reader.samples[0])  # what it imports is not of the text's making
    came, gone = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            seconds = math.ceil(SECONDS * max(1, len(data) / MEGABYTE))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            memory = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            most = memory + TIMES * len(data) + ROOM
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            tried(reader, data)
        except BaseException as problem:
            os.write(gone, f"{type(problem).__name__}: {problem}"[:500].encode("utf-8", "replace"))
        finally:
            os._exit(0)
    os.close(gone)
    with open(came, "rb") as told:
        said = told.read().decode()
    status = os.waitpid(child, 0)[1]
    return said or (f"ended by signal {os.WTERMSIG(status)}" if status else "")
