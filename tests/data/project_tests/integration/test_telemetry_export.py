"""Traces and metrics as a collector and Prometheus receive them."""

import asyncio
import gzip
import json
import re
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.core.config import LogSettings
from app.core.database_settings import DatabaseSettings
from app.core.otel_settings import OtelSettings
from app.db.semaphore import SEMAPHORES
from app.main import create_app
from tests.factories import make_settings
from tests.support.auth import USER_ID, authenticate, bearer
from tests.support.databases import migrate, new_database

ROOT = Path(__file__).parents[3]
HIDDEN = "hunter2"
METRIC = re.compile(r"\b((?:http|db|asyncio|process)_[a-z_]+)[{\[]")
ROUTE = "POST /api/v1/items"
ERROR = 2
LOST = "http://127.0.0.1:9"

# The SDK starts threads, and waits for their locks, when the application is created.
pytestmark = pytest.mark.blocks


class Collector:
    """Receives what is exported, as a collector does."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[tuple[str, bytes]] = []
        self.headers: list[str] = []

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Read requests until the client closes the connection."""
        while head := await self._head(reader):
            fields = dict(
                line.split(": ", 1) for line in head.lower().split("\r\n")[1:]
            )
            body = await reader.readexactly(int(fields.get("content-length", 0)))
            if fields.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            self.bodies.append((head.split()[1], body))
            self.headers.append(head)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode().strip()
        except asyncio.IncompleteReadError:
            return ""

    @property
    def spans(self) -> list[Any]:
        """The spans, in the order of their export."""
        bodies = [body for path, body in self.bodies if path == "/v1/traces"]
        requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def span(self, name: str) -> Any:
        """Return the only span of a name."""
        [found] = [span for span in self.spans if span.name == name]
        return found


def attributes(span: Any) -> dict[str, str]:
    """Return the texts among the attributes of a span."""
    return {each.key: each.value.string_value for each in span.attributes}


@pytest.fixture(autouse=True)
def exporter_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait for the threads of a test, whose records would be in the next one."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3")
    before = {*threading.enumerate()}
    yield
    for thread in {*threading.enumerate()} - before:
        if thread.name.startswith("OtelBatch"):
            thread.join(5)


@pytest.fixture
async def collector() -> AsyncGenerator[Collector]:
    """A collector on this machine."""
    collector = Collector()
    server = await asyncio.start_server(collector.serve, "127.0.0.1", 0)
    collector.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield collector
    server.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a migrated database."""
    with new_database(tmp_path_factory.mktemp("telemetry")) as url:
        migrate(url)
        yield url


def make_app(url: str, **otel: Any) -> FastAPI:
    """Create an application with a route for each kind of span."""
    app = create_app(
        make_settings(
            database=DatabaseSettings(url=SecretStr(url)),
            otel=OtelSettings(**otel),
            log=LogSettings(format="json"),
        )
    )

    @app.get("/fetch")
    async def fetch(target: str) -> int:
        async with AsyncClient() as client:
            return (await client.get(target, params={"key": HIDDEN})).status_code

    return app


@asynccontextmanager
async def running(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """Run an application, and yield a client of it."""
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


async def test_request_is_a_span_without_its_query_string(
    url: str, collector: Collector
) -> None:
    async with running(make_app(url, exporter_otlp_endpoint=collector.url)) as client:
        await client.get("/openapi.json", params={"key": HIDDEN})
        await client.get("/health/ready")

    span = attributes(collector.span("GET /openapi.json"))
    assert span["url.path"] == "/openapi.json"
    assert span["url.query"] == "REDACTED"
    assert HIDDEN.encode() not in b"".join(body for _, body in collector.bodies)
    # Neither the probe nor its statements.
    assert {each.trace_id for each in collector.spans} == {
        collector.span("GET /openapi.json").trace_id
    }


async def test_probe_behind_a_prefix_is_not_traced(
    url: str, collector: Collector
) -> None:
    app = make_app(url, exporter_otlp_endpoint=collector.url)
    transport = ASGITransport(app, root_path="/shop")
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        assert (await client.get("/shop/health/ready")).status_code == 200
        await client.get("/shop/openapi.json")

    assert [span.name for span in collector.spans] == ["GET /shop/openapi.json"]


async def test_request_to_another_service_continues_the_trace(
    url: str, collector: Collector
) -> None:
    async with running(make_app(url, exporter_otlp_endpoint=collector.url)) as client:
        await client.get("/fetch", params={"target": f"{collector.url}/other"})

    span = collector.span("GET")
    [request] = [head for head in collector.headers if "/other?" in head]
    assert f"-{span.trace_id.hex()}-{span.span_id.hex()}-" in request
    assert span.trace_id == collector.span("GET /fetch").trace_id
    found = attributes(span)
    assert found.get("url.full", found.get("http.url")) == f"{collector.url}/other"


async def test_service_is_named_and_traces_are_sampled(
    url: str, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    async with running(make_app(url, exporter_otlp_endpoint=collector.url)) as client:
        await client.get("/openapi.json")
        sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        await client.get("/openapi.json", headers={"traceparent": sampled})

    assert collector.span("GET /openapi.json").trace_id.hex() == sampled[3:35]
    [traces, *_] = [body for path, body in collector.bodies if path == "/v1/traces"]
    for text in (b"service.version", b"0.1.0", b"deployment.environment.name"):
        assert text in traces


async def test_last_metrics_are_sent_at_the_shutdown(
    url: str, collector: Collector
) -> None:
    async with running(make_app(url, exporter_otlp_endpoint=collector.url)) as client:
        await client.get("/openapi.json")

    [metrics] = [body for path, body in collector.bodies if path == "/v1/metrics"]
    for name in (b"http.server.request.duration", b"process.memory.usage"):
        assert name in metrics


async def test_log_records_have_the_ids_of_the_span(
    url: str, collector: Collector, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(make_app(url, exporter_otlp_endpoint=collector.url)) as client:
        await client.get("/openapi.json")

    span = collector.span("GET /openapi.json")
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [record] = [record for record in records if record["event"] == "request"]
    assert record["trace_id"] == span.trace_id.hex()
    assert record["span_id"] == span.span_id.hex()
    [start] = [one for one in records if one["event"] == "telemetry exported"]
    assert start["traces"] == f"{collector.url}/v1/traces"
    assert start["metrics"] == f"{collector.url}/v1/metrics"


@pytest.mark.parametrize(
    ("otel", "reason"),
    [
        ({}, "OTEL_EXPORTER_OTLP_ENDPOINT is not set"),
        ({"exporter_otlp_protocol": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL has to be"),
        (
            {"exporter_otlp_traces_protocol": "grpc"},
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL has to be",
        ),
        ({"exporter_otlp_endpoint": "http://"}, "OTEL_EXPORTER_OTLP_ENDPOINT has to"),
    ],
)
async def test_reason_for_no_telemetry_is_logged_once(
    otel: dict[str, str], reason: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if otel:
        otel = {"exporter_otlp_endpoint": LOST, **otel}
    async with running(make_app(url, **otel)) as client:
        assert (await client.get("/openapi.json")).status_code == 200

    assert capsys.readouterr().out.count(reason) == 1


@pytest.mark.parametrize(
    "variable", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"]
)
async def test_service_runs_with_a_variable_that_the_sdk_does_not_accept(
    variable: str,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, "-1")
    async with running(make_app(url, exporter_otlp_endpoint=LOST)) as client:
        assert (await client.get("/openapi.json")).status_code == 200

    records = map(json.loads, capsys.readouterr().out.splitlines())
    [start] = [one for one in records if one["event"] == "telemetry exported"]
    assert start["level"] == "warning"
    assert "traces" not in start
    assert start["metrics"]


async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept a connection, and never respond."""
    await asyncio.sleep(10)
    writer.close()


@pytest.mark.parametrize("hangs", [False, True])
async def test_collector_that_fails_delays_neither_requests_nor_the_shutdown(
    url: str, hangs: bool
) -> None:
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    silent = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    app = make_app(url, exporter_otlp_endpoint=silent if hangs else LOST)
    async with running(app) as client:
        await client.get("/openapi.json")
        started = perf_counter()
        for _ in range(20):
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/openapi.json")).status_code == 200
        requests, started = perf_counter() - started, perf_counter()
    shutdown = perf_counter() - started
    server.close()

    # Each export takes three seconds.
    assert requests < 3
    assert shutdown < 2


async def test_page_of_metrics_has_what_the_dashboard_and_the_alerts_read(
    url: str, unused_tcp_port: int
) -> None:
    otel = {
        "metrics_exporter": "prometheus",
        "exporter_prometheus_port": unused_tcp_port,
    }
    app = make_app(url, **otel)
    async with running(app) as client:
        await client.get("/openapi.json")
        for pool in [*SEMAPHORES]:
            pool.on_wait(0.2)
        async with app.state.database.begin():
            await asyncio.sleep(0.6)  # until the event loop is measured
            page = f"http://127.0.0.1:{unused_tcp_port}/metrics"
            async with AsyncClient() as reader:
                text = (await reader.get(page)).text
        with pytest.raises(OSError, match="OTEL_EXPORTER_PROMETHEUS_PORT"):
            async with running(make_app(url, **otel)):
                pass

    families = {family.name: family for family in text_string_to_metric_families(text)}
    files = (ROOT / "monitoring").iterdir()
    read = {name for file in files for name in METRIC.findall(file.read_text("utf-8"))}
    shown = {sample.name for family in families.values() for sample in family.samples}
    # `promtool check metrics` asks for both.
    assert all(family.documentation for family in families.values())
    assert not {name for name in families if name.endswith("_count")}
    assert len(read) == 9
    assert read <= shown
    in_use = {
        sample.value for sample in families["db_client_connection_in_use"].samples
    }
    assert in_use == {1}
    assert families["process_memory_usage_bytes"].samples[0].value > 1e6


async def test_trace_leads_from_the_request_to_its_statements(
    url: str, collector: Collector
) -> None:
    if not url.startswith("postgresql"):
        pytest.skip("statements are traced on PostgreSQL")
    app = make_app(url, exporter_otlp_endpoint=collector.url)
    await asyncio.to_thread(authenticate, app)
    headers = bearer(app, USER_ID)
    async with running(app) as client:
        for _ in range(3):
            # The first one by SQLAlchemy, the others by asyncpg; a name is taken once.
            item = {"name": HIDDEN, "tags": ["a"]}
            await client.post("/api/v1/items", json=item, headers=headers)

    first, *others = [span for span in collector.spans if span.name == ROUTE]
    trace = [span for span in collector.spans if span.trace_id == first.trace_id]
    statements = [span for span in trace if span.parent_span_id == first.span_id]
    assert "INSERT" in {span.name for span in statements}
    assert "INSERT INTO items" in "".join(
        attributes(span).get("db.statement", "") for span in statements
    )
    failed = [span for span in collector.spans if span.status.code == ERROR]
    assert {"INSERT"} <= {span.name for span in failed}
    assert {span.trace_id for span in failed} == {span.trace_id for span in others}
    assert HIDDEN.encode() not in b"".join(body for _, body in collector.bodies)
