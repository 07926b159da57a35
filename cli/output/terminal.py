"""The terminal: plain lines, tables, what a terminal must not obey."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: object) -> str:
    """The text with what a terminal would obey replaced: escapes, controls, direction marks. Line ends stay."""
    return "".join(c if c == "\n" or (_harmless(c)) else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def _harmless(c: str) -> bool:
    return c not in _BIDI and unicodedata.category(c) not in ("Cc", "Cs", "Co", "Zl", "Zp")


def one_line(text: object) -> str:
    """The text on one line, printable."""
    return printable(re.sub(r"[ \t\r\n\f\v]+", " ", str(text)).strip())


def echo(text: str = "") -> None:
    click.echo(text)


def stderr(text: str) -> None:
    """A line on standard error. That nobody can read it is no reason to fail."""
    with suppress(OSError):
        click.echo(text, err=True)


def document(text: str | bytes) -> None:
    """A text for a program or a file, on standard output: UTF-8 whatever the locale."""
    write_as_utf8()
    click.echo(text, nl=False)


def write_as_utf8() -> None:
    """From here on both outputs are UTF-8; what even that cannot write (half a pair) is as JSON escapes it."""
    _reconfigure(encoding="utf-8", errors="backslashreplace")


def replace_unwritable() -> None:
    """From here on a character that the terminal's code page lacks is printed as another, never an error."""
    _reconfigure(errors="replace")


def _reconfigure(errors: str, encoding: str | None = None) -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=encoding, errors=errors)


def flush() -> None:
    """Writes what is not written yet. Raises OSError where it cannot be."""
    if sys.stdout is not None:
        sys.stdout.flush()


def failed_to_print(problem: BaseException) -> bool:
    """Whether a failure is that of the standard output, to which nothing more is then sent."""
    if not isinstance(problem, OSError) or problem.filename is not None:
        return False
    frames = [frame for frame, _line in traceback.walk_tb(problem.__traceback__)]
    if frames[-1].f_globals["__name__"] not in (__name__, "click.utils", "rich.console"):
        return False
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def is_terminal() -> bool:
    return sys.stdout.isatty()


def width() -> int:
    """The columns there are: COLUMNS, else the terminal's, else 80."""
    return shutil.get_terminal_size((80, 24)).columns


def console() -> Console:
    """A rich console for standard output, which follows NO_COLOR and the width."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, color_system=None if os.environ.get("NO_COLOR") else "auto")


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, wrap: int | None = None, styles: Sequence[str] = ()
) -> None:
    """A table: drawn on a terminal, tab-free aligned columns in a pipe. Column `wrap` gives way when space is short."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    if not is_terminal():
        _plain(headers, rows)
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for n, header in enumerate(headers):
        drawn.add_column(header, overflow="ellipsis", no_wrap=n != wrap, ratio=None, min_width=8 if n == wrap else None)
    for n, row in enumerate(rows):
        drawn.add_row(*(Text(cell) for cell in row), style=styles[n] if styles else None)
    console().print(drawn)


def _plain(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max([len(header), *(len(row[n]) for row in rows)]) for n, header in enumerate(headers)]
    for row in [headers, *rows]:
        echo("  ".join(cell.ljust(widths[n]) for n, cell in enumerate(row)).rstrip())


def heading(text: str) -> None:
    echo(click.style(printable(text), bold=True))


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function `(done, total)` that moves a bar on a terminal, and is silent in a pipe."""
    if not (is_terminal() and sys.stderr.isatty()):
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
