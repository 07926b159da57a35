"""How fast a command is: `coop --help`, `coop list`, and what is typed all day, against the least that could do it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.figures import Contest, Figure, Measure, Preparing, Side, process, processes
from bench.lab import BACKLOG, NOW, copied, environment, open_lab
from cli.commands.offered import sections
from states.declaration.outline import shipped_commands

HELP = Figure("help", "coop --help ÷ a bare click program with as many commands", most=1.6)
LIST = Figure("list", "coop list, 200 open requests ÷ the smallest click + SQLAlchemy script", most=1.3)
DEADLINES = Figure("list-deadlines", "coop list ÷ the same list without a deadline", most=1.5)
ONE = "÷ the smallest click + SQLAlchemy script that reads the request's row"
SHOW = Figure("show", f"coop show {ONE}", most=1.5, aim=1.3)
NEXT = Figure("next", f"coop next {ONE}", most=1.5, aim=1.3)
COMMENT = Figure("comment", f"coop comment {ONE}", most=1.5, aim=1.3)
PREQUALIFY = Figure("prequalify", f"coop prequalify {ONE}", most=1.5, aim=1.3)
BOARD = Figure("board", "coop board ÷ coop list without a deadline", most=1.5)


def coop() -> Path:
    found = Path(sys.executable).with_name("coop")
    if not found.exists():
        raise SystemExit(f"{found} is not there: make setup installs it")
    return found


def _python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def _path(*places: Path) -> str:
    return os.pathsep.join([*map(str, places), *filter(None, [os.environ.get("PYTHONPATH")])])


def _seconds(name: str) -> Callable[[Measure, Measure], Measure]:
    return lambda ours, limit: {name: ours["seconds"] / limit["seconds"]}


def bare_program() -> str:
    """The source of a click program with as many commands as ours, and the same words about each."""
    parts = ["import click\n\n\n@click.group(help='A laboratory.')\ndef main():\n    pass\n"]
    commands = [line for _title, section in sections(shipped_commands()) for line in section.items()]
    for number, (name, text) in enumerate(commands):
        parts.append(f"@main.command({name!r}, help={text!r})\ndef command_{number}():\n    pass\n")
    return "\n\n".join(parts)


def _help(preparing: Preparing) -> tuple[Side, Side]:
    directory = preparing.directory
    (directory / "bare_program.py").write_text(bare_program(), "utf-8")
    env = environment(PYTHONPATH=_path(directory))
    bare = [*_python("from bare_program import main; main()"), "--help"]
    names = {name for _title, section in sections(shipped_commands()) for name in section}
    for command in ([str(coop()), "--help"], bare):
        assert names <= set(_output(command, env).split()), command
    return process([str(coop()), "--help"], env), process(bare, env)


def _list(preparing: Preparing) -> tuple[Side, Side]:
    lab = _lab(preparing.directory)
    env = environment(COOP_DB=str(lab), COOP_NOW=NOW)
    ours = [str(coop()), "list"]
    smallest = _smallest(lab)
    mine, theirs = _output(ours, env).splitlines(), _output(smallest, env).splitlines()
    refs, least = [line.split()[0] for line in mine[1:]], [line.split()[0] for line in theirs]
    assert refs == least, (len(refs), len(least))
    assert len(refs) == BACKLOG, len(refs)
    return process(ours, env), process(smallest, env)


def _lab(directory: Path) -> Path:
    found = directory / "lab.db"
    if not found.exists():
        open_lab(str(found))
    return found


def _without_deadlines(directory: Path) -> Path:
    plain = copied(_lab(directory), directory / "plain.db")
    database = sqlite3.connect(plain)
    database.execute("UPDATE requests SET next_due_at = NULL")
    database.execute("DELETE FROM deadlines")
    database.commit()
    database.close()
    return plain


def _against_plain_list(command: str) -> Callable[[Preparing], tuple[Side, Side]]:
    def prepare(preparing: Preparing) -> tuple[Side, Side]:
        directory = preparing.directory
        with_them = environment(COOP_DB=str(_lab(directory)), COOP_NOW=NOW)
        without = environment(COOP_DB=str(_without_deadlines(directory)), COOP_NOW=NOW)
        return process([str(coop()), command], with_them), process([str(coop()), "list"], without)

    return prepare


def _smallest(lab: Path, *ref: str) -> list[str]:
    return [*_python("from bench.smallest import main; main()"), f"sqlite:///{lab}", *ref]


def _of_one(state: str, *words: str) -> Callable[[Preparing], tuple[Side, Side]]:
    """A command on one request, another each time: those of the backlog in a state, in turn."""

    def prepare(preparing: Preparing) -> tuple[Side, Side]:
        lab = copied(_lab(preparing.directory), preparing.directory / f"{words[0]}.db")
        env = environment(COOP_DB=str(lab), COOP_NOW=NOW, COOP_STATE=str(preparing.directory / "state"))
        database = sqlite3.connect(lab)
        refs = [ref for (ref,) in database.execute("SELECT ref FROM requests WHERE state = ? ORDER BY ref", (state,))]
        database.close()
        assert len(refs) >= preparing.times, (len(refs), preparing.times)
        command, *options = words
        ours = ([str(coop()), command, ref, *options] for ref in refs)
        return processes(ours, env), processes((_smallest(lab, ref) for ref in refs), env)

    return prepare


def _output(command: list[str], env: Mapping[str, str]) -> str:
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def contests() -> list[Contest]:
    """The figures of this module."""
    return [
        Contest((HELP,), 9, 3, _help, _seconds("help")),
        Contest((LIST,), 7, 3, _list, _seconds("list")),
        Contest((SHOW,), 7, 3, _of_one("received", "show"), _seconds("show")),
        Contest((NEXT,), 7, 3, _of_one("received", "next"), _seconds("next")),
        Contest((COMMENT,), 7, 3, _of_one("received", "comment", "--note", "Vu."), _seconds("comment")),
        Contest((PREQUALIFY,), 7, 3, _of_one("received", "prequalify"), _seconds("prequalify")),
        Contest((DEADLINES,), 3, 3, _against_plain_list("list"), _seconds("list-deadlines")),
        Contest((BOARD,), 3, 3, _against_plain_list("board"), _seconds("board")),
    ]
