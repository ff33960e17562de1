"""The list of items."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from app.db import Database
from app.models.item import Item
from tests.factories import make_item

URL = "/api/v1/items"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def store_items(database: Database, names: str) -> None:
    """Store items whose keys are in the order of their names, the last one first."""
    async with database.session() as session:
        for number, name in reversed([*enumerate(names)]):
            session.add(make_item(id=UUID(int=number), name=name))
            await session.flush()


async def test_list_is_sorted_by_creation(
    client: AsyncClient, database: Database
) -> None:
    await store_items(database, "abcde")

    page = (await client.get(URL)).json()

    assert [item["name"] for item in page["items"]] == [*"abcde"]
    assert page["total"] == 5


async def test_pages_are_consecutive_parts_of_the_list(
    client: AsyncClient, database: Database
) -> None:
    await store_items(database, "abcde")

    pages = [
        (await client.get(URL, params={"limit": 2, "offset": offset})).json()
        for offset in (0, 2, 4, 6)
    ]

    names = ["".join(item["name"] for item in page["items"]) for page in pages]
    assert names == ["ab", "cd", "e", ""]
    assert {page["total"] for page in pages} == {5}


@pytest.mark.parametrize("sort", ["created_at", "-name", "-updated_at,name"])
async def test_cursor_continues_the_list_between_changes(
    sort: str, client: AsyncClient, database: Database
) -> None:
    await store_items(database, "abcde")
    query: dict[str, Any] = {"sort": sort, "total": False}
    whole = (await client.get(URL, params=query)).json()["items"]

    first = (await client.get(URL, params=query | {"limit": 2})).json()
    async with database.session() as session:
        await session.delete(await session.get(Item, UUID(first["items"][-1]["id"])))
    rest = (await client.get(URL, params=query | {"cursor": first["next"]})).json()

    assert first["items"] + rest["items"] == whole
    assert (rest["next"], rest["total"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "LAMP"}, ["desk lamp", "lamp 100%"]),
        ({"q": "0%"}, ["lamp 100%"]),
        ({"tag": "warm"}, ["desk lamp", "torch"]),
        ({"tag": ["warm", "old"]}, ["torch"]),
        ({"created_after": NOON.isoformat(), "sort": "-name"}, ["torch", "lamp 100%"]),
        ({"created_before": NOON.isoformat()}, []),
    ],
)
async def test_filters_select_items(
    query: dict[str, Any], names: list[str], client: AsyncClient, database: Database
) -> None:
    tags = {"desk lamp": ["warm"], "lamp 100%": ["old"], "torch": ["old", "warm"]}
    async with database.session() as session:
        for hour, name in enumerate(tags):
            time = NOON + timedelta(hours=hour)
            session.add(item := make_item(name=name, created_at=time))
            item.tags = tags[name]
            await session.flush()

    page = (await client.get(URL, params=query)).json()

    assert [item["name"] for item in page["items"]] == names
    assert page["total"] == len(names)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"offset": 2**31}, "offset"),
        ({"offset": -1}, "offset"),
        ({"sort": "description"}, "sort"),
        ({"created_after": "2026-01-01T12:00:00"}, "created_after"),
        ({"total": "perhaps"}, "total"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_unknown_parameter_or_value_is_rejected(
    query: dict[str, Any], field: str, client: AsyncClient
) -> None:
    response = await client.get(URL, params=query)

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_cursor_of_another_sort_is_rejected(
    client: AsyncClient, database: Database
) -> None:
    await store_items(database, "ab")
    cursor = (await client.get(URL, params={"limit": 1})).json()["next"]

    response = await client.get(URL, params={"cursor": cursor, "sort": "name"})

    assert response.status_code == 422
    assert response.json()["error"] == "invalid_cursor"


async def test_list_needs_the_same_number_of_statements_for_many_items(
    client: AsyncClient, database: Database, statements: list[str]
) -> None:
    counts: list[int] = []
    for number in range(5):
        async with database.session() as session:
            session.add(item := make_item(name=f"lamp {number}"))
            item.tags = ["warm", "bright"]
        statements.clear()
        await client.get(URL)
        counts.append(len(statements))

    assert len(set(counts)) == 1, f"N+1 queries: {counts}"
    assert counts[0] > 0
