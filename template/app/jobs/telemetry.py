"""Telemetry of jobs: a span for each attempt, and the depth of the queues."""

import asyncio
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress

from opentelemetry import metrics, propagate, trace
from opentelemetry.metrics import CallbackOptions, Observation

from app.core.errors import UnavailableError
from app.db import Database
from app.schemas.job import QUEUE_METRICS, QueueStats
from app.services.jobs import JobService

INTERVAL = 15.0  # seconds between two reads of the queues


@contextmanager
def trace_job(name: str, context: Mapping[str, str]) -> Generator[None]:
    """Trace an attempt, in the trace of the request that has stored the job."""
    tracer = trace.get_tracer(__name__)
    with tracer.start_as_current_span(
        f"job {name}",
        propagate.extract(context),
        trace.SpanKind.CONSUMER,
        record_exception=False,
        set_status_on_exception=False,
    ):
        yield


def mark_failed(error: BaseException) -> None:
    """Mark the span of an attempt, without the message, which may contain values."""
    span = trace.get_current_span()
    span.set_status(trace.StatusCode.ERROR, type(error).__name__)


@contextmanager
def measure_queues(db: Database) -> Generator[None]:
    """Measure the queues while the block runs."""
    jobs, found = JobService(db), list[QueueStats]()

    def gauge(metric: str) -> None:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            return [
                Observation(getattr(it, metric), {"queue": it.queue}) for it in found
            ]

        meter.create_observable_gauge(f"jobs.{metric}", [observe])

    async def read() -> None:
        while True:
            with suppress(UnavailableError):  # The loop of the worker logs it.
                found[:] = await jobs.stats()
            await asyncio.sleep(INTERVAL)

    meter = metrics.get_meter(__name__)
    for metric in QUEUE_METRICS:
        gauge(metric)
    reading = asyncio.create_task(read())
    try:
        yield
    finally:
        reading.cancel()
