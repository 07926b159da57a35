"""Whatever strangers write is taken, or refused in a sentence: no fault, no hang, no swelling, nothing half stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hostile import held_to, mutated, swollen
from hypothesis import given, settings
from hypothesis import strategies as st
from strangers import Reader, readers, tried

from handlers.batch import apply_file
from workflow.testing import Lab

READERS = (
    "form .toml", "form .json", "form .csv", "form of no name", "submit", "mapping", "apply", "set", "declaration",
    "letter", "calendar", "config", "date", "address", "environment",
)  # fmt: skip
TRIES, TRIES_OF_SLOW = 200, 25
PART = 120_000  # bytes: `make soak` gives a megabyte


@pytest.fixture(scope="module")
def everything(sqlite_places: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Reader]]:
    with sqlite_places.lab() as lab:
        lab.request()
        yield readers(lab, tmp_path_factory.mktemp("given"))
        assert lab.verify().problems == []


def test_every_reader_is_tried(everything: Mapping[str, Reader]) -> None:
    assert tuple(everything) == READERS


@pytest.mark.parametrize("name", READERS)
def test_a_sample_that_was_changed_is_taken_or_refused(everything: Mapping[str, Reader], name: str) -> None:
    reader, random = everything[name], Random(name)
    for _n in range(TRIES_OF_SLOW if reader.slow else TRIES):
        data = mutated(random, reader.samples)
        try:
            tried(reader, data)
        except Exception as fault:
            raise AssertionError(f"{name}: {data!r}") from fault


@pytest.mark.parametrize("name", READERS)
def test_no_text_keeps_a_reader_or_fills_the_memory(everything: Mapping[str, Reader], name: str) -> None:
    cases = [(what, data) for reader, what, data in swollen(PART) if reader == name]
    assert {what: problem for what, data in cases if (problem := held_to(everything[name], data))} == {}


# --- Any value, anywhere in a line of `apply` ---

ANY_TEXT = st.one_of(
    st.text(max_size=8), st.sampled_from(["1", "2026-0001", "amend", "comment", "@k", "+", "2026-03-01"])
)
ANY_VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), ANY_TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ANY_TEXT, inner, max_size=3)),
    max_leaves=6,
)
KEYS = ("title", "participants", "wanted_from", "seq", "follows")
NAMES = ("ref", "event", "set", "note", "at", "as", "on_behalf", "key", "waive", "expect_seq", "submit")
LINE = st.one_of(
    st.dictionaries(st.sampled_from(NAMES), ANY_VALUE),
    st.fixed_dictionaries(
        {"ref": st.just("2026-0001"), "event": st.sampled_from(["amend", "comment", "prequalify", "correct", "close"])},
        optional={
            "set": st.dictionaries(st.sampled_from(KEYS), ANY_VALUE),
            "note": ANY_VALUE, "at": ANY_VALUE, "waive": ANY_VALUE, "expect_seq": ANY_VALUE, "key": ANY_VALUE,
        },
    ),
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(lines=st.lists(LINE, min_size=1, max_size=4))
def test_any_line_is_applied_or_refused(sqlite_lab_kept: Lab, given_file: Path, lines: list[Any]) -> None:
    given_file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    outcome = apply_file(sqlite_lab_kept.engine, str(given_file), "camille")
    assert 1 not in [result.error["exit"] for result in outcome.results if result.error]
    assert len(outcome.results) == len(lines)


@pytest.fixture(scope="module")
def sqlite_lab_kept(sqlite_places: Any) -> Iterator[Lab]:
    """One lab for all that hypothesis draws."""
    with sqlite_places.lab() as lab:
        lab.request()
        yield lab
        assert lab.verify().problems == []


@pytest.fixture(scope="module")
def given_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines") / "lines.jsonl"
