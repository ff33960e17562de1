"""The cache of query results, on a real server that is stopped and frozen."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import partial
from signal import SIGCONT, SIGSTOP
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, SecretStr
from redis.asyncio import Redis

from app.redis.cache import Cache, CacheGroup, CachingService, key_part
from app.redis.store import RedisStore
from tests.support.redis import RedisServer, redis_server

PRICES = CacheGroup(f"prices {uuid4()}", seconds=30)
SHORT = CacheGroup(f"short {uuid4()}", seconds=0.05)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def store(server: RedisServer) -> AsyncGenerator[RedisStore]:
    store = server.store()
    yield store
    await store.close()


class Price(BaseModel):
    name: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True)
class PriceService:
    """A service whose query is a function of the test."""

    cache: Cache
    query: Callable[[str], Awaitable[Any]]
    tenant: str = "a"

    @PRICES.cached
    async def get(self, name: str, limit: int = 1, *extra: str, q: Any = None) -> str:
        return str(await self.query(f"{name} {limit} {extra} {q}"))

    @SHORT.cached
    async def get_short(self, name: str) -> str | None:
        result: str | None = await self.query(name)
        return result

    @PRICES.cached
    async def price(self, name: str) -> list[Price]:
        return [Price(name=name, amount=Decimal("1.50"), at=await self.query(name))]

    @PRICES.cached
    async def secret(self, name: str) -> list[SecretStr]:
        return [SecretStr(name)]


class Query:
    """A query that records its runs, and waits for the test."""

    def __init__(self, seconds: float = 0) -> None:
        self.runs: list[str] = []
        self.seconds = seconds
        self.result: Any = "cheap"

    async def __call__(self, name: str) -> Any:
        self.runs.append(name)
        result = self.result
        await asyncio.sleep(self.seconds)
        return result


def service(store: RedisStore, query: Query, tenant: str | None = None) -> PriceService:
    return PriceService(Cache(store), query, tenant or f"{uuid4()}")


async def until_back(store: RedisStore) -> None:
    async with asyncio.timeout(10):
        while not await store.ping():
            await asyncio.sleep(0.01)


async def test_result_has_its_types_from_the_cache(store: RedisStore) -> None:
    query = Query()
    query.result = datetime(2026, 1, 1, tzinfo=UTC)
    prices = service(store, query)

    first, second = [await prices.price("lamp") for _ in range(2)]

    assert (
        first == second == [Price(name="lamp", amount=Decimal("1.50"), at=query.result)]
    )
    assert query.runs == ["lamp"]


async def test_every_argument_is_part_of_the_key(store: RedisStore) -> None:
    query = Query()
    prices, other = service(store, query), service(store, query)

    await prices.get("a", 1)
    await prices.get("a")
    await prices.get(name="a", limit=1)
    assert len(query.runs) == 1
    calls: list[tuple[Any, ...]] = [("a", 2), ("b",), ("a", 1, "x"), ("a", 1, "x", "y")]
    for arguments in calls:
        await prices.get(*arguments)
    for q in (1, "1", True, 1.0, {"a": 1}, [1], (1, 2), {1}, b"1", Decimal(1)):
        await prices.get("a", q=q)
    await other.get("a")

    assert len(query.runs) == 1 + 4 + 10 + 1


async def test_result_of_none_is_cached_and_expires(store: RedisStore) -> None:
    query = Query()
    query.result = None
    prices = service(store, query)

    assert [await prices.get_short("a") for _ in range(3)] == [None] * 3
    assert len(query.runs) == 1
    await asyncio.sleep(0.06)
    await prices.get_short("a")

    assert len(query.runs) == 2


async def test_result_that_json_changes_is_an_error(store: RedisStore) -> None:
    with pytest.raises(TypeError, match="JSON changes the result"):
        await service(store, Query()).secret("right")


class Plan(Enum):
    FREE = "free"


class Filter(BaseModel):
    q: str | None = None
    after: datetime | None = None


class Unknown:
    pass


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DIFFERENT: list[Any] = [
    *(None, "None", 0, False, 0.0, "0", b"0", Decimal("0"), Decimal("0.0"), ""),
    *([], (1,), {}, set[int](), [[]], ["a", "b"], ["ab"], ["a;str:'b'"], {"a": "b"}),
    *(Plan.FREE, "free", Filter(), Filter(q=""), Filter(after=NOON), UUID(int=1)),
    *(NOON, NOON.astimezone(timezone(timedelta(hours=1))), NOON.replace(fold=1)),
    *(NOON.date(), NOON.time(), timedelta(1), "\ud800", {"b": 1, "a": [1, {"c": 2}]}),
]


def test_different_values_have_different_keys() -> None:
    keys = [key_part(value) for value in DIFFERENT]

    # An empty list and an empty tuple are the same argument.
    assert len({*keys}) == len(keys)
    assert key_part([1]) == key_part((1,))
    assert key_part({"a": 1, "b": 2}) == key_part({"b": 2, "a": 1})


@pytest.mark.parametrize(
    "value",
    [
        Unknown(),
        SecretStr("a"),
        [object()],
        {"a": SecretStr("b")},
        print,
        type("S", (str,), {})("a"),
    ],
)
def test_value_without_a_key_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError, match="can not be part of the key"):
        key_part(value)


async def test_service_field_without_a_key_is_an_error(store: RedisStore) -> None:
    @dataclass(frozen=True)
    class Odd:
        cache: Cache
        unknown: Unknown

        @PRICES.cached
        async def get(self) -> int:
            return 1

    odd: CachingService = Odd(Cache(store), Unknown())
    with pytest.raises(TypeError, match="Unknown can not"):
        await Odd.get(odd)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [0, -1, 86_401])
def test_lifetime_is_limited(seconds: float) -> None:
    with pytest.raises(ValueError, match="a day"):
        CacheGroup("a", seconds)


async def test_crowd_in_two_processes_runs_one_query(server: RedisServer) -> None:
    query = Query(0.05)
    stores = [server.store(), server.store()]
    both = [service(store, query, tenant="crowd") for store in stores]

    crowd = [each.get("lamp") for each in both for _ in range(100)]
    results = await asyncio.gather(*crowd)
    for store in stores:
        await store.close()

    assert ({*results}, len(query.runs)) == ({"cheap"}, 1)


async def test_failed_query_is_an_error_for_all_and_not_stored(
    store: RedisStore,
) -> None:
    class Failing(Query):
        async def __call__(self, name: str) -> str:
            await super().__call__(name)
            raise ValueError("failed")

    query = Failing(0.01)
    prices = service(store, query)

    results = await asyncio.gather(
        *(prices.get("a") for _ in range(9)), return_exceptions=True
    )
    assert [str(result) for result in results] == ["failed"] * 9
    started = time.monotonic()
    with pytest.raises(ValueError, match="failed"):
        await prices.get("a")

    assert len(query.runs) == 2
    assert time.monotonic() - started < 1


async def test_cancelled_caller_does_not_cancel_the_query(store: RedisStore) -> None:
    query = Query(0.05)
    prices = service(store, query)

    first, second = [asyncio.create_task(prices.get("a")) for _ in range(2)]
    await asyncio.sleep(0.02)
    first.cancel()

    assert await second == "cheap"
    assert len(query.runs) == 1


async def test_result_that_was_invalidated_while_computed_is_not_stored(
    store: RedisStore,
) -> None:
    query = Query(0.05)
    prices = service(store, query)

    reading = asyncio.create_task(prices.get("a"))
    await asyncio.sleep(0.02)
    query.result = "dear"
    await prices.cache.invalidate(PRICES)
    await reading

    assert await prices.get("a") == "dear"


async def test_invalidation_is_seen_by_the_other_process(server: RedisServer) -> None:
    query = Query()
    stores = [server.store(), server.store()]
    one, two = [service(store, query, tenant="two") for store in stores]
    await one.get("a")
    query.result = "dear"
    await one.cache.invalidate(PRICES)

    assert await two.get("a") == "dear"
    for store in stores:
        await store.close()


async def test_frozen_server_delays_one_request_only(server: RedisServer) -> None:
    store, query = server.store(timeout=0.08), Query()
    prices = service(store, query)
    await prices.get("a")
    assert server.process is not None

    server.process.send_signal(SIGSTOP)
    seconds: list[float] = []
    for _ in range(5):
        started = time.monotonic()
        assert await prices.get("a") == "cheap"
        seconds.append(time.monotonic() - started)
    server.process.send_signal(SIGCONT)

    assert max(seconds) < 0.2
    assert max(seconds[1:]) < 0.05
    await until_back(store)
    runs = len(query.runs)
    assert await prices.get("a") == "cheap"
    assert len(query.runs) == runs == 6
    await store.close()


async def test_missed_invalidation_is_repeated(server: RedisServer) -> None:
    store, query = server.store(timeout=0.08), Query()
    prices = service(store, query)
    await prices.get("a")
    assert server.process is not None

    server.process.send_signal(SIGSTOP)
    assert not await store.ping()
    query.result = "dear"
    await prices.cache.invalidate(PRICES)
    server.process.send_signal(SIGCONT)
    await until_back(store)

    assert await prices.get("a") == "dear"
    await store.close()


async def set_number(client: Redis, number: int) -> object:
    return await client.set(f"n{number}", number)


async def get_number(client: Redis, number: int) -> object:
    return await client.get(f"n{number}")


async def test_responses_are_not_mixed_after_timeouts(server: RedisServer) -> None:
    store, query = server.store(timeout=0.05), Query()
    assert server.process is not None
    for number in range(20):
        await store.run(partial(set_number, number=number))

    for _ in range(3):
        server.process.send_signal(SIGSTOP)
        reads = [service(store, query).get(f"{number}") for number in range(20)]
        await asyncio.gather(*reads)
        server.process.send_signal(SIGCONT)
        await until_back(store)

    for number in range(20):
        read = await store.run(partial(get_number, number=number))
        assert read == b"%d" % number
    await store.close()
