"""Startup and shutdown: migrations at once, drain, signals, lost databases."""

import asyncio
import signal
import subprocess
import time

from extensions.serving import READY, environment
from tests.support.running_service import (
    LIVE,
    RunningService,
    ServiceFactory,
    is_ok,
    send,
    until,
    writer,
)
from tests.support.service import ITEMS


def test_concurrent_migrations_of_empty_database_succeed(
    service_factory: ServiceFactory,
) -> None:
    command = [str(service_factory.project / ".venv/bin/alembic"), "upgrade", "head"]
    variables = environment(service_factory.server.database())
    replicas = [
        subprocess.Popen(command, cwd=service_factory.project, env=variables)
        for _ in range(8)
    ]

    assert [replica.wait(120) for replica in replicas] == [0] * 8


def test_service_starts_without_database_and_recovers(
    running_service: RunningService, service_factory: ServiceFactory
) -> None:
    with running_service.database_stopped():
        second = service_factory.start_process(environment(running_service.url), LIVE)
        alone = [second.get(path).status_code for path in (LIVE, READY, ITEMS)]
    found = [second.get(path).status_code for path in (READY, ITEMS)]

    assert (alone, found) == ([200, 503, 503], [200, 200])


def test_sigterm_drains_and_finishes_accepted_requests(
    service_factory: ServiceFactory,
) -> None:
    running_service = service_factory.start(DATABASE_STATEMENT_TIMEOUT="20")
    service = running_service.service

    async def end() -> tuple[list[int], list[int]]:
        async with writer(running_service) as client:
            with running_service.locked() as console:
                responses = [
                    send(client, "GET", ITEMS),
                    send(client, "POST", ITEMS, name="l"),
                ]
                accepted = asyncio.gather(*responses)
                await console.until_waiting(2)
                service.process.send_signal(signal.SIGTERM)
                await until(lambda: service.get(READY).status_code == 503)
                draining = [service.get(path).status_code for path in (LIVE, READY)]
                await until(lambda: not is_ok(service, LIVE))
            return draining, [response.status for response in await accepted]

    started = time.monotonic()
    draining, accepted = asyncio.run(end())
    status = service.process.wait(15)

    assert (draining, accepted) == ([200, 503], [200, 201])
    assert status in (0, -signal.SIGTERM)
    assert time.monotonic() - started < 15


def test_endless_request_is_cancelled_after_grace_period(
    service_factory: ServiceFactory,
) -> None:
    grace = {"SHUTDOWN_DRAIN_SECONDS": "1", "SHUTDOWN_GRACE_SECONDS": "2"}
    running_service = service_factory.start(DATABASE_STATEMENT_TIMEOUT="60", **grace)
    process = running_service.service.process

    async def end() -> list[int]:
        async with writer(running_service) as client:
            with running_service.locked() as console:
                read = send(client, "GET", ITEMS)
                write = send(client, "POST", ITEMS, name="lamp")
                accepted = asyncio.gather(read, write)
                await console.until_waiting(2)
                process.send_signal(signal.SIGTERM)
                return [response.status for response in await accepted]

    assert asyncio.run(end()) == [503, 503]
    assert process.wait(5) in (0, -signal.SIGTERM)
    events = [line["event"] for line in running_service.service.records()]
    assert "requests cancelled" in events
    assert "shutdown timed out" not in events
