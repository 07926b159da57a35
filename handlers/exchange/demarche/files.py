"""Answers of the platform kept in files: what a lab without a token is given, and what a mapping is tried on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from handlers.exchange.demarche.pages import Page, page_of
from handlers.forms.raw import unreadable
from handlers.forms.text import content, decoded, name_of, refuse_large
from states.language import _


def pages_in(files: Sequence[str]) -> Iterator[Page]:
    """The pages of some files, each one answer. Raises Invalid for a file that is none, once it is reached."""
    for file in files:
        data, name = content(file), name_of(file)
        refuse_large(data, name)
        try:
            answer = json.loads(decoded(data, name, "utf-8").text)
        except json.JSONDecodeError as problem:
            raise unreadable(name, _("this answer is cut short, or is not JSON."), line=problem.lineno) from None
        except (RecursionError, ValueError):
            raise unreadable(name, _("lists or tables are nested too deep for a form.")) from None
        yield page_of(answer, name)
