"""Telemetry: where it goes to, and what it leaves out."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.core.config import LogSettings, Settings
from app.core.database_settings import DatabaseSettings
from app.core.otel_settings import OtelSettings
from app.core.telemetry import Telemetry
from app.main import create_app
from tests.factories import make_settings


def telemetry(**settings: str) -> Telemetry:
    return Telemetry(make_settings(otel=OtelSettings.model_validate(settings)))


def test_telemetry_is_off_without_an_endpoint() -> None:
    assert telemetry().tracer_provider is None
    assert telemetry().meter_provider is None


def test_endpoint_turns_telemetry_on() -> None:
    exporting = telemetry(exporter_otlp_endpoint="http://127.0.0.1:4318/")

    assert exporting.tracer_provider is not None
    assert exporting.meter_provider is not None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("exporter_otlp_endpoint", "collector:4318"),
        ("exporter_otlp_endpoint", "http://collector:port"),
        ("exporter_otlp_protocol", "grpc"),
        ("sdk_disabled", "true"),
    ],
)
def test_service_runs_without_telemetry_if_a_variable_can_not_be_used(
    variable: str, value: str
) -> None:
    given = {"exporter_otlp_endpoint": "http://127.0.0.1:4318", variable: value}

    assert telemetry(**given).tracer_provider is None


def test_page_of_metrics_is_refused_for_several_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "otlp,prometheus")
    monkeypatch.setenv("WEB_CONCURRENCY", "2")

    with pytest.raises(SystemExit, match="WEB_CONCURRENCY is 2"):
        Settings.read()


@pytest.fixture
async def exported() -> AsyncGenerator[tuple[str, list[bytes]]]:
    """The URL of a collector on this machine, and what it receives."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            received.append(data)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", received
    server.close()


def exporting_app(database_url: str, **otel: str) -> FastAPI:
    database = DatabaseSettings(url=SecretStr(database_url))
    settings = OtelSettings.model_validate({"metrics_exporter": "prometheus", **otel})
    log = LogSettings(format="json")
    return create_app(make_settings(database=database, otel=settings, log=log))


# The SDK starts threads, and waits for them.
@pytest.mark.blocks
async def test_request_is_traced_and_measured(
    exported: tuple[str, list[bytes]],
    database_url: str,
    unused_tcp_port: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, received = exported
    port = str(unused_tcp_port)
    otel = {"exporter_otlp_endpoint": url, "exporter_prometheus_port": port}
    app = exporting_app(database_url, **otel)
    transport = ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
        AsyncClient(base_url=f"http://127.0.0.1:{port}") as prometheus,
    ):
        await client.get("/openapi.json", params={"key": "hunter2"})
        await client.get("/health/ready")
        page = (await prometheus.get("/metrics")).text

    assert b"GET /openapi.json" in b"".join(received)
    assert b"hunter2" not in b"".join(received)
    assert b"/health/ready" not in b"".join(received)
    assert '"trace_id":' in capsys.readouterr().out
    assert 'http_route="/openapi.json"' in page
    assert "db_client_connection_in_use" in page
