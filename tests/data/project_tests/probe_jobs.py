"""A worker with jobs that tests count, kill and stop. It runs in a generated project.

`python probe_jobs.py NAME COUNT` enqueues jobs; `uvicorn probe_jobs:create_worker` runs
them. The table `effects` has a row for each job that has run.
"""

import asyncio
import os
import sys
from typing import ClassVar

import sqlalchemy as sa
from app.core.config import Settings
from app.db.factory import open_database
from app.jobs import HANDLERS
from app.jobs.handlers import JobContext, handles
from app.schemas.job import JobArguments
from app.services.jobs import enqueue
from app.worker import create_worker

__all__ = ["create_worker"]

EFFECTS = sa.table("effects", sa.column("number", sa.Integer))
INSERT_EFFECT = sa.insert(EFFECTS)
CREATE = "CREATE TABLE IF NOT EXISTS effects (number int)"


class Count(JobArguments):
    job_name: ClassVar[str] = "count"

    number: int


class Kill(Count):
    job_name: ClassVar[str] = "kill"


class Sleep(Count):
    job_name: ClassVar[str] = "sleep"


@handles(Count)
async def count(job: Count, context: JobContext) -> None:
    """Write a row, and go on for some milliseconds, in which a kill hits."""
    async with context.db.begin() as transaction:
        await transaction.execute(INSERT_EFFECT, {"number": job.number})
    await asyncio.sleep(0.005)


@handles(Kill)
async def kill(job: Kill, context: JobContext) -> None:
    """End the process, as the kernel does when memory is short."""
    os._exit(137)


@handles(Sleep, timeout=600)
async def sleep(job: Sleep, context: JobContext) -> None:
    """Write a row, and take as many seconds as the number."""
    async with context.db.begin() as transaction:
        await transaction.execute(INSERT_EFFECT, {"number": job.number})
    await asyncio.sleep(job.number)


HANDLERS += [count, kill, sleep]


async def store(name: str, numbers: range) -> None:
    """Enqueue one job for each number."""
    kinds = {kind.job_name: kind for kind in (Count, Kill, Sleep)}
    database = open_database(Settings.read().database)
    async with database.begin() as transaction:
        await transaction.execute(sa.text(CREATE))
        for number in numbers:
            await enqueue(transaction, kinds[name](number=number))
    await database.close()


if __name__ == "__main__":
    first, last = int(sys.argv[2]), int(sys.argv[3])
    asyncio.run(store(sys.argv[1], range(first, last)))
