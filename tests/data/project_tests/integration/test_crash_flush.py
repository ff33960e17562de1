"""Crash reports when Sentry fails."""

import asyncio
from time import perf_counter

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.crash_settings import SentrySettings
from app.main import create_app
from tests.factories import make_settings


def crashing_app(dsn: str) -> FastAPI:
    """Create an application that reports its crashes."""
    app = create_app(make_settings(sentry=SentrySettings(dsn=dsn)))

    @app.get("/crash")
    async def fail() -> None:
        raise RuntimeError("boom")

    return app


async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept a connection, and never respond."""
    await asyncio.sleep(10)
    writer.close()


@pytest.mark.parametrize("hangs", [False, True])
async def test_sentry_that_fails_delays_neither_requests_nor_the_shutdown(
    hangs: bool,
) -> None:
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1] if hangs else 9
    app = crashing_app(f"http://key@127.0.0.1:{port}/1")
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app):
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            started = perf_counter()
            for _ in range(5):
                assert (await client.get("/crash")).status_code == 500
        requests, started = perf_counter() - started, perf_counter()
    shutdown = perf_counter() - started
    server.close()

    assert requests < 3
    assert shutdown < 3
