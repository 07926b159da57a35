"""The headers of a message: what is read is what was written, spaces included, whatever the length and the letters."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import compat32
from itertools import product
from random import Random

import pytest

from handlers.mail.headers import SMTP, SMTPUTF8, Headers

SAID = '"Jo" <b>x a,b L. La boîte à idées est vide déménagement du service d’été où œuvre 日本 🎈'


def read(text: str) -> str:
    """A header as RFC 2047 has it read: Python's parser of addresses adds spaces of its own."""
    return str(make_header(decode_header(text))).strip()


@pytest.mark.parametrize("policy", [SMTP, SMTPUTF8], ids=["ascii", "utf8"])
def test_a_subject_and_a_name_keep_their_spaces(policy: Headers) -> None:
    draw = Random(11)
    for length, _again in product(range(1, 26), range(8)):
        text = " ".join(["Écrire", *draw.choices(SAID.split(), k=length)])
        message = EmailMessage(policy=policy)
        message["Subject"], message["To"] = text, Address(text, "x", "example.org")
        written = message.as_bytes()
        assert max(map(len, written.split(b"\r\n"))) < 100
        found = message_from_bytes(written, policy=compat32)
        assert read(found["Subject"]) == text
        name, _mark, address = found["To"].rpartition("<")
        assert (read(name), address) == (text, "x@example.org>")


@pytest.mark.parametrize("policy", [SMTP, SMTPUTF8], ids=["ascii", "utf8"])
def test_what_needs_no_encoding_has_none(policy: Headers) -> None:
    message = EmailMessage(policy=policy)
    message["To"] = [Address("Jo, Doe", "jo", "example.org"), Address("", "x", "example.org")]
    assert message.as_bytes().startswith(b'To: "Jo, Doe" <jo@example.org>, x@example.org\r\n')
    if policy.utf8:
        del message["To"]
        message["To"] = Address("Zoé", "zoé", "exemple.fr")
        assert "<zoé@exemple.fr>".encode() in message.as_bytes()
