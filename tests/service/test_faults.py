"""The service while its database is stopped, frozen, full or refusing."""

import asyncio

import pytest
from httpx2 import AsyncClient

from extensions.serving import READY, environment, migrate
from tests.support.running_service import (
    END_ALL,
    LIVE,
    RunningService,
    ServiceFactory,
    TimedResponse,
    send,
    writer,
)
from tests.support.service import ITEMS


def test_stopped_database_returns_503_until_it_is_back(
    running_service: RunningService,
) -> None:
    async def outage() -> dict[str, TimedResponse]:
        async with writer(running_service) as client:
            with running_service.database_stopped():
                responses = {"read": await send(client, "GET", ITEMS)}
                responses["ready"] = await send(client, "GET", READY)
                responses["live"] = await send(client, "GET", LIVE)
                responses["write"] = await send(client, "POST", ITEMS, name="lost")
            responses["ready again"] = await send(client, "GET", READY)
            responses["write again"] = await send(client, "POST", ITEMS, name="kept")
            return responses

    responses = asyncio.run(outage())

    assert {name: response.status for name, response in responses.items()} == {
        **{"read": 503, "ready": 503, "live": 200, "write": 503},
        **{"ready again": 200, "write again": 201},
    }
    assert all(response.seconds < 1 for response in responses.values())


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_database_restart_between_requests_fails_no_request(
    running_service: RunningService, mode: str
) -> None:
    async def restart() -> list[int]:
        async with writer(running_service) as client:
            with running_service.database_stopped(mode):
                pass
            first = [await send(client, "GET", ITEMS) for _ in range(3)]
            many = await asyncio.gather(
                *[send(client, "GET", ITEMS) for _ in range(20)]
            )
            write = await send(client, "POST", ITEMS, name=f"after {mode}")
            return [response.status for response in [*first, *many, write]]

    assert set(asyncio.run(restart())) == {200, 201}


def test_frozen_database_returns_503_within_timeout(
    running_service: RunningService,
) -> None:
    async def freeze() -> tuple[list[TimedResponse], list[int]]:
        async with writer(running_service) as client:
            with running_service.server.frozen():
                held = await asyncio.gather(
                    send(client, "GET", ITEMS),
                    send(client, "POST", ITEMS, name="f"),
                    send(client, "GET", READY),
                )
            thawed = [await send(client, "GET", path) for path in (READY, ITEMS)]
            return [*held], [response.status for response in thawed]

    held, thawed = asyncio.run(freeze())

    assert [response.status for response in held] == [503] * 3
    assert all(response.seconds < 10 for response in held)
    assert thawed == [200, 200]


def test_read_is_retried_when_its_connection_is_terminated(
    running_service: RunningService,
) -> None:
    async def cut_off() -> int:
        async with writer(running_service) as client:
            with running_service.locked() as console:
                reading = asyncio.create_task(send(client, "GET", ITEMS))
                await console.until_waiting(1)
                console.end_the_waiting()
                console.rows("COMMIT")
            return (await reading).status

    assert asyncio.run(cut_off()) == 200
    assert any(
        line["event"] == "read retried" for line in running_service.service.records()
    )


def test_too_many_connections_returns_503(
    service_factory: ServiceFactory,
) -> None:
    # Superusers are exempt from limits.
    where = [
        "--host=127.0.0.1",
        f"--port={service_factory.server.port}",
        "--username=postgres",
    ]
    service_factory.server.call("createuser", *where, "--superuser", "visitor")
    running_service = service_factory.start(role="visitor")

    async def refuse() -> list[int]:
        async with writer(running_service) as client:
            running_service.execute("ALTER ROLE visitor NOSUPERUSER CONNECTION LIMIT 0")
            running_service.execute(END_ALL)
            responses = [
                await send(client, "GET", path) for path in (ITEMS, READY, LIVE)
            ]
            running_service.execute("ALTER ROLE visitor SUPERUSER")
            responses += [await send(client, "GET", path) for path in (READY, ITEMS)]
            return [response.status for response in responses]

    assert asyncio.run(refuse()) == [503, 503, 200, 200, 200]
    assert "TooManyConnectionsError 53300" in running_service.causes()


def test_read_only_database_returns_503_for_writes_until_failover_ends(
    running_service: RunningService,
) -> None:
    name = running_service.url.rsplit("/", 1)[1]
    switch = f"ALTER DATABASE {name} SET default_transaction_read_only"

    async def fail_over() -> list[list[int]]:
        async with writer(running_service) as client:
            write = [("POST", ITEMS)]
            running_service.execute(f"{switch} = on")
            running_service.execute(END_ALL)
            refused = await statuses(client, *write, *[("GET", ITEMS)] * 10)
            with running_service.console() as console:
                console.rows("SET default_transaction_read_only = off")
                console.rows(f"{switch} = off")
            # One failed write closes all pooled connections to the old primary.
            return [refused, *[await statuses(client, *write) for _ in range(2)]]

    assert asyncio.run(fail_over()) == [[503] + [200] * 10, [503], [201]]
    assert set(running_service.causes()) == {"ReadOnlySQLTransactionError 25006"}


async def statuses(client: AsyncClient, *requests: tuple[str, str]) -> list[int]:
    responses = [send(client, *request, name="n") for request in requests]
    return [response.status for response in await asyncio.gather(*responses)]


def test_changed_column_type_fails_at_most_one_write(
    service_factory: ServiceFactory,
) -> None:
    # One connection, so prepared statements are used again after the change.
    running_service = service_factory.start(DATABASE_POOL_SIZE="1")

    async def migrate() -> list[int]:
        async with writer(running_service) as client:
            await send(client, "POST", ITEMS, name="n")
            page = await send(client, "GET", ITEMS)
            one = f"{ITEMS}/{page.body['items'][0]['id']}"
            change = ("PATCH", one)
            before = [*[("GET", one)] * 10, *[change] * 5]
            known = await statuses(client, *before)
            running_service.execute("ALTER TABLE items ALTER name TYPE varchar(200)")
            read = await statuses(client, *[("GET", one)] * 10)
            return [*known, *read, *[await persist(client, one) for _ in range(5)]]

    assert asyncio.run(migrate()) == [200] * 30
    assert running_service.causes() == ["InvalidCachedStatementError 0A000"]


async def persist(client: AsyncClient, path: str) -> int:
    """Change an item; repeat it once after a 503."""
    first = await send(client, "PATCH", path, name="n")
    if first.status != 503:
        return first.status
    return (await send(client, "PATCH", path, name="n")).status


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("postgres@", "unknown@", "InvalidAuthorizationSpecificationError 28000"),
        ("/test_", "/missing_", "InvalidCatalogNameError 3D000"),
        ("@127.0.0.1", "@nowhere.invalid", "gaierror"),
    ],
)
def test_refused_connection_is_503_with_its_cause(
    old: str,
    new: str,
    cause: str,
    running_service: RunningService,
    service_factory: ServiceFactory,
) -> None:
    assert old in running_service.url
    service = service_factory.start_process(
        environment(running_service.url.replace(old, new)), LIVE
    )

    assert [service.get(path).status_code for path in (ITEMS, READY)] == [503, 503]
    causes = [str(line.get("cause")) for line in service.records()]
    assert any(found.startswith(cause) for found in causes)


def test_server_without_tls_is_503_where_tls_is_required(
    running_service: RunningService, service_factory: ServiceFactory
) -> None:
    url = running_service.url.replace("postgresql+asyncpg:", "postgres:")
    service = service_factory.start_process(
        environment(f"{url}?sslmode=require&channel_binding=require"), LIVE
    )

    assert [service.get(path).status_code for path in (ITEMS, READY)] == [503, 503]
    causes = [str(line.get("cause")) for line in service.records()]
    assert any("rejected SSL upgrade" in found for found in causes)


def test_service_is_not_ready_before_its_migrations(
    service_factory: ServiceFactory,
) -> None:
    url = service_factory.server.database()
    service = service_factory.start_process(environment(url), LIVE)
    before = service.get(READY)
    migrate(service_factory.project, environment(url))
    after = [service.get(READY) for _ in range(50)]
    seconds = [response.elapsed.total_seconds() for response in after]

    assert (before.status_code, before.json()["error"]) == (503, "schema_outdated")
    assert before.headers["Retry-After"] == "1"
    assert {response.status_code for response in after} == {200}
    assert sorted(seconds)[25] < 0.02


def test_service_stays_ready_when_a_newer_release_has_migrated(
    running_service: RunningService, service_factory: ServiceFactory
) -> None:
    running_service.execute("UPDATE alembic_version SET version_num = 'newer'")
    other = service_factory.start_process(environment(running_service.url), LIVE)

    assert running_service.service.get(READY).status_code == 200
    assert other.get(READY).status_code == 200
    running_service.execute("UPDATE alembic_version SET version_num = '0001'")
    another = service_factory.start_process(environment(running_service.url), LIVE)
    assert another.get(READY).status_code == 503


def test_unexpected_constraint_violation_returns_500(
    running_service: RunningService,
) -> None:
    running_service.execute(
        "ALTER TABLE items ADD CONSTRAINT short CHECK (length(name) < 6)"
    )

    async def write() -> list[tuple[int, str]]:
        async with writer(running_service) as client:
            answers = [
                await send(client, "POST", ITEMS, name=name)
                for name in ("lamp", "lamp", "candle")
            ]
            return [(response.status, response.error) for response in answers]

    assert asyncio.run(write()) == [
        (201, ""),
        (409, "item_name_taken"),
        (500, "internal_error"),
    ]
