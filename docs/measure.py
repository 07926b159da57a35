"""Measures the libraries and writes the tables of docs/dependencies.md: `python docs/measure.py`.

Sizes are those of the files installed here (byte code left out), with every package the library needs; import times
are the least processor time of a few fresh interpreters, less a bare one. Both depend on the machine, so nothing
checks them.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from generation.errors import texts
from generation.markdown import DOCS, ROOT, table
from packaging.requirements import Requirement

PAGE = DOCS / "dependencies.md"
RUNS = 7


def main() -> int:
    """Writes the tables."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    optional = {name: wanted for name, wanted in extras.items() if name not in ("all", "dev")}
    bare = _seconds("pass")
    made = {
        "always installed": _table(project["dependencies"], bare),
        "optional": _table([w for wanted in optional.values() for w in wanted], bare, _extras(optional)),
        "development": _table(extras.get("dev", []), None),
    }
    page = PAGE.read_text("utf-8")
    for name, text in made.items():
        mark = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        page, found = mark.subn(partial(_filled, text), page)
        if found != 1:
            print(f"docs/dependencies.md has no place for: {name}", file=sys.stderr)
            return 1
    PAGE.write_text(page, "utf-8")
    return 0


def _filled(text: str, block: re.Match[str]) -> str:
    return f"{block[1]}\n{text}\n\n{block[2]}"


def _extras(optional: Mapping[str, list[str]]) -> dict[str, str]:
    return {_named(wanted): extra for extra, all_wanted in optional.items() for wanted in all_wanted}


def _named(wanted: str) -> str:
    return normal(Requirement(wanted).name)


def normal(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _table(wanted: list[str], bare: float | None, extras: Mapping[str, str] | None = None) -> str:
    rows = []
    for requirement in sorted(wanted, key=_named):
        name = _named(requirement)
        said = texts("dependencies")[name]
        shown = f"`{name}`" + (f" (`[{extras[name]}]`)" if extras else "")
        row = [shown, said["for"], said["why"], _licence(name), _megabytes(requirement)]
        rows.append(row if bare is None else [*row, _milliseconds(said, bare)])
    headers = ["Library", "What for", "Why this one", "Licence", "MB"]
    return table(headers if bare is None else [*headers, "Import, ms"], rows)


def _licence(name: str) -> str:
    try:
        found = distribution(name).metadata
    except PackageNotFoundError:
        return ""
    said = [found[key] for key in ("License-Expression", "License") if key in found]
    said += [word.rpartition(" :: ")[2] for word in found.get_all("Classifier") or () if word.startswith("License ::")]
    return next((text.splitlines()[0] for text in said if text.strip()), "")


def _megabytes(requirement: str) -> str:
    return f"{sum(_size(name) for name in _needed(requirement)) / 1e6:.1f}"


def _needed(requirement: str) -> set[str]:
    """A package and all it needs, extras included."""
    seen: set[str] = set()
    todo = [Requirement(requirement)]
    while todo:
        wanted = todo.pop()
        known = f"{normal(wanted.name)}[{','.join(sorted(wanted.extras))}]"
        if known not in seen:
            seen.add(known)
            todo += _requirements(wanted)
    return {name.partition("[")[0] for name in seen}


def _requirements(wanted: Requirement) -> Iterator[Requirement]:
    try:
        required = distribution(wanted.name).requires or []
    except PackageNotFoundError:
        return
    for text in required:
        found = Requirement(text)
        extras = wanted.extras or {""}
        if found.marker is None or any(found.marker.evaluate({"extra": extra}) for extra in extras):
            yield found


def _size(name: str) -> int:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    paths = [file.locate() for file in files if "__pycache__" not in file.parts]
    return sum(path.stat().st_size for path in paths if path.is_file())  # type: ignore[attr-defined]


def _milliseconds(said: Mapping[str, Any], bare: float) -> str:
    if "import" not in said:
        return "—"
    taken = _seconds(f"import {said['import']}") - bare
    return f"{max(0.0, taken) * 1000:.0f}"


def _seconds(code: str) -> float:
    """The least processor time of a fresh interpreter: another load of the machine changes it little."""
    found = []
    for _run in range(RUNS + 1):
        before = _spent()
        subprocess.run([sys.executable, "-c", code], check=True)
        found.append(_spent() - before)
    return min(found[1:])


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main())
