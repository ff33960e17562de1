"""Runs one claimed job, and stores how it ended."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from random import uniform
from time import perf_counter
from typing import Any

from app.core.clock import Clock, utc_now
from app.core.context import request_id
from app.core.errors import UnavailableError
from app.core.job_settings import JobsSettings
from app.core.logging import get_logger
from app.db import Database, Row
from app.db.nested import NestedDatabase
from app.jobs.handlers import Handler, JobContext
from app.models.job import EXTEND_CLAIM, FINISH_JOB, NEVER, RELEASE_JOB
from app.schemas.job import JobArguments

log = get_logger(__name__)

# How long a claim is valid. The row of a job that runs in a transaction is locked, so
# that no other worker can claim it, however long that takes.
CLAIM = timedelta(seconds=15)
# The pause of a job that this release can not run; workers of another one may.
PARKED = timedelta(minutes=1)
MAX_PAUSE = 3600.0
MAX_ERROR = 2000
# Pauses between attempts to store how a job ended.
STORE_PAUSES = (0.2, 1.0, 3.0, None)


class AbandonedError(Exception):
    """The workers of all attempts ended before the job did."""


class ClaimLostError(Exception):
    """Another worker has the job by now."""


class JobRunner:
    """Runs jobs by their handlers."""

    def __init__(
        self,
        db: Database,
        handlers: Iterable[Handler],
        settings: JobsSettings,
        clock: Clock = utc_now,
    ) -> None:
        self.db = db
        self.handlers = by_name(handlers)
        self.settings = settings
        self.clock = clock

    async def run(self, job: Row) -> None:
        """Run a claimed job. If it is cancelled, the job is given back."""
        request_id.set(job["context"].get("request_id") or str(job["id"]))
        fields = {"job": job["name"], "job_id": str(job["id"])}
        handler = self.handlers.get(job["name"])
        if handler is None or job["version"] > handler.arguments.job_version:
            await self._park(job, fields)
            return
        started = perf_counter()
        try:
            await self._attempt(job, handler)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if not task or not task.cancelling():  # The handler itself has raised it.
                await self._fail(job, handler, error, fields)
                return
            await self._release(job, self.clock(), attempts=job["attempts"] - 1)
            log.warning("job interrupted", **fields)
            raise
        except ClaimLostError:
            log.warning("job taken over", **fields)
        # A handler may raise anything, and must not end the worker.
        # ast-grep-ignore: ERR-03
        except Exception as error:
            await self._fail(job, handler, error, fields)
        else:
            seconds = perf_counter() - started
            log.info("job done", **fields, duration_ms=round(seconds * 1000, 2))

    async def _attempt(self, job: Row, handler: Handler) -> None:
        if job["attempts"] > self._max_attempts(handler):
            raise AbandonedError("its worker ended in each attempt: out of memory?")
        arguments = handler.arguments.load(job["version"], job["arguments"])
        async with asyncio.timeout(handler.timeout):
            if handler.in_transaction:
                await self._run_in_transaction(job, handler, arguments)
            else:
                await self._run_alone(job, handler, arguments)

    async def _run_in_transaction(
        self, job: Row, handler: Handler, arguments: JobArguments
    ) -> None:
        """Commit the end of the job with what it writes: both are stored, or none."""
        async with self.db.session() as session:
            db = NestedDatabase(await session.connection())
            claim = {"job_id": job["id"], "attempt": job["attempts"]}
            if await db.fetchval(FINISH_JOB, **claim) is None:
                raise ClaimLostError
            await handler.run(arguments, JobContext(db, job["id"], job["attempts"]))

    async def _run_alone(
        self, job: Row, handler: Handler, arguments: JobArguments
    ) -> None:
        claim = {"job_id": job["id"], "attempt": job["attempts"]}
        until = self.clock() + CLAIM + timedelta(seconds=handler.timeout)
        if await self.db.fetchval(EXTEND_CLAIM, **claim, claimed_until=until) is None:
            raise ClaimLostError
        context = JobContext(self.db, job["id"], job["attempts"])
        await handler.run(arguments, context)
        await self._store(FINISH_JOB, **claim)

    async def _park(self, job: Row, fields: dict[str, str]) -> None:
        """Keep a job for a release that has its handler; no attempt is counted."""
        reason = f"this release has no handler for version {job['version']} of the job"
        due_at = self.clock() + PARKED
        await self._release(job, due_at, attempts=job["attempts"] - 1, error=reason)
        log.warning("job without handler", **fields, version=job["version"])

    async def _fail(
        self, job: Row, handler: Handler, error: BaseException, fields: dict[str, str]
    ) -> None:
        """Store the reason, and the time of the next attempt if there is one."""
        reason, now = describe(error), self.clock()
        if job["attempts"] >= self._max_attempts(handler):
            await self._release(job, NEVER, error=reason, failed_at=now)
            log.error("job failed", **fields, attempt=job["attempts"], exc_info=True)
            return
        pause = self.settings.retry_seconds * 2.0 ** min(job["attempts"] - 1, 20)
        # Half of it is random, so that jobs that failed together do not come together.
        seconds = min(pause, MAX_PAUSE) * uniform(0.5, 1.0)  # nosec B311
        await self._release(job, now + timedelta(seconds=seconds), error=reason)
        log.warning(
            "job will be retried",
            **fields,
            attempt=job["attempts"],
            seconds=round(seconds, 1),
            exc_info=True,
        )

    async def _release(
        self,
        job: Row,
        due_at: Any,
        *,
        attempts: int | None = None,
        error: str | None = None,
        failed_at: Any = None,
    ) -> None:
        await self._store(
            RELEASE_JOB,
            job_id=job["id"],
            attempt=job["attempts"],
            counted_attempts=job["attempts"] if attempts is None else attempts,
            next_due_at=due_at,
            reason=error or job["error"],
            final_failure_at=failed_at,
        )

    async def _store(self, statement: Any, **params: object) -> None:
        """Store the end of an attempt. While the database is away, try some times.

        Afterwards the claim ends, and the job is run again.
        """
        for pause in STORE_PAUSES:
            try:
                await self.db.fetch(statement, **params)
            except UnavailableError:
                if pause is None:
                    log.warning("end of a job not stored", job_id=str(params["job_id"]))
                    return
                await asyncio.sleep(pause)
            else:
                return

    def _max_attempts(self, handler: Handler) -> int:
        return handler.max_attempts or self.settings.max_attempts


def by_name(handlers: Iterable[Handler]) -> Mapping[str, Handler]:
    """Return handlers by the names of their jobs. Raises ValueError for duplicates."""
    found: dict[str, Handler] = {}
    for handler in handlers:
        name = handler.arguments.job_name
        if name in found:
            raise ValueError(f"two handlers for jobs named {name}")
        found[name] = handler
    return found


def describe(error: BaseException) -> str:
    """Return an error as a text that every database can store."""
    text = f"{type(error).__name__}: {error}"[:MAX_ERROR]
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")
