"""Limits of connections, on a server that listens on 127.0.0.1."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import uvicorn
from fastapi import FastAPI

from app.core.config import ApiSettings
from app.main import create_app
from tests.factories import make_settings

pytestmark = pytest.mark.blocks
HEAD = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def limited() -> FastAPI:
    """The application, with small limits."""
    api = ApiSettings(max_header_bytes=1024, request_timeout=0.3)
    return create_app(make_settings(api=api))


@pytest.fixture
async def port(limited: FastAPI) -> AsyncGenerator[int]:
    """The port of a server, which is started as plain uvicorn starts one."""
    config = uvicorn.Config(limited, port=0, log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def respond(port: int, *parts: bytes, pause: float = 0) -> bytes:
    """Send a request in parts, and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(pause)
    response = await reader.read()
    writer.close()
    return response


async def test_request_within_the_limits_is_served(port: int) -> None:
    request = HEAD + b"X: " + b"x" * 500 + b"\r\nConnection: close\r\n\r\n"

    assert (await respond(port, request[:20], request[20:])).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("header", [b"X: " + b"x" * 5000, b"X: y\r\n" * 1000])
async def test_oversized_head_is_a_problem_document(port: int, header: bytes) -> None:
    response = await respond(port, HEAD + header)

    assert response.startswith(b"HTTP/1.1 431")
    assert b"headers_too_large" in response


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"", 408), (HEAD, 408), (HEAD + b"Content-Length: 9\r\n\r\nx", 200)],
)
async def test_connection_of_an_unfinished_request_is_closed(
    port: int, sent: bytes, status: int
) -> None:
    async with asyncio.timeout(5):
        response = await respond(port, sent)

    assert response.startswith(f"HTTP/1.1 {status}".encode())


async def test_small_chunks_meet_no_limit(port: int) -> None:
    head = HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n"
    chunks = b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n"

    response = await respond(port, head + b"Connection: close\r\n\r\n" + chunks)

    assert response.startswith(b"HTTP/1.1 405")


async def test_invalid_http_is_a_problem_document(port: int) -> None:
    response = await respond(port, b"no http at all\r\n\r\n")

    assert response.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in response
