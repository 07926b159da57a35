"""The address of a store: a path is a path, what looks like a URL is never one, and no password is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from states.errors import WrongUsage
from workflow.store.address import Address, looks_like_url, shown
from workflow.store.database import Store

PATHS = [
    "labo?mode=ro.db", "labo%20x.db", "per%cent.db", "l#b.db", "a b.db", "é.db", "a;b.db", "été/labo.db", ":memory:",
    "C:\\labo\\coop.db", "C:/labo/coop.db", "C:/labo/jean@mairie.db", "./u:x@y.db", "/srv/labo@mairie/coop.db",
]  # fmt: skip


@pytest.mark.parametrize("text", PATHS)
def test_a_path_is_a_path(text: str) -> None:
    for typed in (text, f"sqlite:///{text}"):
        assert Address.of(typed) == Address(Path(text))
        assert shown(typed) == typed


@pytest.mark.parametrize("name", ["labo?mode=ro.db", "labo%20x.db", "l#b.db", ":memory:", "a'b;.db"])
def test_the_file_opened_is_the_one_named(tmp_path: Path, name: str) -> None:
    for typed in (str(tmp_path / name), f"sqlite:///{tmp_path / name}"):
        store = Store(typed)
        with store.reading():
            pass
        assert store.path == tmp_path / name
        store.close()
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_the_home_of_the_user_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/camille")
    assert Address.of("~/labo.db").path == Path("/home/camille/labo.db")
    assert Address.of("~personne-de-ce-nom/labo.db").path == Path("~personne-de-ce-nom/labo.db")


UNDERSTOOD = {
    "postgresql://h/d": {"host": "h", "dbname": "d"},
    "postgres://u:p@h:5433/d": {"user": "u", "password": "p", "host": "h", "port": "5433", "dbname": "d"},
    "PostgreSQL+psycopg://u@/d?host=/var/run": {"user": "u", "host": "/var/run", "dbname": "d"},
    "postgresql://u:p%40%2F@[::1]:5433/d": {
        "user": "u", "password": "p@/", "host": "::1", "port": "5433", "dbname": "d",
    },
    "postgresql://u:p@w@h/d": {"user": "u", "password": "p@w", "host": "h", "dbname": "d"},
    "postgresql://u@h1:5432,h2:5433/d?target_session_attrs=read-write": {
        "user": "u", "host": "h1,h2", "port": "5432,5433", "dbname": "d", "target_session_attrs": "read-write",
    },
    "postgresql://u@/d?host=h1:5432&host=h2:5433": {"user": "u", "host": "h1,h2", "port": "5432,5433", "dbname": "d"},
    "postgresql://u@/d?host=h1,h2&port=1,2": {"user": "u", "host": "h1,h2", "port": "1,2", "dbname": "d"},
}  # fmt: skip


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_an_address_is_what_the_library_is_told(text: str) -> None:
    assert Address.of(text).libpq() == UNDERSTOOD[text]


MISTYPED = [
    "postgresql:/u:secret@h/x", "postgresql//u:secret@h/x", "postgresql:u:secret@h/x", "postgres:u:secret@h",
    "u:secret@h",    "u:secret@h/x", "u:sec/secret@h/x", "postgresql://u:sec/secret@h/x", "postgresql://u:sec?secret@h/x",
    "postgresql://u:secret@h:port/x", "postgresql ://u:secret@h/x", "postgresql://u:secret@h:5432x/d", "sqlite://",
]  # fmt: skip


@pytest.mark.parametrize("text", MISTYPED)
def test_what_looks_like_a_url_is_never_a_path(text: str) -> None:
    assert looks_like_url(text)
    with pytest.raises(WrongUsage) as caught:
        Store(text)
    assert "secret" not in f"{caught.value.message} {caught.value.hint} {shown(text)}"


@pytest.mark.parametrize("text", ["mysql://u:secret@h/x", "file:///tmp/x.db", "http://h/x", "oracle+x://u:secret@h"])
def test_another_scheme_is_named_with_those_that_are_known(text: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        Store(text)
    assert text.partition(":")[0] in caught.value.message
    assert "postgresql://" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:secret@h/d", "postgresql://h/d?password=secret", "postgres://u:sec@secret@h/d",
        "postgresql://h/d?sslpassword=secret&sslmode=require", "postgresql://h/d?%70assword=secret", "mysql://u:secret@h/x",
        "postgresql://h/d?PASSWORD=secret", "postgresql://h/d?user=u&passwd=secret", "postgresql://u:secret@h1,h2:1/d",
        "postgresql://h/d?sslmode=require?password=secret",
    ],
)  # fmt: skip
def test_a_password_is_never_shown(text: str) -> None:
    assert "secret" not in shown(text)
    assert shown(text).partition(":")[0] == text.partition(":")[0]
    assert shown(text).endswith(("***", "d", "sslmode=require", "…"))
