"""Documents without what is as it begins: most of a request's meetings and stays does not apply to them.

The versions of the declaration that requests obey are found by an index.

Revision ID: 0003
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_requests_declaration", "requests", ["declaration"])
    for table in ("requests", "activities"):
        _shorten(table)


def _shorten(table: str) -> None:
    """Writes each document of a table again."""
    bind, last = op.get_bind(), ""
    some = sa.text(f"SELECT ref, document FROM {table} WHERE ref > :last ORDER BY ref LIMIT 1000")
    change = sa.text(f"UPDATE {table} SET document = :document WHERE ref = :ref")
    while rows := bind.execute(some, {"last": last}).all():
        bind.execute(change, [{"ref": row.ref, "document": _short(json.loads(row.document))} for row in rows])
        last = rows[-1].ref


def _short(document: dict[str, Any]) -> str:
    found = {name: value for name, value in document.items() if value}
    for name in ("meetings", "stays"):
        parts = found.get(name, ())
        found |= {name: [{n: v for n, v in one.items() if v not in (None, []) or n == "staff"} for one in parts]}
    found = {name: value for name, value in found.items() if value}
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
