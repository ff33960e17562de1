"""Jobs whose worker, arguments, handler or database has changed or gone."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.clock import utc_now
from app.core.errors import ConflictError, DatabaseUnavailableError
from app.core.job_settings import JobsSettings
from app.db import Database, conflict
from app.jobs import runner
from app.jobs.handlers import Handler, JobContext, Periodic, handles
from app.jobs.runner import CLAIM, JobRunner, describe
from app.jobs.worker import Worker
from app.models.job import (
    CLAIM_ABANDONED_JOBS,
    CLAIM_JOBS,
    FINISH_JOB,
    INSERT_SCHEDULE,
    JOB_SCHEDULES,
    JOBS,
)
from app.schemas.job import JobArguments, JobRead
from app.services.jobs import JobRunningError, JobService, enqueue
from app.worker import end_process

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
KEY = "pk_job_schedules"
SETTINGS = JobsSettings(max_attempts=2, queues="default:4,narrow:1")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Task(JobArguments):
    job_name: ClassVar[str] = "task"

    number: int = 0


class NewTask(Task):
    job_version: ClassVar[int] = 2

    unit: str

    @classmethod
    def upgrade(cls, version: int, arguments: dict[str, Any]) -> dict[str, Any]:
        return {**arguments, "unit": f"v{version}"}


class ChangedTask(JobArguments):
    job_name: ClassVar[str] = "task"
    job_version: ClassVar[int] = 2


class RenamedTask(JobArguments):
    job_name: ClassVar[str] = "task"

    amount: int = 0


class NarrowTask(Task):
    job_name: ClassVar[str] = "narrow_task"
    job_queue: ClassVar[str] = "narrow"


class UrgentTask(Task):
    job_name: ClassVar[str] = "urgent_task"
    job_priority: ClassVar[int] = 1


class Recorder:
    """A handler that records what it has run, and how many ran at once."""

    def __init__(self) -> None:
        self.seen: list[JobArguments] = []
        self.attempts: list[int] = []
        self.running = self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    def handler(self, arguments: type[JobArguments], **options: Any) -> Handler:
        options = {"in_transaction": False, **options}
        return handles(arguments, **options)(self.run)

    async def run(self, job: JobArguments, context: JobContext) -> None:
        self.seen.append(job)
        self.attempts.append(context.attempt)
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate.wait()
        self.running -= 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


type Make = Callable[..., Worker]


@pytest.fixture
def make(database: Database, clock: Clock) -> Make:
    def make(*handlers: Handler, **options: Any) -> Worker:
        return Worker(database, handlers, SETTINGS, clock=clock, **options)

    return make


async def store(
    database: Database, *jobs: JobArguments, due_at: datetime = NOON
) -> list[UUID]:
    async with database.begin() as transaction:
        return [await enqueue(transaction, job, clock=lambda: due_at) for job in jobs]


async def left(database: Database) -> list[JobRead]:
    return await JobService(database).list_jobs(99)


async def lose(database: Database, clock: Clock, count: int = 9) -> None:
    """Claim jobs as a worker that is killed then."""
    until = clock.now + CLAIM
    claim = {"worker_name": "gone", "claimed_until": until}
    await database.fetch(
        CLAIM_JOBS, queue_name="default", now=clock.now, count=count, **claim
    )


async def begin(worker: Worker) -> None:
    """Claim jobs, and let them begin."""
    await worker.claim()
    await asyncio.sleep(0.2)


async def test_abandoned_job_runs_again_when_its_claim_ends(
    database: Database, make: Make, clock: Clock, recorder: Recorder
) -> None:
    await store(database, Task())
    await lose(database, clock)

    await make(recorder.handler(Task)).run_pending()
    assert recorder.seen == []
    with pytest.raises(JobRunningError):
        await JobService(database).discard((await left(database))[0].id)

    clock.now += CLAIM
    await make(recorder.handler(Task)).run_pending()
    assert recorder.attempts == [2] and await left(database) == []


async def test_abandoned_jobs_run_one_after_the_other(
    database: Database, make: Make, clock: Clock, recorder: Recorder
) -> None:
    await store(database, Task(), Task(), Task())
    await lose(database, clock)
    clock.now += CLAIM
    recorder.gate.clear()
    worker = make(recorder.handler(Task))

    for _ in range(3):
        await begin(worker)
    assert recorder.running == 1

    recorder.gate.set()
    await worker.run_pending()
    assert recorder.most == 1 and len(recorder.seen) == 3


async def test_job_abandoned_in_each_attempt_fails_without_running(
    database: Database, make: Make, clock: Clock, recorder: Recorder
) -> None:
    await store(database, Task())
    await lose(database, clock)
    await database.fetch(
        CLAIM_ABANDONED_JOBS,
        queue_name="default",
        now=clock.now + CLAIM,
        count=1,
        worker_name="gone",
        claimed_until=clock.now + 2 * CLAIM,
    )
    clock.now += 2 * CLAIM

    await make(recorder.handler(Task)).run_pending()

    [job] = await left(database)
    assert (job.state, recorder.seen) == ("failed", [])
    assert job.error and "its worker ended in each attempt" in job.error


@pytest.mark.parametrize("in_transaction", [True, False])
async def test_claim_that_was_lost_does_not_run(
    database: Database, clock: Clock, recorder: Recorder, in_transaction: bool
) -> None:
    await store(database, Task())
    handler = recorder.handler(Task, in_transaction=in_transaction)
    await lose(database, clock)
    [job] = await database.fetch(sa.select(*JOBS.c))
    earlier = {**job, "attempts": 0}

    await JobRunner(database, [handler], SETTINGS, clock).run(earlier)

    assert recorder.seen == [] and len(await left(database)) == 1


async def test_older_arguments_are_upgraded(
    database: Database, make: Make, recorder: Recorder
) -> None:
    await store(database, Task(number=7))

    await make(recorder.handler(NewTask)).run_pending()

    assert recorder.seen == [NewTask(number=7, unit="v1")]


@pytest.mark.parametrize("arguments", [ChangedTask, RenamedTask])
async def test_arguments_that_do_not_fit_are_refused(
    database: Database,
    make: Make,
    clock: Clock,
    recorder: Recorder,
    arguments: type[JobArguments],
) -> None:
    await store(database, Task(number=7))
    for _ in range(2):
        await make(recorder.handler(arguments)).run_pending()
        clock.now += timedelta(hours=1)

    [job] = await left(database)
    assert (job.state, recorder.seen) == ("failed", [])


async def test_newer_arguments_wait_for_a_newer_worker(
    database: Database, make: Make, clock: Clock, recorder: Recorder
) -> None:
    await store(database, NewTask(unit="m"))

    await make(recorder.handler(Task)).run_pending()
    [job] = await left(database)
    assert job.state == "retrying" and job.attempts == 0

    clock.now += timedelta(minutes=1)
    await make(recorder.handler(NewTask)).run_pending()
    assert recorder.seen == [NewTask(unit="m")]


async def test_long_attempt_is_cancelled(
    database: Database, make: Make, recorder: Recorder
) -> None:
    await store(database, Task())
    recorder.gate.clear()

    await make(recorder.handler(Task, timeout=0.05)).run_pending()

    [job] = await left(database)
    assert job.error and job.error.startswith("TimeoutError")


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError, ExceptionGroup("x", [OSError()])]
)
async def test_error_of_any_kind_counts_the_attempt(
    database: Database, make: Make, error: BaseException
) -> None:
    @handles(Task)
    async def fail(job: Task, context: JobContext) -> None:
        raise error

    await store(database, Task())

    await make(fail).run_pending()

    [job] = await left(database)
    assert (job.state, job.attempts) == ("retrying", 1)


async def test_handler_can_go_on_after_a_conflict(
    database: Database, make: Make
) -> None:
    now = utc_now()

    @handles(Task)
    async def insert_twice(job: Task, context: JobContext) -> None:
        for _ in range(2):
            with suppress(ConflictError), conflict(on=KEY, error=ConflictError()):
                async with context.db.begin() as transaction:
                    row = {"name": "x", "last_due_at": now}
                    await transaction.execute(INSERT_SCHEDULE, row)
        async with context.db.session() as session:
            await session.execute(INSERT_SCHEDULE, {"name": "y", "last_due_at": now})

    await store(database, Task())

    await make(insert_twice).run_pending()

    assert await left(database) == []
    rows = await database.fetch(sa.select(JOB_SCHEDULES.c.name).order_by("name"))
    assert [row["name"] for row in rows] == ["x", "y"]


async def test_failing_job_takes_back_all_savepoints(
    database: Database, make: Make
) -> None:
    @handles(Task, max_attempts=1)
    async def fail(job: Task, context: JobContext) -> None:
        await context.db.fetch(INSERT_SCHEDULE.values(name="x", last_due_at=NOON))
        raise RuntimeError

    await store(database, Task())

    await make(fail).run_pending()

    assert await database.fetch(sa.select(JOB_SCHEDULES.c.name)) == []
    assert [job.state for job in await left(database)] == ["failed"]


async def test_stop_gives_unfinished_jobs_back(
    database: Database, make: Make, recorder: Recorder
) -> None:
    await store(database, Task())
    recorder.gate.clear()
    worker = make(recorder.handler(Task))
    await begin(worker)

    await worker.stop(0.05)

    [job] = await left(database)
    assert (job.state, job.attempts, job.due_at) == ("waiting", 0, NOON)


async def test_stop_lets_jobs_finish(
    database: Database, make: Make, recorder: Recorder
) -> None:
    await store(database, Task())
    recorder.gate.clear()
    worker = make(recorder.handler(Task))
    loop = asyncio.create_task(worker.run())
    while not recorder.running:
        await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.1, recorder.gate.set)

    await worker.stop(5)
    await loop

    assert await left(database) == []


async def test_each_queue_has_its_places_and_small_numbers_run_first(
    database: Database, make: Make, recorder: Recorder
) -> None:
    early = NOON - timedelta(hours=1)
    await store(database, *[Task(number=n) for n in range(5)], due_at=early)
    await store(database, *[NarrowTask() for _ in range(3)], UrgentTask())
    recorder.gate.clear()
    handlers = map(recorder.handler, (Task, NarrowTask, UrgentTask))
    worker = make(*handlers, capacity=99)

    await begin(worker)

    kinds = [type(job) for job in recorder.seen]
    assert kinds.count(NarrowTask) == 1 and kinds.count(UrgentTask) == 1
    assert sorted(kinds, key=str) == sorted(
        [Task] * 3 + [NarrowTask, UrgentTask], key=str
    )
    recorder.gate.set()
    await worker.run_pending()


async def test_missed_periods_store_one_job(
    database: Database, make: Make, clock: Clock
) -> None:
    hourly = Periodic(Task(), every=timedelta(hours=1), offset=timedelta(minutes=5))
    await make(periodic=[hourly]).enqueue_periodic()
    clock.now += timedelta(days=9)

    for _ in range(2):
        await make(periodic=[hourly]).enqueue_periodic()

    assert len(await left(database)) == 1
    assert hourly.slot(NOON) == NOON - timedelta(minutes=55)


async def test_worker_waits_for_database_and_migrations(
    database: Database, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    results: list[bool | Exception] = [DatabaseUnavailableError("away"), False, True]

    async def is_migrated() -> bool:
        if isinstance(result := results.pop(0) if results else True, Exception):
            raise result
        return result

    monkeypatch.setattr(database, "is_migrated", is_migrated)
    worker = Worker(database, [], JobsSettings(poll_seconds=0.01))
    loop = asyncio.create_task(worker.run())
    while results:
        await asyncio.sleep(0.01)

    await worker.stop(1)
    await loop


async def test_end_of_a_job_is_stored_when_the_database_is_back(
    database: Database, make: Make, monkeypatch: pytest.MonkeyPatch, recorder: Recorder
) -> None:
    await store(database, Task())
    fetch, failures = database.fetch, [1]

    async def fail_once(query: Any, /, **params: object) -> Any:
        if query is FINISH_JOB and failures and failures.pop():
            raise DatabaseUnavailableError("away")
        return await fetch(query, **params)

    monkeypatch.setattr(database, "fetch", fail_once)

    await make(recorder.handler(Task)).run_pending()

    assert await left(database) == [] and failures == []


async def test_end_that_can_not_be_stored_is_left_to_the_claim(
    database: Database, make: Make, monkeypatch: pytest.MonkeyPatch, recorder: Recorder
) -> None:
    await store(database, Task())
    fetch = database.fetch

    async def fail(query: Any, /, **params: object) -> Any:
        if query is FINISH_JOB:
            raise DatabaseUnavailableError("away")
        return await fetch(query, **params)

    monkeypatch.setattr(database, "fetch", fail)
    monkeypatch.setattr(runner, "STORE_PAUSES", (0.01, None))

    await make(recorder.handler(Task)).run_pending()

    [job] = await left(database)
    assert job.state == "running"


async def test_crash_of_the_loop_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)

    async def crash() -> None:
        raise RuntimeError

    task = asyncio.create_task(crash())
    await asyncio.wait([task])
    end_process(task)

    assert raised == [signal.SIGTERM]


async def test_broken_outcome_does_not_end_the_worker(
    database: Database, make: Make, monkeypatch: pytest.MonkeyPatch, recorder: Recorder
) -> None:
    await store(database, Task())

    async def run(_: object, job: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(JobRunner, "run", run)

    await make(recorder.handler(Task)).run_pending()


def test_two_handlers_of_one_name_are_refused(database: Database) -> None:
    handler = Recorder().handler(Task)

    with pytest.raises(ValueError, match="two handlers for jobs named task"):
        JobRunner(database, [handler, handler], SETTINGS)


def test_reason_can_be_stored_by_every_database() -> None:
    assert describe(ValueError("a\0\ud800b")) == r"ValueError: a\0\ud800b"
    assert len(describe(ValueError("x" * 9999))) < 2100
