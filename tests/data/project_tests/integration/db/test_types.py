"""Related rows in the same statement."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.types import ArraySubquery, JsonRows, UtcDateTime

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
METADATA = MetaData()
ORDERS = Table("orders", METADATA, Column("id", Integer, primary_key=True))
LINES = Table(
    "lines",
    METADATA,
    Column("key", Uuid, primary_key=True),
    Column("order_id", Integer, ForeignKey("orders.id")),
    Column("name", String),
    Column("packed_at", UtcDateTime()),
    Column("size", JSON),
)
LINES_OF_ORDER = (
    select(LINES.c.key, LINES.c.name, LINES.c.packed_at, LINES.c.size)
    .where(LINES.c.order_id == ORDERS.c.id)
    .order_by(LINES.c.name)
    .correlate(ORDERS)
)
NAMES_OF_ORDER = (
    select(LINES.c.name)
    .where(LINES.c.order_id == ORDERS.c.id)
    .order_by(LINES.c.name)
    .correlate(ORDERS)
)
ORDER = select(
    ORDERS.c.id,
    JsonRows(LINES_OF_ORDER).label("lines"),
    ArraySubquery(NAMES_OF_ORDER).label("names"),
).where(ORDERS.c.id == bindparam("order_id"))


@pytest.fixture(autouse=True)
async def orders(connection: AsyncConnection) -> None:
    """An order with two lines, and one without."""
    await connection.run_sync(METADATA.create_all)
    await connection.execute(insert(ORDERS), [{"id": 1}, {"id": 2}])
    lamp = {"name": "lamp", "packed_at": NOON, "size": [3, 4]}
    bulb = {"name": "bulb", "packed_at": None, "size": None}
    rows: list[dict[str, object]] = [
        {"key": UUID(int=1), "order_id": 1, **lamp},
        {"key": UUID(int=2), "order_id": 1, **bulb},
    ]
    await connection.execute(insert(LINES), rows)


async def test_related_rows_come_in_the_same_statement(
    database: Database, statements: list[str]
) -> None:
    row = await database.fetchrow(ORDER, order_id=1)

    assert row is not None
    assert row["names"] == ["bulb", "lamp"]
    bulb, lamp = row["lines"]
    assert (bulb["name"], bulb["packed_at"]) == ("bulb", None)
    assert UUID(str(lamp["key"])) == UUID(int=1)
    assert (lamp["size"], bulb["size"]) == ([3, 4], None)
    assert datetime.fromisoformat(str(lamp["packed_at"])) == NOON
    assert len([sql for sql in statements if "orders" in sql]) == 1


async def test_no_related_rows_are_an_empty_list(database: Database) -> None:
    row = await database.fetchrow(ORDER, order_id=2)

    assert row == {"id": 2, "lines": [], "names": []}
