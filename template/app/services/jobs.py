"""Jobs: `enqueue` stores one with the write that needs it; `JobService` reads them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock, utc_now
from app.core.context import request_id
from app.core.errors import ConflictError, NotFoundError
from app.core.ids import uuid7
from app.db import Database, Transaction
from app.models.job import (
    DISCARD_JOB,
    FAILED_JOBS_FIRST,
    INSERT_JOB,
    JOB_BY_ID,
    QUEUE_STATS,
    RETRY_JOB,
)
from app.schemas.job import JobArguments, JobRead, QueueStats

NO_DELAY = timedelta(0)


class JobNotFoundError(NotFoundError):
    """There is no job with this ID. Finished jobs are deleted."""

    code = "job_not_found"


class JobRunningError(ConflictError):
    """A worker runs the job."""

    code = "job_running"


async def enqueue(
    transaction: Transaction | AsyncSession,
    job: JobArguments,
    *,
    delay: timedelta = NO_DELAY,
    clock: Clock = utc_now,
) -> UUID:
    """Store a job in a transaction: a worker sees it if and when that commits.

    Returns:
        The ID of the job.

    Raises:
        ValueError: The arguments can not be stored as JSON and read again.
    """
    now, job_id = clock(), uuid7()
    row = {
        "id": job_id,
        "name": job.job_name,
        "version": job.job_version,
        "queue": job.job_queue,
        "priority": job.job_priority,
        "arguments": job.dump(),
        "context": {"request_id": request_id.get()},
        "created_at": now,
        "due_at": now + delay,
        "attempts": 0,
    }
    await transaction.execute(INSERT_JOB, row)
    return job_id


@dataclass(frozen=True, slots=True)
class JobService:
    """Reads jobs, and retries or discards those that no worker runs."""

    db: Database
    clock: Clock = utc_now

    async def list_jobs(self, count: int) -> list[JobRead]:
        """Return jobs, those that have failed first."""
        rows = await self.db.fetch(FAILED_JOBS_FIRST, count=count)
        return [JobRead.model_validate(row) for row in rows]

    async def get(self, job_id: UUID) -> JobRead:
        """Return one job. Raises JobNotFoundError."""
        row = await self.db.fetchrow(JOB_BY_ID, job_id=job_id)
        if row is None:
            raise JobNotFoundError(f"There is no job {job_id}.")
        return JobRead.model_validate(row)

    async def retry(self, job_id: UUID) -> None:
        """Make a job due now, with all attempts. Raises as `discard` does."""
        found = await self.db.fetchval(RETRY_JOB, job_id=job_id, now=self.clock())
        if found is None:
            await self._raise_missing(job_id)

    async def discard(self, job_id: UUID) -> None:
        """Delete a job. Raises JobNotFoundError, JobRunningError."""
        if await self.db.fetchval(DISCARD_JOB, job_id=job_id) is None:
            await self._raise_missing(job_id)

    async def stats(self) -> list[QueueStats]:
        """Return the state of each queue that has jobs."""
        now = self.clock()
        rows = await self.db.fetch(QUEUE_STATS)
        return [
            QueueStats(
                **{name: row[name] for name in QueueStats.model_fields if name in row},
                oldest_seconds=max(
                    0.0, (now - (row["oldest_due_at"] or now)).total_seconds()
                ),
            )
            for row in rows
        ]

    async def _raise_missing(self, job_id: UUID) -> None:
        job = await self.get(job_id)
        raise JobRunningError(f"{job.worker} runs the job {job_id}.")
