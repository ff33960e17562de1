"""Handlers of jobs, and periodic jobs: the types of the lists in `app/jobs`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from app.db import Database
from app.schemas.job import JobArguments

EPOCH = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler gets besides the arguments.

    The ID of the job is the same in each attempt, so that it can be the idempotency key
    of a call to another system.
    """

    db: Database
    job_id: UUID
    attempt: int


J = TypeVar("J", bound=JobArguments)
type Result = Awaitable[None]


@dataclass(frozen=True, slots=True)
class Handler:
    """The function that runs the jobs of one name, and its limits."""

    arguments: type[JobArguments]
    run: Callable[[Any, JobContext], Result]
    timeout: float
    max_attempts: int | None
    in_transaction: bool


def handles(
    arguments: type[J],
    *,
    timeout: float = 30.0,
    max_attempts: int | None = None,
    in_transaction: bool = True,
) -> Callable[[Callable[[J, JobContext], Result]], Handler]:
    """Make a function the handler of the jobs with these arguments.

    Args:
        arguments: The class of the arguments.
        timeout: Seconds after which an attempt is cancelled.
        max_attempts: Attempts until the job has failed; None is JOBS_MAX_ATTEMPTS.
        in_transaction: Whether all that services write for the job, and its end, are
            one transaction. False is for handlers that take long or write nothing: they
            hold no connection, and may run twice if the worker is killed.
    """

    def decorate(run: Callable[[J, JobContext], Result]) -> Handler:
        return Handler(arguments, run, timeout, max_attempts, in_transaction)

    return decorate


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that is enqueued once for each period, however many workers there are.

    Periods are counted in UTC; `offset` moves their start. If no worker runs at that
    time, the job is enqueued when one starts, but once for all missed periods.
    """

    job: JobArguments
    every: timedelta
    offset: timedelta = timedelta(0)

    def slot(self, now: datetime) -> datetime:
        """Return the start of the current period."""
        return now - (now - EPOCH - self.offset) % self.every
