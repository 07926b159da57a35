"""What completion sees at a glance is what the read side says, on both databases, and it changes nothing."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import attrs
import pytest

from states.declaration.model import Declaration
from states.declaration.outline import Outline
from states.language import spoken
from workflow.lab.staff import change_staff
from workflow.testing import Lab
from workflow.views.completion import Glance, NothingThere
from workflow.views.reader import Filters


@pytest.fixture
def glance(lab: Lab) -> Any:
    found = Glance(lab.store.url)
    yield found
    found.close()


def test_requests_are_those_of_the_list(lab: Lab, glance: Glance) -> None:
    refs = [lab.request(state, title=f"Demande {state}") for state in ("received", "working", "closed")]
    with lab.reading() as reader:
        listed = {row["ref"]: (row["state"], row["title"]) for row in reader.requests(Filters())}
    assert {seen.ref: (seen.state, seen.title) for seen in glance.requests("")} == listed
    assert [seen.ref for seen in glance.requests("")] == sorted(refs, reverse=True)
    assert [seen.ref for seen in glance.requests("2026-000", ["working", "closed"])] == [refs[2], refs[1]]
    assert glance.requests("2025") == []
    assert glance.requests("%") == []


def test_requests_by_number(lab: Lab, glance: Glance) -> None:
    for _n in range(12):
        lab.submit()
    assert [seen.ref for seen in glance.numbered(2026, "1")] == ["2026-0012", "2026-0011", "2026-0010", "2026-0001"]
    assert [seen.ref for seen in glance.numbered(2026, "12", ["received"])] == ["2026-0012"]
    assert glance.numbered(2025, "1") == []


def test_an_erased_title_is_nothing(lab: Lab, glance: Glance) -> None:
    ref = lab.submit().request.ref
    with lab.store.engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM vault WHERE stream = '{ref}' AND field = 'title'")
    assert glance.requests(ref)[0].title is None


def test_meetings(lab: Lab, glance: Glance) -> None:
    ref = lab.request("working")
    shown = {m["id"]: m["status"] for m in lab.show(ref)["calendar"]}
    assert {id: status for id, status, _at in glance.meetings(ref)} == shown
    planned = glance.planned("")
    assert [(seen.ref, seen.meeting, seen.title) for seen in planned] == [(ref, "work-1", "Un projet")]
    assert planned == glance.planned("2026", "work")
    assert glance.planned("", "session") == glance.planned("2027") == []


def test_one_request(lab: Lab, glance: Glance) -> None:
    ref = lab.request("working", tier="tuto")
    found = glance.request(ref)
    assert (found["state"], found["tier"], found["tasks"]) == ("working", "tuto", {})
    with pytest.raises(NothingThere):
        glance.request("2026-9999")


def test_people_are_those_who_are_there(lab: Lab, glance: Glance) -> None:
    change_staff(lab.engine, "paule", "sacha", {"active": False})
    with lab.reading() as reader:
        expected = [(p["id"], p["role"], p["name"]) for p in reader.staff() if p["active"]]
    assert glance.staff() == expected


def test_alerts(glance: Glance) -> None:
    assert glance.alerts() == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_outline_says_what_the_declaration_says(lab: Lab, glance: Glance, language: str) -> None:
    outline, whole = glance.declaration, lab.declaration
    assert isinstance(whole, Declaration)
    with spoken(language):
        for name in (
            "states",
            "tiers",
            "places",
            "services",
            "axes",
            "kinds",
            "roles",
            "skills",
            "semesters",
            *whole.codes,
        ):
            expected = {code: row.text for code, row in whole.vocabulary(name).items()}
            assert {code: row.text for code, row in outline.vocabulary(name).items()} == expected
            assert all(outline.label(name, code) == text for code, text in expected.items())
        assert outline.label("tiers", None) == ""
        assert outline.label("tiers", "unknown") == "unknown"
    assert outline.lab.tz == whole.lab.tz


def test_the_outline_has_the_events_and_their_keys(lab: Lab, glance: Glance) -> None:
    outline, whole = glance.declaration, lab.declaration
    for code, event in whole.events.items():
        drawn = outline.events[code]
        _same(drawn, event, without=("transitions", "label", "past"))
        assert set(outline.sources(code)) == {edge.source for edge in whole.edges[code]}
        keys = outline.keys_of(drawn)
        assert list(keys) == list(whole.keys_of(event))
        for name, (key, required) in whole.keys_of(event).items():
            assert keys[name][1] == required
            _same(keys[name][0], key, without=("label",))
    for name, field in whole.form.items():
        _same(outline.form[name], field, without=("label",))


def _same(drawn: Any, row: Any, without: tuple[str, ...]) -> None:
    """Whatever a command may ask of a row has the same answer; what is nothing is nothing either way."""
    for attribute in attrs.fields(type(row)):
        if attribute.name not in without:
            found, expected = getattr(drawn, attribute.name), getattr(row, attribute.name)
            assert _plain(found) == _plain(expected) or (not found and not expected), (row, attribute.name)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=dict))


# --- SQLite ---


def test_a_glance_leaves_the_file_and_its_folder_alone(sqlite_lab: Lab) -> None:
    sqlite_lab.submit()
    path = sqlite_lab.store.path
    assert path is not None
    sqlite_lab.close()
    before = path.read_bytes(), sorted(p.name for p in path.parent.iterdir())
    glance = Glance(str(path))
    assert len(glance.requests("")) == 1
    glance.close()
    assert (path.read_bytes(), sorted(p.name for p in path.parent.iterdir())) == before


def test_what_another_has_just_written_is_seen(sqlite_lab: Lab) -> None:
    sqlite_lab.submit()
    for _n in range(2):
        glance = Glance(sqlite_lab.store.url)
        assert len(glance.requests("")) == _n + 1
        glance.close()
        sqlite_lab.submit()


def test_a_writer_is_not_waited_for(sqlite_lab: Lab) -> None:
    sqlite_lab.submit()
    glance = Glance(sqlite_lab.store.url)
    with sqlite_lab.store.writing():
        assert len(glance.requests("")) == 1
    glance.close()


@pytest.mark.parametrize("name", ["a b.db", "é?x=1#y%20.db", "sub/lab.db"])
def test_a_path_of_any_kind(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE requests (ref, state, document)")
    connection.execute("INSERT INTO requests VALUES ('2026-0001', 'received', '{}')")
    connection.close()
    glance = Glance(str(path))
    assert glance.request("2026-0001") == {"tier": None, "tasks": {}}
    glance.close()


def test_it_never_writes(sqlite_lab: Lab) -> None:
    glance = Glance(sqlite_lab.store.url)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        glance._rows("DELETE FROM requests")
    glance.close()


@pytest.mark.parametrize("url", ["/nowhere/lab.db", "sqlite:////nowhere/lab.db", "", "mysql://x/y"])
def test_no_store_is_an_error_for_the_caller(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    glance = Glance(url)
    with pytest.raises(Exception):  # noqa: B017, PT011 - any: the caller then offers nothing
        glance.requests("")
    glance.close()
    assert not list(tmp_path.iterdir())


def test_an_empty_store_has_no_declaration(empty_url: str) -> None:
    glance = Glance(empty_url)
    with pytest.raises(Exception):  # noqa: B017, PT011
        _ = glance.declaration
    glance.close()


def test_an_outline_knows_what_it_does_not_know() -> None:
    outline = Outline({"lab": {"zone": "Europe/Paris"}, "codes": {}, "states": {}})
    with pytest.raises(KeyError):
        outline.vocabulary("unknown")
    with pytest.raises(AttributeError):
        _ = outline.__wrapped__
