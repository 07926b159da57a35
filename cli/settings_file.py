"""Changing one setting of config.toml: only the lines concerned are written again, comments stay where they are."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from states.causes import cause
from states.declaration.toml_lines import NotToml, parsed
from states.errors import WrongUsage
from states.language import _
from workflow.files import write_whole

LONGEST = 100  # lines of an assignment


def write(path: Path, name: str, value: str | None) -> bool:
    """Gives a setting a value, or takes it away (None); whether anything changed.

    WrongUsage where the file cannot be read or written, or is not the TOML it should be.
    """
    target = path.resolve()  # behind a link, the file itself is written: dotfiles are often links
    text = _read(target)
    changed = edited(text, name, value)
    if changed == text:
        return False
    _check(target, text, changed, name, value)
    _replace(target, changed)
    return True


def edited(text: str, name: str, value: str | None) -> str:
    """The text with the setting given, changed or taken away."""
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    assignment = f"{name} = {_quoted(value)}" if value is not None else ""
    last = 0
    for first, after, keys in _statements(lines):
        if name in keys:
            kept = _comment("".join(lines[first:after]), keys)
            new = [assignment + kept + newline] if value is not None else []
            return "".join([*lines[:first], *new, *lines[after:]])
        last = after
    if value is None:
        return text
    if last and not lines[last - 1].endswith("\n"):
        lines[last - 1] += newline
    place = last or _before_tables(lines)
    return "".join([*lines[:place], assignment + newline, *lines[place:]])


def _statements(lines: list[str]) -> list[tuple[int, int, dict[str, object]]]:
    """The assignments above the first table: their first line, the line after them, and what they say."""
    found, first = [], 0
    while first < len(lines):
        line = lines[first].strip()
        if line.startswith("["):
            break
        if not line or line.startswith("#"):
            first += 1
            continue
        for after in range(first + 1, min(len(lines), first + LONGEST) + 1):
            with suppress(NotToml):
                found.append((first, after, parsed("".join(lines[first:after]))))
                break
        else:
            break
        first = after
    return found


def _before_tables(lines: list[str]) -> int:
    """Where a first assignment goes: after what stands at the top, above the first table and its comment."""
    table = next((n for n, line in enumerate(lines) if line.strip().startswith("[")), None)
    if table is None:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        return len(lines)
    while table and lines[table - 1].strip().startswith("#"):
        table -= 1
    return table


def _comment(statement: str, keys: dict[str, object]) -> str:
    """The comment that ends an assignment, with the blanks before it."""
    statement = statement.rstrip("\r\n")
    for n, c in enumerate(statement):
        if c == "#":
            with suppress(NotToml):
                if parsed(statement[:n]) == keys:
                    return statement[len(statement[:n].rstrip()) :]
    return ""


def _quoted(value: str) -> str:
    """The value as a TOML string. Control characters are refused before: JSON and TOML then agree."""
    return json.dumps(value, ensure_ascii=False)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as problem:
        raise WrongUsage(_("{path} cannot be read: {problem}.", path=path, problem=cause(problem))) from None


def _check(path: Path, before: str, after: str, name: str, value: str | None) -> None:
    """The change is the one asked for, and nothing else."""
    wanted = {} if value is None else {name: value}
    try:
        right = parsed(after) == {key: said for key, said in parsed(before).items() if key != name} | wanted
    except NotToml:
        right = False
    if not right:
        raise WrongUsage(_("{path} is written in a way this command does not follow: edit it by hand.", path=path))


def _replace(path: Path, text: str) -> None:
    """Writes the whole file beside the old one, then in its place; a new one is for its owner alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8"))
    except OSError as problem:
        raise WrongUsage(_("{path} cannot be written: {problem}.", path=path, problem=cause(problem))) from None
