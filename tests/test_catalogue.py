"""The French catalogue: whole, agreeing with the code, well typeset, and what people read, click's words included."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from cli import words
from states.catalogue import Catalogue

ROOT = Path(__file__).parent.parent
PO = ROOT / "states/locale/fr/LC_MESSAGES/coop.po"
WORDS = "cli/words.py"
PACKAGES = ("states", "workflow", "handlers", "cli")

Id = tuple[str, ...]  # one text, or the two of a plural


def texts(found: str | list[str] | tuple[str, ...]) -> Id:
    return (found,) if isinstance(found, str) else tuple(found)


def french() -> Catalog:
    with PO.open("rb") as po:
        return read_po(po, locale="fr", domain="coop")


def messages() -> list[Message]:
    """Those that have their French; the first test says which have none."""
    return [message for message in french() if message.id and all(texts(message.string))]


def label(message: Message) -> str:
    return texts(message.id)[0][:60]


@pytest.fixture(scope="module")
def extracted() -> dict[Id, str]:
    """Every message of the code, with the file it is in, by the very keywords of `make catalogue`."""
    keywords = parse_keywords(re.findall(r"--keyword (\S+)", (ROOT / "Makefile").read_text("utf-8")))
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT, methods, options, keywords)
    return {texts(id): file for file, _line, id, _comments, _context in found if id}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def calls(names: tuple[str, ...], tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


# --- Whole ---


def test_every_message_has_its_french(extracted: dict[Id, str]) -> None:
    known = {texts(message.id): message for message in french() if message.id}
    wrong = {
        "missing (make catalogue)": [f"{extracted[id]}: {id[0]}" for id in extracted.keys() - known.keys()],
        "obsolete (make catalogue)": [id[0] for id in known.keys() - extracted.keys()],
        "struck out (make catalogue)": list(french().obsolete),
        "empty": [id[0] for id, message in known.items() if not all(texts(message.string))],
        "fuzzy": [id[0] for id, message in known.items() if message.fuzzy],
    }
    assert not {what: sorted(map(str, which)) for what, which in wrong.items() if which}


def test_both_forms_of_a_plural_are_there() -> None:
    assert not [id[0] for m in messages() if len(id := texts(m.id)) != len(texts(m.string))]


def test_the_compiled_catalogue_is_this_one() -> None:
    """Otherwise: make setup."""
    with PO.with_suffix(".mo").open("rb") as mo:
        compiled = {texts(m.id): texts(m.string) for m in read_mo(mo) if m.id}
    assert compiled == {texts(m.id): texts(m.string) for m in messages()}


def test_babel_finds_no_fault() -> None:
    """What `pybabel compile` would refuse."""
    assert not {label(message): [str(e) for e in errors] for message, errors in french().check()}


def test_no_message_hides_in_an_f_string() -> None:
    """Babel reads inside f-strings only from Python 3.12 on: the catalogue would depend on who makes it."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for call in calls(("_", "_n", "N_"), node)
        if isinstance(call.args[0], ast.Constant)
    ]
    assert not hidden


# --- Words that stand elsewhere ---


def test_words_hold_all_that_click_says() -> None:
    said = {("required",)}  # translated through a variable
    for path in Path(click.__file__).parent.rglob("*.py"):
        for call in calls(("_", "gettext", "ngettext"), ast.parse(path.read_text("utf-8"))):
            forms = call.args[: 2 if isinstance(call.func, ast.Name) and call.func.id == "ngettext" else 1]
            if all(isinstance(form, ast.Constant) for form in forms):
                said.add(tuple(ast.literal_eval(form) for form in forms))
    held = {(text,) for text in words.CLICK} | set(words.CLICK_PLURALS)
    assert {"missing": said - held, "no longer said": held - said} == {"missing": set(), "no longer said": set()}


def test_the_sentence_of_every_error_is_gathered(extracted: dict[Id, str]) -> None:
    """Their docstring. In whichever room: a class is an error if one of its bases is."""
    classes = [node for _path, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    family = {"CoopError"}
    while more := {c.name for c in classes if family & {getattr(base, "id", None) for base in c.bases}} - family:
        family |= more
    assert {ast.get_docstring(c, clean=False) for c in classes if c.name in family} <= {id[0] for id in extracted}


# --- Agreeing with the source ---

KEPT = (r"--[a-z][a-z-]*", r"\bcoop [a-z]+", r"\bREF\b|\bFILE\b|\bK=V\b")  # options, commands, what help calls them


def placeholders(text: str) -> set[str]:
    named = {name for _text, name, _format, _conversion in Formatter().parse(text) if name is not None}
    return named | set(re.findall(r"%\((\w+)\)s", text))


def test_placeholders_and_commands_are_kept(extracted: dict[Id, str]) -> None:
    faults = []
    for message in messages():
        ids, strings = texts(message.id), texts(message.string)
        expected = set().union(*map(placeholders, ids))
        for string in strings:
            if extracted.get(ids) == WORDS:  # click gives more than a French sentence needs
                faults += [string for name in placeholders(string) if name not in expected]
                continue
            same = placeholders(string) == expected
            same &= all(sorted(re.findall(kept, string)) == sorted(re.findall(kept, ids[-1])) for kept in KEPT)
            faults += [] if same else [string]
    assert not faults


def test_a_sentence_ends_as_its_source_does(extracted: dict[Id, str]) -> None:
    def end(text: str) -> str:
        return text[-1:] if text.endswith((".", ":", "?", "…")) else ""

    found = {texts(message.id): texts(message.string) for message in messages()}
    said = [(ids[0], string) for ids, strings in found.items() if extracted.get(ids) != WORDS for string in strings]
    assert not [(id, string) for id, string in said if end(id) != end(string)]


TYPOGRAPHY = {
    "a space that may break before : ; ? ! %": r" (?=[;?!]|[:%](?:[\s.,)]|$))",
    "no space before : ; ? !": r"(?<=[^\s:;?!])[:;?!](?=\s|$)",
    "no unbreakable space after «": r"«(?!\u00a0)",
    "no unbreakable space before »": r"(?<!\u00a0)»",
    "a straight apostrophe": r"(?<=\w)'(?=\w)",
    "English quotes": r"[“”]",
    "three dots for an ellipsis": r"\.\.\.",
    "n° or an hour that may be parted from its number": r"n°(?!\u00a0)|\d h\b",
    "a narrow space, which terminals and mailers draw badly": "\u202f",
    "two spaces": r"[ \u00a0]{2}",
    "a number that may be parted from what it counts": r"\d (?:min|€|km|Mo|Go)\b",
    "an English ordinal, or 1 for 1er": r"\b(?:1st|2nd|3rd|\dth)\b|\b1 (?:janv|mars|avril|mai|jui)",
}


def misprints(text: str) -> list[str]:
    """What French typography has to say of a text."""
    return [what for what, pattern in TYPOGRAPHY.items() if re.search(pattern, text)]


# English words that the glossary gives one French word, and the words that would be a second one.
ONE_WORD = {
    r"\bdeclin": r"refus|écart|rejet|déclin",
    r"\bdeadlines?\b": r"date limite|butoir|terme\b",
    r"\bslots?\b": r"plage|horaire",
    r"\bcap\b": r"quota|maximum",
    r"\bdeliverable": r"rendu|production",
    r"\bwaive": r"dispens|exempt|dérog",
    r"\brequests?\b": r"requête",
    r"\brequester": r"personne qui demande|porteu|requérant",
    r"\bdebrief": r"bilan|restitution",
    r"\bfollow-?up": r"relance",
    r"\bsettings?\b": r"paramètre|configuration",
    r"\bcomment\b": r"remarque|observation",
    r"\bstores?\b": r"magasin|dépôt|stockage|entrepôt",
    r"\bsemester": r"période|semestriel",
    r"\btiers?\b": r"palier|formule|échelon",
    r"\bhistory\b": r"journal",
    r"\bsnooze": r"report",
    r"\bscheduler|\bwatch\b": r"ordonnanceur|veilleur",
    r"\be-mail": r"e-?mail|mél\b",
    r"\bevents?\b": r"évènement",  # written as the glossary writes it
}


@pytest.mark.parametrize("english", ONE_WORD)
def test_one_thing_has_one_word(english: str) -> None:
    said = [text for m in messages() if re.search(english, " ".join(texts(m.id))) for text in texts(m.string)]
    assert said
    assert not [text for text in said if re.search(ONE_WORD[english], text, re.IGNORECASE)]


def test_typography_is_french() -> None:
    strings = [string for message in messages() for string in texts(message.string)]
    assert not {string: found for string in strings if (found := misprints(string))}


# What a French sentence says in French: words of every day, and those of the field whose codes are English.
ENGLISH = """
    the and of with for from this that is are was were be by an no yes not to it its or has have had must should
    will would when where which who what how all any each some none before after until since into only first last
    next then there
    slot slots semester field fields file files folder path directory state states event events staff meeting meetings
    day days week month year request requests requester entry entries review store user users level axis error unknown
    missing invalid value name names help deadline deadlines deliverable alert alerts rule rules tier tiers tool
    server password database address duration attended expected managers orientation-and reason given gained
"""
# Not prose: what is filled in, options, commands, what help calls them, keys of a file, what is between quotes.
NO_PROSE = re.compile(
    r"""\{[^}]*\}|%\(\w+\)\w|«[^»]*»|"[^"]*"|`[^`]*`|--[a-z-]+(?:\ [a-z_]+\b)?|coop\ [a-z]+(?:\ [a-z]+)?|\[\w+\]
    |@\w+\([^)]*\)|[\w ]*=|(?:\w+(?:,|\ ou)?\ )*\w+[_.]\w+(?:(?:,|\ ou)\ \w+)*(?:\ ou\ \w+)?""",
    re.VERBOSE,
)


def english_words(text: str) -> set[str]:
    """The English words of a French sentence."""
    words = re.findall(r"[A-Za-zÀ-ÿœ’-]+", NO_PROSE.sub(" ", text))
    return set(words) & set(ENGLISH.split())


def test_no_english_word_is_in_a_french_message(extracted: dict[Id, str]) -> None:
    said = [text for m in messages() for text in texts(m.string)]
    assert not {text: found for text in said if (found := english_words(text))}


@pytest.mark.parametrize(
    "text", ["until : une date", "le slot est pris", "rien is missing", "Is a directory", "Le semester", "role, file"]
)
def test_english_words_are_looked_for(text: str) -> None:
    assert english_words(text)


def test_a_straight_quote_is_only_in_what_is_typed() -> None:
    """In a message that holds a piece of a file, or of a command."""
    told = [(ids, text) for m in messages() for ids in [texts(m.id)] for text in texts(m.string)]
    assert not [text for ids, text in told if text.count('"') != ids[-1].count('"')]


@pytest.mark.parametrize(
    "text",
    [
        "Voir : ceci",
        "Voir: ceci",
        "«ceci\u00a0»",
        "«\u00a0ceci »",
        "l'état",
        "“ceci”",
        "50 %",
        "n° 1",
        "14 h 30",
        "etc...",
    ],
)
def test_typography_is_looked_at(text: str) -> None:
    assert len(misprints(text)) == 1


# --- Words that are nobody's ---

CODE = ("handlers/forms/text.py", "cli/output/layout.py")  # what is looked for in the texts of others


def prose(tree: ast.Module) -> Iterator[ast.Constant]:
    """The texts of a module, but its docstrings and those that go through the catalogue."""
    apart: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            apart.add(id(node.value))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("_", "_n", "N_", "Nn_"):
            apart |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield node


def test_no_quotation_mark_is_put_by_hand() -> None:
    """Each language has its own: the catalogue puts them."""
    assert not [
        f"{path.relative_to(ROOT)}:{text.lineno}"
        for path, tree in modules()
        if str(path.relative_to(ROOT)) not in CODE
        for text in prose(tree)
        if re.search("[“”«»]", text.value)
    ]


# Errors whose text is ours, in the reader's language.
OURS = ("Malformed", "NotToml", "_Later", "_Wrong", "Unsendable", "Rejected", "FAULTS", "_Fault")
UNDERSTOOD = (
    "states/causes.py",
    "handlers/forms/tables.py",
    "handlers/scheduler.py",
    "workflow/store/upgrade.py",
)  # read there, not shown


def test_the_words_of_the_system_and_of_libraries_are_not_shown(extracted: dict[Id, str]) -> None:
    """`states.causes.cause` says why in the reader's language, or quotes."""
    shown = []
    for path, tree in modules():
        for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name):
            if handler.type is None or ast.unparse(handler.type) in OURS:
                continue
            for node in ast.walk(handler):
                parts = [node.value] if isinstance(node, ast.FormattedValue) else []
                if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("_", "str"):
                    parts = [*node.args, *(keyword.value for keyword in node.keywords)]
                names = [part.value if isinstance(part, ast.Attribute) else part for part in parts]
                if any(isinstance(name, ast.Name) and name.id == handler.name for name in names):
                    shown.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not [place for place in shown if not place.startswith(UNDERSTOOD)]


def test_a_message_is_found_as_gettext_finds_it() -> None:
    """Every message that there is, alone and for some numbers; and some that there are not."""
    file = PO.with_suffix(".mo")
    ours = Catalogue(file)
    with file.open("rb") as opened:
        theirs = gettext.GNUTranslations(opened)
    ids = [texts(message.id) for message in messages()]
    several = [one for one in ids if len(one) == 2]
    assert len(ids) > 2000
    assert len(several) > 100
    alone = [one[0] for one in ids]
    absent = ["", "zzz", "No such message.", alone[7][:-1], alone[7] + " ", "\0"]
    assert [m for m in (*alone, *absent[1:]) if ours.gettext(m) != theirs.gettext(m)] == []
    assert [
        (one, n)
        for one, many in (*several, *((m, m + "s") for m in absent[1:]))
        for n in (0, 1, 2, 21, 1000)
        if ours.ngettext(one, many, n) != theirs.ngettext(one, many, n)
    ] == []


def test_what_is_no_catalogue_is_said(tmp_path: Path) -> None:
    file = tmp_path / "coop.mo"
    file.write_bytes(b"\0" * 28)
    with pytest.raises(ValueError, match="no compiled catalogue"):
        Catalogue(file)
