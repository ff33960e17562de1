"""Jobs and schedules: tables and statements.

A claimed job has the name of its worker, and is due again when the claim ends. A failed
job is never due.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from app.db.types import UtcDateTime
from app.models.base import Base

NEVER = datetime(9999, 1, 1, tzinfo=UTC)

JOBS = sa.Table(
    "jobs",
    Base.metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("queue", sa.String(64), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),
    # Of the request that stored the job, such as its ID.
    sa.Column("context", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("worker", sa.String(255), index=True),
    sa.Column("error", sa.Text),
    sa.Column("failed_at", UtcDateTime),
    sa.Index(None, "queue", "priority", "due_at"),
)

JOB_SCHEDULES = sa.Table(
    "job_schedules",
    Base.metadata,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("last_due_at", UtcDateTime, nullable=False),
)

INSERT_JOB = sa.insert(JOBS)

_DUE = (
    sa.select(JOBS.c.id)
    .where(JOBS.c.queue == sa.bindparam("queue_name"))
    .where(JOBS.c.due_at <= sa.bindparam("now"))
    .order_by(JOBS.c.priority, JOBS.c.due_at)
    .limit(sa.bindparam("count", type_=sa.Integer))
    # Other workers do not wait for these rows: they claim the next ones.
    .with_for_update(skip_locked=True)
)


def _claim(due: sa.Select[*tuple[Any, ...]]) -> UpdateBase:
    return (
        sa.update(JOBS)
        .where(JOBS.c.id.in_(sa.select(due.cte("due").c.id)))
        .values(
            worker=sa.bindparam("worker_name"),
            due_at=sa.bindparam("claimed_until"),
            attempts=JOBS.c.attempts + 1,
        )
        .returning(*JOBS.c)
    )


CLAIM_JOBS = _claim(_DUE.where(JOBS.c.worker.is_(None)))
# The worker of these jobs has ended, or was stopped for longer than the claim.
CLAIM_ABANDONED_JOBS = _claim(_DUE.where(JOBS.c.worker.is_not(None)))

# Each claim has another number of attempts, so that an earlier one has no effect.
_CLAIMED = (JOBS.c.id == sa.bindparam("job_id")) & (
    JOBS.c.attempts == sa.bindparam("attempt")
)

FINISH_JOB = sa.delete(JOBS).where(_CLAIMED).returning(JOBS.c.id)

EXTEND_CLAIM = (
    sa.update(JOBS)
    .where(_CLAIMED)
    .values(due_at=sa.bindparam("claimed_until"))
    .returning(JOBS.c.id)
)

RELEASE_JOB = (
    sa.update(JOBS)
    .where(_CLAIMED)
    .values(
        worker=None,
        attempts=sa.bindparam("counted_attempts"),
        due_at=sa.bindparam("next_due_at"),
        error=sa.bindparam("reason"),
        failed_at=sa.bindparam("final_failure_at"),
    )
    .returning(JOBS.c.id)
)

JOB_BY_ID = sa.select(*JOBS.c).where(JOBS.c.id == sa.bindparam("job_id"))

FAILED_JOBS_FIRST = (
    sa.select(*JOBS.c)
    .order_by(JOBS.c.failed_at.is_(None), JOBS.c.due_at, JOBS.c.id)
    .limit(sa.bindparam("count", type_=sa.Integer))
)

RETRY_JOB = (
    sa.update(JOBS)
    .where(JOBS.c.id == sa.bindparam("job_id"), JOBS.c.worker.is_(None))
    .values(attempts=0, due_at=sa.bindparam("now"), failed_at=None)
    .returning(JOBS.c.id)
)

DISCARD_JOB = (
    sa.delete(JOBS)
    .where(JOBS.c.id == sa.bindparam("job_id"), JOBS.c.worker.is_(None))
    .returning(JOBS.c.id)
)

_is_waiting = JOBS.c.worker.is_(None) & JOBS.c.failed_at.is_(None)

QUEUE_STATS = (
    sa.select(
        JOBS.c.queue,
        sa.func.count().filter(_is_waiting & JOBS.c.error.is_(None)).label("waiting"),
        sa.func.count().filter(JOBS.c.worker.is_not(None)).label("running"),
        sa.func.count()
        .filter(_is_waiting & JOBS.c.error.is_not(None))
        .label("retrying"),
        sa.func.count().filter(JOBS.c.failed_at.is_not(None)).label("failed"),
        sa.func.min(JOBS.c.due_at).filter(_is_waiting).label("oldest_due_at"),
    )
    .group_by(JOBS.c.queue)
    .order_by(JOBS.c.queue)
)

INSERT_SCHEDULE = sa.insert(JOB_SCHEDULES)

# Of all workers, one updates the row.
TAKE_SCHEDULE = (
    sa.update(JOB_SCHEDULES)
    .where(JOB_SCHEDULES.c.name == sa.bindparam("schedule_name"))
    .where(JOB_SCHEDULES.c.last_due_at < sa.bindparam("slot"))
    .values(last_due_at=sa.bindparam("slot"))
    .returning(JOB_SCHEDULES.c.name)
)
