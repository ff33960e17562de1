"""Jobs: a worker runs them, repeats them, and keeps those that have failed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.job_settings import JobsSettings
from app.db import Database
from app.jobs.handlers import Handler, JobContext, Periodic, handles
from app.jobs.worker import Worker
from app.schemas.job import JobArguments, JobRead
from app.services.jobs import JobService, enqueue
from app.worker import create_worker

SETTINGS = JobsSettings(max_attempts=2)


class Order(JobArguments):
    job_name: ClassVar[str] = "order"

    number: int


class Invoice(Order):
    job_name: ClassVar[str] = "invoice"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@handles(Order)
async def write_invoice(job: Order, context: JobContext) -> None:
    async with context.db.begin() as transaction:
        await enqueue(transaction, Invoice(number=job.number), delay=timedelta(days=99))
    if job.number < 0:
        raise RuntimeError("a negative number")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(database: Database, clock: Clock) -> Worker:
    return Worker(database, [write_invoice], SETTINGS, clock=clock)


async def order(database: Database, clock: Clock, number: int) -> None:
    async with database.begin() as transaction:
        await enqueue(transaction, Order(number=number), clock=clock)


async def jobs(database: Database) -> list[JobRead]:
    return await JobService(database).list_jobs(99)


async def test_job_is_deleted_with_what_its_handler_stores(
    database: Database, worker: Worker, clock: Clock
) -> None:
    await order(database, clock, 1)

    await worker.run_pending()

    assert [job.name for job in await jobs(database)] == ["invoice"]


async def test_failing_job_is_rolled_back_repeated_and_kept(
    database: Database, worker: Worker, clock: Clock
) -> None:
    await order(database, clock, -1)
    await worker.run_pending()
    [job] = await jobs(database)
    assert (job.state, job.attempts) == ("retrying", 1)

    clock.now += timedelta(minutes=1)
    await worker.run_pending()

    [job] = await jobs(database)
    assert (job.state, job.error) == ("failed", "RuntimeError: a negative number")


async def test_job_without_handler_is_kept(database: Database, clock: Clock) -> None:
    await order(database, clock, 1)

    await Worker(database, [], SETTINGS, clock=clock).run_pending()

    [job] = await jobs(database)
    assert job.attempts == 0
    assert job.error and "no handler" in job.error


async def test_periodic_job_is_stored_once_for_all_workers(
    database: Database, clock: Clock
) -> None:
    handlers: list[Handler] = []
    daily = Periodic(Order(number=1), every=timedelta(days=1))
    two = [
        Worker(database, handlers, SETTINGS, periodic=[daily], clock=clock)
        for _ in "12"
    ]
    for day in range(3):
        for worker in two:
            await worker.enqueue_periodic()

        assert len(await jobs(database)) == day
        clock.now += timedelta(days=1)


async def test_served_worker_runs_jobs_and_tells_the_depth_of_its_queues(
    committing_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.HANDLERS", [write_invoice])
    app = create_worker(committing_app.state.settings)
    await order(app.state.database, Clock(), 1)
    transport = ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        while "order" in [job.name for job in await jobs(app.state.database)]:
            await asyncio.sleep(0.01)
        ready = await client.get("/health/ready")
        metrics = await client.get("/metrics")

    assert ready.status_code == 200
    assert 'jobs_waiting{queue="default"} 1' in metrics.text
