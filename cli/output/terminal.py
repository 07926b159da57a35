"""The terminal: plain lines, tables, what a terminal must not obey."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from cli.output.layout import GAP, folded, in_column, room_of, shared
from states.declaration.marks import harmless
from states.language import _

if TYPE_CHECKING:
    from rich.console import Console


def printable(text: object) -> str:
    """The text with what a terminal would obey replaced: escapes, controls, direction marks. Line ends stay."""
    return harmless(str(text))


def one_line(text: object) -> str:
    """The text on one line, printable."""
    return printable(re.sub(r"[ \t\r\n\f\v]+", " ", str(text)).strip())


def echo(text: str = "") -> None:
    """A text for people; on a terminal, lines longer than it go on below."""
    click.echo("\n".join(_fitted(text, sys.stdout)))


def stderr(text: str) -> None:
    """The same on standard error. That nobody can read it is no reason to fail."""
    with suppress(OSError):
        click.echo("\n".join(_fitted(text, sys.stderr)), err=True)


def tell_odd(odd: Mapping[str, str]) -> None:
    """Names, on standard error, the requests that had to be left out because they cannot be read."""
    for why in odd.values():
        stderr(printable(why))
    if odd:
        stderr("  → coop db verify")


def _fitted(text: str, stream: TextIO) -> list[str]:
    """The lines of a text; one line of JSON stays one."""
    return folded(text, width()) if stream.isatty() and not text.startswith("{") else [text]


def document(text: str | bytes) -> None:
    """A text for a program or a file, on standard output: UTF-8 whatever the locale."""
    write_as_utf8()
    click.echo(text, nl=False)


def write_out(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Writes a file that was asked for, whole or not at all; WrongUsage where it cannot be written."""
    from workflow.files import write_whole

    with _writing(path):
        write_whole(path, content)


def fill_out(path: Path, fill: Callable[[Path], None]) -> None:
    """The same of a file that is filled by its name."""
    from workflow.files import fill_whole

    with _writing(path):
        fill_whole(path, fill)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    from states.causes import cause
    from states.errors import WrongUsage

    try:
        yield
    except OSError as problem:
        message = _("{path} cannot be written: {problem}.", path=printable(path), problem=cause(problem))
        raise WrongUsage(message) from None


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


def writes(text: str) -> bool:
    """Whether what reads the standard output can show a text."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")  # text kept in memory has none
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def width() -> int:
    """The columns there are: COLUMNS, else the terminal's, else 80."""
    return shutil.get_terminal_size((80, 24)).columns


def console() -> Console:
    """A rich console for standard output, which follows NO_COLOR and the width."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, color_system=None if os.environ.get("NO_COLOR") else "auto")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, styles: Sequence[str] = ()) -> None:
    """A table, aligned. On a terminal too narrow for it, columns where nothing is known go, then cells go on below.

    `styles`: the colour of each row, or nothing.
    """
    cells = [list(headers), *([one_line(cell) for cell in row] for row in rows)]
    if not is_terminal():
        widths = shared(cells)
        for row in cells:
            click.echo(_side_by_side(row, widths))
        return
    cells = _fitting(cells)
    widths = shared(cells, width())
    for number, row in enumerate(cells):
        drawn = [in_column(cell, widths[n]) for n, cell in enumerate(row)]
        colour = styles[number - 1] if number and styles else ""
        for line in zip_longest(*drawn, fillvalue=""):
            click.echo(_styled(_side_by_side(line, widths), bold=number == 0, fg=colour or None))
        if number == 0:
            click.echo("─" * min(sum(widths) + GAP * (len(widths) - 1), width()))


def _fitting(cells: list[list[str]]) -> list[list[str]]:
    """The rows without the columns where nothing is known, if that makes room for the others."""
    widths = shared(cells)
    if sum(widths) + GAP * (len(widths) - 1) <= width():
        return cells
    unknown = ("", "—", _("no data"))
    kept = [n for n in range(len(widths)) if any(row[n] not in unknown for row in cells[1:])]
    return [[row[n] for n in kept] for row in cells] if kept else cells


def _side_by_side(parts: Sequence[str], widths: Sequence[int]) -> str:
    return (" " * GAP).join(part + " " * (widths[n] - room_of(part)) for n, part in enumerate(parts)).rstrip()


def _styled(text: str, **style: Any) -> str:
    return text if os.environ.get("NO_COLOR") else click.style(text, **style)


def heading(text: str) -> None:
    """A title; on a terminal it goes on below."""
    for line in _fitted(printable(text), sys.stdout):
        click.echo(_styled(line, bold=True))


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function `(done, total)` that moves a bar on standard error, where that is a terminal.

    What the work gives may go to a file meanwhile; logs and pipes see no bar.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
