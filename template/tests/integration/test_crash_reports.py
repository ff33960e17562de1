"""Reports of crashes to Sentry."""

import asyncio
import gzip
import logging
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI, Request
from httpx2 import AsyncClient
from pydantic import TypeAdapter

from app.core.about import SLUG
from app.core.config import Settings
from app.core.crash_reports import report_crashes
from app.core.crash_settings import SentrySettings
from app.core.errors import UnavailableError
from tests.factories import make_settings

Reports = list[bytes]
HIDDEN = "hunter2"


@pytest.fixture
async def reports() -> AsyncGenerator[Reports]:
    """The bodies that a server on this machine receives instead of Sentry."""
    received: Reports = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].split()[0])
        received.append(gzip.decompress(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sentry = SentrySettings(dsn=f"http://key@127.0.0.1:{port}/1")
    async with report_crashes(make_settings(sentry=sentry)):
        yield received
    server.close()


async def crash(client: AsyncClient, reports: Reports) -> bytes:
    """Return the report of a crash, whose request and variables contain a secret."""
    headers = {"Authorization": HIDDEN, "Cookie": HIDDEN}
    await client.get("/crash", headers=headers, params={"key": HIDDEN})
    async with asyncio.timeout(5):
        while not reports:
            await asyncio.sleep(0.01)
    [report] = reports
    return report


async def test_crash_is_reported_once_without_secrets(
    app: FastAPI, client: AsyncClient, reports: Reports
) -> None:
    @app.get("/crash")
    async def fail(request: Request) -> None:
        password = request.headers["authorization"]
        logging.getLogger("uvicorn.error").error("No report of its own.")
        raise RuntimeError(f"boom {len(password)}")

    report = await crash(client, reports)

    assert b'"value":"boom 7"' in report
    assert b'"transaction":"GET /crash"' in report
    assert b'"environment":"test"' in report
    assert SLUG.encode() in report
    assert HIDDEN.encode() not in report


async def test_expected_error_is_not_reported(
    app: FastAPI, client: AsyncClient, reports: Reports
) -> None:
    @app.get("/unavailable")
    async def fail() -> None:
        raise UnavailableError("Try again.")

    @app.get("/crash")
    async def crash_later() -> None:
        raise RuntimeError("crash")

    for path in ("/unavailable", "/nothing"):
        await client.get(path)

    assert b'"transaction":"GET /crash"' in await crash(client, reports)


async def test_values_in_messages_of_libraries_are_removed(
    app: FastAPI, client: AsyncClient, reports: Reports
) -> None:
    @app.get("/crash")
    async def fail(request: Request) -> None:
        TypeAdapter(int).validate_python(request.query_params["key"])

    assert HIDDEN.encode() not in await crash(client, reports)


def test_invalid_dsn_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", "sentry.example.com")

    with pytest.raises(SystemExit, match="SENTRY_DSN: write https"):
        Settings.read()
