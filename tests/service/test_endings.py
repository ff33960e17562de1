"""How a service begins and ends when the world does not wait for it."""

import asyncio
import signal
import subprocess
import time

from extensions.serving import READY, environment
from tests.support.running_service import LIVE, Patient, Ward, answers, ask, until, writer
from tests.support.service import ITEMS


def test_eight_replicas_migrate_an_empty_database_at_once(ward: Ward) -> None:
    command = [str(ward.project / ".venv/bin/alembic"), "upgrade", "head"]
    variables = environment(ward.server.database())
    replicas = [
        subprocess.Popen(command, cwd=ward.project, env=variables) for _ in range(8)
    ]

    assert [replica.wait(120) for replica in replicas] == [0] * 8


def test_it_starts_without_its_database_and_finds_it_later(
    patient: Patient, ward: Ward
) -> None:
    with patient.away():
        second = ward.start(environment(patient.url), LIVE)
        alone = [second.get(path).status_code for path in (LIVE, READY, ITEMS)]
    found = [second.get(path).status_code for path in (READY, ITEMS)]

    assert (alone, found) == ([200, 503, 503], [200, 200])


def test_sigterm_drains_then_finishes_what_was_accepted(ward: Ward) -> None:
    patient = ward.admit(DATABASE_STATEMENT_TIMEOUT="20")
    service = patient.service

    async def end() -> tuple[list[int], list[int]]:
        async with writer(patient) as client:
            with patient.locked() as console:
                asked = [
                    ask(client, "GET", ITEMS),
                    ask(client, "POST", ITEMS, name="l"),
                ]
                accepted = asyncio.gather(*asked)
                await console.until_waiting(2)
                service.process.send_signal(signal.SIGTERM)
                await until(lambda: service.get(READY).status_code == 503)
                draining = [service.get(path).status_code for path in (LIVE, READY)]
                await until(lambda: not answers(service, LIVE))
            return draining, [answer.status for answer in await accepted]

    started = time.monotonic()
    draining, accepted = asyncio.run(end())
    status = service.process.wait(15)

    assert (draining, accepted) == ([200, 503], [200, 201])
    assert status in (0, -signal.SIGTERM)
    assert time.monotonic() - started < 15


def test_request_that_never_ends_is_cancelled_after_the_grace(ward: Ward) -> None:
    grace = {"SHUTDOWN_DRAIN_SECONDS": "1", "SHUTDOWN_GRACE_SECONDS": "2"}
    patient = ward.admit(DATABASE_STATEMENT_TIMEOUT="60", **grace)
    process = patient.service.process

    async def end() -> list[int]:
        async with writer(patient) as client:
            with patient.locked() as console:
                read = ask(client, "GET", ITEMS)
                write = ask(client, "POST", ITEMS, name="lamp")
                accepted = asyncio.gather(read, write)
                await console.until_waiting(2)
                process.send_signal(signal.SIGTERM)
                return [answer.status for answer in await accepted]

    assert asyncio.run(end()) == [503, 503]
    assert process.wait(5) in (0, -signal.SIGTERM)
    events = [line["event"] for line in patient.service.records()]
    assert "requests cancelled" in events
    assert "shutdown timed out" not in events
