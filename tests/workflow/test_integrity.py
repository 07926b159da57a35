"""What the history proves: the vault beside it, what `db verify` finds, and what `db rebuild` makes again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from forging import unguarded
from sqlalchemy import delete, select, update

from states.canonical import canonical
from states.errors import StoreDamaged
from workflow.history.entries import from_row, sealed
from workflow.integrity.rebuilding import stats
from workflow.lab.calendar import close, record_absence, swap_place
from workflow.store import schema as s
from workflow.store.transaction import Transaction
from workflow.sweep import sweep
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, form, problems, tables

SECRETS = {
    "title": "Secret-titre",
    "need": "Secret-besoin",
    "expected_outcome": "Secret-résultat",
    "sponsor": "Secret-soutien",
    "requester": {
        "name": "Secret-nom",
        "email": "secret-courriel@example.org",
        "function": "Secret-fonction",
        "phone": "Secret-téléphone",
    },
}


def live(lab: Lab) -> None:
    """A bit of everything happens."""
    ref = lab.request("working", tier="50_50", place="montpellier")
    lab.apply(
        ref, "plan_meeting", {"at": "2026-02-03T10:00", "staff": "camille", "address": "Ici"}, note=NOTE, key="k1"
    )
    lab.apply(ref, "ratify", {"decision": "ratify"}, actor=COMMITTEE)
    lab.apply(ref, "suspend", note=NOTE)
    lab.apply(ref, "correct", note=NOTE)
    lab.request("closed", follows=ref)
    lab.request("suspended", after="interview_planned")
    activity = lab.activity(at="2026-02-27T14:00", capacity=12, description="Une présentation")
    lab.apply(activity, "open_activity")
    lab.apply(activity, "register", {"registered": 9})
    lab.apply(activity, "correct", note=NOTE)
    day = date(2026, 3, 5)
    record_absence(lab.engine, "camille", "rene", [(day, day)])
    close(lab.engine, "camille", None, (day, day), NOTE)
    swap_place(lab.engine, "camille", "montpellier", date(2026, 3, 12), date(2026, 3, 11))
    lab.clock.forward(days=30)
    sweep(lab.engine)


@pytest.fixture
def lived(places: Any) -> Iterator[Lab]:
    with places.lab(live) as lab:
        yield lab


# --- Rebuilding ---


def test_a_rebuild_makes_the_same_tables_again(lived: Lab) -> None:
    before = tables(lived.store)
    assert all(before[table.name] for table in s.DERIVED)
    lived.clock.forward(days=40)  # the present changes no row
    lived.rebuild()
    assert tables(lived.store) == before


def test_a_rebuild_mends_whatever_happened_to_the_derived_tables(lived: Lab) -> None:
    before = tables(lived.store)
    with lived.store.engine.begin() as connection:
        for table in s.DERIVED:
            connection.execute(delete(table))
    lived.rebuild()
    assert tables(lived.store) == before
    assert lived.request() == "2026-0004"  # the numbers go on
    assert lived.activity(place="hors_les_murs") == "2026-A002"


def test_a_sound_store_is_found_sound(lived: Lab) -> None:
    before = tables(lived.store, (*s.PRIMARY, *s.DERIVED))
    report = lived.verify()
    assert report.problems == []
    assert report.streams == 5
    assert report.entries == stats(lived.store)["entries"]
    assert tables(lived.store, (*s.PRIMARY, *s.DERIVED)) == before


def test_the_head_covers_every_stream(lab: Lab) -> None:
    heads = [lab.verify().head]
    ref = lab.request()
    heads.append(lab.verify().head)
    lab.apply(ref, "comment", note=NOTE)
    heads.append(lab.verify().head)
    lab.register("anouk")
    heads.append(lab.verify().head)
    assert len(set(heads)) == 4
    assert lab.verify().head == heads[-1]


# --- Tampering ---


E = s.entries.c
REF = "2026-0001"


def entry_of(seq: int, ref: str = REF) -> Any:
    return (E.stream == ref) & (E.seq == seq)


TAMPERED: list[tuple[int, dict[str, Any]]] = [
    (2, {"actor": "rene"}),
    (2, {"role": "pilot"}),
    (2, {"entered_by": "autre"}),
    (2, {"on_behalf": True}),
    (2, {"event": "accept_autonomous"}),
    (2, {"event": "inconnu"}),
    (2, {"to_state": "received"}),
    (2, {"from_state": None}),
    (2, {"occurred_at": "2026-01-12T07:59:59Z"}),
    (2, {"recorded_at": "2026-01-12T07:59:59Z"}),
    (2, {"data": '{"bogus":1}'}),
    (1, {"data": "pas du JSON"}),
    (1, {"data": "{}"}),
    (2, {"data": "[]"}),
    (8, {"note_digest": None}),
    (11, {"declaration": "0" * 64}),
    (2, {"previous": "0" * 64}),
    (2, {"digest": "0" * 64}),
]


def test_a_changed_entry_is_found(lived: Lab) -> None:
    for seq, change in TAMPERED:
        with unguarded(lived.store) as connection:
            true = connection.execute(select(s.entries).where(entry_of(seq))).one()._mapping
            connection.execute(update(s.entries).where(entry_of(seq)).values(change))
        assert any(problem.where.startswith(f"{REF} #{seq}") for problem in lived.verify().problems), change
        with unguarded(lived.store) as connection:
            connection.execute(update(s.entries).where(entry_of(seq)).values({name: true[name] for name in change}))
    assert lived.verify().problems == []


def test_a_history_that_cannot_be_replayed_is_not_rebuilt(lived: Lab) -> None:
    before = tables(lived.store)
    with unguarded(lived.store) as connection:
        connection.execute(update(s.entries).where(entry_of(1)).values(data="{}"))
    with pytest.raises(StoreDamaged):
        lived.rebuild()
    assert tables(lived.store) == before


def test_a_history_that_cannot_be_replayed_hides_nothing_of_the_others(lived: Lab) -> None:
    with unguarded(lived.store) as connection:
        connection.execute(update(s.entries).where(entry_of(1)).values(data="{}"))
        connection.execute(update(s.requests).where(s.requests.c.ref == "2026-0002").values(state="closed", seq=99))
        connection.execute(delete(s.deadlines).where(s.deadlines.c.stream == "2026-0003"))
    named = {problem.where for problem in lived.verify().problems}
    assert {"history", f"{REF} #1", "requests 2026-0002"} <= named
    assert any(where.startswith("deadlines 2026-0003/") for where in named)
    assert not any(where.startswith((f"requests {REF}", f"meetings {REF}", "counters")) for where in named)


def test_a_history_of_the_lab_that_cannot_be_replayed_is_told(lived: Lab) -> None:
    """Nothing else is compared, as all the rest is counted by the lab's days; and nothing is written."""
    with unguarded(lived.store) as connection:
        connection.execute(update(s.entries).where(entry_of(4, "lab")).values(data='{"id":"camille"}'))
    before = tables(lived.store, (*s.PRIMARY, *s.DERIVED))
    named = {problem.where for problem in lived.verify().problems}
    assert {"history", "lab #4"} <= named
    assert not any(where.startswith(tuple(f"{table.name} " for table in s.DERIVED)) for where in named)
    assert tables(lived.store, (*s.PRIMARY, *s.DERIVED)) == before


def test_what_stands_under_a_name_that_is_no_text_is_found(sqlite_lab: Lab) -> None:
    """SQLite keeps bytes where a text is to be, after every text."""
    live(sqlite_lab)
    added = {"vault": "stream, seq, field", "requests": "ref", "deadlines": "stream, kind"}
    with unguarded(sqlite_lab.store) as connection:
        for name, key in added.items():
            table = s.metadata.tables[name]
            kept = ", ".join(column.name for column in table.c if column.name not in ("stream", "ref", "external_id"))
            first = key.partition(",")[0]
            query = f"INSERT INTO {name} ({first}, {kept}) SELECT x'ff', {kept} FROM {name} ORDER BY {key} LIMIT 1"
            connection.exec_driver_sql(query)
    named = [problem.where for problem in sqlite_lab.verify().problems]
    assert all(any(where.startswith(f"{name}b'\\xff'") for where in named) for name in ("", "requests ", "deadlines "))


def test_an_entry_written_anew_with_a_right_digest_is_found(lived: Lab) -> None:
    """Whoever knows how digests are made still breaks the chain at the next entry."""
    with unguarded(lived.store) as connection:
        row = connection.execute(select(s.entries).where(entry_of(3))).one()
        forged = sealed(from_row(row)._replace(actor="rene"))
        connection.execute(update(s.entries).where(entry_of(3)).values(actor="rene", digest=forged.digest))
    assert any(problem.where == f"{REF} #4" for problem in lived.verify().problems)


@pytest.mark.parametrize("seq", [1, 4, 99])
def test_a_missing_entry_is_found(lived: Lab, seq: int) -> None:
    """The first, one in the middle, and the last: no entry follows that one, but the request has counted it."""
    with lived.store.reading() as connection:
        last = connection.execute(select(s.requests.c.seq).where(s.requests.c.ref == REF)).scalar_one()
    with unguarded(lived.store) as connection:
        connection.execute(delete(s.entries).where(entry_of(min(seq, last))))
    assert any(problem.where.startswith((REF, f"requests {REF}")) for problem in lived.verify().problems)


def test_a_missing_stream_is_found(lived: Lab) -> None:
    with unguarded(lived.store) as connection:
        connection.execute(delete(s.entries).where(E.stream == REF))
    assert any(problem.where == f"requests {REF}" for problem in lived.verify().problems)


def test_a_missing_tail_of_the_labs_own_stream_is_found(lived: Lab) -> None:
    with unguarded(lived.store) as connection:
        last = connection.execute(select(s.streams.c.seq).where(s.streams.c.stream == "lab")).scalar_one()
        connection.execute(delete(s.entries).where(entry_of(last, "lab")))
    assert any(problem.where == "streams lab" for problem in lived.verify().problems)


def test_an_entry_added_by_hand_is_found(lived: Lab) -> None:
    with lived.store.engine.begin() as connection:
        last = connection.execute(select(s.entries).where(E.stream == REF).order_by(E.seq.desc())).first()
        assert last is not None
        row = {**last._mapping, "seq": last.seq + 1, "actor": "rene"}
        connection.execute(s.entries.insert(), row)
    assert lived.verify().problems


def test_a_changed_text_of_the_vault_is_found(lived: Lab) -> None:
    v = s.vault.c
    for stream, seq, field in ((REF, 1, "title"), (REF, 8, "note"), (REF, 8, "address"), ("lab", 4, "name")):
        here = (v.stream == stream) & (v.seq == seq) & (v.field == field)
        for change in ({"value": canonical("Autre chose")}, {"value": "pas du JSON"}, {"salt": "0" * 32}):
            with lived.store.engine.begin() as connection:
                true = connection.execute(select(s.vault).where(here)).one()._mapping
                connection.execute(update(s.vault).where(here).values(change))
            assert [problem.where for problem in lived.verify().problems] == [f"{stream} #{seq} {field}"], change
            with lived.store.engine.begin() as connection:
                connection.execute(update(s.vault).where(here).values({name: true[name] for name in change}))


def test_a_text_of_the_vault_that_belongs_nowhere_is_found(lived: Lab) -> None:
    with lived.store.engine.begin() as connection:
        row = {"stream": REF, "seq": 1, "field": "phone", "salt": "0" * 32, "value": '"x"'}
        connection.execute(s.vault.insert(), [row, {**row, "seq": 99}, {**row, "stream": "2026-0099"}])
    assert len(lived.verify().problems) == 3


def test_a_changed_declaration_is_found(lived: Lab) -> None:
    for document in ("{}", "pas du JSON"):
        with lived.store.engine.begin() as connection:
            connection.execute(update(s.declarations).values(document=document))
        assert any(problem.where.startswith("declaration ") for problem in lived.verify().problems)


CHANGES: dict[str, dict[str, Any]] = {
    "streams": {"head": "0" * 64},
    "counters": {"last": 17},
    "requests": {"state": "closed"},
    "activities": {"state": "held"},
    "meetings": {"at": "2026-02-04T09:00:00Z"},
    "meeting_staff": {"rank": 7},
    "deadlines": {"due_at": "2026-12-31T17:00:00Z"},
    "staff": {"role": "pilot"},
    "holidays": {"name": "Autre"},
    "absences": {"last": "2026-12-31"},
    "closures": {"last": "2026-12-31"},
    "swaps": {"given": "2026-12-31"},
    "alerts": {"raised_at": "2026-12-31T17:00:00Z"},
}


def test_a_derived_row_that_does_not_follow_from_the_history_is_found(lived: Lab) -> None:
    for name, change in CHANGES.items():
        table = s.metadata.tables[name]
        for removed in (False, True):
            with lived.store.engine.begin() as connection:
                first = connection.execute(select(table).order_by(*table.primary_key)).first()
                assert first is not None
                here = [column == getattr(first, column.name) for column in table.primary_key]
                connection.execute((delete(table) if removed else update(table).values(change)).where(*here))
            assert {problem.where.split()[0] for problem in lived.verify().problems} == {name}
            lived.rebuild()
    assert lived.verify().problems == []


def test_every_derived_table_is_tried() -> None:
    assert CHANGES.keys() == {table.name for table in s.DERIVED}


# --- The vault ---


def test_no_private_value_stands_in_the_history_or_the_derived_tables(lab: Lab) -> None:
    lab.register("anouk", name="Secret-anouk", email="secret-anouk@example.org")
    ref = lab.request("working", **SECRETS)
    lab.apply(ref, "comment", note="Secret-note")
    lab.apply(ref, "amend", {"title": "Secret-autre", "requester": {"phone": "Secret-05"}})
    lab.apply(ref, "plan_meeting", {"at": "2026-02-03T10:00", "address": "Secret-adresse"})
    lab.apply(ref, "record_deliverable", {"title": "Secret-livrable", "type": "report", "link": "https://secret-lien"})
    declined = lab.request(**SECRETS)
    lab.apply(declined, "decline", {"reason": "other", "orientation": "Secret-orientation"}, note="Secret-refus")
    closed = lab.request("closed")
    lab.apply(closed, "record_follow_up", {"done": "Secret-fait", "changed": "Secret-change"})
    elsewhere = {name: rows for name, rows in tables(lab.store, (*s.PRIMARY, *s.DERIVED)).items() if name != "vault"}
    assert "secret" not in repr(elsewhere).casefold()
    assert repr(tables(lab.store, [s.vault])).casefold().count("secret") == 28
    assert lab.show(ref)["title"] == "Secret-autre"
    assert problems(lab) == []


def test_the_same_text_never_has_the_same_digest(lab: Lab) -> None:
    refs = [lab.request(), lab.request()]
    with lab.reading() as reader:
        digests = [reader.entries(ref)[0].data["title"]["vault"] for ref in refs]
    assert digests[0] != digests[1]


def test_a_text_that_is_gone_leaves_the_chain_whole_and_is_missed(lab: Lab) -> None:
    """No entry says that it was erased: it is a loss. Everything else goes on without it."""
    ref = lab.submit(key="k1", **SECRETS).entry.stream
    lab.apply(ref, "comment", note="Secret-note")
    head, before = lab.verify().head, tables(lab.store)
    with lab.store.engine.begin() as connection:
        names = connection.execute(select(s.vault.c.seq, s.vault.c.field).where(s.vault.c.stream == ref)).all()
        connection.execute(delete(s.vault).where(s.vault.c.stream == ref))
    report = lab.verify()
    assert sorted(problem.where for problem in report.problems) == sorted(f"{ref} #{n} {name}" for n, name in names)
    assert (report.head, tables(lab.store)) == (head, before)
    lab.rebuild()
    assert tables(lab.store) == before
    shown = lab.show(ref)
    assert (shown["title"], shown["form"]["requester"]["name"]) == (None, None)
    assert [entry["note"] for entry in lab.history(ref)] == [None, None]
    assert lab.submit(key="k1", **SECRETS).replayed
    lab.apply(ref, "prequalify")
    assert lab.verify().problems == report.problems


# --- The registers, when a write fails ---


def test_what_was_rolled_back_is_remembered_by_nobody(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine keeps what it read of the registers: never what another attempt at the same number had written."""
    ref = lab.request("tier_assigned", place="montpellier")
    monday, tuesday = date(2026, 2, 2), date(2026, 2, 3)

    def fails(_engine: object, tx: Transaction) -> int:
        assert lab.engine.facts(tx).reference
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("workflow.lab.calendar.refresh_deadlines", fails)
        with pytest.raises(RuntimeError):
            close(lab.engine, "camille", None, (monday, monday), NOTE)
    with lab.elsewhere() as other:
        close(other.engine, "camille", None, (tuesday, tuesday), NOTE)
    assert lab.refused(ref, "plan_meeting", {"at": f"{monday}T10:00"}) == set()
    assert lab.refused(ref, "plan_meeting", {"at": f"{tuesday}T10:00"}) == {"place_closed"}


def test_a_form_is_stored_as_given(lab: Lab) -> None:
    """Every field comes back; free text keeps what it holds, control characters included."""
    given = form(need="Ligne 1\nLigne 2\t\x1b[31m « œ » 🙂", participants=12, managers=2, wanted_from="2026-03-01")
    ref = lab.submit(**given).entry.stream
    shown = lab.show(ref)["form"]
    assert {name: shown[name] for name in given if name != "submitted_at"} == given
    with lab.store.reading() as connection:
        rows = connection.execute(select(s.entries.c.data).where(E.stream == ref)).scalars()
        assert all(row == canonical(json.loads(row)) for row in rows)


def test_a_pilot_is_in_the_history_as_one(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="50_50")
    lab.apply(ref, "validate", {"basis": "delegation"}, actor=PILOT, on_behalf=True)
    entry = lab.history(ref)[-1]
    assert (entry["actor"], entry["role"], entry["on_behalf"]) == (PILOT, "pilot", True)
    assert entry["entered_by"]
