"""The cache in transactions that are open while a service invalidates it."""

from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import uuid4

import pytest
from fastapi import APIRouter, Depends, FastAPI
from httpx2 import AsyncClient

from app.api.cache import get_cache
from app.api.idempotency import IdempotentRoute
from app.core.job_settings import JobsSettings
from app.db import Database
from app.jobs.handlers import JobContext, handles
from app.jobs.worker import Worker
from app.redis.cache import Cache, CacheGroup
from app.redis.store import RedisStore
from app.schemas.job import JobArguments
from app.services.jobs import enqueue
from tests.support.redis import RedisServer, redis_server

PRICES = CacheGroup(f"prices-{uuid4()}", seconds=30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def store(server: RedisServer) -> AsyncGenerator[RedisStore]:
    store = server.store()
    yield store
    await store.close()


class Discount(JobArguments):
    job_name: ClassVar[str] = "discount"


@dataclass(frozen=True)
class PriceService:
    """A service that records its queries."""

    cache: Cache
    record: Callable[[str], None]

    @PRICES.cached
    async def get(self, name: str) -> str:
        self.record(name)
        return f"price of {name}"

    async def change(self) -> None:
        await self.cache.invalidate(PRICES)


async def test_job_invalidates_the_cache_after_its_commit(
    database: Database, store: RedisStore
) -> None:
    cache = Cache(store)
    mine: list[str] = []
    others: list[str] = []
    reader = PriceService(cache, others.append)

    @handles(Discount)
    async def discount(job: Discount, context: JobContext) -> None:
        prices = PriceService(context.cache, mine.append)
        await prices.change()
        await prices.get("lamp")
        # Another process reads while the write is not committed.
        await reader.get("lamp")

    await reader.get("lamp")
    async with database.begin() as transaction:
        await enqueue(transaction, Discount())
    await Worker(database, [discount], JobsSettings(), cache=cache).run_pending()
    others.clear()
    await reader.get("lamp")

    assert mine == others == ["lamp"]


async def test_request_that_runs_once_invalidates_the_cache_after_its_commit(
    app: FastAPI, write_client: AsyncClient, store: RedisStore
) -> None:
    cache = app.state.cache = Cache(store)
    others: list[str] = []
    reader = PriceService(cache, others.append)
    router = APIRouter(route_class=IdempotentRoute)

    @router.post("/discounts")
    async def discount(cache: Annotated[Cache, Depends(get_cache)]) -> None:
        await PriceService(cache, others.append).change()
        await reader.get("chair")

    app.include_router(router)
    await reader.get("chair")
    headers = {"Idempotency-Key": f"{uuid4()}"}
    for _ in range(2):
        assert (await write_client.post("/discounts", headers=headers)).is_success
    others.clear()
    await reader.get("chair")

    assert others == ["chair"]
