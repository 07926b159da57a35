"""Documents on paper: tagged PDF that screen readers read (PDF/UA-1) and archives keep (PDF/A-2a), made by Typst.

What people have written reaches a layout as data and is never read as markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from states.causes import in_its_words
from states.errors import CoopError, MissingExtra
from states.language import _

if TYPE_CHECKING:
    from typst import Fonts, PDFStandard

STANDARDS: list[PDFStandard] = ["ua-1", "a-2a"]
PAPER = "paper.typ"  # what every layout begins with
STAND_IN = "\N{WHITE SQUARE}"  # for a character that no font at hand can draw
# Draws characters one by one, to learn which no font has: the standards refuse a text with a hole in it.
PROBE = b'#set text(font: "Atkinson Hyperlegible")\n#set document(title: "?")\n#sys.inputs.text'
MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')


@contextmanager
def font_folder() -> Iterator[Path]:
    """Where our fonts are, as files."""
    with as_file(files("handlers.documents") / "fonts") as folder:
        yield folder


def typeset(package: str, layout: str, data: Mapping[str, Any], moment: datetime) -> bytes:
    """The PDF of a layout of the folder `templates` of a package, dated `moment`; what it says is `data`, in JSON.

    Raises MissingExtra without `typst`, CoopError for what cannot be laid out.
    """
    try:
        import typst
    except ImportError:
        raise MissingExtra(
            _("A PDF needs the library that writes it, which is not installed."),
            hint='pip install "la-cooperative[review]"',
        ) from None
    source = b"".join(
        (files(of) / "templates" / name).read_bytes() for of, name in (("handlers.documents", PAPER), (package, layout))
    )
    region = "FR" if data["language"] == "fr" else "GB"
    text = json.dumps({**data, "region": region}, ensure_ascii=False, sort_keys=True)
    with font_folder() as folder:
        # Never those of the machine: the same document gives the same pages everywhere.
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        try:
            return _compiled(source, {"data": _drawable(text, fonts)}, fonts, moment)
        except typst.TypstError as problem:
            words = in_its_words(problem.message)
            raise CoopError(_("The PDF could not be laid out: {problem}", problem=words)) from None


def _compiled(source: bytes, inputs: dict[str, str], fonts: Fonts, moment: datetime | None = None) -> bytes:
    import typst

    compiler = typst.Compiler(source, font_paths=fonts, sys_inputs=inputs)
    seconds = int(moment.timestamp()) if moment else 0
    made = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=seconds)
    assert isinstance(made, bytes)  # without a path to write to, and for one document, that is what it gives
    return made


def _drawable(text: str, fonts: Fonts) -> str:
    """The text with a square in place of each character that no font can draw."""
    import typst

    unusual = sorted({c for c in text if not c.isascii()})
    try:
        _compiled(PROBE, {"text": " ".join(unusual)}, fonts)
    except typst.TypstError as problem:
        missing = set("".join(MISSING.findall(problem.diagnostic)))
        return text.translate({ord(c): STAND_IN for c in missing})
    return text
