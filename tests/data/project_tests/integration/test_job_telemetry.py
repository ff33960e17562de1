"""Spans of jobs, and metrics of their queues."""

import asyncio
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.core.job_settings import JobsSettings
from app.db import Database
from app.jobs.handlers import JobContext, handles
from app.jobs.telemetry import measure_queues
from app.jobs.worker import Worker
from app.schemas.job import JobArguments
from app.services.jobs import enqueue

HIDDEN = "hunter2"


class Order(JobArguments):
    job_name: ClassVar[str] = "order"

    number: int


@handles(Order)
async def check(job: Order, context: JobContext) -> None:
    if job.number < 0:
        raise ValueError(HIDDEN)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The spans of a test."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


async def order(database: Database, number: int) -> None:
    """Enqueue a job, as a request does."""
    with trace.get_tracer(__name__).start_as_current_span("request"):
        async with database.begin() as transaction:
            await enqueue(transaction, Order(number=number))


@pytest.mark.parametrize(
    ("number", "status", "description"),
    [(1, trace.StatusCode.UNSET, None), (-1, trace.StatusCode.ERROR, "ValueError")],
)
async def test_job_is_in_the_trace_of_its_request(
    number: int,
    status: trace.StatusCode,
    description: str | None,
    database: Database,
    spans: InMemorySpanExporter,
) -> None:
    await order(database, number)
    await Worker(database, [check], JobsSettings()).run_pending()

    request, job = spans.get_finished_spans()
    assert job.name == "job order"
    assert job.parent and request.context and job.context
    assert job.parent.span_id == request.context.span_id
    assert job.context.trace_id == request.context.trace_id
    assert (job.status.status_code, job.status.description) == (status, description)
    assert HIDDEN not in job.to_json()


async def test_job_without_request_is_a_trace_of_its_own(
    database: Database, spans: InMemorySpanExporter
) -> None:
    async with database.begin() as transaction:
        await enqueue(transaction, Order(number=1))
    await Worker(database, [check], JobsSettings()).run_pending()

    [job] = spans.get_finished_spans()
    assert job.parent is None


async def test_queues_are_measured(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter(__name__)
    monkeypatch.setattr(metrics, "get_meter", lambda _: meter)
    await order(database, 1)

    found: dict[str, Any] = {}
    with measure_queues(database):
        async with asyncio.timeout(5):
            while not found:
                await asyncio.sleep(0.01)
                found = points(reader)

    assert found["jobs.waiting"] == (1, {"queue": "default"})
    assert found["jobs.failed"] == (0, {"queue": "default"})
    assert found["jobs.oldest_seconds"][0] < 5


def points(reader: InMemoryMetricReader) -> dict[str, Any]:
    """Return the value and the attributes of each metric that has one."""
    data = reader.get_metrics_data()
    return {
        metric.name: (point.value, point.attributes)
        for resource in (data.resource_metrics if data else [])
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint)
    }
