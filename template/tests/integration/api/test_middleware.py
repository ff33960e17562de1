"""The middleware around every request of the application."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient

from app.core.config import ApiSettings, Settings
from app.main import create_app

LIVE = "/health/live"
LIMIT = 1_048_576


@pytest.mark.parametrize("path", [LIVE, "/nowhere"])
async def test_every_response_has_the_default_headers(
    path: str, client: AsyncClient
) -> None:
    headers = (await client.get(path)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert headers.get_list("Cache-Control") == ["no-store"]


@pytest.fixture
def echo(app: FastAPI) -> str:
    """The path of a route that returns the length of its request body."""

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    return "/echo"


async def parts(size: int) -> AsyncIterator[bytes]:
    """Yield a body without Content-Length."""
    for _ in range(4):
        yield b"x" * (size // 4)


@pytest.mark.parametrize("declared", [True, False])
async def test_larger_body_is_rejected(
    declared: bool, echo: str, client: AsyncClient
) -> None:
    content = b"x" * (LIMIT + 1) if declared else parts(LIMIT + 4)

    response = await client.post(echo, content=content)

    assert response.status_code == 413
    assert response.json()["error"] == "body_too_large"


@pytest.mark.parametrize("origin", ["https://app.example.com.evil.org", "null", "*"])
async def test_other_origins_get_no_cors(origin: str, client: AsyncClient) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    read = await client.get(LIVE, headers=headers)
    preflight = await client.options(LIVE, headers=headers)

    assert "Access-Control-Allow-Origin" not in read.headers
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert preflight.json()["error"] == "bad_request"


async def test_requests_above_the_limit_of_a_caller_are_rejected(
    settings: Settings,
) -> None:
    limit = {"api": ApiSettings(requests_per_minute=2)}
    app = create_app(settings.model_copy(update=limit))
    client = AsyncClient(transport=ASGITransport(app), base_url="http://test")

    responses = [await client.get("/nowhere") for _ in range(3)]

    states = [response.headers["RateLimit"] for response in responses]
    policies = {response.headers["RateLimit-Policy"] for response in responses}
    assert [response.status_code for response in responses] == [404, 404, 429]
    assert states == ['"caller";r=1;t=30', '"caller";r=0;t=60', '"caller";r=0;t=60']
    assert policies == {'"caller";q=2;w=60'}
    assert responses[2].json()["error"] == "too_many_requests"
    assert responses[2].headers["Retry-After"] == "30"
    assert (await client.get(LIVE)).status_code == 200
