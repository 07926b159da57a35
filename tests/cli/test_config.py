"""`coop config`: what each setting is, where it comes from, and a file of which only one line is written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from desk import Desk

from cli import settings
from cli.settings_file import edited
from workflow.store.address import shown


@pytest.fixture
def file(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the user's config.toml; what would go before it is taken away."""
    for name in ("COOP_ACTOR", "COOP_LANG", "COOP_DB"):
        monkeypatch.delenv(name)
    settings.from_file.cache_clear()
    return tmp_path / "config.toml"


def told(desk: Desk, *words: str) -> dict[str, tuple[str, str]]:
    settings.from_file.cache_clear()
    printed = desk.run(*words, "config", "--json")
    assert printed.exit == 0, printed.err
    return {name: (s["value"], s["source"]) for name, s in printed.json["settings"].items()}


def test_a_setting_says_where_it_comes_from(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert {source for _value, source in told(desk).values()} == {"default"}
    file.write_text('db = "/srv/lab.db"\nactor = "lou"\nlang = "en"\n')
    assert told(desk) == {"db": ("/srv/lab.db", "file"), "actor": ("lou", "file"), "lang": ("en", "file")}
    monkeypatch.setenv("COOP_ACTOR", "camille")
    assert told(desk)["actor"] == ("camille", "environment")
    found = told(desk, "--as", "noa", "--db", "other.db", "--lang", "fr")
    assert found == {"db": ("other.db", "option"), "actor": ("noa", "option"), "lang": ("fr", "option")}


def test_people_read_it_as_a_table(desk: Desk, file: Path) -> None:
    file.write_text('actor = "camille"\nacteur = "lou"\n')
    printed = desk.coop("--lang", "en", "config")
    assert printed.exit == 0
    assert "camille" in printed.out
    assert "the file" in printed.out
    assert str(file) in printed.out
    assert "acteur" in printed.err  # no setting of that name…
    assert "“actor”" in printed.err  # …but of this one


def test_setting_and_unsetting(desk: Desk, file: Path) -> None:
    assert desk.json("config", "set", "actor", "camille") == {
        "file": str(file),
        "name": "actor",
        "value": "camille",
        "changed": True,
    }
    assert tomllib.loads(file.read_text()) == {"actor": "camille"}
    assert file.stat().st_mode & 0o077 == 0  # it may hold a password
    assert desk.json("config", "set", "actor", "camille")["changed"] is False
    assert desk.json("config", "path") == {"file": str(file), "exists": True}
    assert desk.json("config", "unset", "actor")["changed"] is True
    assert desk.json("config", "unset", "actor")["changed"] is False
    assert tomllib.loads(file.read_text()) == {}


def test_a_store_is_written_with_its_whole_path(desk: Desk, file: Path, tmp_path: Path) -> None:
    desk.json("config", "set", "db", "lab.db")
    assert tomllib.loads(file.read_text())["db"] == str(tmp_path / "lab.db")
    desk.json("config", "set", "db", "postgresql://lab@host/coop")
    assert tomllib.loads(file.read_text())["db"] == "postgresql://lab@host/coop"


@pytest.mark.parametrize(
    "words", [("set", "lang", "de"), ("set", "colour", "red"), ("set", "actor", " "), ("set", "actor", "a\x1bb")]
)
def test_what_cannot_be_set(desk: Desk, file: Path, words: tuple[str, ...]) -> None:
    desk.fails(2, "config", *words)
    assert not file.exists()


def test_a_variable_that_goes_before_is_told(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOP_ACTOR", "lou")
    printed = desk.coop("--lang", "en", "config", "set", "actor", "camille")
    assert "COOP_ACTOR" in printed.out


def test_a_link_stays_a_link_and_a_mode_stays(desk: Desk, file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# mine\n")
    kept.chmod(0o644)
    file.symlink_to(kept)
    desk.json("config", "set", "actor", "camille")
    assert file.is_symlink()
    assert kept.read_text() == '# mine\nactor = "camille"\n'
    assert kept.stat().st_mode & 0o777 == 0o644


def test_a_broken_file_is_an_error_not_a_fault(desk: Desk, file: Path) -> None:
    file.write_text("actor = \n")
    for words in (["config"], ["config", "set", "actor", "x"], ["list"]):
        settings.from_file.cache_clear()
        printed = desk.coop(*words)
        assert printed.exit == 2
        assert str(file) in printed.err
        assert "Traceback" not in printed.err
    assert file.read_text() == "actor = \n"
    settings.from_file.cache_clear()


BEFORE = """\
# My lab
actor  =  'lou' # who # it is
tail = "kept"  # not ours

# The other machine
[laptop]
actor = "noa"
"""


@pytest.mark.parametrize(
    ("name", "value", "changed"),
    [
        ("actor", "camille", BEFORE.replace("actor  =  'lou' #", 'actor = "camille" #')),
        ("actor", None, BEFORE.replace("actor  =  'lou' # who # it is\n", "")),
        ("lang", "en", BEFORE.replace("not ours\n", 'not ours\nlang = "en"\n')),
        ("lang", None, BEFORE),
        ("db", 'a"b\\c', BEFORE.replace("not ours\n", 'not ours\ndb = "a\\"b\\\\c"\n')),
    ],
)
def test_only_the_line_concerned_is_written(name: str, value: str | None, changed: str) -> None:
    assert edited(BEFORE, name, value) == changed


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", 'actor = "x"\n'),
        ("# only a word", '# only a word\nactor = "x"\n'),
        ("lang = 'fr'", "lang = 'fr'\nactor = \"x\"\n"),
        ("# top\n\n# of it\n[t]\na = 1\n", '# top\n\nactor = "x"\n# of it\n[t]\na = 1\n'),
        ("lang = 'fr'\r\n", "lang = 'fr'\r\nactor = \"x\"\r\n"),
        ('"actor" = "y"\n', 'actor = "x"\n'),
        ('actor = """\ny"""  # long\n', 'actor = "x"  # long\n'),
        ("list = [\n  1,\n]\nactor = '#'#!\n", 'list = [\n  1,\n]\nactor = "x"#!\n'),
        ("lang = '''\nactor = 1\n'''\n", "lang = '''\nactor = 1\n'''\nactor = \"x\"\n"),
    ],
)
def test_however_the_file_is_written(text: str, changed: str) -> None:
    assert edited(text, "actor", "x") == changed
    expected = {**tomllib.loads(text), "actor": "x"}
    assert tomllib.loads(edited(text, "actor", "x")) == expected


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://lab:s3cret@host/coop",
        "postgresql+psycopg://lab:s3cret@host:5432/coop?sslmode=require",
        "postgresql://host/coop?user=lab&password=s3cret",
        "postgresql://lab:s3cret@host/coop?sslpassword=s3cret#x",
        "postgresql://lab:pa@s3cret@host/coop",
    ],
)
def test_a_password_is_never_shown(desk: Desk, file: Path, url: str) -> None:
    assert "s3cret" not in shown(url)
    assert "lab" in shown(url)
    printed = desk.coop("config", "set", "db", url)
    assert tomllib.loads(file.read_text())["db"] == url
    settings.from_file.cache_clear()
    for words in (["config"], ["config", "--json"], ["--db", url, "config"], ["config", "unset", "db"]):
        more = desk.coop(*words)
        assert "s3cret" not in printed.out + printed.err + more.out + more.err


def test_a_mistyped_address_is_not_kept(desk: Desk, file: Path) -> None:
    for url in ("postgresql://lab:s3cret/x@host:port/coop", "postgresql:/lab:s3cret@host/coop", "mysql://u:s3cret@h/x"):
        printed = desk.coop("config", "set", "db", url)
        assert printed.exit == 2
        assert "s3cret" not in printed.out + printed.err
    assert not file.exists()


@pytest.mark.parametrize("url", ["/srv/lab.db", "sqlite:////srv/a@b:c.db", "postgresql://lab@host/coop"])
def test_what_holds_no_password_is_shown_as_it_is(url: str) -> None:
    assert shown(url) == url


def test_the_settings_of_mail_are_told_and_say_where_they_are_set(
    desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('[mail]\nhost = "smtp.example.org"\npassword_file = "/run/secret"\npassword = "s3cret"\n')
    monkeypatch.setenv("COOP_MAIL_PORT", "2525")
    found = desk.json("config")
    assert {name: said for name, said in found["settings"].items() if name.startswith("mail.")} == {
        "mail.host": {"value": "smtp.example.org", "source": "file"},
        "mail.port": {"value": "2525", "source": "environment"},
        "mail.password_file": {"value": "/run/secret", "source": "file"},
    }
    assert found["unknown"] == ["mail.password"]
    printed = desk.coop("config")
    assert "smtp.example.org" in printed.out
    assert "s3cret" not in printed.out + printed.err
    for words in (("set", "mail.host", "x"), ("unset", "mail.host")):
        assert "[mail]" in desk.fails(2, "config", *words)["message"]
