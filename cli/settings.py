"""Where a setting comes from: an option, else a COOP_ variable, else the user's config.toml, else a default."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from states.language import _

NAMES = ("db", "actor", "lang")


def config_path() -> Path:
    """The user's config.toml; COOP_CONFIG names another."""
    if found := os.environ.get("COOP_CONFIG"):
        return Path(found)
    from platformdirs import user_config_path

    return user_config_path("coop", appauthor=False) / "config.toml"


def state_path() -> Path:
    """Where the last reference touched is remembered, per user."""
    if found := os.environ.get("COOP_STATE"):
        return Path(found)
    from platformdirs import user_state_path

    return user_state_path("coop", appauthor=False)


def whole_file() -> dict[str, object]:
    """All that config.toml says; nothing where there is no such file."""
    try:
        text = config_path().read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        from states.causes import cause

        raise _unreadable(cause(problem)) from None
    from states.declaration.toml_lines import NotToml, parsed  # most have no such file, and the shell waits

    try:
        return parsed(text)
    except NotToml as problem:
        told = str(problem).rstrip(".")
        raise _unreadable(_("line {n}: {problem}", n=problem.line, problem=told) if problem.line else told) from None


def _unreadable(problem: str) -> Exception:
    from states.errors import WrongUsage

    return WrongUsage(_("{path} cannot be read: {problem}.", path=config_path(), problem=problem))


@cache
def from_file() -> dict[str, str]:
    """The settings of config.toml; none where there is no such file."""
    return {name: str(value) for name, value in whole_file().items() if name in NAMES}


def setting(name: str, option: str | None = None) -> tuple[str | None, str]:
    """A setting's value, and where it comes from: option, environment, file or default."""
    if option:
        return option, "option"
    if found := os.environ.get(f"COOP_{name.upper()}"):
        return found, "environment"
    if found := from_file().get(name):
        return found, "file"
    return None, "default"


def default_store() -> str:
    """The SQLite file in the user's data directory."""
    from platformdirs import user_data_path

    return str(user_data_path("coop", appauthor=False) / "coop.db")


def out_of_sight() -> None:
    """Begins the command again without a password that its line shows to whoever lists the processes."""
    if os.name != "posix" or "--db" not in " ".join(sys.argv):
        return
    from workflow.store.address import shown

    kept, db, words = [], "", iter(sys.argv[1:])
    for word in words:
        if word == "--db":
            db = next(words, "")
        elif word.startswith("--db="):
            db = word.partition("=")[2]
        else:
            kept.append(word)
    if shown(db) != db:
        os.environ["COOP_DB"] = db
        started = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv) + 1]
        os.execv(sys.executable, [*started, *kept])  # noqa: S606 - itself, with the words it was given


def given(args: Sequence[str], option: str) -> str | None:
    """The value that an option has on the line, before anything of it is understood."""
    for n, word in enumerate(args):
        if word == option:
            return args[n + 1] if n + 1 < len(args) else None
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None
