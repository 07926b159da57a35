"""What is written down once and for all: references, digests, and errors with the exit code of each."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from states import errors
from states.canonical import canonical, digest
from states.errors import CoopError, FieldError, Refusal, catalogue, did_you_mean, nearest, unregistered
from states.language import spoken
from states.references import ACTIVITIES, REQUESTS, is_activity, numbered, spelled


@pytest.mark.parametrize(
    ("ref", "series", "year", "number"),
    [
        ("2026-0001", REQUESTS, 2026, 1),
        ("2026-12345", REQUESTS, 2026, 12345),
        ("2027-A001", ACTIVITIES, 2027, 1),
        ("2027-A1234", ACTIVITIES, 2027, 1234),
    ],
)
def test_references(ref: str, series: str, year: int, number: int) -> None:
    assert numbered(ref) == (series, year, number)
    assert spelled(series, year, number) == ref
    assert is_activity(ref) is (series == ACTIVITIES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None, "é"]}, '{"a":[true,null,"é"],"b":1}'),
        ({}, "{}"),
        ("\u2028", '"\u2028"'),
    ],
)
def test_one_way_to_write_a_value_down(value: Any, expected: str) -> None:
    assert canonical(value) == expected


@pytest.mark.parametrize("value", [{1, 2}, datetime.date(2026, 3, 9), b"x"])
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(TypeError, match=rf"{type(value).__name__} has no canonical form: "):
        canonical({"x": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_that_json_has_not(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical(value)


def test_a_digest_means_the_same_everywhere() -> None:
    assert digest("été") == "bd010c64132bf5cae8aea89f6762515727dcf68a5dd1de813c87f50a16c4513c"
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest("\ud800") != digest("?")


# --- Errors ---

EXITS = {
    "CoopError": ("error", 1),
    "WrongUsage": ("usage", 2),
    "Unprintable": ("unprintable", 2),
    "MissingExtra": ("missing_extra", 2),
    "UnknownEvent": ("unknown_event", 2),
    "Refused": ("refused", 3),
    "NotFound": ("not_found", 4),
    "Conflict": ("conflict", 5),
    "AlreadyReceived": ("already_received", 5),
    "Invalid": ("invalid", 6),
    "BadDeclaration": ("bad_declaration", 6),
    "RightMissing": ("right_missing", 7),
    "ConnectionLost": ("connection_lost", 7),
    "StoreUnreachable": ("store_unreachable", 7),
    "StoreBusy": ("store_busy", 7),
    "NoStore": ("no_store", 7),
    "OutcomeUnknown": ("outcome_unknown", 7),
    "StoreOutdated": ("store_outdated", 7),
    "StoreDamaged": ("store_damaged", 7),
    "StoreMoved": ("store_moved", 7),
    "StoreUnfinished": ("store_unfinished", 7),
    "PlatformUnreachable": ("platform_unreachable", 7),
    "CapPassed": ("cap_passed", 1),
    "AlertFound": ("alert_found", 8),
}


def test_every_error_has_its_code_and_exit() -> None:
    ours = [cls for cls in catalogue() if cls.__module__ == errors.__name__]
    assert {cls.__name__: (cls.code, cls.exit) for cls in ours} == EXITS
    assert [(cls.exit, cls.code) for cls in ours] == sorted((exit, code) for code, exit in EXITS.values())


DOCUMENTS: list[tuple[Callable[[], CoopError], dict[str, Any]]] = [
        (lambda: CoopError("No."), {"code": "error", "message": "No.", "exit": 1}),
        (lambda: CoopError(), {"code": "error", "message": "Something went wrong.", "exit": 1}),
        (
            lambda: errors.NotFound("No.", hint="Look."),
            {"code": "not_found", "message": "No.", "exit": 4, "hint": "Look."},
        ),
        (
            lambda: errors.Unprintable(reason="full"),
            {"code": "unprintable", "message": "The output cannot be written: full. Nothing was stored.", "exit": 2},
        ),
        (
            lambda: errors.Unprintable("No.", hint="Look."),
            {"code": "unprintable", "message": "No.", "exit": 2, "hint": "Look."},
        ),
        (
            lambda: errors.Unprintable(),
            {"code": "unprintable", "message": "The output cannot be written; nothing was stored.", "exit": 2},
        ),
        (
            lambda: errors.Refused([Refusal("a", "A.", "x"), Refusal("b", "B.", "y")]),
            {
                "code": "a", "message": "A. B.", "exit": 3,
                "refusals": [
                    {"rule": "a", "message": "A.", "remedy": "x"},
                    {"rule": "b", "message": "B.", "remedy": "y"},
                ],
            },
        ),
        (lambda: errors.Refused([], "No."), {"code": "refused", "message": "No.", "exit": 3, "refusals": []}),
        (
            lambda: errors.Invalid([FieldError("a", "A."), FieldError("b", "B.", 3, "f.toml", 7)], hint="Look."),
            {
                "code": "invalid", "message": "Some of what was given is missing or malformed; nothing was stored.",
                "exit": 6, "hint": "Look.",
                "fields": [
                    {"field": "a", "message": "A."},
                    {"field": "b", "message": "B.", "line": 3, "file": "f.toml", "row": 7},
                ],
            },
        ),
        (lambda: errors.Invalid((), "No."), {"code": "invalid", "message": "No.", "exit": 6, "fields": []}),
        (
            lambda: unregistered("noa", "coop --as lou staff add noa --name …"),
            {
                "code": "not_found", "message": "“noa” is not registered in this lab.", "exit": 4,
                "hint": "Register them: coop --as lou staff add noa --name …; or act as someone else: --as.",
            },
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(("make", "document"), DOCUMENTS)
def test_an_error_as_a_document(make: Callable[[], CoopError], document: dict[str, Any]) -> None:
    with spoken("en"):
        made = make()
    assert made.document() == document
    assert str(made) == document["message"]


def test_an_already_received_form_says_which() -> None:
    made = errors.AlreadyReceived("Here.", ref="2026-0001", form={"a": 1}, wrong=["b"], hint="Look.")
    assert (made.ref, made.form, made.wrong, made.hint, made.message) == (
        "2026-0001",
        {"a": 1},
        ["b"],
        "Look.",
        "Here.",
    )
    assert errors.AlreadyReceived("Here.", ref="2026-0001", form={}).wrong == ()


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [("titel", ["need", "title"], "title"), ("xyz", ["need", "title"], None), ("title", [], None)],
)
def test_the_nearest_known_name(word: str, known: list[str], meant: str | None) -> None:
    assert nearest(word, known) == meant
    with spoken("en"):
        assert did_you_mean(word, known) == (f" Did you mean “{meant}”?" if meant else "")
