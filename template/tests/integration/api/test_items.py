"""Many items over HTTP."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from app.db import Database
from tests.factories import make_item

URL = "/api/v1/items"


async def stock(database: Database, names: str) -> None:
    """Store items whose keys are in the order of their names, the last one first."""
    async with database.session() as session:
        for number, name in reversed([*enumerate(names)]):
            session.add(make_item(id=UUID(int=number), name=name))
            await session.flush()


async def test_items_are_listed_oldest_first(
    client: AsyncClient, database: Database
) -> None:
    await stock(database, "abcde")

    page = (await client.get(URL)).json()

    assert [item["name"] for item in page["items"]] == [*"abcde"]
    assert page["total"] == 5


async def test_pages_are_parts_of_the_same_list(
    client: AsyncClient, database: Database
) -> None:
    await stock(database, "abcde")

    pages = [
        (await client.get(URL, params={"limit": 2, "offset": offset})).json()
        for offset in (0, 2, 4, 6)
    ]

    names = ["".join(item["name"] for item in page["items"]) for page in pages]
    assert names == ["ab", "cd", "e", ""]
    assert {page["total"] for page in pages} == {5}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"limit": 1}, 200),
        ({"limit": 100}, 200),
        ({"limit": 0}, 422),
        ({"limit": 101}, 422),
        ({"limit": "many"}, 422),
        ({"offset": 2**31 - 1}, 200),
        ({"offset": 2**31}, 422),
        ({"offset": -1}, 422),
    ],
)
async def test_a_page_has_bounds(
    query: dict[str, Any], status: int, client: AsyncClient
) -> None:
    assert (await client.get(URL, params=query)).status_code == status


async def test_a_list_takes_as_many_statements_for_one_item_as_for_many(
    client: AsyncClient, database: Database, statements: list[str]
) -> None:
    taken: list[int] = []
    for number in range(5):
        async with database.session() as session:
            session.add(item := make_item(name=f"lamp {number}"))
            item.tags = ["warm", "bright"]
        statements.clear()
        await client.get(URL)
        taken.append(len(statements))

    assert len(set(taken)) == 1, f"N+1 queries: {taken}"
    assert taken[0] > 0
