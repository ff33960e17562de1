"""The loop of a worker: claims jobs that are due, and enqueues periodic ones."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic

from sqlalchemy import Executable

from app.core.clock import Clock, utc_now
from app.core.errors import UnavailableError
from app.core.job_settings import JobsSettings
from app.core.logging import get_logger
from app.db import ConstraintViolationError, Database
from app.jobs.handlers import Handler, Periodic
from app.jobs.runner import CLAIM, JobRunner
from app.models.job import (
    CLAIM_ABANDONED_JOBS,
    CLAIM_JOBS,
    INSERT_SCHEDULE,
    TAKE_SCHEDULE,
)
from app.services.jobs import enqueue

log = get_logger(__name__)

# The shortest time between two claims: under load, one statement claims several jobs.
CLAIM_INTERVAL = 0.01
ABANDONED_INTERVAL = 1.0
# Seconds that cancelled jobs have to roll back, and to be given back.
CANCEL_SECONDS = 4.0


class Worker:
    """Runs the jobs of the queues in the settings, from `start` to `stop`."""

    def __init__(
        self,
        db: Database,
        handlers: Collection[Handler],
        settings: JobsSettings,
        *,
        periodic: Sequence[Periodic] = (),
        capacity: int | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._db = db
        self._runner = JobRunner(db, handlers, settings, clock)
        self._queues = settings.places
        self._capacity = capacity or sum(self._queues.values())
        self._poll_seconds = settings.poll_seconds
        self._periodic = periodic
        self._slots: dict[str, datetime] = {}
        self._clock = clock
        self._running: dict[asyncio.Task[None], str] = {}
        self._abandoned: asyncio.Task[None] | None = None
        self._abandoned_after = 0.0
        self._stopping = asyncio.Event()
        self._released = asyncio.Event()

    async def run(self) -> None:
        """Claim and start jobs until `stop` is called."""
        log.info("worker started", worker=self.name, queues=self._queues)
        while not self._stopping.is_set():
            self._released.clear()
            has_more = await self._claim_if_available()
            # Without a free place, wait for one; with an empty queue, poll.
            event = self._released if has_more else self._stopping
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await event.wait()
            if has_more:
                await asyncio.sleep(CLAIM_INTERVAL)

    async def stop(self, grace_seconds: float) -> None:
        """Let running jobs finish for a while; then cancel them and give them back."""
        self._stopping.set()
        self._released.set()
        await self._wait(grace_seconds)
        for task in self._running:
            task.cancel()
        await self._wait(CANCEL_SECONDS)

    async def run_pending(self) -> None:
        """Run all jobs that are due, and return: for tests and scripts."""
        await self.enqueue_periodic()
        running = True
        while running:
            running = bool(self._running)
            await self.claim()
            running |= bool(self._running)
            await self._wait()

    async def claim(self) -> bool:
        """Start jobs in all free places. Return whether more may be due."""
        has_more = await self._claim_abandoned()
        for queue in self._queues:
            places = self._free_places(queue)
            started = await self._start(CLAIM_JOBS, queue, places) if places else []
            has_more |= len(started) == places
        return has_more

    async def enqueue_periodic(self) -> None:
        """Enqueue the periodic jobs whose period has begun."""
        now = self._clock()
        for periodic in self._periodic:
            name, slot = periodic.job.job_name, periodic.slot(now)
            if self._slots.get(name) == slot:
                continue
            schedule = {"name": name, "last_due_at": slot}
            if name not in self._slots:
                with suppress(ConstraintViolationError):  # It is there already.
                    async with self._db.begin() as transaction:
                        await transaction.execute(INSERT_SCHEDULE, schedule)
            async with self._db.begin() as transaction:
                take = {"schedule_name": name, "slot": slot}
                if await transaction.fetchval(TAKE_SCHEDULE, **take) is not None:
                    await enqueue(transaction, periodic.job, clock=self._clock)
            self._slots[name] = slot

    async def _claim_if_available(self) -> bool:
        try:
            if not await self._db.is_migrated():
                log.warning("the migrations of this release have not run")
                return False
            await self.enqueue_periodic()
            return await self.claim()
        except UnavailableError as error:
            log.warning("queue not available", error=str(error))
            return False

    async def _claim_abandoned(self) -> bool:
        """Start one job whose worker has ended, unless such a job runs here already.

        It may have ended the worker, and would take others with it.
        """
        if self._abandoned in self._running or monotonic() < self._abandoned_after:
            return False
        for queue in self._queues:
            if self._free_places(queue):
                for task in await self._start(CLAIM_ABANDONED_JOBS, queue, 1):
                    self._abandoned = task
                    return True
        self._abandoned_after = monotonic() + ABANDONED_INTERVAL
        return False

    async def _start(
        self, statement: Executable, queue: str, count: int
    ) -> list[asyncio.Task[None]]:
        now = self._clock()
        claim = {"worker_name": self.name, "claimed_until": now + CLAIM}
        jobs = await self._db.fetch(
            statement, queue_name=queue, now=now, count=count, **claim
        )
        tasks = [asyncio.create_task(self._runner.run(job)) for job in jobs]
        for task in tasks:
            self._running[task] = queue
            task.add_done_callback(self._finish)
        return tasks

    def _finish(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._released.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("end of a job not stored", error=repr(error))

    def _free_places(self, queue: str) -> int:
        used = Counter(self._running.values())
        free = self._queues[queue] - used[queue]
        return max(0, min(free, self._capacity - used.total()))

    async def _wait(self, seconds: float | None = None) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
