"""The least that reads the same rows: click, SQLAlchemy Core, the same columns, the same join on the vault's title."""

import json

import click
from sqlalchemy import Column, Integer, MetaData, Table, Text, and_, create_engine, select

metadata = MetaData()
requests = Table(
    "requests",
    metadata,
    Column("ref", Text, primary_key=True),
    *(Column(name, Text) for name in ("state", "tier", "axis", "service", "department", "place")),
    *(Column(name, Text) for name in ("submitted_at", "next_due_at")),
    Column("title_seq", Integer),
)
vault = Table(
    "vault",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Text),
)


@click.command()
@click.argument("url")
@click.argument("ref", required=False)
def main(url: str, ref: str | None) -> None:
    """List every request of the store at URL, or the one that is named."""
    r, v = requests.c, vault.c
    joined = requests.outerjoin(vault, and_(v.stream == r.ref, v.seq == r.title_seq, v.field == "title"))
    columns = (r.ref, r.state, r.tier, r.axis, r.service, r.department, r.place, r.submitted_at, r.next_due_at, v.value)
    wanted = select(*columns).select_from(joined)
    wanted = wanted.where(r.ref == ref) if ref else wanted.order_by(r.ref.asc().nulls_last())
    with create_engine(url).connect() as connection:
        rows = connection.execute(wanted)
        lines = [f"{row.ref}  {json.loads(row.value)}  {row.state}  {row.tier}  {row.next_due_at}" for row in rows]
    click.echo("\n".join(lines))


if __name__ == "__main__":
    main()
