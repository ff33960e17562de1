"""A write is stored as a whole and answered so, or it is refused and not stored."""

import asyncio

import pytest
from httpx2 import AsyncClient, HTTPError

from extensions.serving import environment
from tests.support.running_service import END_ALL, Answer, Console, Patient, Ward, ask, writer
from tests.support.service import ITEMS

# Runs when a transaction is committed, and not before.
AT_COMMIT = """
CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {}; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON items
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()
"""
LAMP = {"name": "lamp", "tags": ["a", "b"]}
STORED = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM item_tags)"


def stored(patient: Patient) -> str:
    """Count the items and the tags that the database holds."""
    with patient.console() as console:
        [found] = console.rows(STORED)
        return found


@pytest.mark.parametrize(("state", "status"), [("P0001", 500), ("40001", 503)])
def test_a_commit_that_fails_is_never_a_success(
    patient: Patient, state: str, status: int
) -> None:
    refusal = f"RAISE EXCEPTION 'hunter2' USING ERRCODE = '{state}'"

    async def write() -> Answer:
        async with writer(patient) as client:
            patient.execute(AT_COMMIT.format(refusal))
            return await ask(client, "POST", ITEMS, **LAMP)

    refused = asyncio.run(write())

    assert refused.status == status
    assert "hunter2" not in str(refused.body)
    assert stored(patient) == "0|0"


def test_a_write_whose_connection_is_ended_is_503_and_not_stored(
    patient: Patient,
) -> None:
    async def cut_off() -> list[int]:
        async with writer(patient) as client:
            with patient.locked("item_tags") as console:
                writing = asyncio.create_task(ask(client, "POST", ITEMS, **LAMP))
                await console.until_waiting(1)
                console.end_the_waiting()
                lost = await writing
            again = await ask(client, "POST", ITEMS, **LAMP)
            return [lost.status, again.status]

    assert asyncio.run(cut_off()) == [503, 201]
    assert stored(patient) == "1|2"


def test_a_commit_that_is_cut_off_is_never_a_success(patient: Patient) -> None:
    async def cut_off() -> int:
        async with writer(patient) as client:
            patient.execute(AT_COMMIT.format("PERFORM pg_advisory_xact_lock(1)"))
            with patient.console() as console:
                console.rows("SELECT pg_advisory_lock(1)")
                writing = asyncio.create_task(ask(client, "POST", ITEMS, **LAMP))
                await console.until_waiting(1)
                console.end_the_waiting()
                return (await writing).status

    assert asyncio.run(cut_off()) == 503
    assert stored(patient) == "0|0"


def test_a_client_that_hangs_up_leaves_nothing_half_written(ward: Ward) -> None:
    patient = ward.admit(DATABASE_STATEMENT_TIMEOUT="20")

    async def hang_up() -> list[int]:
        async with writer(patient) as client:
            with patient.locked("item_tags") as console:
                bodies = [{"name": f"lost {n}", "tags": ["a", "b"]} for n in range(10)]
                sent = [client.post(ITEMS, json=body) for body in bodies]
                writing = asyncio.gather(*sent, return_exceptions=True)
                await console.until_waiting(10)
                writing.cancel()
                await asyncio.wait([writing])
            asked = [ask(client, "POST", ITEMS, name=f"n{n}") for n in range(20)]
            return [answer.status for answer in await asyncio.gather(*asked)]

    assert asyncio.run(hang_up()) == [201] * 20
    items, tags = map(int, stored(patient).split("|"))
    assert tags == 2 * (items - 20)


async def write_until_killed(
    client: AsyncClient, patient: Patient, console: Console
) -> list[str]:
    """Write eight at a time, and pull the plug in the middle of it."""
    kept: list[str] = []

    async def write(writer: int) -> None:
        for number in range(1000):
            new = {"name": f"{writer}-{number}", "tags": ["a"]}
            answer = await client.post(ITEMS, json=new)
            if answer.status_code == 201:
                kept.append(answer.json()["id"])
            if len(kept) >= 50:
                patient.service.process.kill()
                # The server would go on with what it was told last.
                console.rows(END_ALL)

    outcomes = await asyncio.gather(*map(write, range(8)), return_exceptions=True)
    assert all(isinstance(outcome, HTTPError) for outcome in outcomes)
    return kept


def test_kill_loses_nothing_that_was_acknowledged(patient: Patient, ward: Ward) -> None:
    async def write() -> list[str]:
        async with writer(patient) as client:
            # A commit takes its time: one that was not waited for is lost.
            patient.execute(AT_COMMIT.format("PERFORM pg_sleep(0.1)"))
            with patient.console() as console:
                return await write_until_killed(client, patient, console)

    kept = asyncio.run(write())
    service = ward.start(environment(patient.url))
    found = [service.get(f"{ITEMS}/{key}") for key in kept]

    assert len(kept) >= 50
    assert [item.json()["tags"] for item in found] == [["a"]] * len(kept)
