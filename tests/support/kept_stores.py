"""Stores as they were at each revision of the tables, with data in them: what the migrations are tried on.

    python -m kept_stores

keeps the store of a small invented lab at the revision of this program, in a file that is never written again: those
of the revisions before were kept by the programs of their time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen
from every_table import live
from sqlalchemy import Connection, MetaData, Table, select

from workflow.outbox.delivery import claim, settle
from workflow.outbox.holding import signed
from workflow.outbox.queue import SENT
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.store.upgrade import alone, make_tables
from workflow.testing import NOTE, Lab

FOLDER = Path(__file__).parents[1] / "workflow" / "kept"
VERSIONS = "alembic_version"


@frozen
class Kept:
    """A store that was kept: its revision, the moment, its head, and the rows of each of its tables."""

    revision: str
    now: str
    head: str
    tables: Mapping[str, list[dict[str, Any]]]

    @classmethod
    def read(cls, file: Path) -> Kept:
        return cls(**json.loads(file.read_text("utf-8")))

    def write(self, file: Path) -> None:
        """A row a line, so that one sees what is in it."""
        tables = (f"{json.dumps(name)}: [\n{_lines(rows)}\n]" for name, rows in self.tables.items())
        fields = f'"revision": "{self.revision}", "now": "{self.now}", "head": "{self.head}"'
        with file.open("x", encoding="utf-8") as opened:
            opened.write(f'{{{fields}, "tables": {{\n{("," + chr(10)).join(tables)}\n}}}}\n')

    def put_in(self, store: Store) -> None:
        """Makes the tables of its revision in an empty store, and fills them."""
        with alone(store) as connection:
            make_tables(connection, self.revision)
            for name, rows in self.tables.items():
                table = Table(name, MetaData(), autoload_with=connection)
                if rows:
                    connection.execute(table.insert(), rows)


def _lines(rows: list[dict[str, Any]]) -> str:
    return ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)


def kept_files() -> dict[str, Path]:
    """The stores that were kept, by their revision, the oldest first."""
    return {file.stem: file for file in sorted(FOLDER.glob("*.json"))}


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All that is in a store, as its own tables have it."""
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: sorted((dict(row._mapping) for row in connection.execute(select(table))), key=repr)
        for table in found.sorted_tables
        if table.name != VERSIONS
    }


def keep(lab: Lab, revision: str, folder: Path = FOLDER) -> Path:
    """Keeps the store of a lab, for good: FileExistsError where that revision has been kept."""
    with lab.store.reading() as connection:
        tables = rows_of(connection)
    file = folder / f"{revision}.json"
    Kept(revision, lab.clock.now, lab.verify().head, tables).write(file)
    return file


def main() -> None:
    with TemporaryDirectory() as folder:
        lab = Lab.open(f"sqlite:///{folder}/lab.db")
        live(lab)
        lab.apply(lab.request("closed"), "comment", note=f"{NOTE} : œuvre ‘naïve’ \U0001f469\u200d\U0001f52c")
        claimed = claim(lab.engine, signed(lab.store, "here"))
        assert claimed is not None
        settle(lab.engine, claimed, SENT)
        print(keep(lab, s.REVISION))
        lab.close()


if __name__ == "__main__":
    main()
