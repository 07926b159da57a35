"""The texts of the letters of a declaration, files beside it: `letters/CODE.LANGUAGE.md`.

Those a lab does not write are those that come with the product. What a letter may name, its placeholders, is here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from states.causes import cause
from states.errors import BadDeclaration, FieldError
from states.language import LANGUAGES, N_, _

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

FOLDER = "letters"
_SHIPPED = Path(__file__).parent.parent / FOLDER


def text_file(code: str, language: str) -> str:
    """Where the text of a letter is, beside the declaration: `letters/reception.fr.md`."""
    return f"{FOLDER}/{code}.{language}.md"


def with_letters(document: dict[str, Any], folder: Path | None = None) -> dict[str, Any]:
    """The document with the texts of its letters, of files in `folder` or else of those of the product.

    A text given in the declaration itself stands. BadDeclaration for a file that cannot be read.
    """
    letters = document.get("letters")
    if not isinstance(letters, Mapping):
        return document
    return {**document, "letters": {code: _with_texts(code, row, folder) for code, row in letters.items()}}


def _with_texts(code: str, row: Any, folder: Path | None) -> Any:
    if not isinstance(row, Mapping) or row.get("off") or not re.fullmatch(r"[\w-]+", code):
        return row
    own = row.get("content", {})
    if not isinstance(own, Mapping):
        return row
    content = {language: text for language in LANGUAGES if (text := _text(code, language, folder))}
    return {**row, "content": {**content, **own}} if content or own else row


def _text(code: str, language: str, folder: Path | None) -> str | None:
    name = f"{code}.{language}.md"
    for place in (folder / FOLDER, _SHIPPED) if folder else (_SHIPPED,):
        if (path := place / name).is_file():
            try:
                return path.read_text("utf-8-sig")
            except (OSError, UnicodeDecodeError) as problem:
                message = _("{file} cannot be read: {reason}.", file=path, reason=cause(problem))
                raise BadDeclaration([FieldError("declaration", message, file=str(path))], message) from None
    return None


class Placeholder(NamedTuple):
    """What a letter may name: what it is, and its parts; `many` of a list, whose elements have the parts."""

    help: str
    parts: tuple[str, ...] = ()
    many: bool = False


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "requester": Placeholder(N_("the name of the requester")),
    "ref": Placeholder(N_("the reference of the request")),
    "title": Placeholder(N_("the title of the project")),
    "service": Placeholder(N_("the service that asks")),
    "kind": Placeholder(N_("the kind of request, as it is labelled")),
    "accompanied": Placeholder(N_("whether the lab takes part")),
    "form": Placeholder(N_("a field of the form, as people read it: form.need"), ("*",)),
    "received": Placeholder(N_("the day the form was received")),
    "on": Placeholder(N_("the day of what the letter is about")),
    "today": Placeholder(N_("the day the letter leaves")),
    "due": Placeholder(
        N_("the day by which what comes next is to happen; empty where nothing is awaited, or once it is past")
    ),
    "note": Placeholder(N_("the note of the event: the question, the words of an answer")),
    "given": Placeholder(N_("what was given with the event, under its name: given.reason"), ("*",)),
    "first": Placeholder(N_("whether this letter is the first of its kind for this request")),
    "tier": Placeholder(N_("the tier"), ("label", "meant_for", "meetings", "least")),
    "to_validate": Placeholder(N_("whether the tier is still to be validated, before anything is planned")),
    "tasks": Placeholder(N_("who does what, line by line"), ("stage", "task", "owner", "optional"), many=True),
    "meetings": Placeholder(
        N_("the meetings planned, the earliest first"), ("what", "when", "where", "length"), many=True
    ),
    "called_off": Placeholder(
        N_("the planned meetings that the event called off"), ("what", "when", "where", "length"), many=True
    ),
    "held": Placeholder(N_("the meetings held"), ("what", "when", "where", "length"), many=True),
    "deliverables": Placeholder(N_("what was produced"), ("title", "type", "link"), many=True),
    "follow_ups": Placeholder(N_("the follow-ups to come"), ("day", "months"), many=True),
    "months": Placeholder(N_("how many months after the closing this follow-up is; 0 for any other letter")),
    "days_left": Placeholder(
        N_("how many working days are left, once the lab takes up again what the event halts; 0 where it halts nothing")
    ),
    "yours": Placeholder(N_("whether what comes next is up to the requester")),
    "leader": Placeholder(N_("who leads the request for the lab")),
    "reply_to": Placeholder(N_("the address that answers go to; empty where none is set")),
    "lab": Placeholder(N_("the name of the lab")),
    "signature": Placeholder(N_("the whole name of the lab")),
}


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """What letters are written with: Jinja2, without anything of this machine within reach."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=guarded,
        keep_trailing_newline=True,
        optimized=False,  # it would work out at once whatever a letter computes
    )
    made.globals.clear()
    for makes_room in ("center", "format", "indent"):  # as wide as they are told
        del made.filters[makes_room]
    return made


_ONLY_TAGS = re.compile(r"^[ \t]*((?:\{%(?:(?!%\}).)*%\}[ \t]*)+)\n", re.M)


def source(text: str) -> str:
    """The template of a letter: a line that holds only tags leaves none, and the others keep their numbers."""
    return _ONLY_TAGS.sub(r"\1{#\n#}", text.replace("\r\n", "\n"))


# What a value must not be read as: the marks of a letter, replaced by characters that no text has.
_GUARDS = {ord(mark): chr(0xE000 + n) for n, mark in enumerate("\n#-|>")}
_BARE = {ord(guard): chr(mark) for mark, guard in _GUARDS.items()}


def guarded(value: object) -> str:
    """A value as it goes into a letter: whatever it says, it is no title, no list and no table."""
    return "" if value is None else str(value).translate(_GUARDS)


def bare(text: str) -> str:
    """The text as it was before `guarded`."""
    return text.translate(_BARE)
