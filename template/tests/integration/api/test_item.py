"""One item over HTTP."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.item import ItemTag

URL = "/api/v1/items"


async def make(writer: AsyncClient, **members: Any) -> dict[str, Any]:
    response = await writer.post(URL, json={"name": "lamp"} | members)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_an_item_is_read_as_it_was_written(writer: AsyncClient) -> None:
    written = await make(writer, description="bright", tags=["b", "a", "B", "b"])

    response = await writer.get(f"{URL}/{written['id']}")

    assert response.status_code == 200
    assert response.json() == written
    assert response.json()["tags"] == ["B", "a", "b"]


async def test_only_the_name_is_required(writer: AsyncClient) -> None:
    written = await make(writer, name="x" * 120)

    assert (written["description"], written["tags"]) == (None, [])


async def test_two_items_can_not_share_a_name(writer: AsyncClient) -> None:
    await make(writer, name="lamp")

    response = await writer.post(URL, json={"name": " lamp "})

    assert response.status_code == 409
    assert response.json()["error"] == "item_name_taken"
    assert (await writer.get(URL)).json()["total"] == 1


async def test_an_item_can_not_be_renamed_to_another(writer: AsyncClient) -> None:
    await make(writer, name="lamp")
    torch = await make(writer, name="torch")

    response = await writer.patch(f"{URL}/{torch['id']}", json={"name": "lamp"})

    assert response.status_code == 409
    assert response.json()["error"] == "item_name_taken"
    assert (await writer.get(f"{URL}/{torch['id']}")).json() == torch


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PATCH", {"name": "torch"}), ("DELETE", None)]
)
async def test_an_item_that_does_not_exist_is_not_found(
    method: str, body: object, writer: AsyncClient
) -> None:
    response = await writer.request(method, f"{URL}/{UUID(int=7)}", json=body)

    assert response.status_code == 404
    assert response.json()["error"] == "item_not_found"


async def test_only_the_given_members_change(writer: AsyncClient) -> None:
    old = await make(writer, description="bright", tags=["warm", "old"])

    response = await writer.patch(f"{URL}/{old['id']}", json={"tags": ["warm", "a"]})

    new = response.json()
    assert response.status_code == 200
    assert new == old | {"tags": ["a", "warm"], "updated_at": new["updated_at"]}
    assert new["updated_at"] > old["updated_at"]
    assert (await writer.get(f"{URL}/{old['id']}")).json() == new


async def test_a_change_of_nothing_changes_nothing(writer: AsyncClient) -> None:
    old = await make(writer, description="bright", tags=["warm"])

    response = await writer.patch(f"{URL}/{old['id']}", json={})

    assert response.status_code == 200
    assert response.json() == old


async def test_a_description_is_cleared_by_null(writer: AsyncClient) -> None:
    old = await make(writer, description="bright")

    await writer.patch(f"{URL}/{old['id']}", json={"description": None})

    assert (await writer.get(f"{URL}/{old['id']}")).json()["description"] is None


async def test_an_item_is_deleted_with_its_tags(
    writer: AsyncClient, connection: AsyncConnection
) -> None:
    item = await make(writer, tags=["warm"])

    response = await writer.delete(f"{URL}/{item['id']}")

    left = await connection.scalar(select(func.count()).select_from(ItemTag))
    assert (response.status_code, response.content) == (204, b"")
    assert (await writer.get(f"{URL}/{item['id']}")).status_code == 404
    assert left == 0


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"name": null}',
        b'{"name": "' + b"x" * 121 + b'"}',
        b'{"name": "lamp", "colour": "red"}',
        rb'{"name": "nul \u0000"}',
        rb'{"name": "half \ud800"}',
        rb'{"name": "bell \u0007"}',
        rb'{"name": "lamp", "description": "half \ud800"}',
        rb'{"name": "lamp", "tags": ["nul \u0000"]}',
        b'{"name": "lamp", "tags": null}',
        b'{"name": "lamp"',
        b"",
    ],
)
async def test_what_can_not_be_stored_is_refused(
    body: bytes, writer: AsyncClient
) -> None:
    kind = {"Content-Type": "application/json"}
    item = await make(writer, name="torch")

    created = await writer.post(URL, content=body, headers=kind)

    assert created.status_code == 422
    assert created.json()["error"] == "invalid_request"
    if body != b"{}":
        changed = await writer.patch(f"{URL}/{item['id']}", content=body, headers=kind)
        assert changed.status_code == 422


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_invalid_body_sends_no_statement(
    method: str, writer: AsyncClient, statements: list[str]
) -> None:
    path = URL if method == "POST" else f"{URL}/{UUID(int=7)}"

    response = await writer.request(method, path, json={"name": 7})

    assert response.status_code == 422
    assert statements == []


async def test_a_key_that_is_none_is_refused(client: AsyncClient) -> None:
    assert (await client.get(f"{URL}/7")).status_code == 422
