"""Routes that run a request with an Idempotency-Key once."""

from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import AsyncClient, Response

from app.api.idempotency import IdempotentRoute
from app.core.errors import ConflictError

QUOTED = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


@pytest.fixture
def orders(app: FastAPI) -> list[str]:
    """The orders of a route that stores each one in this list."""
    stored: list[str] = []
    router = APIRouter(prefix="/orders", route_class=IdempotentRoute)

    @router.post("", status_code=201)
    async def order(body: dict[str, str]) -> str:
        stored.append(body["name"])
        if body["name"] == "nothing":
            raise ConflictError("There is nothing.")
        return f"{uuid4()}"

    app.include_router(router)
    return stored


async def send(client: AsyncClient, key: str | None, name: str = "lamp") -> Response:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return await client.post("/orders", json={"name": name}, headers=headers)


async def test_repeated_request_runs_once(
    orders: list[str], client: AsyncClient
) -> None:
    first, second = [await send(client, QUOTED) for _ in range(2)]
    unquoted = await send(client, QUOTED.strip('"'))
    without = [await send(client, None) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json() == unquoted.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert without[0].json() != without[1].json()
    assert len(orders) == 3


async def test_key_with_another_body_is_rejected(
    orders: list[str], client: AsyncClient
) -> None:
    await send(client, "a")

    other = await send(client, "a", name="chair")

    assert (other.status_code, other.json()["error"]) == (422, "idempotency_key_reused")
    assert orders == ["lamp"]


async def test_failed_request_may_be_repeated(
    orders: list[str], client: AsyncClient
) -> None:
    failed = [await send(client, "a", name="nothing") for _ in range(2)]

    assert [response.status_code for response in failed] == [409, 409]
    assert len(orders) == 2
    assert (await send(client, "a")).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, '"', "a\tb"])
async def test_invalid_key_is_rejected(
    key: str, orders: list[str], client: AsyncClient
) -> None:
    response = await send(client, key)

    assert (response.status_code, response.json()["error"]) == (400, "bad_request")
    assert orders == []


def test_key_is_documented(orders: list[str], app: FastAPI) -> None:
    operation = app.openapi()["paths"]["/orders"]["post"]

    assert [one["name"] for one in operation["parameters"]] == ["Idempotency-Key"]
    assert {"400", "409", "422"} <= operation["responses"].keys()
