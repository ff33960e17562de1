"""What a service does while its database is away, refuses it, or lets it down."""

import asyncio

import pytest
from httpx2 import AsyncClient

from extensions.serving import READY, environment
from tests.house.patient import END_ALL, LIVE, Answer, Patient, Ward, ask, writer
from tests.house.service import ITEMS


def test_a_stopped_database_is_503_at_once_and_back_is_back(patient: Patient) -> None:
    async def outage() -> dict[str, Answer]:
        async with writer(patient) as client:
            with patient.away():
                asked = {"read": await ask(client, "GET", ITEMS)}
                asked["ready"] = await ask(client, "GET", READY)
                asked["live"] = await ask(client, "GET", LIVE)
                asked["write"] = await ask(client, "POST", ITEMS, name="lost")
            asked["ready again"] = await ask(client, "GET", READY)
            asked["write again"] = await ask(client, "POST", ITEMS, name="kept")
            return asked

    asked = asyncio.run(outage())

    assert {name: answer.status for name, answer in asked.items()} == {
        **{"read": 503, "ready": 503, "live": 200, "write": 503},
        **{"ready again": 200, "write again": 201},
    }
    assert all(answer.seconds < 1 for answer in asked.values())


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_silent_restart_is_not_seen(patient: Patient, mode: str) -> None:
    async def restart() -> list[int]:
        async with writer(patient) as client:
            with patient.away(mode):
                pass
            first = [await ask(client, "GET", ITEMS) for _ in range(3)]
            many = await asyncio.gather(*[ask(client, "GET", ITEMS) for _ in range(20)])
            write = await ask(client, "POST", ITEMS, name=f"after {mode}")
            return [answer.status for answer in [*first, *many, write]]

    assert set(asyncio.run(restart())) == {200, 201}


def test_a_frozen_server_holds_nobody_for_ever(patient: Patient) -> None:
    async def freeze() -> tuple[list[Answer], list[int]]:
        async with writer(patient) as client:
            with patient.server.frozen():
                held = await asyncio.gather(
                    ask(client, "GET", ITEMS),
                    ask(client, "POST", ITEMS, name="f"),
                    ask(client, "GET", READY),
                )
            thawed = [await ask(client, "GET", path) for path in (READY, ITEMS)]
            return [*held], [answer.status for answer in thawed]

    held, thawed = asyncio.run(freeze())

    assert [answer.status for answer in held] == [503] * 3
    assert all(answer.seconds < 10 for answer in held)
    assert thawed == [200, 200]


def test_a_read_whose_connection_is_ended_is_not_lost(patient: Patient) -> None:
    async def cut_off() -> int:
        async with writer(patient) as client:
            with patient.locked() as console:
                reading = asyncio.create_task(ask(client, "GET", ITEMS))
                await console.until_waiting(1)
                console.end_the_waiting()
                console.rows("COMMIT")
            return (await reading).status

    assert asyncio.run(cut_off()) == 200
    assert any(line["event"] == "read retried" for line in patient.service.records())


def test_a_server_that_takes_no_more_connections_is_503(ward: Ward) -> None:
    # Limits are not for superusers.
    where = ["--host=127.0.0.1", f"--port={ward.server.port}", "--username=postgres"]
    ward.server.call("createuser", *where, "--superuser", "visitor")
    patient = ward.admit(role="visitor")

    async def refuse() -> list[int]:
        async with writer(patient) as client:
            patient.execute("ALTER ROLE visitor NOSUPERUSER CONNECTION LIMIT 0")
            patient.execute(END_ALL)
            asked = [await ask(client, "GET", path) for path in (ITEMS, READY, LIVE)]
            patient.execute("ALTER ROLE visitor SUPERUSER")
            asked += [await ask(client, "GET", path) for path in (READY, ITEMS)]
            return [answer.status for answer in asked]

    assert asyncio.run(refuse()) == [503, 503, 200, 200, 200]
    assert "TooManyConnectionsError 53300" in patient.causes()


def test_a_database_that_only_reads_is_503_for_writes_until_it_writes(
    patient: Patient,
) -> None:
    name = patient.url.rsplit("/", 1)[1]
    switch = f"ALTER DATABASE {name} SET default_transaction_read_only"

    async def fail_over() -> list[list[int]]:
        async with writer(patient) as client:
            write = [("POST", ITEMS)]
            patient.execute(f"{switch} = on")
            patient.execute(END_ALL)
            refused = await statuses(client, *write, *[("GET", ITEMS)] * 10)
            with patient.console() as console:
                console.rows("SET default_transaction_read_only = off")
                console.rows(f"{switch} = off")
            # One refusal drops every connection that is left from before.
            return [refused, *[await statuses(client, *write) for _ in range(2)]]

    assert asyncio.run(fail_over()) == [[503] + [200] * 10, [503], [201]]
    assert set(patient.causes()) == {"ReadOnlySQLTransactionError 25006"}


async def statuses(client: AsyncClient, *requests: tuple[str, str]) -> list[int]:
    asked = [ask(client, *request, name="n") for request in requests]
    return [answer.status for answer in await asyncio.gather(*asked)]


def test_a_column_that_changes_under_the_service_costs_no_more_than_a_retry(
    ward: Ward,
) -> None:
    # All of it over one connection: what was prepared before is met again after.
    patient = ward.admit(DATABASE_POOL_SIZE="1")

    async def migrate() -> list[int]:
        async with writer(patient) as client:
            await ask(client, "POST", ITEMS, name="n")
            page = await ask(client, "GET", ITEMS)
            one = f"{ITEMS}/{page.body['items'][0]['id']}"
            change = ("PATCH", one)
            before = [*[("GET", one)] * 10, *[change] * 5]
            known = await statuses(client, *before)
            patient.execute("ALTER TABLE items ALTER name TYPE varchar(200)")
            read = await statuses(client, *[("GET", one)] * 10)
            return [*known, *read, *[await persist(client, one) for _ in range(5)]]

    assert asyncio.run(migrate()) == [200] * 30
    assert patient.causes() == ["InvalidCachedStatementError 0A000"]


async def persist(client: AsyncClient, path: str) -> int:
    """Change an item, a second time where the first one is told to come again."""
    first = await ask(client, "PATCH", path, name="n")
    if first.status != 503:
        return first.status
    return (await ask(client, "PATCH", path, name="n")).status


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("postgres@", "unknown@", "InvalidAuthorizationSpecificationError 28000"),
        ("/test_", "/missing_", "InvalidCatalogNameError 3D000"),
    ],
)
def test_refused_connection_is_503_with_its_cause(
    old: str, new: str, cause: str, patient: Patient, ward: Ward
) -> None:
    assert old in patient.url
    service = ward.start(environment(patient.url.replace(old, new)), LIVE)

    assert [service.get(path).status_code for path in (ITEMS, READY)] == [503, 503]
    assert cause in [line.get("cause") for line in service.records()]


def test_other_constraint_is_a_500_and_no_conflict(patient: Patient) -> None:
    patient.execute("ALTER TABLE items ADD CONSTRAINT short CHECK (length(name) < 6)")

    async def write() -> list[tuple[int, str]]:
        async with writer(patient) as client:
            answers = [
                await ask(client, "POST", ITEMS, name=name)
                for name in ("lamp", "lamp", "candle")
            ]
            return [(answer.status, answer.error) for answer in answers]

    assert asyncio.run(write()) == [
        (201, ""),
        (409, "item_name_taken"),
        (500, "internal_error"),
    ]
