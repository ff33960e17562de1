"""Logins under load, refresh tokens used twice at once, and several processes."""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, AsyncHTTPTransport, Limits, Response

from extensions.serving import environment, migrate
from tests.support.fixture_types import Project
from tests.support.running_service import PATIENCE, ServiceFactory
from tests.support.service import ITEMS, PASSWORD, Service, running

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"
ADA = {"username": "ada@example.com", "password": PASSWORD}


def client_at(service: Service, address: str) -> AsyncClient:
    """Return a client with an IP address of its own, and any number of connections."""
    every = Limits(max_connections=None)
    transport = AsyncHTTPTransport(local_address=address, limits=every)
    return AsyncClient(base_url=service.url, timeout=PATIENCE, transport=transport)


async def register(client: AsyncClient, name: str) -> Response:
    new = {"email": f"{name}@example.com", "password": PASSWORD}
    return await client.post(f"{AUTH}/register", json=new)


async def register_at(client: AsyncClient, number: int) -> Response:
    """Register through a proxy, from an address of its own."""
    new = {"email": f"{number}@example.com", "password": PASSWORD}
    address = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
    return await client.post(f"{AUTH}/register", json=new, headers=address)


async def log_in(client: AsyncClient, **fields: str) -> Response:
    return await client.post(f"{AUTH}/token", data=ADA | fields)


async def refresh(client: AsyncClient, token: str) -> Response:
    return await client.post(f"{AUTH}/refresh", json={"refresh_token": token})


def statuses(responses: list[Response]) -> Counter[int]:
    """Count the statuses; a refused request is told when to retry."""
    for response in responses:
        if response.status_code in (429, 503):
            assert int(response.headers["retry-after"]) >= 1
    return Counter(response.status_code for response in responses)


def resident_megabytes(service: Service) -> int:
    """Return the resident memory of the process."""
    status = Path(f"/proc/{service.process.pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def cpu_seconds(service: Service) -> float:
    """Return the CPU time of the process, most of which is hashing."""
    stat = Path(f"/proc/{service.process.pid}/stat").read_text("ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_crowd_of_registrations_does_not_delay_a_login(
    service_factory: ServiceFactory,
) -> None:
    service = service_factory.start(AUTH_HASH_TIMEOUT="120").service

    async def crowd() -> tuple[list[Response], bool]:
        async with client_at(service, "127.0.0.2") as many, service.client() as one:
            await register(one, "ada")
            sent = [asyncio.create_task(register(many, f"{n}")) for n in range(300)]
            while not any(task.done() for task in sent):
                await asyncio.sleep(0.01)
            assert (await log_in(one)).status_code == 200
            is_first = not all(task.done() for task in sent)
            return await asyncio.gather(*sent), is_first

    responses, is_first = asyncio.run(crowd())

    assert statuses(responses) == {201: 30, 429: 270}
    assert is_first


def test_crowd_of_registrations_leaves_reads_responsive(
    service_factory: ServiceFactory,
) -> None:
    service = service_factory.start(AUTH_HASH_TIMEOUT="3").service

    async def read(client: AsyncClient, crowd: asyncio.Future[Any]) -> list[float]:
        seconds = []
        while not crowd.done():
            started = time.monotonic()
            assert (await client.get(ITEMS)).status_code == 200
            seconds.append(time.monotonic() - started)
            await asyncio.sleep(0.005)
        return sorted(seconds)

    async def crowd() -> tuple[list[Response], list[float], list[float], int]:
        async with client_at(service, "127.0.0.1") as many, service.client() as one:
            await register(one, "ada")
            idle = await read(one, asyncio.create_task(asyncio.sleep(3)))
            sent = asyncio.gather(*(register_at(many, n) for n in range(500)))
            reading = asyncio.create_task(read(one, sent))
            login = (await log_in(one)).status_code
            return await sent, idle, await reading, login

    before = resident_megabytes(service)
    responses, idle, busy, login = asyncio.run(crowd())

    assert statuses(responses).keys() == {201, 503}
    assert login == 200
    # A few reads wait while all registrations are received.
    assert busy[len(busy) * 95 // 100] <= max(3 * idle[len(idle) * 99 // 100], 0.1)
    assert resident_megabytes(service) < before + 64


def test_crowd_of_one_account_does_not_delay_another(
    service_factory: ServiceFactory,
) -> None:
    unlimited = {"AUTH_ATTEMPTS_PER_MINUTE": "1000"}
    service = service_factory.start(AUTH_HASH_WORKERS="1", **unlimited).service

    async def crowd() -> tuple[list[Response], Response]:
        async with client_at(service, "127.0.0.2") as many, service.client() as one:
            await register(one, "ada")
            await register(many, "eve")
            sent = [
                asyncio.create_task(log_in(many, username="eve@example.com"))
                for _ in range(300)
            ]
            await asyncio.sleep(0.5)
            login = await log_in(one)
            return await asyncio.gather(*sent), login

    responses, login = asyncio.run(crowd())
    codes = {r.json()["error"] for r in responses if r.status_code == 503}

    assert login.status_code == 200
    assert statuses(responses).keys() == {200, 503}
    assert codes == {"overloaded"}


def test_concurrent_guesses_are_refused_before_they_are_hashed(
    service_factory: ServiceFactory,
) -> None:
    service = service_factory.start(AUTH_HASH_TIMEOUT="120").service

    async def guess() -> tuple[list[Response], float]:
        async with client_at(service, "127.0.0.2") as client:
            await register(client, "ada")
            before = cpu_seconds(service)
            for _ in range(3):
                await log_in(client)
            each = (cpu_seconds(service) - before) / 3
            before = cpu_seconds(service)
            guesses = [log_in(client, password=f"wrong {n}") for n in range(100)]
            responses = await asyncio.gather(*guesses)
            return responses, (cpu_seconds(service) - before) / each

    responses, hashes = asyncio.run(guess())

    assert statuses(responses) == {401: 9, 429: 91}
    assert hashes < 30


def test_two_refreshes_at_once_return_one_successor(
    service_factory: ServiceFactory,
) -> None:
    service = service_factory.start(AUTH_REFRESH_GRACE_SECONDS="3").service

    async def tabs() -> tuple[list[Response], Response, list[Response]]:
        async with service.client() as client:
            await register(client, "ada")
            first = (await log_in(client)).json()["refresh_token"]
            both = await asyncio.gather(*[refresh(client, first) for _ in range(20)])
            second = both[0].json()["refresh_token"]
            third = await refresh(client, second)
            await asyncio.sleep(3.1)
            newest = third.json()["refresh_token"]
            late = [await refresh(client, token) for token in (first, second, newest)]
            return both, third, late

    both, third, late = asyncio.run(tabs())

    assert statuses(both) == {200: 20}
    assert len({response.json()["refresh_token"] for response in both}) == 1
    assert third.status_code == 200
    # The thief, or the owner, comes too late: the whole login ends.
    assert statuses(late) == {401: 3}


def test_processes_without_a_key_accept_the_tokens_of_each_other(
    project: Project, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/own.db"
    local = {"ENVIRONMENT": "local", "LOG_FORMAT": "json", "WEB_CONCURRENCY": "3"}
    variables = environment(url) | local
    migrate(project(), variables)

    async def read(service: Service) -> list[Response]:
        async with service.client() as client:
            await register(client, "ada")
            token = (await log_in(client)).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        return [service.get(ME, headers=bearer) for _ in range(40)]

    with running(project(), tmp_path / "log", variables) as service:
        responses = asyncio.run(read(service))
        service.end()

    assert statuses(responses) == {200: 40}
