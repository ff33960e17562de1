"""The start of the application, and the limits of its connections."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from uvicorn import Config, Server

from app.core.config import ApiSettings
from app.main import create_app
from tests.factories import make_settings

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
HEAD = b"GET /health/live HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture
async def port() -> AsyncGenerator[int]:
    """The port of a server, whose requests take at most a tenth of a second."""
    app = create_app(make_settings(api=ApiSettings(request_timeout=0.1)))
    server = Server(Config(app, port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@pytest.mark.blocks
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (HEAD + b"Connection: close\r\n\r\n", 200),
        (HEAD.replace(b"GET", b"POST") + b"Connection: close\r\n" + CHUNKED, 405),
        (b"nonsense\r\n\r\n", 400),
        (HEAD, 408),
        (HEAD + b"X: " + b"x" * 70_000, 431),
    ],
)
async def test_request_that_does_not_end_is_rejected(
    sent: bytes, status: int, port: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)

    response = await asyncio.wait_for(reader.read(), 2)
    writer.close()

    assert response.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"x-request-id: " in response.lower()


def test_create_app_exits_with_an_invalid_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(SystemExit, match="LOG_LEVEL"):
        create_app()
