"""The documentation says what the program does: no more, no less, and in good French."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from generation import commands, errors, markdown, source
from generation.markdown import DOCS, ROOT, GenerationError
from packaging.requirements import Requirement

from states.declaration.documents import shipped
from states.errors import catalogue
from states.verification.loading import load

PAGES = markdown.pages()
ENGLISH = {ROOT / "CONTRIBUTING.md", DOCS / "dependencies.md"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- What is generated ---


def test_generated_blocks_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, f"make docs\n{done.stdout}{done.stderr}"


def test_a_block_without_an_end_is_not_left_unnoticed() -> None:
    with pytest.raises(GenerationError):
        markdown.block_names("<!-- généré : commandes -->\n")


def test_only_what_is_between_the_marks_is_made_again() -> None:
    page = "avant\n<!-- généré : a -->\nvieux\n<!-- fin : a -->\naprès\n"
    made = markdown.filled(page, lambda name: f"neuf ({name})")
    assert made == "avant\n<!-- généré : a -->\n\nneuf (a)\n\n<!-- fin : a -->\naprès\n"
    assert markdown.filled(made, lambda name: f"neuf ({name})") == made


# --- Commands ---


@cache
def _documented() -> dict[str, commands.Documented]:
    return {found.name: found for found in commands.everything()}


def test_every_command_and_option_is_in_the_reference() -> None:
    text = (DOCS / "commandes.md").read_text("utf-8")
    sections = dict(re.findall(r"^#+ `(coop[^`]*)`\n\n```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert set(sections) == set(_documented())
    for name, found in _documented().items():
        for parameter in found.parameters:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert all(option in sections[name] for option in parameter.opts), (name, parameter.opts)


def test_every_command_says_what_it_does() -> None:
    for name, found in _documented().items():
        assert found.command.help, name
        silent = [p.name for p in found.parameters if isinstance(p, click.Option) and not p.help]
        assert not silent, (name, silent)


def test_every_command_answers_a_program_too() -> None:
    """`--json`, but for the process that goes on until it is stopped, and for groups, which do nothing alone."""
    silent = {
        name
        for name, found in _documented().items()
        if not isinstance(found.command, click.Group) and not any("--json" in p.opts for p in found.parameters)
    }
    assert silent == {"coop scheduler run"}


def _typed(page: Path) -> Iterator[str]:
    """The commands of a page's blocks: `coop …` after a prompt, or alone on its line."""
    for language, text in _FENCE.findall(page.read_text("utf-8")):
        for line in text.splitlines() if language in ("console", "sh") else ():
            found = re.match(r"(?:\$ )?(?:\S*/)?coop\s+(?!venv)([^#]*)", line)
            if found and (language == "sh" or line.startswith("$ ")):
                yield found[1]


def _parsed(words: list[str]) -> None:
    """Raises what click does for a command or an option that is not there, a wrong value, a missing argument."""
    here: click.Command = commands.root().command
    ctx = here.make_context("coop", words)
    while isinstance(here, click.Group):
        if not (left := [*ctx._protected_args, *ctx.args]):
            return
        _name, found, rest = here.resolve_command(ctx, left)
        assert found is not None
        here, ctx = found, found.make_context(found.name, rest, parent=ctx)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_of_the_blocks_can_be_typed(page: Path) -> None:
    for line in _typed(page):
        words = shlex.split(re.split(r"\s(?:\||2?>|&&)", line)[0])
        try:
            _parsed(words)
        except click.exceptions.Exit:
            continue
        except click.UsageError as problem:
            pytest.fail(f"{_name(page)}: coop {line}\n{problem.format_message()}")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_named_in_a_sentence_exist(page: Path) -> None:
    text = _FENCE.sub("", page.read_text("utf-8"))
    for span in _INLINE.findall(text):
        words = [
            w for before, w in zip(["", *span.split()], span.split(), strict=False) if w != "…" or before[:2] == "--"
        ]
        if words[:1] != ["coop"] or words[1:2] == ["COMMANDE"]:
            continue
        try:
            _parsed(shlex.split(" ".join(words[1:])))
        except (click.MissingParameter, click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
            continue
        except click.UsageError as problem:
            pytest.fail(f"{_name(page)}: {span}\n{problem.format_message()}")


def test_targets_of_make_that_are_named_exist() -> None:
    known = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text("utf-8")
        named = set(re.findall(r"(?:^|`)make ([a-z0-9]+)", text, re.MULTILINE))
        assert named <= known, (page, named - known)


# --- Errors ---


def test_every_rule_of_refusal_is_explained_or_at_least_quoted() -> None:
    text = (DOCS / "erreurs.md").read_text("utf-8")
    listed = set(re.findall(r"^### `(\w+)`$", text, re.MULTILINE))
    assert listed == {*source.refusals(), *load(shipped()).eligibility}
    quoted = {rule for rule in listed if errors.told_of(load(shipped()), rule)}
    assert listed == quoted | set(errors.texts("refus"))


def test_every_error_and_exit_code_is_listed() -> None:
    text = (DOCS / "erreurs.md").read_text("utf-8")
    exits = {int(code) for code in re.findall(r"^\| (\d) \|", text, re.MULTILINE)}
    assert exits >= {cls.exit for cls in catalogue()}
    assert all(f"`{cls.__name__}`" in text for cls in catalogue())


def test_rules_are_found_where_they_are_made() -> None:
    assert "cap_reached" in source.rules_of("states.lifecycle.guards.requests", "below_cap")[0]
    assert set(source.rules_of("states.lifecycle.guards.meetings", "slot")[0]) >= {"place_closed", "staff_busy"}


# --- Links ---


@cache
def _anchors(page: Path) -> set[str]:
    text = _FENCE.sub("", page.read_text("utf-8"))
    found: dict[str, int] = {}
    anchors = set()
    for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        anchor = commands.anchor(title)
        anchors.add(f"{anchor}-{found[anchor]}" if anchor in found else anchor)
        found[anchor] = found.get(anchor, 0) + 1
    return anchors


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_resolve(page: Path) -> None:
    for target in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _hash, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if anchor:
            assert anchor in _anchors(there), target


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        reached.add(page)
        targets = _LINK.findall(page.read_text("utf-8"))
        linked = {(page.parent / target.partition("#")[0]).resolve() for target in targets}
        todo += [there for there in linked if there in PAGES and there not in reached]
    assert reached == set(PAGES)


# --- What a page must not hold ---


def _written() -> Iterator[Path]:
    yield from PAGES
    for folder in (DOCS, ROOT / "examples"):
        yield from (path for path in folder.rglob("*") if path.suffix in (".toml", ".py", ".scene", ".svg", ".html"))


@pytest.mark.parametrize("path", sorted(_written()), ids=_name)
def test_nothing_of_this_machine_is_told(path: Path) -> None:
    text = path.read_text("utf-8")
    assert str(ROOT) not in text
    for told in (
        r"/root/",
        r"/tmp/tmp",
        r"/home/(?!camille)",
        r"(?i)pypi\.|pythonhosted|npmjs|index-url",
        r"localhost:\d",
    ):
        assert not re.search(told, text), told


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_issue_is_mentioned(page: Path) -> None:
    text = markdown.without_blocks(page.read_text("utf-8"))
    assert not re.search(r"(?i)\b(?:issue|ticket)s?\s+(?:n°\s*)?#?\d|(?<![\w&(`])#\d", _FENCE.sub("", text))


def test_each_library_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(text for name, all_of in extras.items() if name != "all" for text in all_of)]
    text = (DOCS / "dependencies.md").read_text("utf-8")
    for requirement in wanted:
        name = re.sub(r"[-_.]+", "-", Requirement(requirement).name).lower()
        assert f"| `{name}`" in text, f"python docs/measure.py: {name}"


# --- French ---

_CODE = re.compile(r"```.*?```|<!--.*?-->|`[^`\n]*`|\]\([^)]*\)|<[^>]+>|https?://\S+", re.DOTALL)


def _french() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = markdown.without_blocks(page.read_text("utf-8"))
        if page.name == "README.md":
            text = re.sub(r"^>.*\n", "", text, flags=re.MULTILINE)
        if page not in ENGLISH:
            yield _name(page), _CODE.sub("·", text)
    for path in sorted((DOCS / "generation" / "texts").glob("*.toml")):
        if path.stem != "dependencies":
            yield _name(path), _CODE.sub("·", path.read_text("utf-8"))


@pytest.mark.parametrize(("name", "text"), list(_french()), ids=[name for name, _text in _french()])
def test_french_is_typeset_as_french_is(name: str, text: str) -> None:
    wrong = {
        "a straight apostrophe": r"\w'\w",
        "a space that may break before a high mark": r"\w [;:!?»%](?!\w)",
        "a space that may break after «": r"« ",
        "no space before a high mark": r"[^\W\d][;!?](?!\w)(?<![A-Z]\?)|\w»|«\w",
        "English quotes": "[“”]",
    }
    for what, pattern in wrong.items():
        found = re.search(pattern, text)
        assert not found, f"{name}: {what}: …{text[max(0, found.start() - 30) : found.end() + 20]}…"
