"""Requests wait for a connection in order, and for a bounded time."""

import asyncio

from httpx2 import AsyncClient

from extensions.serving import READY
from tests.support.running_service import (
    LIVE,
    PATIENCE,
    RunningService,
    ServiceFactory,
    TimedResponse,
    send,
    writer,
)
from tests.support.service import ITEMS

NOWHERE = f"{ITEMS}/00000000-0000-7000-8000-000000000000"


def test_full_pool_returns_503_while_service_stays_ready(
    service_factory: ServiceFactory,
) -> None:
    running_service = service_factory.start(
        DATABASE_POOL_SIZE="4", DATABASE_STATEMENT_TIMEOUT="20"
    )

    async def crowd() -> tuple[list[TimedResponse], TimedResponse, list[TimedResponse]]:
        async with writer(running_service) as client:
            with running_service.locked() as console:
                inside = [
                    asyncio.create_task(send(client, "GET", ITEMS)) for _ in "1234"
                ]
                await console.until_waiting(4)
                outside = [send(client, "GET", ITEMS) for _ in range(10)]
                *refused, ready = await asyncio.gather(
                    *outside, send(client, "GET", READY)
                )
            return refused, ready, await asyncio.gather(*inside)

    outside, ready, inside = asyncio.run(crowd())

    assert {(response.status, response.error) for response in outside} == {
        (503, "overloaded")
    }
    assert all(1.9 < response.seconds < 3 for response in outside)
    assert ready.status == 200 and ready.seconds < 1
    assert {response.status for response in inside} == {200}


async def in_turn(client: AsyncClient, name: str) -> asyncio.Task[object]:
    """Send a request, and return once the service has surely received it."""
    identified = {"X-Request-ID": name}
    sent = asyncio.create_task(client.get(NOWHERE, headers=identified))
    for _ in range(3):
        await client.get(LIVE)
    return sent


def test_requests_wait_for_a_connection_in_order_of_arrival(
    service_factory: ServiceFactory,
) -> None:
    running_service = service_factory.start(
        DATABASE_POOL_SIZE="1", DATABASE_POOL_TIMEOUT="20"
    )
    names = [f"turn-{number}" for number in range(20)]

    async def queue() -> None:
        async with running_service.service.client() as client:
            with running_service.locked() as console:
                first = await in_turn(client, names[0])
                await console.until_waiting(1)
                early = [await in_turn(client, name) for name in names[1:12]]
            late = [await in_turn(client, name) for name in names[12:]]
            await asyncio.gather(first, *early, *late)

    asyncio.run(queue())
    lines = [
        line for line in running_service.service.records() if line["event"] == "request"
    ]
    served = [line.get("request_id") for line in lines if line["path"] == NOWHERE]

    assert served == names


def test_slow_statement_is_cancelled_by_the_database(
    running_service: RunningService,
) -> None:
    async def slow() -> tuple[list[TimedResponse], int]:
        async with writer(running_service) as client:
            with running_service.locked():
                responses = [
                    send(client, "GET", ITEMS),
                    send(client, "POST", ITEMS, name="s"),
                ]
                cut = await asyncio.gather(*responses)
            return cut, (await client.get(ITEMS)).json()["total"]

    cut, total = asyncio.run(slow())

    assert {(response.status, response.error) for response in cut} == {
        (503, "database_unavailable")
    }
    assert all(2.9 < response.seconds < 4 for response in cut)
    assert running_service.causes() == ["QueryCanceledError 57014"] * 2
    assert total == 0


def test_disconnected_client_releases_its_connection(
    service_factory: ServiceFactory,
) -> None:
    running_service = service_factory.start(DATABASE_STATEMENT_TIMEOUT="20")

    async def hang_up() -> list[int]:
        with running_service.locked() as console:
            async with running_service.service.client(timeout=PATIENCE) as client:
                lost = [asyncio.create_task(client.get(ITEMS)) for _ in range(20)]
                await console.until_waiting(10)
                for task in lost:
                    task.cancel()
                await asyncio.gather(*lost, return_exceptions=True)
        async with running_service.service.client() as client:
            responses = [send(client, "GET", ITEMS) for _ in range(20)]
            return [response.status for response in await asyncio.gather(*responses)]

    assert asyncio.run(hang_up()) == [200] * 20
