"""Limits of all processes, and the service without Redis."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr, ValidationError

from app.api.shared_logins import SharedFailureCounter
from app.core.config import ApiSettings, Settings
from app.core.redis_settings import RedisSettings
from app.main import create_app
from app.redis.limits import SharedRateLimiter
from app.redis.store import RedisStore
from tests.support.redis import RedisServer, redis_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def stores(server: RedisServer) -> AsyncGenerator[list[RedisStore]]:
    stores = [server.store(), server.store()]
    yield stores
    for store in stores:
        await store.close()


@pytest.fixture
def away() -> RedisStore:
    return RedisStore(RedisSettings(url=SecretStr("unix:///nowhere.sock")))


async def test_failures_are_counted_for_all_processes(stores: list[RedisStore]) -> None:
    one, two = (SharedFailureCounter(3, store=store) for store in stores)
    ada, grace = f"ada {uuid4()}", f"grace {uuid4()}"
    for counter in (one, two):
        await counter.record_failure(ada)
    assert await one.retry_after(ada) == 0

    await two.record_failure(ada, grace)

    assert [await each.retry_after(grace, ada) for each in (one, two)] == [60, 60]
    assert await one.retry_after(grace) == 0
    await one.reset(ada)
    assert await two.retry_after(ada) == 0


async def test_crowd_in_two_processes_is_admitted_up_to_the_limit(
    server: RedisServer,
) -> None:
    # A busy machine takes seconds for a crowd; one request in ten seconds is refilled.
    stores = [server.store(timeout=10) for _ in range(2)]
    limiters = [SharedRateLimiter(600, 6000, store=it, name="crowd") for it in stores]
    key = f"{uuid4()}"

    quotas = await asyncio.gather(
        *(limiter.admit(key) for limiter in limiters for _ in range(400))
    )

    admitted = sum(not quota.retry_after for quota in quotas)
    assert 600 <= admitted <= 603
    for store in stores:
        await store.close()


async def test_refused_request_is_counted_for_no_key(stores: list[RedisStore]) -> None:
    limiter = SharedRateLimiter(3, store=stores[0], name="requests")
    ada, grace = f"ada {uuid4()}", f"grace {uuid4()}"
    for _ in range(3):
        await limiter.admit(ada)

    assert (await limiter.admit(grace, ada)).retry_after == 20
    assert (await limiter.admit(grace)).remaining == 2


async def test_process_counts_for_itself_without_redis(away: RedisStore) -> None:
    failures = SharedFailureCounter(2, store=away)
    closed = SharedRateLimiter(2, store=away, name="attempts")
    opened = SharedRateLimiter(2, store=away, name="requests", is_open=True)

    for _ in range(2):
        await failures.record_failure("ada")
    quotas = [[await each.admit("ada") for _ in range(3)] for each in (closed, opened)]

    assert await failures.retry_after("ada") == 60
    assert [quota.retry_after for quota in quotas[0]] == [0, 0, 30]
    assert [quota.retry_after for quota in quotas[1]] == [0, 0, 0]
    await failures.reset("ada")
    assert await failures.retry_after("ada") == 0
    await away.close()


async def test_service_goes_on_without_redis(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = {
        "redis": RedisSettings(url=SecretStr("redis://127.0.0.1:1/0")),
        "api": ApiSettings(requests_per_minute=2),
    }
    app = create_app(settings.model_copy(update=changes))
    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        ready = await client.get("/health/ready")
        others = [(await client.get("/nowhere")).status_code for _ in range(4)]
        live = (await client.get("/health/live")).json()
    await app.state.redis.close()
    await app.state.database.close()

    assert (ready.status_code, ready.json()["redis"]) == (200, "unavailable")
    assert others == [404] * 4
    assert live == {"status": "ok"}
    assert capsys.readouterr().out.count("redis_away") == 1


async def test_readiness_tells_that_redis_is_there(
    settings: Settings, server: RedisServer
) -> None:
    changes = {"redis": RedisSettings(url=server.url, timeout=1)}
    app = create_app(settings.model_copy(update=changes))
    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        ready = await client.get("/health/ready")
    await app.state.redis.close()
    await app.state.database.close()

    assert ready.json().items() >= {"status": "ok", "redis": "ok"}.items()


@pytest.mark.blocks  # It starts a process.
async def test_store_is_used_again_when_the_server_comes(tmp_path: Path) -> None:
    url = SecretStr(f"unix://{tmp_path}/redis.sock")
    store = RedisStore(RedisSettings(url=url))
    assert not await store.ping()

    with redis_server(tmp_path):
        async with asyncio.timeout(10):
            while not await store.ping():
                await asyncio.sleep(0.01)
    await store.close()


@pytest.mark.parametrize(
    "url", ["redis://localhost:6379/0", "valkey://a:b@c/1", "rediss://c", "unix:///a"]
)
def test_url_of_redis_is_accepted(url: str) -> None:
    assert RedisSettings(url=SecretStr(url)).production_errors() == []


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", "redis://c:x/0"])
def test_invalid_url_is_rejected_without_its_value(url: str) -> None:
    with pytest.raises(ValidationError, match="redis://host") as invalid:
        RedisSettings(url=SecretStr(url))
    assert url not in str(invalid.value)


def test_production_requires_a_url() -> None:
    assert RedisSettings().production_errors() == [
        "REDIS_URL: is required in production"
    ]
