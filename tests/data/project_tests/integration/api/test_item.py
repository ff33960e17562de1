"""Routes of one item."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient

URL = "/api/v1/items"


async def create(write_client: AsyncClient, **fields: Any) -> dict[str, Any]:
    response = await write_client.post(URL, json={"name": "lamp"} | fields)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_update_without_fields_changes_nothing(write_client: AsyncClient) -> None:
    old = await create(write_client, description="bright", tags=["warm"])

    response = await write_client.patch(f"{URL}/{old['id']}", json={})

    assert response.status_code == 200
    assert response.json() == old


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_invalid_body_sends_no_statement(
    method: str, write_client: AsyncClient, statements: list[str]
) -> None:
    path = URL if method == "POST" else f"{URL}/{UUID(int=7)}"

    response = await write_client.request(method, path, json={"name": 7})

    assert response.status_code == 422
    assert statements == []


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
