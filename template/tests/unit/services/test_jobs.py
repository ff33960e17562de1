from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from app.db import Database
from app.schemas.job import JobArguments
from app.services.jobs import JobNotFoundError, JobService, enqueue

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Greeting(JobArguments):
    job_name: ClassVar[str] = "greeting"
    job_queue: ClassVar[str] = "slow"

    name: Any


@pytest.fixture
def service(database: Database) -> JobService:
    return JobService(database, clock=lambda: NOON + timedelta(minutes=1))


async def test_job_is_stored_only_with_its_transaction(
    database: Database, service: JobService
) -> None:
    with pytest.raises(RuntimeError):
        async with database.begin() as transaction:
            await enqueue(transaction, Greeting(name="Ada"))
            raise RuntimeError
    async with database.session() as session:
        job_id = await enqueue(session, Greeting(name="Bob"))

    assert [job.id for job in await service.list_jobs(9)] == [job_id]


@pytest.mark.parametrize("value", [object(), b"\xff", "\ud800", {1: 2}, NOON])
async def test_arguments_that_are_not_json_are_rejected(
    database: Database, value: object
) -> None:
    with pytest.raises(ValueError):
        async with database.begin() as transaction:
            await enqueue(transaction, Greeting(name=value))


async def test_retried_job_is_due_and_a_discarded_one_is_gone(
    database: Database, service: JobService
) -> None:
    async with database.begin() as transaction:
        delay = timedelta(days=1)
        job_id = await enqueue(transaction, Greeting(name="Ada"), delay=delay)

    await service.retry(job_id)

    assert (await service.get(job_id)).due_at == NOON + timedelta(minutes=1)
    await service.discard(job_id)
    for method in (service.get, service.retry, service.discard):
        with pytest.raises(JobNotFoundError):
            await method(job_id)


async def test_stats_count_jobs_and_the_age_of_the_oldest(
    database: Database, service: JobService
) -> None:
    async with database.begin() as transaction:
        for _ in range(2):
            await enqueue(transaction, Greeting(name="Ada"), clock=lambda: NOON)

    [stats] = await service.stats()

    assert (stats.queue, stats.waiting, stats.oldest_seconds) == ("slow", 2, 60)
    assert (stats.running, stats.retrying, stats.failed) == (0, 0, 0)


async def test_unknown_job_is_not_found(service: JobService) -> None:
    with pytest.raises(JobNotFoundError):
        await service.get(uuid4())
