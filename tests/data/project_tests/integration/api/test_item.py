"""Routes of one item."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from app.db import Database
from app.models.item import Item

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
        rb'{"name": "right \u202e left"}',
        rb'{"name": "zero \u200b width"}',
        rb'{"name": "tag \udb40\udc41"}',
        rb'{"name": "lamp", "description": "right \u202e left"}',
        rb'{"name": "lamp", "tags": ["zero \u200b width"]}',
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


async def test_spellings_of_a_name_are_one_item(write_client: AsyncClient) -> None:
    item = await create(write_client, name="cafe\u0301\xa0noir", tags=["é", "e\u0301"])

    for name in ("café noir", "cafe\u0301 noir", " café\u3000noir "):
        again = await write_client.post(URL, json={"name": name})
        changed = await write_client.patch(f"{URL}/{item['id']}", json={"name": name})

        assert (again.status_code, changed.json()["name"]) == (409, "café noir")
    assert (item["name"], item["tags"]) == ("café noir", ["é"])


OLD: dict[str, Any] = {
    "name": "cafe\u0301 \u202e",
    "description": "bell \x07",
    "tags": ["e\u0301"],
}


async def test_text_of_earlier_releases_is_readable(
    write_client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        session.add(item := Item(name=OLD["name"], description=OLD["description"]))
        item.tags = OLD["tags"]
    path = f"{URL}/{item.id}"

    read = await write_client.get(path)
    page = await write_client.get(URL)
    changed = await write_client.patch(path, json={"description": "bright"})
    tagged = await write_client.patch(path, json={"tags": OLD["tags"]})

    assert read.json() == read.json() | OLD
    assert page.json()["items"] == [read.json()]
    assert changed.json() == changed.json() | OLD | {"description": "bright"}
    assert (tagged.json()["name"], tagged.json()["tags"]) == (OLD["name"], ["é"])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "a\u202eb", "String has a character that is not allowed"),
        ("name", "\u200d", "String has"),
        ("name", " ", "String should have at least 1 character"),
        ("name", "x" * 121, "String should have at most 120 characters"),
        ("tags", ["a\U000e0041"], "String has an invisible character"),
        ("description", "\x00", "String has a character that is not allowed"),
    ],
)
async def test_rejected_text_has_a_plain_message(
    field: str, value: Any, message: str, write_client: AsyncClient
) -> None:
    response = await write_client.post(URL, json={"name": "lamp", field: value})

    (error,) = response.json()["errors"]
    assert error["field"].startswith(field)
    assert error["message"].startswith(message)
