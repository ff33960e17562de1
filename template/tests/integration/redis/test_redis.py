"""Limits and the cache on a real server, and without it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from signal import SIGCONT, SIGSTOP
from uuid import uuid4

import pytest

from app.redis.cache import Cache, CacheGroup
from app.redis.limits import SharedRateLimiter
from app.redis.store import RedisStore
from tests.support.redis import RedisServer, redis_server

PRICES = CacheGroup(f"prices-{uuid4()}", seconds=30)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def store(server: RedisServer) -> AsyncGenerator[RedisStore]:
    store = server.store()
    yield store
    await store.close()


@dataclass(frozen=True)
class PriceService:
    """A service that records its queries."""

    cache: Cache
    record: Callable[[str], None]

    @PRICES.cached
    async def get(self, name: str, *, currency: str = "EUR") -> str:
        self.record(f"{name} {currency}")
        await asyncio.sleep(0.01)
        return f"price of {name} in {currency}"

    async def change(self) -> None:
        await self.cache.invalidate(PRICES)


async def test_limit_counts_the_requests_of_all_processes(server: RedisServer) -> None:
    stores = [server.store(), server.store()]
    one, two = (SharedRateLimiter(3, store=each, name="requests") for each in stores)
    key = f"{uuid4()}"

    quotas = [await limiter.admit(key) for limiter in (one, two, one, two)]

    assert [quota.remaining for quota in quotas] == [2, 1, 0, 0]
    assert [quota.retry_after for quota in quotas] == [0, 0, 0, 20]
    for each in stores:
        await each.close()


async def test_result_is_computed_once_for_each_set_of_arguments(
    store: RedisStore,
) -> None:
    queries: list[str] = []
    prices = PriceService(Cache(store), queries.append)
    other_process = PriceService(Cache(store), queries.append)
    name = f"{uuid4()}"

    crowd = [each.get(name) for each in (prices, other_process) for _ in range(20)]
    results = await asyncio.gather(*crowd)
    await prices.get(name, currency="EUR")
    await prices.get(name, currency="SEK")

    assert {*results} == {f"price of {name} in EUR"}
    assert queries == [f"{name} EUR", f"{name} SEK"]


async def test_invalidated_result_is_computed_again(store: RedisStore) -> None:
    queries: list[str] = []
    prices = PriceService(Cache(store), queries.append)
    for _ in range(2):
        await prices.get("lamp")
        await prices.change()

    assert queries == ["lamp EUR"] * 2


async def test_frozen_server_delays_a_request_by_the_timeout_only(
    server: RedisServer,
) -> None:
    if server.process is None:
        pytest.skip("TEST_REDIS_URL is a server of others")
    store, queries = server.store(timeout=0.08), list[str]()
    prices = PriceService(Cache(store), queries.append)
    limiter = SharedRateLimiter(1, store=store, name="requests", is_open=True)
    assert await store.ping()

    server.process.send_signal(SIGSTOP)
    started = time.monotonic()
    await prices.get("lamp")
    quotas = [await limiter.admit("ada") for _ in range(3)]
    seconds = time.monotonic() - started
    server.process.send_signal(SIGCONT)

    assert queries == ["lamp EUR"]
    assert [quota.retry_after for quota in quotas] == [0, 0, 0]
    assert seconds < 0.2
    async with asyncio.timeout(10):
        while not await store.ping():
            await asyncio.sleep(0.01)
    await store.close()
