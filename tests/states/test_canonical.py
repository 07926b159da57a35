"""One way to write a value down."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states import canonical as written

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(st.characters()), inside),
)


@pytest.mark.parametrize("on_another_python", [False, True])
def test_sorted_without_spaces_unicode_as_it_is(monkeypatch: pytest.MonkeyPatch, on_another_python: bool) -> None:
    if on_another_python:
        monkeypatch.setattr("json.encoder.c_make_encoder", None)
        monkeypatch.setattr(written, "_written", written.writer(",", ":", written._refuse, nan=False))

    @given(VALUES)
    def as_the_library_writes_it(value: Any) -> None:
        expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert written.canonical(value) == expected

    as_the_library_writes_it()
    for refused in (object(), float("nan"), {"a": {1, 2}}):
        with pytest.raises((TypeError, ValueError)):
            written.canonical(refused)
