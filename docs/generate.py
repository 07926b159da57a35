"""Writes what the documentation draws from the program: `python docs/generate.py`, or `make docs`.

Between `<!-- généré : NAME -->` and `<!-- fin : NAME -->` a page is made again: a NAME with a slash is a block of a
scene of docs/scenes, played for real; any other is a function of BLOCKS. With `--check` nothing is written: the
differences are printed, and the exit code is 1 when there are any.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from generation import commands, declaring, errors, half_year, lifecycle, scenes
from generation.markdown import DOCS, ROOT, GenerationError, block_names, filled, pages, table

from states.declaration.model import Declaration
from states.language import use

PICTURE = DOCS / "lifecycle.svg"


@cache
def declaration() -> Declaration:
    """The declaration that comes with the product."""
    from states.declaration.documents import shipped
    from states.verification.loading import load

    return load(shipped())


def _of(make: Callable[[Declaration], str]) -> Callable[[], str]:
    return lambda: make(declaration())


def _of_activities(make: Callable[[Declaration], str]) -> Callable[[], str]:
    return lambda: make(declaration().activities)


def definitions() -> str:
    """How each figure of the review is counted, as its last chapter says it."""
    from handlers.review.words import definitions as found

    return table(["Chiffre", "Définition"], found())


BLOCKS: dict[str, Callable[[], str]] = {
    "commandes": commands.reference,
    "commandes-index": commands.index,
    "déclaration": declaring.reference,
    "déclaration-sommaire": declaring.contents,
    "déclaration-types": declaring.types,
    "déclaration-effets": declaring.effects,
    "déclaration-gardes": declaring.guards,
    "déclaration-codes-gardés": declaring.relied_on,
    "déclaration-vérifications": declaring.checks,
    "erreurs-classes": errors.classes,
    "erreurs-refus": _of(errors.refusals),
    "parcours-états": _of(lifecycle.states),
    "parcours-mouvements": _of(lifecycle.moving),
    "parcours-sur-place": _of(lifecycle.staying),
    "parcours-communs": lifecycle.common,
    "parcours-créneau": lifecycle.slots,
    "parcours-niveaux": _of(lifecycle.tiers),
    "parcours-tâches": _of(lifecycle.checklist),
    "parcours-recommandation": _of(lifecycle.recommendation),
    "parcours-échéances": _of(lifecycle.deadlines),
    "parcours-durées": _of(lifecycle.durations),
    "parcours-rôles": _of(lifecycle.roles),
    "activités-types": _of(lifecycle.activity_types),
    "activités-états": _of_activities(lifecycle.states),
    "activités-mouvements": _of_activities(lifecycle.moving),
    "activités-sur-place": _of_activities(lifecycle.staying),
    "fiche": _of(lifecycle.form),
    "revue-définitions": definitions,
    "glossaire-codes": _of(lifecycle.vocabularies),
}


def main() -> int:
    """Generates, or checks; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and print the differences, if any")
    options = parser.parse_args()
    _speak_french()
    try:
        stale = _stale()
    except GenerationError as problem:
        print(f"docs/generate.py: {problem}", file=sys.stderr)
        return 1
    for path, text in stale.items():
        if options.check:
            print(_difference(path, text))
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            print(path.relative_to(ROOT))
    return 1 if options.check and stale else 0


def _speak_french() -> None:
    """Before any command is imported: their help is translated then."""
    from cli.main import speak

    os.environ["COOP_LANG"] = "fr"
    speak("fr")
    use("fr")


def _stale() -> dict[Path, str]:
    """The files that are not what they should be, with what they should be."""
    # CONTRIBUTING shows what the marks look like; it has no block.
    texts = {path: path.read_text("utf-8") for path in pages() if path.name != "CONTRIBUTING.md"}
    wanted = {name for text in texts.values() for name in block_names(text)}
    played = scenes.play_all()
    unknown = sorted(wanted - set(BLOCKS) - set(played))
    if unknown:
        raise GenerationError(f"no such block: {', '.join(unknown)}")
    if unused := sorted((set(BLOCKS) | set(played)) - wanted):
        raise GenerationError(f"no page shows: {', '.join(unused)}")
    made = {path: filled(text, partial(_block, played)) for path, text in texts.items()}
    found = {path: text for path, text in made.items() if text != texts[path]}
    drawing = _picture()
    if not PICTURE.exists() or _words(PICTURE.read_text("utf-8")) != _words(drawing):
        found[PICTURE] = drawing
    page = half_year.pack()
    if not half_year.PACK.exists() or not half_year.same(half_year.PACK.read_text("utf-8"), page):
        found[half_year.PACK] = page
    return found


def _block(played: dict[str, str], name: str) -> str:
    return played[name] if name in played else BLOCKS[name]()


def _picture() -> str:
    from handlers.diagrams import svg

    return svg(declaration())


def _words(drawing: str) -> list[str]:
    """What a picture says: drawn by another version of Graphviz, it says the same elsewhere on the sheet."""
    return sorted(re.findall(r"[^\s<>]+", re.sub(r"<[^>]*>", " ", drawing)))


def _difference(path: Path, text: str) -> str:
    name = str(path.relative_to(ROOT))
    old = path.read_text("utf-8").splitlines() if path.exists() else []
    lines = difflib.unified_diff(old, text.splitlines(), name, f"{name}, generated", lineterm="", n=1)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
