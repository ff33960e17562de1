"""The middleware around every request of the application."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from httpx2 import AsyncClient

from app.core.context import request_id

LIVE = "/health/live"


ORIGIN = "https://app.example.com"
LIMIT = 1_048_576


async def test_tasks_and_threads_of_fifty_requests_keep_their_request_ids(
    app: FastAPI, client: AsyncClient
) -> None:
    async def later() -> str | None:
        await asyncio.sleep(0.001)
        return request_id.get()

    @app.get("/who")
    async def who() -> list[str | None]:
        task = asyncio.create_task(later())
        thread = asyncio.to_thread(request_id.get)
        return [await later(), await task, await thread]

    ids = [f"request-{number}" for number in range(50)]
    sent = [client.get("/who", headers={"X-Request-ID": one}) for one in ids]
    responses = await asyncio.gather(*sent)

    assert [response.json() for response in responses] == [[one] * 3 for one in ids]
    assert [response.headers["X-Request-ID"] for response in responses] == ids


async def test_cache_control_of_a_route_is_kept(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/cached")
    async def cached(response: Response) -> None:
        response.headers["Cache-Control"] = "max-age=60"

    headers = (await client.get("/cached")).headers

    assert headers.get_list("Cache-Control") == ["max-age=60"]


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
async def test_body_of_the_maximum_size_is_accepted(
    declared: bool, echo: str, client: AsyncClient
) -> None:
    content = b"x" * LIMIT if declared else parts(LIMIT)

    assert (await client.post(echo, content=content)).json() == LIMIT


@pytest.mark.parametrize(
    ("origin", "status"), [(ORIGIN, 200), ("https://evil.example.com", 400)]
)
async def test_preflight_request_depends_on_the_origin(
    origin: str, status: int, client: AsyncClient
) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    response = await client.options("/anything", headers=headers)

    assert response.status_code == status
    assert "X-Request-ID" in response.headers


async def test_rejected_preflight_request_gets_a_problem_document(
    client: AsyncClient,
) -> None:
    headers = {"Origin": "https://b.example", "Access-Control-Request-Method": "PATCH"}
    response = await client.options("/anything", headers=headers)

    assert response.json()["error"] == "bad_request"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_access_log_has_no_route_for_an_unknown_path(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.get("/nowhere")

    entry = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (entry["route"], entry["path"]) == (None, "/nowhere")


async def test_request_cancelled_by_the_shutdown_gets_503_with_headers(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.drain, "started", True)

    @app.get("/cancelled")
    async def cancelled() -> None:
        raise asyncio.CancelledError

    response = await client.get("/cancelled", headers={"Origin": ORIGIN})

    assert (response.status_code, response.json()["error"]) == (503, "draining")
    assert response.headers["Retry-After"] == "1"
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


async def test_allowed_origins_get_cors_headers(client: AsyncClient) -> None:
    response = await client.get(LIVE, headers={"Origin": ORIGIN})

    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "X-Request-ID" in response.headers["Access-Control-Expose-Headers"]


PATHS = [LIVE, "/health/ready", "/openapi.json", "/nowhere", "/own/2", "/own/x"]


@pytest.mark.parametrize("path", PATHS)
async def test_head_responds_like_get_without_a_body(
    path: str, app: FastAPI, client: AsyncClient
) -> None:
    router = APIRouter(prefix="/own")

    @router.get("/{number}")
    async def read(number: int) -> int:
        return number

    app.include_router(router)
    sent = {"X-Request-ID": "same"}

    get = await client.get(path, headers=sent)
    head = await client.head(path, headers=sent)

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers == get.headers


async def test_head_of_a_stream_ends(app: FastAPI, client: AsyncClient) -> None:
    async def count() -> AsyncIterator[str]:
        for number in range(1000):
            yield f"{number}"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(count())

    assert (await client.head("/stream")).status_code == 200


async def test_route_of_head_is_preferred(app: FastAPI, client: AsyncClient) -> None:
    @app.get("/both")
    async def read() -> None: ...

    @app.head("/both")
    async def peek(response: Response) -> None:
        response.headers["X-Peek"] = "1"

    assert (await client.head("/both")).headers["X-Peek"] == "1"
    assert "X-Peek" not in (await client.get("/both")).headers


async def test_head_of_a_write_lists_the_methods(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.post("/write")
    async def write() -> None: ...

    response = await client.head("/write")

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_head_is_not_in_the_schema(app: FastAPI) -> None:
    assert "head" not in {m for path in app.openapi()["paths"].values() for m in path}
