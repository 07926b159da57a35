"""Questions to whoever types: a line, a key, a choice among codes. In a pipe each answer is a line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from cli.output.terminal import echo, printable
from states.declaration.written import simplified
from states.errors import FieldError, Invalid
from states.language import _


def is_asked() -> bool:
    """Whether someone is there to answer: a keyboard, not a file."""
    return sys.stdin.isatty()


def ask(text: str, default: str = "", *, aside: bool = False) -> str:
    """The answer to a question, without its outer spaces; `default` for an empty one. Raises as `typed`."""
    return typed(f"{text} [{default}] : " if default else f"{text} : ", aside=aside) or default


def typed(prompt: str, *, aside: bool = False) -> str:
    """A line, without its outer spaces. EOFError when there is nothing left to read, Invalid for what is no text.

    `aside`: the prompt goes to standard error, for a command whose output is a document.
    """
    if is_asked():
        _edited()
    if aside:
        click.echo(printable(prompt), nl=False, err=True)
    try:
        found = input("" if aside else printable(prompt)).strip()
        found.encode("utf-8")  # in some locales what is not UTF-8 comes as characters that cannot be written
    except UnicodeError:
        raise Invalid([FieldError("-", _("{file} is not UTF-8 text.", file="-"))]) from None
    if not is_asked():
        click.echo(printable(found), err=aside)  # as it would stand on a screen
    return found


def _edited() -> None:
    """Arrows and accents work while a line is typed, where the system can."""
    try:
        import readline  # noqa: F401
    except ImportError:
        return


# In both languages at once: who types does not always type in the language they read.
_AGREED = {"y": True, "yes": True, "o": True, "oui": True, "n": False, "no": False, "non": False}


def agreed(word: str) -> bool | None:
    """What a yes or a no means, in either language; None for what is neither."""
    return _AGREED.get(word.strip().casefold())


def confirm(question: str) -> None:
    """Asks until it is a yes or a no, no for an empty answer; click.Abort on a no, EOFError when nobody answers."""
    choice = _("[y/N]:")
    while True:
        word = typed(f"{question} {choice} ")
        answer = agreed(word) if word else False
        if answer is None:
            echo(_("Type yes or no."))
        elif answer:
            return
        else:
            raise click.Abort


def key(text: str, known: Mapping[str, str], also: str = "") -> str:
    """One key among those known, or understood `also`, asked for until it is one. In a pipe: a line's first letter."""
    while True:
        if is_asked():
            click.echo(printable(f"{text} : "), nl=False)
            pressed = click.getchar()
            echo(pressed if pressed.isprintable() else "")
        else:
            pressed = ask(text)
        found = pressed[:1].casefold()
        if found and (found in known or found in also):
            return found
        echo(_("Type one of: {keys}", keys=", ".join(known)))


def menu(codes: Mapping[str, str]) -> list[str]:
    """The lines of a choice: a number before each label, or the code itself where codes are numbers."""
    if all(code.isdigit() for code in codes):
        return [f"{code}  {text}" for code, text in codes.items()]
    widest = len(str(len(codes)))
    return [f"{n:>{widest}}  {text} ({code})" for n, (code, text) in enumerate(codes.items(), 1)]


def chosen(given: str, codes: Mapping[str, str]) -> str | None:
    """The code that was meant: by its number in the menu, by itself or by its label; None when it is none of them."""
    if given in codes:
        return given
    if given.isdigit() and not all(code.isdigit() for code in codes):
        return list(codes)[int(given) - 1] if 1 <= int(given) <= len(codes) else None
    same = simplified(given)
    return next((code for code, text in codes.items() if same in (simplified(code), simplified(text))), None)


def choose(text: str, codes: Mapping[str, str], default: str = "") -> str:
    """A code, asked for until it is one of them."""
    for shown in menu(codes):
        echo(printable(f"  {shown}"))
    while True:
        found = chosen(ask(text, default), codes)
        if found is not None:
            return found
        echo(_("Type a number or a code of the list."))


def required(text: str, kept: str = "") -> str:
    """A line that cannot be empty."""
    while not (found := ask(text, kept)):
        echo(_("This cannot be empty."))
    return found


def columns(lines: Sequence[str], room: int) -> list[str]:
    """Short lines side by side, read down then across, in the room there is."""
    widest = max(map(len, lines), default=0) + 2
    across = max(1, room // widest) if len(lines) > 8 else 1
    down = -(-len(lines) // across)
    return [
        "".join(lines[n + down * c].ljust(widest) for c in range(across) if n + down * c < len(lines)).rstrip()
        for n in range(down)
    ]
