"""Who is expected at a meeting: a table instead of a list of ids in a text.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    meeting_staff = op.create_table(
        "meeting_staff",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("meeting", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "meeting", "staff", name=op.f("pk_meeting_staff")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_meeting_staff_staff", "meeting_staff", ["staff"], unique=False)
    known = op.get_bind().execute(sa.text("SELECT stream, id, staff FROM meetings WHERE staff <> ''")).all()
    rows = [
        {"stream": row.stream, "meeting": row.id, "staff": person, "rank": rank}
        for row in known
        for rank, person in enumerate(dict.fromkeys(row.staff.split(",")))
    ]
    if rows:
        op.bulk_insert(meeting_staff, rows)
    op.drop_column("meetings", "staff")
