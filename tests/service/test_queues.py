"""Who waits for the database, in which order, and for how long at most."""

import asyncio

from httpx2 import AsyncClient

from extensions.serving import READY
from tests.support.running_service import (
    LIVE,
    PATIENCE,
    Answer,
    Patient,
    Ward,
    ask,
    writer,
)
from tests.support.service import ITEMS

NOWHERE = f"{ITEMS}/00000000-0000-7000-8000-000000000000"


def test_a_full_pool_is_503_in_time_while_the_service_stays_ready(
    ward: Ward,
) -> None:
    patient = ward.admit(DATABASE_POOL_SIZE="4", DATABASE_STATEMENT_TIMEOUT="20")

    async def crowd() -> tuple[list[Answer], Answer, list[Answer]]:
        async with writer(patient) as client:
            with patient.locked() as console:
                inside = [
                    asyncio.create_task(ask(client, "GET", ITEMS)) for _ in "1234"
                ]
                await console.until_waiting(4)
                outside = [ask(client, "GET", ITEMS) for _ in range(10)]
                *refused, ready = await asyncio.gather(
                    *outside, ask(client, "GET", READY)
                )
            return refused, ready, await asyncio.gather(*inside)

    outside, ready, inside = asyncio.run(crowd())

    assert {(answer.status, answer.error) for answer in outside} == {
        (503, "overloaded")
    }
    assert all(1.9 < answer.seconds < 3 for answer in outside)
    assert ready.status == 200 and ready.seconds < 1
    assert {answer.status for answer in inside} == {200}


async def in_turn(client: AsyncClient, name: str) -> asyncio.Task[object]:
    """Send a request, and return when the service has surely taken it in."""
    identified = {"X-Request-ID": name}
    sent = asyncio.create_task(client.get(NOWHERE, headers=identified))
    for _ in range(3):
        await client.get(LIVE)
    return sent


def test_the_queue_is_fair_and_nobody_who_comes_later_overtakes(ward: Ward) -> None:
    patient = ward.admit(DATABASE_POOL_SIZE="1", DATABASE_POOL_TIMEOUT="20")
    names = [f"turn-{number}" for number in range(20)]

    async def queue() -> None:
        async with patient.service.client() as client:
            with patient.locked() as console:
                first = await in_turn(client, names[0])
                await console.until_waiting(1)
                early = [await in_turn(client, name) for name in names[1:12]]
            late = [await in_turn(client, name) for name in names[12:]]
            await asyncio.gather(first, *early, *late)

    asyncio.run(queue())
    lines = [line for line in patient.service.records() if line["event"] == "request"]
    served = [line.get("request_id") for line in lines if line["path"] == NOWHERE]

    assert served == names


def test_a_slow_statement_is_cut_by_the_server(patient: Patient) -> None:
    async def slow() -> tuple[list[Answer], int]:
        async with writer(patient) as client:
            with patient.locked():
                asked = [
                    ask(client, "GET", ITEMS),
                    ask(client, "POST", ITEMS, name="s"),
                ]
                cut = await asyncio.gather(*asked)
            return cut, (await client.get(ITEMS)).json()["total"]

    cut, total = asyncio.run(slow())

    assert {(answer.status, answer.error) for answer in cut} == {
        (503, "database_unavailable")
    }
    assert all(2.9 < answer.seconds < 4 for answer in cut)
    assert patient.causes() == ["QueryCanceledError 57014"] * 2
    assert total == 0


def test_a_client_that_hangs_up_frees_its_connection(ward: Ward) -> None:
    patient = ward.admit(DATABASE_STATEMENT_TIMEOUT="20")

    async def hang_up() -> list[int]:
        with patient.locked() as console:
            async with patient.service.client(timeout=PATIENCE) as client:
                lost = [asyncio.create_task(client.get(ITEMS)) for _ in range(20)]
                await console.until_waiting(10)
                for task in lost:
                    task.cancel()
                await asyncio.gather(*lost, return_exceptions=True)
        async with patient.service.client() as client:
            asked = [ask(client, "GET", ITEMS) for _ in range(20)]
            return [answer.status for answer in await asyncio.gather(*asked)]

    assert asyncio.run(hang_up()) == [200] * 20
