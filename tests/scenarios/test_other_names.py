"""No code names what a declaration declares: another lab calls everything otherwise, and lives the same half-year."""

from __future__ import annotations

import json
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

from renamed import MARK, Renaming

from handlers.demo.player import MovingClock, play, recorded
from states.declaration.documents import document_of, shipped
from states.declaration.types import moment
from states.review.document import document as review_document
from states.verification.loading import load
from states.verification.structure import check
from workflow.engine import Engine
from workflow.lab.opening import open_lab
from workflow.reviews.book import period_of, review_of
from workflow.store.database import Store
from workflow.views.agenda import Overview
from workflow.views.alerts import Alarms
from workflow.views.flow import flow_document, flow_of
from workflow.views.milestones import prospect, prospect_document
from workflow.views.reader import Filters, Reader
from workflow.views.track_record import record_document, track_record

OWN = {"digest", "head", "lifecycle"}  # what differs with the declaration itself


def lived(folder: Path, text: str, lines: list[dict[str, Any]]) -> Any:
    """What a lab says at the end of its half-year: requests, deadlines, alerts, the day, the flow, the review."""
    folder.mkdir()
    (folder / "lab.toml").write_text(text, "utf-8")
    clock = MovingClock(moment(lines[0]["now"]))
    with closing(Store(f"sqlite:///{folder / 'lab.db'}")) as store:
        open_lab(store, clock, "camille", str(folder / "lab.toml"))
        play(Engine(store, clock), clock, lines)
        with store.looking() as tx:
            reader = Reader(tx, lines[-1]["now"])
            alarms = Alarms(reader)
            rows = reader.requests(Filters())
            found = {
                "rows": rows,
                "requests": [reader.show(reader.request(row["ref"])) for row in rows],
                "histories": [reader.history(row["ref"]) for row in rows],
                "alerts": [alarms.document(alert) for alert in alarms.alerts(settled=True)],
                "today": Overview(reader).today(),
                "flow": flow_document(flow_of(reader)),
                "forecasts": [prospect_document(prospect(reader, reader.request(row["ref"]))) for row in rows[40:]],
                "record": record_document(track_record(reader, lambda _done, _total: None)),
                "review": review_document(review_of(reader, period_of(reader.declaration, "2026-S1"))),
            }
    return without(json.loads(json.dumps(found, default=str).replace(MARK, "")))


def without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without(item) for name, item in value.items() if name not in OWN}
    return [without(item) for item in value] if isinstance(value, list) else value


def test_a_lab_that_calls_everything_otherwise_lives_the_same_half_year(tmp_path: Path) -> None:
    renaming = Renaming(document_of(tomllib.loads(shipped())))
    assert check(load(renaming.text())) == []
    lines = [dict(line) for line in recorded()]
    usual = lived(tmp_path / "usual", shipped(), lines)
    other = lived(tmp_path / "other", renaming.text(), renaming.gestures(lines))
    assert all(usual.values())
    for part, said in usual.items():
        assert other[part] == said, part
