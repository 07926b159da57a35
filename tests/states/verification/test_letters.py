"""The letters of a declaration, checked: every placeholder is filled by someone, or is a finding with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pure import lab

from states.declaration.documents import shipped
from states.declaration.letters import PLACEHOLDERS
from states.errors import BadDeclaration
from states.language import LANGUAGES, spoken
from states.verification.loading import load
from states.verification.structure import check

HEAD = "# Objet {{ ref }}\n\n"


def findings(tmp_path: Path, text: str, code: str = "no") -> list[tuple[str, int | None, str]]:
    """What is found of one letter written by the lab."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / f"{code}.fr.md").write_text(text, "utf-8")
    with spoken("en"):
        found = check(load(shipped(), tmp_path))
    assert {(f.path, f.file) for f in found} <= {(f"letters.{code}.fr", f"letters/{code}.fr.md")}
    return [(f.code, f.line, f.message) for f in found]


def test_the_shipped_letters_are_sound_and_in_both_languages() -> None:
    assert [f for f in check(lab()) if "letters" in f.path] == []
    assert {code: set(letter.content) for code, letter in lab().letters.items()} == {
        code: set(LANGUAGES) for code in lab().letters
    }
    assert len(lab().letters) == 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ ref }} {{ given.reason }} {{ form.need }}", []),
        ("{% for m in meetings %}{{ m.when }} {{ loop.index }}{% endfor %}", []),
        ("{% for m in meetings if m.where %}{{ m.when }}{% else %}{{ due }}{% endfor %}", []),
        ("{% set day = due %}{{ day }}{{ title | upper }}", []),
        (
            "un\ndeux\n{{ requestr }}",
            [("unknown_placeholder", 5, "“requestr” is no placeholder. Did you mean “requester”?")],
        ),
        ("{% if du %}\n{% endif %}", [("unknown_placeholder", 3, "“du” is no placeholder. Did you mean “due”?")]),
        (
            "{% if due %}\nx\n{% endif %}\n\n{{ given.raison }}",
            [("unknown_placeholder", 7, "“given” has no part “raison”. Did you mean “reason”?")],
        ),
        (
            "{{ given['orientatio'] }}",
            [("unknown_placeholder", 3, "“given” has no part “orientatio”. Did you mean “orientation”?")],
        ),
        ("{{ given.extra }}", [("unknown_placeholder", 3, "“given” has no part “extra”.")]),
        (
            "{% for m in meetings %}\n{{ m.wen }}\n{% endfor %}",
            [("unknown_placeholder", 4, "“m” has no part “wen”. Did you mean “when”?")],
        ),
        ("{{ m.when }}", [("unknown_placeholder", 3, "“m” is no placeholder.")]),
        ("{{ tier }}", [("unknown_placeholder", 3, "“tier” has parts: name one, such as tier.label.")]),
        ("{{ ref.upper }}", [("unknown_placeholder", 3, "“ref” has no part “upper”.")]),
        ("{{ range(3) }}", [("unknown_placeholder", 3, "“range” is no placeholder.")]),
        ("{% include 'x' %}", [("letter_syntax", 3, "A letter is whole: it takes no other file.")]),
        ("{{ 3 * 4 }}", [("letter_syntax", 3, "A letter computes nothing: it says what it is given.")]),
        ("{{ " + "(" * 5000, [("letter_syntax", 1, "not a template: it is nested too deep")]),
        ("x" * 20_001, [("letter_syntax", 1, "A letter has at most 20000 characters.")]),
    ],
)
def test_what_a_letter_names(tmp_path: Path, text: str, expected: list[tuple[str, int, str]]) -> None:
    assert findings(tmp_path, HEAD + text) == expected


@pytest.mark.parametrize("text", ["{{ ref", "{% if due %}", "{{ ref | nofilter }}", "{% endif %}"])
def test_what_is_no_template(tmp_path: Path, text: str) -> None:
    ((code, line, _message),) = findings(tmp_path, HEAD + text)
    assert (code, line) == ("letter_syntax", 3)


def test_a_letter_has_a_subject(tmp_path: Path) -> None:
    assert [(code, line) for code, line, _m in findings(tmp_path, "Bonjour\n")] == [("letter_subject", 1)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('after = ["submit"]', [("no_letter_text", "letters.mine")] * 2),
        ('after = ["submit"]\ncontent = { fr = "# x" }', [("no_letter_text", "letters.mine")]),
        ('content = { fr = "# x", en = "# x" }', [("letter_never_leaves", "letters.mine")]),
        (
            'after = ["submit"]\ncontent = { fr = "# x", en = "# x", frr = "# x" }',
            [("letter_language", "letters.mine.content.frr")],
        ),
        ("off = true", []),
        ('due = ["follow_up_3"]\ncontent = { fr = "# x", en = "# x" }', []),
    ],
)
def test_the_table_of_a_letter(row: str, expected: list[tuple[str, str]]) -> None:
    text = shipped().replace(
        "[letters.reception]", f'[letters.mine]\nlabel = {{ fr = "x", en = "x" }}\n{row}\n\n[letters.reception]'
    )
    assert [(f.code, f.path) for f in check(load(text))] == expected


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('after = ["request_info"]', 'after = ["request_inf"]', "letters.question.after.0"),
        ('due = ["follow_up_3", ', 'due = ["follow_up", ', "letters.follow_up.due.0"),
        ("within = 15", 'within = "15"', "letters.reception.within"),
        ('after = ["prequalify"]', 'afterr = ["prequalify"]', "letters.acceptance.afterr"),
    ],
)
def test_unknown_names_in_the_table(old: str, new: str, path: str) -> None:
    with pytest.raises(BadDeclaration) as refused:
        load(shipped().replace(old, new))
    assert [field.field for field in refused.value.fields] == [path]
    assert refused.value.fields[0].line


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "no.fr.md").write_bytes(b"# \xff\n")
    with pytest.raises(BadDeclaration, match=r"no\.fr\.md"):
        load(shipped(), tmp_path)


def test_every_placeholder_is_explained_in_french() -> None:
    with spoken("fr"):
        from states.language import _

        assert all(_(one.help) != one.help for one in PLACEHOLDERS.values())
