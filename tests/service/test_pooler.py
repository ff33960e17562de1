"""The service behind PgBouncer, in session and in transaction mode."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from extensions.serving import READY, environment, migrate
from tests.support.pgbouncer import PROGRAM, Pooler, pgbouncer
from tests.support.running_service import (
    LIVE,
    RunningService,
    ServiceFactory,
    send,
    writer,
)
from tests.support.service import ITEMS

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs pgbouncer")
MODES = ["session", "transaction"]


@dataclass(frozen=True)
class PooledService(RunningService):
    """A service that reaches its database through a pooler."""

    pooler: Pooler


@pytest.fixture(params=MODES)
def pooled_service(
    request: pytest.FixtureRequest, service_factory: ServiceFactory
) -> Iterator[PooledService]:
    with pgbouncer(service_factory.server, request.param) as pooler:
        yield start(service_factory, pooler, DATABASE_POOLER=pooler.mode)


def start(
    factory: ServiceFactory, pooler: Pooler, query: str = "", **variables: str
) -> PooledService:
    """Migrate a new database and start a service, both through the pooler."""
    url = factory.server.database()
    pooled = url.replace(f":{factory.server.port}/", f":{pooler.port}/") + query
    # A busy machine may be slow; only slow statements are to be cut off.
    patient = {"DATABASE_POOL_TIMEOUT": "60", "DATABASE_CONNECT_TIMEOUT": "60"}
    timeout = {"DATABASE_STATEMENT_TIMEOUT": "3"}
    chosen = environment(pooled, **patient, **timeout, **variables)
    migrate(factory.project, chosen)
    service = factory.start_process(chosen)
    return PooledService(service, factory.server, url, pooler)


async def serve(service: RunningService) -> set[int]:
    """Send many requests at once: reads, writes and sessions."""
    async with writer(service) as client:
        items = [
            await send(client, "POST", ITEMS, name=f"n{n}", tags=["a"]) for n in "1234"
        ]
        paths = [f"{ITEMS}/{item.body['id']}" for item in items]
        responses = await asyncio.gather(
            *[send(client, "GET", ITEMS) for _ in range(100)],
            *[send(client, "GET", path) for path in paths for _ in range(25)],
            *[send(client, "PATCH", path, description="d") for path in paths * 25],
            *[send(client, "POST", ITEMS, name=f"m{n}") for n in range(50)],
        )
        ready = await send(client, "GET", READY)
        return {response.status for response in [*items, *responses, ready]}


def test_service_serves_through_a_pooler(pooled_service: PooledService) -> None:
    assert asyncio.run(serve(pooled_service)) == {200, 201}
    assert pooled_service.causes() == []


@pytest.mark.parametrize("query", ["?pgbouncer=true", "?statement_cache_size=0"])
def test_url_selects_transaction_mode(
    query: str, service_factory: ServiceFactory
) -> None:
    with pgbouncer(service_factory.server, "transaction") as pooler:
        service = start(service_factory, pooler, query)

        assert asyncio.run(serve(service)) == {200, 201}


def test_statement_timeout_is_in_force_through_a_pooler(
    pooled_service: PooledService,
) -> None:
    async def slow() -> list[tuple[int, bool]]:
        async with writer(pooled_service) as client:
            item = await send(client, "POST", ITEMS, name="n")
            path = f"{ITEMS}/{item.body['id']}"
            with pooled_service.locked():
                responses = await asyncio.gather(
                    send(client, "GET", ITEMS),
                    send(client, "POST", ITEMS, name="s"),
                    send(client, "PATCH", path, name="s"),
                )
            return [(it.status, 2.9 < it.seconds < 6) for it in responses]

    assert asyncio.run(slow()) == [(503, True)] * 3
    assert pooled_service.causes() == ["QueryCanceledError 57014"] * 3


def test_settings_of_the_service_do_not_reach_other_clients_of_a_pooler(
    service_factory: ServiceFactory,
) -> None:
    with pgbouncer(service_factory.server, "transaction") as pooler:
        service = start(service_factory, pooler, DATABASE_POOLER="transaction")
        asyncio.run(serve(service))
        other = service.url.replace(f":{service.server.port}/", f":{pooler.port}/")
        client = RunningService(service.service, service.server, other)
        with client.console() as console:
            shown = {*[console.rows("SHOW statement_timeout")[0] for _ in range(20)]}

    assert shown == {"0"}


def test_database_restart_behind_a_pooler_fails_no_request(
    pooled_service: PooledService,
) -> None:
    async def restart() -> set[int]:
        async with writer(pooled_service) as client:
            with pooled_service.database_stopped("immediate"):
                pass
            many = [send(client, "GET", ITEMS) for _ in range(20)]
            responses = await asyncio.gather(*many)
            write = await send(client, "POST", ITEMS, name="after")
            return {response.status for response in [*responses, write]}

    assert asyncio.run(restart()) == {200, 201}


def test_restart_of_a_pooler_fails_no_request(pooled_service: PooledService) -> None:
    async def restart() -> set[int]:
        async with writer(pooled_service) as client:
            pooled_service.pooler.restart()
            many = [send(client, "GET", ITEMS) for _ in range(20)]
            responses = await asyncio.gather(*many)
            write = await send(client, "POST", ITEMS, name="after")
            return {response.status for response in [*responses, write]}

    assert asyncio.run(restart()) == {200, 201}


def test_read_behind_a_pooler_is_retried_when_its_connection_is_terminated(
    pooled_service: PooledService,
) -> None:
    async def cut_off() -> int:
        async with writer(pooled_service) as client:
            with pooled_service.locked() as console:
                reading = asyncio.create_task(send(client, "GET", ITEMS))
                await console.until_waiting(1)
                console.end_the_waiting()
                console.rows("COMMIT")
            return (await reading).status

    assert asyncio.run(cut_off()) == 200


def test_stopped_database_behind_a_pooler_returns_503_until_it_is_back(
    pooled_service: PooledService,
) -> None:
    async def outage() -> list[int]:
        async with writer(pooled_service) as client:
            requests = [("GET", ITEMS), ("POST", ITEMS), ("GET", READY), ("GET", LIVE)]
            with pooled_service.database_stopped():
                responses = [await send(client, *it, name="n") for it in requests]
            # PgBouncer waits before it connects again: `server_login_retry`.
            await asyncio.sleep(1.5)
            responses += [await send(client, *it, name="n") for it in requests]
            return [response.status for response in responses]

    assert asyncio.run(outage()) == [503, 503, 503, 200, 200, 201, 200, 200]


def test_pooler_without_its_setting_is_503_with_the_cause(
    service_factory: ServiceFactory,
) -> None:
    with pgbouncer(service_factory.server, "transaction") as pooler:
        direct = service_factory.server.database()
        url = direct.replace(f":{service_factory.server.port}/", f":{pooler.port}/")
        service = service_factory.start_process(environment(url), LIVE)

        assert [service.get(path).status_code for path in (ITEMS, READY)] == [503] * 2
    causes = [line.get("cause") for line in service.records()]
    assert "ProtocolViolationError 08P01" in causes
