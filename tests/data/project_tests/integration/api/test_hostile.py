"""Malicious requests are rejected with a small error response."""

from typing import Annotated
from uuid import UUID

import pytest
from fastapi import FastAPI, Query
from httpx2 import AsyncClient

from app.core.text import SingleLine
from app.schemas.base import RequestModel

JSON = {"Content-Type": "application/json"}
DEEP = 500_000


def beginning(value: object) -> str:
    """Return the ID of a parametrized test, cut to 40 characters."""
    return repr(value)[:40]


class Parcel(RequestModel):
    """A request body with a text, a float and an integer."""

    name: Annotated[str, SingleLine(120)] = "lamp"
    weight: float = 1.0
    count: int = 1


@pytest.fixture(autouse=True)
def routes(app: FastAPI) -> None:
    @app.post("/parcels")
    async def send(body: Parcel) -> None: ...

    @app.get("/parcels/{key}")
    async def find(key: UUID, limit: Annotated[int, Query(le=100)] = 1) -> None: ...


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * DEEP, 400),
        (b'{"a":' * (DEEP // 5), 400),
        (b'{"name":' + b"[" * DEEP + b"]" * DEEP + b"}", 400),
        (b'{"name":' + b"[" * 900 + b"]" * 900 + b"}", 422),
        (b'{"colour":' + b"[" * 900 + b"]" * 900 + b"}", 422),
        (b'{"count": ' + b"9" * 5000 + b"}", 400),
        (b'{"count": 1e999}', 422),
        (b'{"count": NaN}', 422),
        (b'{"weight": NaN}', 422),
        (b'{"weight": -Infinity}', 422),
        (b'{"weight": 1e999}', 422),
        (rb'{"name": "half \ud800"}', 422),
        (rb'{"name": "nul \u0000"}', 422),
        (rb'{"half \ud800": 1}', 422),
        (rb'{"nul \u0000": 1}', 422),
        (b'{"name": "\xed\xa0\x80"}', 422),
        (b'{"name": "\xff"}', 400),
        (b"\x00", 422),
        (b"", 422),
    ],
    ids=beginning,
)
async def test_malformed_body_is_rejected(
    body: bytes, status: int, client: AsyncClient
) -> None:
    response = await client.post("/parcels", content=body, headers=JSON)

    assert response.status_code == response.json()["status"] == status


@pytest.mark.parametrize(
    "kind",
    [
        b"",
        b"\xff",
        b"text/plain",
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"application/x-www-form-urlencoded",
    ],
)
async def test_body_of_another_content_type_is_rejected(
    kind: bytes, client: AsyncClient
) -> None:
    sent = {b"Content-Type": kind}
    response = await client.post("/parcels", content=b'{"count": 1}', headers=sent)

    assert response.status_code == response.json()["status"] == 422


@pytest.mark.parametrize(
    "query",
    ["9" * 5000, "-" + "9" * 5000, "1e999", "NaN", "%00", "%ff", "%ed%a0%80", "", "x"],
)
async def test_malformed_query_is_rejected(query: str, client: AsyncClient) -> None:
    response = await client.get(f"/parcels/{UUID(int=1)}?limit={query}")

    assert response.status_code == response.json()["status"] == 422


@pytest.mark.parametrize(
    "key", ["%00", "%ff", "%ed%a0%80", "{key}", "9" * 5000, "x" * 50_000]
)
async def test_malformed_path_is_rejected(key: str, client: AsyncClient) -> None:
    response = await client.get(f"/parcels/{key}")

    assert response.status_code == response.json()["status"] == 422


@pytest.mark.parametrize(
    "body",
    [
        b"{" + b",".join(b'"%d": 1' % number for number in range(50_000)) + b"}",
        b'{"' + b"x" * 1_000_000 + b'": 1}',
    ],
    ids=["many names", "a long name"],
)
async def test_validation_error_response_has_a_maximum_size(
    body: bytes, client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await client.post("/parcels", content=body, headers=JSON)

    assert response.status_code == 422
    assert len(response.content) < 20_000
    assert len(capsys.readouterr().out) < 20_000


async def test_last_value_of_a_duplicate_field_wins(
    client: AsyncClient,
) -> None:
    body = b'{"count": "many", "count": 1}'
    response = await client.post("/parcels", content=body, headers=JSON)

    assert response.status_code == 200
