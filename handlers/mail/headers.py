"""How the headers of a message are written: every space of a subject and of a name is where it was."""

from __future__ import annotations

from email.header import Header
from email.policy import EmailPolicy
from email.utils import formataddr
from typing import Any


class Headers(EmailPolicy):
    """The policy of messages that leave. Python's own loses, or adds, spaces between the encoded words of a header.

    Up to Python 3.12 (gh-92081): “La boîte à idées” was read “La boîteà idées”.
    """

    def fold(self, name: str, value: Any) -> str:
        """The header on lines that any server takes."""
        if str(value).isascii():
            return str(super().fold(name, value))
        addresses = getattr(value, "addresses", None)
        text = self._encoded(name, str(value)) if addresses is None else self._named(name, addresses)
        return f"{name}: {text}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same, as bytes."""
        return self.fold(name, value).encode("utf-8")

    def _encoded(self, name: str, text: str) -> str:
        return Header(text, "utf-8", header_name=name).encode(linesep=self.linesep)

    def _named(self, name: str, addresses: Any) -> str:
        """Addresses, each after who it is of."""
        written = (
            formataddr((who.display_name, who.addr_spec))
            if who.display_name.isascii()
            else f"{self._encoded(name, who.display_name)}{self.linesep} <{who.addr_spec}>"
            for who in addresses
        )
        return f",{self.linesep} ".join(written)


SMTP, SMTPUTF8 = Headers(linesep="\r\n"), Headers(linesep="\r\n", utf8=True)
