"""Requests that run once, on the database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.core.config import IdempotencySettings
from app.core.errors import KeyReusedError
from app.db import Database
from app.models.idempotency import KEYS
from app.services.idempotency import (
    IdempotencyService,
    RequestRunningError,
    StoredResponse,
)

CREATED = StoredResponse(201, [("content-type", "text/plain")], b"created")
FAILED = StoredResponse(400, [], b"failed")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
COUNT = sa.select(sa.func.count()).select_from(KEYS)


class Work:
    """A request that is run, and what it returns."""

    def __init__(self, response: StoredResponse = CREATED, seconds: float = 0) -> None:
        self.response, self.seconds, self.runs = response, seconds, 0

    async def __call__(self, database: Database) -> StoredResponse:
        self.runs += 1
        async with database.begin() as transaction:
            await transaction.fetchval(COUNT)
        await asyncio.sleep(self.seconds)
        return self.response


@pytest.fixture
def keys() -> IdempotencyService:
    settings = IdempotencySettings(hours=1, wait_seconds=0.05)
    return IdempotencyService(settings, clock=lambda: NOON)


async def test_second_request_gets_the_stored_response(
    keys: IdempotencyService, database: Database
) -> None:
    work = Work()

    first = await keys.run(database, "key", "body", work)
    second = await keys.run(database, "key", "body", work)

    assert (first.body, first.replayed, second.replayed) == (b"created", False, True)
    assert (second.status, second.headers) == (first.status, first.headers)
    assert work.runs == 1


async def test_key_of_another_request_is_rejected(
    keys: IdempotencyService, database: Database
) -> None:
    await keys.run(database, "key", "body", Work())

    with pytest.raises(KeyReusedError):
        await keys.run(database, "key", "another body", Work())


async def test_failed_request_leaves_its_key_free(
    keys: IdempotencyService, database: Database
) -> None:
    await keys.run(database, "key", "body", Work(FAILED))
    assert await database.fetchval(COUNT) == 0

    assert not (await keys.run(database, "key", "another body", Work())).replayed


async def test_request_that_waits_too_long_is_a_conflict(
    keys: IdempotencyService, database: Database
) -> None:
    first = asyncio.create_task(keys.run(database, "key", "body", Work(seconds=0.2)))
    await asyncio.sleep(0.01)

    with pytest.raises(RequestRunningError) as conflict:
        await keys.run(database, "key", "body", Work())

    assert conflict.value.retry_after == 1
    assert (await first).status == 201


async def test_key_of_another_process_is_found_by_its_constraint(
    keys: IdempotencyService, database: Database
) -> None:
    other = IdempotencyService(keys.settings, clock=lambda: NOON)

    class Late(Work):
        async def __call__(self, database: Database) -> StoredResponse:
            with pytest.raises(RequestRunningError):
                await other.run(database, "key", "body", Work())
            return await super().__call__(database)

    assert (await keys.run(database, "key", "body", Late())).status == 201


async def test_expired_responses_are_deleted(
    keys: IdempotencyService, database: Database
) -> None:
    for key in ("key", "old key"):
        await keys.run(database, key, "body", Work())
    keys.clock = lambda: NOON + timedelta(hours=1)

    assert not (await keys.run(database, "key", "another body", Work())).replayed
    assert await database.fetchval(COUNT) == 1
