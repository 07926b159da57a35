"""Scenes: commands really typed in a throwaway store, and what they print.

A scene is a file of docs/scenes, and one store. Its lines:

    [name]                    begins a block, which a page shows as `scene/name`
    $ coop submit fiche.toml  typed and shown; `=> 3` at the end says the exit code it must have (0 if not said)
    > coop init               typed, not shown
    $ export COOP_NOW=…       sets a variable, until the end of the scene
    $ cat fiche.toml          any other command is run by bash, in the scene's folder
    # mardi                   shown as it is
    < fiche.toml some/file    a copy of a file of this repository
    % coop.db                 a copy of the store of the invented half-year (docs/generation/half_year.py)
    ; a remark                for whoever reads the scene
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from attrs import Factory, define, frozen

from generation import half_year
from generation.markdown import DOCS, ROOT, GenerationError, fenced

SCENES = DOCS / "scenes"
HOME = "/home/camille/lab"  # what the scene's folder is shown as

_EXPECTED = re.compile(r"\s+=> (\d+)$")
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")  # salted: another one each time
_LOGIN = re.compile(r'("entered_by": ")[^"]*')
_BYTES = re.compile(r"\b\d[\d\u00a0\u202f ]*(?=[\u00a0 ](?:bytes|octets)\b)")


@frozen
class Line:
    """A line of a scene: `kind` is its first character."""

    number: int
    kind: str
    text: str
    exit: int = 0


@define
class Scene:
    """The lines of a scene, by block, in order."""

    name: str
    blocks: dict[str, list[Line]] = Factory(dict)


def parse(path: Path) -> Scene:
    """A scene file, read."""
    scene, block = Scene(path.stem), "avant"
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = raw.strip()
        if not text or text.startswith(";"):
            continue
        if named := re.fullmatch(r"\[([\w-]+)\]", text):
            block = named[1]
            continue
        kind, rest = text[0], text[1:].strip()
        if kind not in "$>#<%":
            raise GenerationError(f"{path.name}, line {number}: a line begins with $, >, #, <, % or ;")
        expected = _EXPECTED.search(rest)
        exit = int(expected[1]) if expected and kind in "$>" else 0
        rest = rest[: expected.start()] if expected and kind in "$>" else rest
        scene.blocks.setdefault(block, []).append(Line(number, kind, rest, exit))
    return scene


def play_all() -> dict[str, str]:
    """Every block of every scene, as Markdown, by `scene/block`."""
    found: dict[str, str] = {}
    for path in sorted(SCENES.glob("*.scene")):
        found.update(play(parse(path)))
    return found


def play(scene: Scene) -> dict[str, str]:
    """The blocks of one scene. GenerationError when a command does not end with the code it must have."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, _stage(Path(folder)):
        for block, lines in scene.blocks.items():
            shown = [text for line in lines for text in _done(scene, line)]
            if shown:
                text = "\n".join(shown).replace(folder, HOME)
                found[f"{scene.name}/{block}"] = fenced(_neutral(text), "console")
    return found


def _neutral(text: str) -> str:
    """What changes from one run to the next, replaced."""
    return _LOGIN.sub(r"\1camille.d", _BYTES.sub("…", _DIGEST.sub("‹empreinte de 64 caractères›", text)))


@contextmanager
def _stage(folder: Path) -> Iterator[None]:
    """A folder, a store and settings of their own; everything is put back afterwards."""
    from cli import settings

    before, here = dict(os.environ), Path.cwd()
    for name in list(os.environ):
        if name.startswith("COOP_"):
            del os.environ[name]
    os.environ.update(
        COOP_DB="coop.db",
        COOP_ACTOR="camille",
        COOP_LANG="fr",
        COOP_STATE=str(folder / ".state"),
        COOP_CONFIG=str(folder / ".config.toml"),
        COLUMNS="80",
        NO_COLOR="1",
        LC_ALL="C.UTF-8",
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    )
    settings.from_file.cache_clear()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
        settings.from_file.cache_clear()


def _done(scene: Scene, line: Line) -> list[str]:
    """Does a line; what is shown of it."""
    if line.kind == "#":
        return [f"# {line.text}"]
    if line.kind == "<":
        name, _space, source = line.text.partition(" ")
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes((ROOT / source.strip()).read_bytes())
        return []
    if line.kind == "%":
        Path(line.text).write_bytes(half_year.lived().path.read_bytes())
        return []
    code, printed = _typed(line.text)
    if code != line.exit:
        where = f"{scene.name}.scene, line {line.number}: {line.text}"
        raise GenerationError(f"{where}\nended with {code}, not {line.exit}:\n{printed}")
    return [f"$ {line.text}", *printed.rstrip("\n").splitlines()] if line.kind == "$" else []


def _typed(text: str) -> tuple[int, str]:
    """Runs one command; its exit code, and what it printed on both outputs."""
    words = shlex.split(text)
    if words[0] == "export":
        os.environ.update(dict(_pair(word) for word in words[1:]))
        return 0, ""
    if words[0] == "coop" and not {"|", ">", "<", "&&"} & set(words):
        return coop(words[1:])
    done = subprocess.run(
        ["bash", "-c", text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, encoding="utf-8"
    )
    return done.returncode, done.stdout


def _pair(word: str) -> tuple[str, str]:
    name, _equals, value = word.partition("=")
    return name, value


def coop(words: list[str], env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The very command, in this process: its exit code and what it prints."""
    from cli.main import main

    os.environ.update(env or {})
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        else:
            code = 0
    return code, out.getvalue()
