"""The middleware around every request of the application."""

import json
import re

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import AsyncClient

LIVE = "/health/live"


@pytest.mark.parametrize("given", ["a", "Trace_1.2-3", "x" * 128])
async def test_valid_request_id_is_kept(given: str, client: AsyncClient) -> None:
    response = await client.get(LIVE, headers={"X-Request-ID": given})

    assert response.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a/b", "a;b", "é", "a\tb"])
async def test_invalid_request_id_is_replaced(given: str, client: AsyncClient) -> None:
    sent = {b"X-Request-ID": given.encode()}
    response = await client.get(LIVE, headers=sent)

    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])


async def test_access_log_has_the_route_without_the_query_string(
    app: FastAPI, client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    router = APIRouter(prefix="/shelves")

    @router.get("/{shelf}/books/{book}")
    async def read(shelf: int, book: str) -> None: ...

    app.include_router(router, prefix="/v9")

    response = await client.get("/v9/shelves/7/books/emma?key=hunter2")

    (line,) = capsys.readouterr().out.splitlines()
    assert "hunter2" not in line
    entry = json.loads(line)
    assert (entry["event"], entry["method"], entry["status"]) == ("request", "GET", 200)
    assert entry["route"] == "/v9/shelves/{shelf}/books/{book}"
    assert entry["request_id"] == response.headers["X-Request-ID"]
    assert entry["duration_ms"] >= 0
