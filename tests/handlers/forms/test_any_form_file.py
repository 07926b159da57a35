"""Whatever text is written is read; whatever bytes are given are read, or refused in a sentence."""

from __future__ import annotations

import csv

from form_files import FORM, SAMPLES, table
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.forms.reading import read_bytes
from states.declaration.marks import unmarked
from states.declaration.model import Declaration
from states.declaration.types import PROSE
from states.errors import Invalid

# --- Any text, any bytes ---

ENCODINGS = {
    "utf-8": st.characters(codec="utf-8", exclude_characters="\x00"),
    "utf-8-sig": st.characters(codec="utf-8", exclude_characters="\x00"),
    "utf-16": st.characters(codec="utf-8", exclude_characters="\x00"),
    # Ã and â begin what is taken for damaged UTF-8.
    "windows-1252": st.characters(codec="windows-1252", exclude_characters="\x00Ãâ"),
}


@st.composite
def written_forms(draw: st.DrawFn) -> tuple[list[dict[str, str]], str, str]:
    """Forms with any text in any field, an encoding that can hold them, a delimiter."""
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    fields = [*FORM, *draw(st.lists(st.sampled_from(["sponsor", "external_id", "requester.phone"]), unique=True))]
    # A row without anything to see is no form.
    anything = {field: st.text(ENCODINGS[encoding], max_size=12) for field in fields} | {"title": st.just("x")}
    rows = draw(st.lists(st.fixed_dictionaries(anything), min_size=1, max_size=4))
    return rows, encoding, draw(st.sampled_from(";,\t"))


@settings(deadline=None)
@given(written=written_forms(), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), labels=st.booleans())
def test_what_is_written_is_read(
    declaration: Declaration, written: tuple[list[dict[str, str]], str, str], quoting: int, labels: bool
) -> None:
    rows, encoding, delimiter = written
    names = {name: field.label["fr"] for name, field in declaration.form.items()} if labels else None
    if encoding == "windows-1252":
        rows = [{field: value.replace("\ufeff", "") for field, value in row.items()} for row in rows]
    data = table(*rows, delimiter=delimiter, names=names, quoting=quoting).encode(encoding)
    read = read_bytes(data, "f.csv", declaration, encoding=encoding.removesuffix("-sig"))
    prose = {name for name, field in declaration.form.items() if field.type in PROSE}
    expected = [{k: unmarked(v, prose=k in prose) for k, v in row.items() if v} for row in rows]
    assert [raw.values for raw in read.forms] == expected
    assert [raw.row for raw in read.forms] == list(range(1, len(rows) + 1))
    assert read.notices == ()


def _damaged(sample: bytes) -> st.SearchStrategy[bytes]:
    places = st.integers(0, len(sample))
    return st.builds(lambda a, b, c: sample[:a] + b + sample[c:], places, st.binary(max_size=4), places)


ANY_FILE = st.one_of(
    st.binary(max_size=200),
    st.text(alphabet="[]{}\"',;=#. \n\r\tatitle1é", max_size=60).map(str.encode),
    *(
        _damaged((SAMPLES / name).read_bytes())
        for name in ("fiche-1.toml", "fiches.json", "fiches-codes-windows-1252.csv")
    ),
)


@settings(deadline=None)
@given(data=ANY_FILE, name=st.sampled_from(["-", "f.csv", "f.toml", "f.json"]))
def test_any_bytes_are_read_or_refused_in_a_sentence(declaration: Declaration, data: bytes, name: str) -> None:
    assert outcome_of(data, name, declaration)


def outcome_of(data: bytes, name: str, declaration: Declaration) -> bool:
    """Whether forms came out, or else only sentences that can be printed."""
    try:
        return bool(read_bytes(data, name, declaration).forms)
    except Invalid as refused:
        told = [refused.message, *(error.message for error in refused.fields)]
        return len(told) > 1 and all(sentence.isprintable() for sentence in told)
