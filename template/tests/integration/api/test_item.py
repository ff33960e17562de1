"""Routes of one item."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.item import ItemTag

URL = "/api/v1/items"


async def create(write_client: AsyncClient, **fields: Any) -> dict[str, Any]:
    response = await write_client.post(URL, json={"name": "lamp"} | fields)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_created_item_can_be_read(write_client: AsyncClient) -> None:
    written = await create(
        write_client, description="bright", tags=["b", "a", "B", "b"]
    )

    response = await write_client.get(f"{URL}/{written['id']}")

    assert response.status_code == 200
    assert response.json() == written
    assert response.json()["tags"] == ["B", "a", "b"]


async def test_item_needs_only_a_name(write_client: AsyncClient) -> None:
    written = await create(write_client, name="x" * 120)

    assert (written["description"], written["tags"]) == (None, [])


async def test_item_with_a_taken_name_is_a_conflict(write_client: AsyncClient) -> None:
    await create(write_client, name="lamp")

    response = await write_client.post(URL, json={"name": " lamp "})

    assert response.status_code == 409
    assert response.json()["error"] == "item_name_taken"
    assert (await write_client.get(URL)).json()["total"] == 1


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PATCH", {"name": "torch"}), ("DELETE", None)]
)
async def test_unknown_item_returns_404(
    method: str, body: object, write_client: AsyncClient
) -> None:
    response = await write_client.request(method, f"{URL}/{UUID(int=7)}", json=body)

    assert response.status_code == 404
    assert response.json()["error"] == "item_not_found"


async def test_update_changes_only_the_given_fields(write_client: AsyncClient) -> None:
    old = await create(write_client, description="bright", tags=["warm", "old"])

    response = await write_client.patch(
        f"{URL}/{old['id']}", json={"tags": ["warm", "a"]}
    )

    new = response.json()
    assert response.status_code == 200
    assert new == old | {"tags": ["a", "warm"], "updated_at": new["updated_at"]}
    assert new["updated_at"] > old["updated_at"]
    assert (await write_client.get(f"{URL}/{old['id']}")).json() == new


async def test_deleted_item_is_gone_with_its_tags(
    write_client: AsyncClient, connection: AsyncConnection
) -> None:
    item = await create(write_client, tags=["warm"])

    response = await write_client.delete(f"{URL}/{item['id']}")

    left = await connection.scalar(select(func.count()).select_from(ItemTag))
    assert (response.status_code, response.content) == (204, b"")
    assert (await write_client.get(f"{URL}/{item['id']}")).status_code == 404
    assert left == 0


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"name": null}',
        b'{"name": "lamp", "colour": "red"}',
        rb'{"name": "nul \u0000"}',
        b'{"name": "lamp", "tags": null}',
        b'{"name": "lamp"',
        b"",
    ],
)
async def test_invalid_item_is_rejected(body: bytes, write_client: AsyncClient) -> None:
    kind = {"Content-Type": "application/json"}
    item = await create(write_client, name="torch")

    created = await write_client.post(URL, content=body, headers=kind)

    assert created.status_code == 422
    assert created.json()["error"] == "invalid_request"
    if body != b"{}":
        changed = await write_client.patch(
            f"{URL}/{item['id']}", content=body, headers=kind
        )
        assert changed.status_code == 422


async def test_renaming_an_item_to_a_taken_name_is_a_conflict(
    write_client: AsyncClient,
) -> None:
    await create(write_client, name="lamp")
    torch = await create(write_client, name="torch")

    response = await write_client.patch(f"{URL}/{torch['id']}", json={"name": "lamp"})

    assert response.status_code == 409
    assert response.json()["error"] == "item_name_taken"
    assert (await write_client.get(f"{URL}/{torch['id']}")).json() == torch


async def test_null_clears_the_description(write_client: AsyncClient) -> None:
    old = await create(write_client, description="bright")

    await write_client.patch(f"{URL}/{old['id']}", json={"description": None})

    assert (await write_client.get(f"{URL}/{old['id']}")).json()["description"] is None


async def test_invalid_item_id_is_rejected(client: AsyncClient) -> None:
    assert (await client.get(f"{URL}/7")).status_code == 422
