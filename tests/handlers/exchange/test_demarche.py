"""The form platform over real HTTP: its pages, its answers, and each way it fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from form_platform import MAPPING, TOKEN, Platform, dossier, running
from hypothesis import given
from hypothesis import strategies as st

from handlers.exchange.demarche.dossiers import filed_by_another, form_of, value_of
from handlers.exchange.demarche.pages import Page, page_of
from handlers.exchange.demarche.platform import HOME
from handlers.exchange.demarche.platform import Platform as Client
from states.errors import CoopError, Invalid, PlatformUnreachable, WrongUsage
from states.language import spoken


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running() as found:
        yield found


def client(platform: Platform, **how: Any) -> tuple[Client, list[float]]:
    waited: list[float] = []
    return Client(4242, how.pop("token", TOKEN), how.pop("url", platform.url), wait=waited.append), waited


def numbers(pages: Iterator[Page]) -> list[int]:
    return [dossier["number"] for page in pages for dossier in page.dossiers]


# --- Pages ---


def test_pages_follow_their_cursor_to_the_last(platform: Platform) -> None:
    platform.page, platform.dossiers = 2, [dossier(number) for number in range(1, 6)]
    ours, waited = client(platform)
    assert numbers(ours.dossiers()) == [1, 2, 3, 4, 5]
    assert [asked.get("after") for asked in platform.asked] == [None, "2", "4"]
    assert waited == []


def test_a_state_and_a_day_are_asked_of_the_platform(platform: Platform) -> None:
    ours, _waited = client(platform)
    assert numbers(ours.dossiers("en_construction", "2026-01-05T00:00:00Z")) == []
    (asked,) = platform.asked
    assert (asked["state"], asked["updatedSince"]) == ("en_construction", "2026-01-05T00:00:00Z")


def test_a_platform_that_gives_one_page_for_ever_is_left(platform: Platform) -> None:
    ours, _waited = client(platform)
    platform.page, platform.dossiers = 1, [dossier(1), dossier(2), dossier(3)]
    platform.answer = lambda _body: platform._answered("dossiers", platform.dossiers, {})  # type: ignore[method-assign]
    with pytest.raises(PlatformUnreachable):
        numbers(ours.dossiers())


# --- Failures ---

AGAIN = '{"errors": [{"message": "later"}]}'


@pytest.mark.parametrize(
    ("faults", "waits"),
    [
        ([(503, {}, "")], [2]),
        ([(500, {}, ""), (502, {}, "")], [2, 4]),
        ([(429, {"Retry-After": "7"}, "")], [7]),
        ([(429, {}, "")], [60]),
        ([(503, {"Retry-After": "9"}, "")], [9]),
        (["cut"], [2]),
        (["halved"], [2]),
        (["hang up"], [2]),
    ],
)
def test_what_may_pass_is_waited_for(platform: Platform, faults: list[Any], waits: list[float]) -> None:
    platform.dossiers, platform.faults = [dossier(1)], faults
    ours, waited = client(platform)
    assert numbers(ours.dossiers()) == [1]
    assert waited == waits


def test_a_date_to_come_back_at_is_read_beside_the_date_of_the_answer(platform: Platform) -> None:
    dates = {"Date": "Mon, 05 Jan 2026 10:00:00 GMT", "Retry-After": "Mon, 05 Jan 2026 10:00:30 GMT"}
    platform.faults = [(429, dates, "")]
    ours, waited = client(platform)
    list(ours.dossiers())
    assert waited == [30]


@pytest.mark.parametrize(
    ("faults", "failure", "said"),
    [
        ([(503, {}, "")] * 5, PlatformUnreachable, "503"),
        ([(429, {"Retry-After": "4000"}, "")], PlatformUnreachable, "asked too often"),
        ([(401, {}, '{"errors": [{"message": "Token expired"}]}')], WrongUsage, "Token expired"),
        ([(403, {}, "forbidden network")], WrongUsage, "forbidden network"),
        ([(400, {}, "bad_request")], WrongUsage, "bad_request"),
        ([(302, {"Location": "https://ailleurs.example.org/"}, "")], WrongUsage, "ailleurs.example.org"),
        ([(200, {}, '{"errors": [{"message": "hidden due to permissions"}]}')], Invalid, "hidden due to permissions"),
        ([(200, {}, '{"data": {"demarche": null}}')], Invalid, "expected an answer of the platform"),
        ([(200, {}, "[]")], Invalid, "expected an answer of the platform"),
        ([(200, {}, '{"data": {"demarche": {"number": 1}}}')], Invalid, "cut short"),
    ],
)
def test_what_does_not_pass_is_told(platform: Platform, faults: list[Any], failure: type[CoopError], said: str) -> None:
    platform.faults = faults
    ours, _waited = client(platform)
    with spoken("en"), pytest.raises(failure) as problem:
        list(ours.dossiers())
    assert said in str(problem.value.document())
    assert TOKEN not in str(problem.value.document())


@pytest.mark.parametrize("url", ["http://platform.example.org/graphql", "ftp://platform.example.org", "platform"])
def test_the_token_does_not_leave_unencrypted(url: str) -> None:
    with pytest.raises(WrongUsage):
        Client(1, TOKEN, url)
    assert TOKEN not in repr(Client(1, TOKEN, HOME))


# --- Answers ---


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"__typename": "TextChamp", "text": "Un texte"}, "Un texte"),
        ({"__typename": "DateChamp", "date": "2026-09-01", "value": "01 septembre 2026"}, "2026-09-01"),
        ({"__typename": "DatetimeChamp", "datetime": "2026-09-01T10:00:00+02:00"}, "2026-09-01T10:00:00+02:00"),
        ({"__typename": "CheckboxChamp", "checked": True, "stringValue": "true"}, True),
        ({"__typename": "YesNoChamp", "selected": None, "stringValue": ""}, None),
        ({"__typename": "IntegerNumberChamp", "integerNumber": "60"}, "60"),
        ({"__typename": "DecimalNumberChamp", "decimalNumber": 4.5}, 4.5),
        ({"__typename": "DropDownListChamp", "choice": "Simple"}, "Simple"),
        ({"__typename": "DropDownListChamp", "value": "Simple"}, "Simple"),  # by a query kept on the platform
        ({"__typename": "MultipleDropDownListChamp", "values": ["a", "b"]}, "a, b"),
        ({"__typename": "LinkedDropDownListChamp", "primaryValue": "DRAJES", "secondaryValue": "Jeunesse"}, "Jeunesse"),
        ({"__typename": "LinkedDropDownListChamp", "primaryValue": "DRAJES", "secondaryValue": ""}, "DRAJES"),
        ({"__typename": "DepartementChamp", "departement": {"name": "Ariège", "code": "09"}}, "09"),
        ({"__typename": "DepartementChamp", "departement": None, "stringValue": ""}, None),
        ({"__typename": "PieceJustificativeChamp", "files": [{"filename": "a.pdf"}], "stringValue": None}, None),
        ({"__typename": "RepetitionChamp", "rows": [], "stringValue": ""}, None),
        ({"__typename": "CommuneChamp", "stringValue": "Sète"}, "Sète"),
    ],
)
def test_an_answer_has_its_value_under_the_name_of_its_type(answer: dict[str, Any], value: Any) -> None:
    assert value_of(answer) == value


def test_the_address_is_the_requesters_own_before_that_of_the_account() -> None:
    own = dossier(1, demandeur={"prenom": "Ada", "nom": "Exemple", "email": "ada@example.org"}, deposeParUnTiers=True)
    found = form_of(Page("p", "", [own], None), own, MAPPING).values
    assert (found["requester.name"], found["requester.email"]) == ("Ada Exemple", "ada@example.org")
    assert found["external_id"] == "1"


def test_a_question_that_was_not_asked_gives_no_field() -> None:
    hidden = dossier(1, answers={"axis": None, "need": {"text": ""}})
    found = form_of(Page("p", "", [hidden], None), hidden, MAPPING).values
    assert "axis" not in found
    assert "need" not in found


@pytest.mark.parametrize(
    "node",
    [{"state": "en_construction"}, {"number": [1]}, {"number": 1, "champs": "x"}, {"number": 1, "champs": [1]}, 7],
)
def test_what_is_no_dossier_is_told(node: Any) -> None:
    answer = {"data": {"demarche": {"dossiers": {"pageInfo": {}, "nodes": [node]}}}}
    with pytest.raises(Invalid):
        page_of(answer, "page.json")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda some: st.lists(some, max_size=3)
    | st.dictionaries(
        st.sampled_from([
            "data", "demarche", "dossiers", "pageInfo", "nodes", "number", "champs", "usager", "demandeur",
            "departement", "values", "email", "nom", "activeRevision", "champDescriptors", "champDescriptorId", "text",
        ]),
        some,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(ANY, st.dictionaries(st.sampled_from(["champs", "usager", "demandeur", "dateDepot", "state"]), ANY, max_size=4))
def test_whatever_an_answer_holds_it_is_read_or_told(answer: Any, parts: dict[str, Any]) -> None:
    whole = {"data": {"demarche": {"dossiers": {"pageInfo": {}, "nodes": [{"number": 1, **parts}]}}}}
    for one in (answer, whole):
        try:
            page = page_of(one, "page.json")
        except Invalid:
            continue
        for found in page.dossiers:
            form_of(page, found, MAPPING)
            filed_by_another(found)
