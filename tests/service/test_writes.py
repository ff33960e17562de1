"""A write is committed and confirmed as a whole, or refused and not stored."""

import asyncio

import pytest
from httpx2 import AsyncClient, HTTPError

from extensions.serving import environment
from tests.support.running_service import (
    END_ALL,
    Console,
    RunningService,
    ServiceFactory,
    TimedResponse,
    send,
    writer,
)
from tests.support.service import ITEMS

# Deferred, so it runs at the commit.
AT_COMMIT = """
CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {}; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON items
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()
"""
LAMP = {"name": "lamp", "tags": ["a", "b"]}
STORED = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM item_tags)"


def stored(running_service: RunningService) -> str:
    """Return the number of items and of tags in the database."""
    with running_service.console() as console:
        [found] = console.rows(STORED)
        return found


@pytest.mark.parametrize(("state", "status"), [("P0001", 500), ("40001", 503)])
def test_failed_commit_is_never_a_success(
    running_service: RunningService, state: str, status: int
) -> None:
    refusal = f"RAISE EXCEPTION 'hunter2' USING ERRCODE = '{state}'"

    async def write() -> TimedResponse:
        async with writer(running_service) as client:
            running_service.execute(AT_COMMIT.format(refusal))
            return await send(client, "POST", ITEMS, **LAMP)

    refused = asyncio.run(write())

    assert refused.status == status
    assert "hunter2" not in str(refused.body)
    assert stored(running_service) == "0|0"


def test_write_on_terminated_connection_returns_503_and_is_not_stored(
    running_service: RunningService,
) -> None:
    async def cut_off() -> list[int]:
        async with writer(running_service) as client:
            with running_service.locked("item_tags") as console:
                writing = asyncio.create_task(send(client, "POST", ITEMS, **LAMP))
                await console.until_waiting(1)
                console.end_the_waiting()
                lost = await writing
            again = await send(client, "POST", ITEMS, **LAMP)
            return [lost.status, again.status]

    assert asyncio.run(cut_off()) == [503, 201]
    assert stored(running_service) == "1|2"


def test_connection_lost_during_commit_is_never_a_success(
    running_service: RunningService,
) -> None:
    async def cut_off() -> int:
        async with writer(running_service) as client:
            running_service.execute(
                AT_COMMIT.format("PERFORM pg_advisory_xact_lock(1)")
            )
            with running_service.console() as console:
                console.rows("SELECT pg_advisory_lock(1)")
                writing = asyncio.create_task(send(client, "POST", ITEMS, **LAMP))
                await console.until_waiting(1)
                console.end_the_waiting()
                return (await writing).status

    assert asyncio.run(cut_off()) == 503
    assert stored(running_service) == "0|0"


def test_disconnected_client_leaves_no_partial_write(
    service_factory: ServiceFactory,
) -> None:
    running_service = service_factory.start(DATABASE_STATEMENT_TIMEOUT="20")

    async def hang_up() -> list[int]:
        async with writer(running_service) as client:
            with running_service.locked("item_tags") as console:
                bodies = [{"name": f"lost {n}", "tags": ["a", "b"]} for n in range(10)]
                sent = [client.post(ITEMS, json=body) for body in bodies]
                writing = asyncio.gather(*sent, return_exceptions=True)
                await console.until_waiting(10)
                writing.cancel()
                await asyncio.wait([writing])
            responses = [send(client, "POST", ITEMS, name=f"n{n}") for n in range(20)]
            return [response.status for response in await asyncio.gather(*responses)]

    assert asyncio.run(hang_up()) == [201] * 20
    items, tags = map(int, stored(running_service).split("|"))
    assert tags == 2 * (items - 20)


async def write_until_killed(
    client: AsyncClient, running_service: RunningService, console: Console
) -> list[str]:
    """Send eight writes at a time, and kill the service; return the confirmed names."""
    kept: list[str] = []

    async def write(writer: int) -> None:
        for number in range(1000):
            new = {"name": f"{writer}-{number}", "tags": ["a"]}
            response = await client.post(ITEMS, json=new)
            if response.status_code == 201:
                kept.append(response.json()["id"])
            if len(kept) >= 50:
                running_service.service.process.kill()
                # The server would execute the last statement that it received.
                console.rows(END_ALL)

    outcomes = await asyncio.gather(*map(write, range(8)), return_exceptions=True)
    assert all(isinstance(outcome, HTTPError) for outcome in outcomes)
    return kept


def test_killed_process_loses_no_acknowledged_write(
    running_service: RunningService, service_factory: ServiceFactory
) -> None:
    async def write() -> list[str]:
        async with writer(running_service) as client:
            # A slow commit: a response that precedes it would lose the write.
            running_service.execute(AT_COMMIT.format("PERFORM pg_sleep(0.1)"))
            with running_service.console() as console:
                return await write_until_killed(client, running_service, console)

    kept = asyncio.run(write())
    service = service_factory.start_process(environment(running_service.url))
    found = [service.get(f"{ITEMS}/{key}") for key in kept]

    assert len(kept) >= 50
    assert [item.json()["tags"] for item in found] == [["a"]] * len(kept)
