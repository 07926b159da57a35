"""The address of a store, as people type it: the path of a SQLite file, or the URL of a PostgreSQL database.

A path is a path: `?`, `%` and `#` are letters of it. What looks like a URL is never taken for one, however mistyped,
and no password is ever shown. Nothing here needs a database library: the shell completes without one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from states.errors import WrongUsage
from states.language import _

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg", "postgres+psycopg")
SQLITE = "sqlite:///"
EXAMPLE = "postgresql://user@host/database"
# A scheme and its colon or slashes (one letter is a drive of Windows), one of ours without its colon, or a user's
# password before an @: what nobody names a file.
_LIKE_URL = r"[a-z][a-z0-9+.-]+:/|(?:postgres(?:ql)?|mysql|mariadb|sqlite|https?)(?:\+\w+)?(?::|//)"
_LIKE_USER = r"(?![a-z]:[/\\](?!/))[^/\\]*:[^@]*@"
# The parameters of a connection that hold no secret.
_OPEN = (
    "host", "hostaddr", "port", "user", "dbname", "service", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile",
    "target_session_attrs", "load_balance_hosts", "application_name", "connect_timeout", "channel_binding",
)  # fmt: skip


class Address(NamedTuple):
    """Where a store is: `path` of a file, else what reaches a database."""

    path: Path | None = None
    user: str | None = None
    password: str | None = None
    hosts: tuple[tuple[str, int | None], ...] = ()
    database: str | None = None
    parameters: Mapping[str, str] = {}

    def libpq(self) -> dict[str, str]:
        """What PostgreSQL's own library is told, which tries the hosts in turn."""
        told = {"user": self.user, "password": self.password, "dbname": self.database}
        if self.hosts:
            told["host"] = ",".join(name for name, _port in self.hosts)
            told["port"] = ",".join(str(number or "") for _name, number in self.hosts).strip(",")
        return {name: value for name, value in told.items() if value} | dict(self.parameters)

    @property
    def several(self) -> bool:
        """Whether whichever of several servers may be written to is meant, those named or those behind one name."""
        told = self.libpq()
        return "," in told.get("host", "") or "target_session_attrs" in told

    @classmethod
    def of(cls, text: str) -> Address:
        """What was typed, understood; WrongUsage (exit 2) for what is no address, without repeating a password."""
        if text.startswith(SQLITE):
            text = text.removeprefix(SQLITE)
        elif looks_like_url(text):
            return _database(text)
        if not text or "\0" in text:
            raise _not_an_address(text)
        try:
            return cls(Path(text).expanduser())
        except RuntimeError:  # ~ followed by nobody's name
            return cls(Path(text))


def looks_like_url(text: str) -> bool:
    """Whether what was typed is, or was meant as, something else than the path of a file."""
    return bool(re.match(_LIKE_URL, text, flags=re.I) or re.match(_LIKE_USER, text, flags=re.I))


def shown(text: str) -> str:
    """The address as it may be printed, without any password; of one that is not understood, how it begins."""
    if not looks_like_url(text) or text.startswith(SQLITE):
        return text
    try:
        _database(text)
    except WrongUsage:
        return _beginning(text)
    scheme, _mark, rest = text.partition("://")
    place, mark, query = rest.partition("?")
    who, at, where = place.rpartition("@")
    user, colon, _password = who.partition(":")
    pairs = "&".join(_without_secret(pair) for pair in query.split("&")) if query else ""
    return f"{scheme}://{user}{':***' if colon else ''}{at}{where}{mark}{pairs}"


def _without_secret(pair: str) -> str:
    name, equals, value = pair.partition("=")
    # Where another parameter was run into its value, by a mistyped mark, nobody knows what it holds.
    is_open = unquote(name).casefold() in _OPEN and not re.search("[?=@;]", value)
    return pair if is_open else f"{name}{equals}***"


def _database(text: str) -> Address:
    scheme, mark, rest = text.partition("://")
    if not mark or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme, re.I):
        raise _not_an_address(text)
    if scheme.casefold() not in SCHEMES:
        known = ", ".join(("postgresql://", "postgres://", SQLITE))
        raise WrongUsage(
            _("No store has the scheme “{scheme}”; known: {known}, or the path of a file.", scheme=scheme, known=known)
        )
    place, _mark, query = rest.partition("?")
    authority, _slash, database = place.partition("/")
    who, _at, where = authority.rpartition("@")
    user, colon, password = who.partition(":")
    given = parse_qsl(query, keep_blank_values=True)
    parameters = dict(given)
    if [name for name, _value in given].count("host") > 1:  # as SQLAlchemy has it: each host with its port
        where = ",".join(value for name, value in given if name == "host")
        del parameters["host"]
    if "@" in database or (not who and "@" in query):  # a password that holds a / or a ? as it is
        raise _not_an_address(text)
    return Address(
        user=unquote(user) or None,
        password=unquote(password) if colon else None,
        hosts=tuple(_host(text, host) for host in where.split(",")) if where else (),
        database=unquote(database) or None,
        parameters=parameters,
    )


def _host(text: str, host: str) -> tuple[str, int | None]:
    """A host and its port; an address of six figures stands in brackets."""
    found = re.fullmatch(r"(\[[0-9a-f:.%]+\]|[^:\[\]@]*)(?::(\d{1,5})?)?", host, re.I)
    if found is None:
        raise _not_an_address(text)
    return unquote(found[1]).strip("[]"), int(found[2]) if found[2] else None


def _not_an_address(text: str) -> WrongUsage:
    return WrongUsage(
        _("“{url}” is not the address of a store.", url=_beginning(text)),
        hint=_(
            "A file’s path, or {example}; in a password, {letters} are written {codes}.",
            example=EXAMPLE,
            letters="/ ? # @ :",
            codes="%2F %3F %23 %40 %3A",
        ),
    )


def _beginning(text: str) -> str:
    """How a mistyped address begins: what comes after may be a password."""
    scheme = re.match(r"[a-z][a-z0-9+.-]*(?=:/|//)", text, re.I)
    return f"{scheme[0]}:…" if scheme else "…"
