"""Metrics of the process: connection pools, the event loop and memory."""

import asyncio
import resource
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from opentelemetry.metrics import CallbackOptions, Meter, Observation

LAG_INTERVAL = 0.5  # seconds between two measurements of the event loop
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
STATM = Path("/proc/self/statm")  # sizes of the process in pages, on Linux


class Pool(Protocol):
    """A limit on connections, with its use."""

    capacity: int
    in_use: int
    waiting: int
    on_wait: Callable[[float], None]


@contextmanager
def measure_process(meter: Meter, pools: Collection[Pool]) -> Generator[None]:
    """Measure while the block runs."""
    measure_pools(meter, pools)
    measure_waits(meter, pools)
    measure_memory(meter)
    lag = asyncio.create_task(measure_event_loop(meter))
    try:
        yield
    finally:
        lag.cancel()


def measure_pools(meter: Meter, pools: Collection[Pool]) -> None:
    """Count the connections of all pools, and the requests that wait for one."""

    def gauge(name: str, description: str, read: Callable[[Pool], int]) -> None:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            yield Observation(sum(map(read, pools)))

        meter.create_observable_up_down_counter(
            f"db.client.connection.{name}", [observe], description=description
        )

    # OpenTelemetry's name `count` is reserved for histograms in Prometheus.
    gauge("in_use", "Connections in use.", lambda pool: pool.in_use)
    gauge("max", "Connections that may be in use.", lambda pool: pool.capacity)
    gauge("pending_requests", "Requests that wait.", lambda pool: pool.waiting)


def measure_waits(meter: Meter, pools: Collection[Pool]) -> None:
    """Measure the waits for a connection; one that is free costs nothing."""
    waits = meter.create_histogram(
        "db.client.connection.wait_time",
        "s",
        "Time that requests waited for a connection, if none was free.",
        explicit_bucket_boundaries_advisory=BUCKETS,
    )
    for pool in pools:
        pool.on_wait = waits.record


def measure_memory(meter: Meter) -> None:
    """Measure the physical memory of the process."""

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        yield Observation(memory_usage())

    meter.create_observable_up_down_counter(
        "process.memory.usage", [observe], "By", "Physical memory of the process."
    )


def memory_usage() -> int:
    """Return the physical memory in bytes; without /proc its peak."""
    if STATM.exists():
        return int(STATM.read_text("ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def measure_event_loop(meter: Meter) -> None:
    """Measure, until cancelled, by how much the event loop is late."""
    lag = meter.create_histogram(
        "asyncio.event_loop.lag",
        "s",
        "Time by which the event loop was late.",
        explicit_bucket_boundaries_advisory=BUCKETS,
    )
    now = asyncio.get_running_loop().time
    while True:
        due = now() + LAG_INTERVAL
        await asyncio.sleep(LAG_INTERVAL)
        lag.record(max(0.0, now() - due))
