"""Lists that are filtered, sorted, and read page by page."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.errors import InvalidCursorError
from app.db import Database
from app.db.lists import Listing, contains

BOATS = sa.Table(
    "harbour_boats",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
)
BOAT_LIST = Listing(
    sa.select(BOATS), key=BOATS.c.id, filters={"q": contains(BOATS.c.name)}
)


@pytest.fixture(autouse=True)
async def boats(connection: AsyncConnection) -> None:
    """A table of six boats, two with each number of seats."""
    await connection.run_sync(BOATS.metadata.create_all)
    rows = [
        {"id": key, "name": name, "seats": key // 2}
        for key, name in enumerate("aBäcDÄ")
    ]
    await connection.execute(sa.insert(BOATS), rows)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "aBäcDÄ"),
        ({"sort": "-seats"}, "ÄDcäBa"),
        ({"sort": "seats,-id"}, "BacäÄD"),
        ({"q": "Ä", "seats": 2}, "Ä"),
        ({"q": ["%"]}, ""),
    ],
)
async def test_pages_are_consecutive_parts_of_the_list(
    query: dict[str, Any], names: str, database: Database
) -> None:
    found = ""
    cursor = None
    for _ in range(3):
        page = await BOAT_LIST.fetch_page(database, limit=2, cursor=cursor, **query)
        assert page["total"] == len(names)
        found += "".join(row["name"] for row in page["items"])
        if (cursor := page["next"]) is None:
            break

    assert (found, cursor) == (names, None)


async def test_cursor_of_another_sort_is_invalid(database: Database) -> None:
    page = await BOAT_LIST.fetch_page(database, limit=1, total=False)

    with pytest.raises(InvalidCursorError):
        await BOAT_LIST.fetch_page(database, limit=1, sort="seats", cursor=page["next"])
