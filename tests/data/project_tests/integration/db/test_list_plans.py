"""The plans of pages deep in a list. Skipped without TEST_DATABASE_URL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.config import Settings
from app.db.lists import Listing, contains, page_query
from app.db.types import UtcDateTime

NO_SERVER = "needs a server: set TEST_DATABASE_URL"
ROWS, LIMIT = 10_000, 21
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
METADATA = sa.MetaData()
SHIPS = sa.Table(
    "ships",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("seen_at", UtcDateTime(), nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Index("ix_ships_seen_at", "seen_at", "id"),
    sa.Index("ix_ships_seats", sa.text("seats DESC, seen_at ASC")),
)
SHIP_LIST = Listing(
    sa.select(SHIPS), key=SHIPS.c.id, filters={"q": contains(SHIPS.c.name)}
)


def ship(number: int) -> dict[str, Any]:
    """Return a row; four ships share a time, and five their number of seats."""
    time = MIDNIGHT + timedelta(minutes=number // 4)
    key, name = UUID(int=number), f"ship {number:05}"
    return {"id": key, "name": name, "seen_at": time, "seats": number // 5}


@pytest.fixture(autouse=True)
async def ships(settings: Settings, connection: AsyncConnection) -> None:
    """A large table, whose statistics are known."""
    if settings.database.is_sqlite:
        pytest.skip(NO_SERVER)
    await connection.run_sync(METADATA.create_all)
    await connection.execute(sa.insert(SHIPS), [*map(ship, range(ROWS))])
    await connection.execute(sa.text("ANALYZE ships"))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a plan."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


async def explain(
    connection: AsyncConnection, sort: str | None, deep: bool, **filters: str
) -> list[dict[str, Any]]:
    """Return the steps of the plan of a page: the first one, or one in the middle."""
    row = ship(ROWS // 2)
    columns = [column.key for column, _ in SHIP_LIST.order(sort)]
    position = {f"cursor_{n}": row[f"{key}"] for n, key in enumerate(columns)}
    query = page_query(SHIP_LIST, sort, (*filters,), deep, False)
    bound = {**filters, **(position if deep else {}), "limit": LIMIT, "offset": 0}
    sql = query.params(bound).compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )
    explained = sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}".replace(":", "\\:"))
    documents: list[dict[str, Any]] = await connection.scalar(explained) or []
    return [*nodes(documents[0]["Plan"])]


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        (None, "ships_pkey"),
        ("name", "ships_name_key"),
        ("-name", "ships_name_key"),
        ("seen_at", "ix_ships_seen_at"),
        ("-seen_at", "ix_ships_seen_at"),
        ("-seats,seen_at", "ix_ships_seats"),
    ],
)
async def test_deep_page_reads_no_more_rows_than_the_first(
    sort: str | None, index: str, connection: AsyncConnection
) -> None:
    for deep in (False, True):
        steps = await explain(connection, sort, deep)
        [scan] = [step for step in steps if "Index Name" in step]

        assert scan["Index Name"] == index
        assert scan["Actual Rows"] <= LIMIT + 5
        assert scan.get("Rows Removed by Filter", 0) <= 5
        assert "Sort" not in [step["Node Type"] for step in steps]


async def test_deep_page_without_an_index_reads_all_rows(
    connection: AsyncConnection,
) -> None:
    await connection.execute(sa.text("DROP INDEX ix_ships_seen_at"))

    steps = await explain(connection, "seen_at", True)

    assert {"Seq Scan", "Sort"} <= {step["Node Type"] for step in steps}
