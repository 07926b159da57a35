"""`config`: the settings, where each comes from, and the user's config.toml."""

from __future__ import annotations

import os
import unicodedata
from typing import Any

import click

from cli import settings
from cli.options import json_option, print_json, with_session
from cli.output.terminal import echo, printable, stderr, table
from cli.session import Session
from cli.settings_file import write
from states.errors import WrongUsage, did_you_mean
from states.language import LANGUAGES, N_, _, current
from workflow.store.address import Address, shown

OPTIONS = {"db": "--db", "actor": "--as", "lang": "--lang"}
MEANINGS = {"db": N_("the store"), "actor": N_("who acts"), "lang": N_("the language people read")}
MAIL = "mail"  # the table of the settings of mail


class _Name(click.Choice[str]):
    """A setting that a command writes; those of mail are written in the file, by hand."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        table, _dot, name = str(value).partition(".")
        if table == MAIL:
            where = printable(settings.config_path())
            told = _("Mail is set in {path}, in its table [mail]: {name} = …", path=where, name=name or "host")
            raise WrongUsage(told)
        return super().convert(value, param, ctx)


@click.group(help=_("The settings, and where each comes from."), invoke_without_command=True)
@json_option
@with_session
@click.pass_context
def config(ctx: click.Context, session: Session, as_json: bool) -> None:
    if ctx.invoked_subcommand is not None:
        return
    found = _found(session, ctx.find_root().params)
    if as_json:
        print_json(_document(found))
        return
    rows = [[name, shown(value), _meaning(name), _told(name, source)] for name, value, source in found]
    table([_("Setting"), _("Value"), _("What"), _("From")], rows)
    path = settings.config_path()
    echo()
    if path.exists():
        echo(_("The file: {path}", path=printable(path)))
    else:
        echo(_("The file: {path} (not there yet: “coop config set” makes it)", path=printable(path)))
    _tell_unknown()


def _found(session: Session, options: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each setting: its name, its value, where it comes from."""
    defaults = {"db": lambda: session.url, "actor": lambda: session.actor, "lang": current}
    found = []
    for name in settings.NAMES:
        value, source = settings.setting(name, options.get(name))
        found.append((name, value if value is not None else defaults[name](), source))
    return [*found, *_found_of_mail()]


def _found_of_mail() -> list[tuple[str, str, str]]:
    """The settings of mail that are said, of which none is a password: that one stands in a file of its own."""
    from handlers.mail.settings import KEYS

    found = []
    for name in KEYS:
        whole, table = f"{MAIL}.{name}", _mail_in_file()
        if value := os.environ.get(_variable(whole)):
            found.append((whole, value, "environment"))
        elif name in table:
            value = table[name]
            found.append((whole, ", ".join(map(str, value)) if isinstance(value, list) else str(value), "file"))
    return found


def _mail_in_file() -> dict[str, Any]:
    table = settings.whole_file().get(MAIL)
    return table if isinstance(table, dict) else {}


def _meaning(name: str) -> str:
    return _(MEANINGS[name]) if name in MEANINGS else _("outgoing mail")


def _document(found: list[tuple[str, str, str]]) -> dict[str, Any]:
    path = settings.config_path()
    return {
        "file": str(path),
        "exists": path.exists(),
        "settings": {name: {"value": shown(v), "source": source} for name, v, source in found},
        "unknown": _unknown(),
    }


def _told(name: str, source: str) -> str:
    return {
        "option": _("the option {option}", option=OPTIONS.get(name, "")),
        "environment": _("the variable {variable}", variable=_variable(name)),
        "file": _("the file"),
        "default": _("default"),
    }[source]


def _variable(name: str) -> str:
    return f"COOP_{name.upper().replace('.', '_')}"


def _unknown() -> list[str]:
    """What the file says that is no setting."""
    from handlers.mail.settings import KEYS

    whole = settings.whole_file()
    known = (*settings.NAMES, MAIL) if isinstance(whole.get(MAIL), dict) else settings.NAMES
    of_mail = [f"{MAIL}.{name}" for name in _mail_in_file() if name not in KEYS]
    return [*(name for name in whole if name not in known), *of_mail]


def _tell_unknown() -> None:
    from handlers.mail.settings import KEYS

    known = [*settings.NAMES, *(f"{MAIL}.{name}" for name in KEYS)]
    for name in _unknown():
        message = _("“{name}” in the file is not a setting.", name=name) + did_you_mean(name, known)
        stderr(printable(message))


@config.command(
    "set", help=_("Give a setting (db, actor or lang) a value in the file, which is made if need be. Comments stay.")
)
@click.argument("name", metavar="SETTING", type=_Name(settings.NAMES))
@click.argument("value")
@json_option
def set_(name: str, value: str, as_json: bool) -> None:
    _change(name, _checked(name, value), as_json)


@config.command(help=_("Take a setting (db, actor or lang) out of the file: its default is back."))
@click.argument("name", metavar="SETTING", type=_Name(settings.NAMES))
@json_option
def unset(name: str, as_json: bool) -> None:
    _change(name, None, as_json)


@config.command(help=_("Where the file is."))
@json_option
def path(as_json: bool) -> None:
    found = settings.config_path()
    if as_json:
        print_json({"file": str(found), "exists": found.exists()})
    else:
        echo(printable(found))


def _checked(name: str, value: str) -> str:
    """The value fit to be written; a store's path is made whole, so that it is the same one from any folder."""
    value = value.strip()
    if not value or any(unicodedata.category(c) in ("Cc", "Cs") for c in value):
        raise WrongUsage(_("“{given}” cannot be the value of a setting.", given=printable(value)))
    if name == "lang" and value not in LANGUAGES:
        raise WrongUsage(_("The languages are: {languages}.", languages=", ".join(LANGUAGES)))
    if name == "db":
        path = Address.of(value).path
        return value if path is None else str(path.absolute())
    return value


def _change(name: str, value: str | None, as_json: bool) -> None:
    path = settings.config_path()
    changed = write(path, name, value)
    settings.from_file.cache_clear()
    told = shown(value) if value is not None else None
    if as_json:
        print_json({"file": str(path), "name": name, "value": told, "changed": changed})
        return
    if told is not None:
        echo(_("{name} is {value}, in {path}.", name=name, value=printable(told), path=printable(path)))
    elif changed:
        echo(_("{name} is no longer in {path}.", name=name, path=printable(path)))
    else:
        echo(_("{name} was not in {path}.", name=name, path=printable(path)))
    if os.environ.get(_variable(name)):
        echo(_("The variable {variable} is set: it goes before the file.", variable=_variable(name)))
