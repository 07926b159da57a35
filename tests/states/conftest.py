"""Nothing here opens a store: a rule is given what it reads, and answers."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from typing import Any

import pytest
from pure import lab

from states import language
from states.declaration.model import Declaration


class Filled(str):
    """A message whose every value says something."""

    def format(self, *args: Any, **values: Any) -> str:
        empty = [name for name, value in values.items() if value is None]
        assert not empty, f"{self!r} is given nothing for {empty}"
        return super().format(*args, **values)


class Unknown(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        raise AssertionError(f"{message!r} has no French")

    def ngettext(self, one: str, many: str, n: int) -> str:
        raise AssertionError(f"{one!r} has no French")


class Spoken(gettext.NullTranslations):
    """Messages in a language, each known in French whatever the language."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._english = code == "en"
        self._french = gettext.translation("coop", str(language.LOCALES), ["fr"])
        self._french.add_fallback(Unknown())

    def gettext(self, message: str) -> str:
        french = self._french.gettext(message)
        return Filled(message if self._english else french)

    def ngettext(self, one: str, many: str, n: int) -> str:
        french = self._french.ngettext(one, many, n)
        return Filled((one if n == 1 else many) if self._english else french)


@pytest.fixture(autouse=True, scope="module")
def _whole_messages() -> Iterator[None]:
    """A message that the catalogue does not know, or that is given nothing to say, fails the test that meets it."""
    catalogues = {code: Spoken(code) for code in language.LANGUAGES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_catalogue", catalogues.__getitem__)
        yield


@pytest.fixture(scope="session")
def declaration() -> Declaration:
    """The shipped declaration."""
    return lab()
