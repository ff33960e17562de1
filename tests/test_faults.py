"""What a generated service does on its worst day: each fault is a real one."""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from extensions.postgresql import Server, new_server
from tests.house.kinds import Project
from tests.house.service import ITEMS, Service, environment, migrate, running, sign_in

READY, LIVE = "/health/ready", "/health/live"


@dataclass(frozen=True)
class Patient:
    """A service, its database server, and how to read the clock."""

    service: Service
    server: Server
    url: str

    def sql(self, statement: str) -> subprocess.Popen[bytes]:
        """Send SQL from outside, without waiting for it."""
        address = self.url.replace("+asyncpg", "")
        program = f"{self.server.programs}/psql"
        return subprocess.Popen([program, address, "-qAtc", statement])

    @contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Keep everybody else out of the items for a while."""
        lock = "BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE;"
        holder = self.sql(f"{lock} SELECT pg_sleep({seconds}); COMMIT")
        time.sleep(0.5)
        try:
            yield
        finally:
            holder.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server of this module's own: it is stopped and frozen."""
    server = new_server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def patient(project: Project, server: Server, tmp_path: Path) -> Iterator[Patient]:
    """Give a running service with one item."""
    url = server.database()
    variables = environment(url, DATABASE_STATEMENT_TIMEOUT="3")
    migrate(project(), variables)
    with running(project(), tmp_path / "log", variables) as service:
        yield Patient(service, server, url)


async def ask(
    client: AsyncClient, method: str, path: str, **members: str
) -> tuple[int, float]:
    """Send one request: its status, and the seconds it took."""
    started = time.monotonic()
    answer = await client.request(method, path, json=members or None)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) >= 1
    return answer.status_code, time.monotonic() - started


@asynccontextmanager
async def writer(patient: Patient) -> AsyncIterator[AsyncClient]:
    """Give a client that may write, its connections to the database warm."""
    async with patient.service.client() as client:
        client.headers.update(await sign_in(client, "writer"))
        await asyncio.gather(*[client.get(ITEMS) for _ in range(10)])
        yield client


def test_a_stopped_database_is_503_at_once_and_back_is_back(patient: Patient) -> None:
    async def outage() -> dict[str, tuple[int, float]]:
        async with writer(patient) as client:
            patient.server.down("fast")
            found = {
                path: await ask(client, "GET", path) for path in (ITEMS, READY, LIVE)
            }
            found["write"] = await ask(client, "POST", ITEMS, name="lost")
            patient.server.up()
            found["ready again"] = await ask(client, "GET", READY)
            found["write again"] = await ask(client, "POST", ITEMS, name="kept")
            return found

    found = asyncio.run(outage())

    assert {name: status for name, (status, _) in found.items()} == {
        **{ITEMS: 503, READY: 503, LIVE: 200, "write": 503},
        **{"ready again": 200, "write again": 201},
    }
    assert all(seconds < 1 for _, seconds in found.values())


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_silent_restart_is_not_seen(patient: Patient, mode: str) -> None:
    async def restart() -> list[int]:
        async with writer(patient) as client:
            patient.server.down(mode)
            patient.server.up()
            first = [await ask(client, "GET", ITEMS) for _ in range(3)]
            many = await asyncio.gather(*[ask(client, "GET", ITEMS) for _ in range(20)])
            write = await ask(client, "POST", ITEMS, name=f"after {mode}")
            return [status for status, _ in [*first, *many, write]]

    assert set(asyncio.run(restart())) == {200, 201}


def test_a_full_pool_is_503_in_time_while_the_service_stays_ready(
    patient: Patient,
) -> None:
    async def crowd() -> tuple[list[tuple[int, float]], tuple[int, float]]:
        async with writer(patient) as client:
            with patient.locked(4):
                waiting = [ask(client, "GET", ITEMS) for _ in range(15)]
                *all_, ready = await asyncio.gather(*waiting, ask(client, "GET", READY))
                return all_, ready

    asked, ready = asyncio.run(crowd())
    turned_away = sorted(seconds for _, seconds in asked)[:5]

    assert {status for status, _ in asked} == {503}
    assert all(1.9 < seconds < 2.6 for seconds in turned_away)
    assert ready[0] == 200 and ready[1] < 1


def test_a_slow_statement_is_cut(patient: Patient) -> None:
    async def slow() -> list[tuple[int, float]]:
        async with writer(patient) as client:
            with patient.locked(4):
                cut = await ask(client, "GET", ITEMS)
            return [cut, await ask(client, "GET", ITEMS)]

    (cut, after), seconds = zip(*asyncio.run(slow()), strict=True)

    assert (cut, after) == (503, 200)
    assert 2.9 < seconds[0] < 4


def test_a_frozen_server_holds_nobody_for_ever(patient: Patient) -> None:
    async def freeze() -> list[int]:
        async with writer(patient) as client:
            with patient.server.frozen():
                asked = [
                    ask(client, "GET", ITEMS),
                    ask(client, "POST", ITEMS, name="f"),
                ]
                held = await asyncio.gather(*asked, ask(client, "GET", READY))
            thawed = [await ask(client, "GET", path) for path in (READY, ITEMS)]
            assert all(seconds < 10 for _, seconds in held)
            return [status for status, _ in [*held, *thawed]]

    assert asyncio.run(freeze()) == [503, 503, 503, 200, 200]


def test_a_client_that_hangs_up_frees_its_connection(patient: Patient) -> None:
    async def hang_up() -> int:
        with patient.locked(2):
            async with patient.service.client(timeout=0.3) as client:
                lost = [client.get(ITEMS) for _ in range(20)]
                await asyncio.gather(*lost, return_exceptions=True)
        async with patient.service.client() as client:
            answers = await asyncio.gather(*[client.get(ITEMS) for _ in range(20)])
            return sum(answer.status_code == 200 for answer in answers)

    assert asyncio.run(hang_up()) == 20


def test_sigterm_drains_then_finishes_what_was_accepted(patient: Patient) -> None:
    async def end() -> tuple[int, int, int]:
        async with writer(patient) as client:
            with patient.locked(2.5):
                accepted = asyncio.create_task(ask(client, "GET", ITEMS))
                await asyncio.sleep(0.2)
                patient.service.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.3)
                draining = patient.service.get(READY).status_code
                alive = patient.service.get(LIVE).status_code
                return draining, alive, (await accepted)[0]

    started = time.monotonic()
    found = asyncio.run(end())
    status = patient.service.process.wait(15)

    assert found == (503, 200, 200)
    assert status in (0, -signal.SIGTERM)
    assert time.monotonic() - started < 15


def test_kill_loses_nothing_that_was_acknowledged(
    patient: Patient, project: Project, tmp_path: Path
) -> None:
    async def write_until_killed() -> list[str]:
        kept: list[str] = []
        async with writer(patient) as client:

            async def one(number: int) -> None:
                answer = await client.post(ITEMS, json={"name": f"n{number}"})
                if answer.status_code == 201:
                    kept.append(answer.json()["id"])
                if len(kept) == 50:
                    patient.service.process.send_signal(signal.SIGKILL)

            tasks = [one(number) for number in range(300)]
            await asyncio.gather(*tasks, return_exceptions=True)
        return kept

    kept = asyncio.run(write_until_killed())
    with running(project(), tmp_path / "again", environment(patient.url)) as service:
        found = [service.get(f"{ITEMS}/{key}").status_code for key in kept]

    assert len(kept) >= 50
    assert set(found) == {200}


def test_eight_replicas_migrate_an_empty_database_at_once(
    project: Project, server: Server
) -> None:
    command = [str(project() / ".venv/bin/alembic"), "upgrade", "head"]
    variables = environment(server.database())
    replicas = [
        subprocess.Popen(command, cwd=project(), env=variables) for _ in range(8)
    ]

    assert [replica.wait(120) for replica in replicas] == [0] * 8
