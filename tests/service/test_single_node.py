"""A service with one SQLite file: writers queue, commits are durable."""

import asyncio
import re
import resource

import yaml
from httpx2 import AsyncClient, HTTPError

from extensions.serving import READY
from tests.support.fixture_types import Project
from tests.support.running_service import TimedResponse, send
from tests.support.service import ITEMS, PASSWORD, Service
from tests.support.single_node import Node, create, many, writer

ON_A_FILE = {"database": "sqlite"}
COUNTED = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM item_tags)"
NAMES = "SELECT name FROM items"
HALF = (
    "SELECT count(*) FROM items WHERE name LIKE 'hung up %'"
    " AND id NOT IN (SELECT item_id FROM item_tags)"
)
CHECKED = "PRAGMA integrity_check"


def test_concurrent_migrations_of_empty_file_succeed(node: Node) -> None:
    assert node.folder.joinpath("ended").read_text(encoding="utf-8") == "00000000"
    assert node.rows("SELECT count(*) FROM alembic_version") == [(1,)]


def test_concurrent_writers_queue_and_one_gets_a_unique_name(node: Node) -> None:
    async def race(service: Service) -> tuple[list[int], list[int]]:
        async with writer(service) as client:
            return await create(client, many(50)), await create(client, ["same"] * 50)

    with node.serving(WEB_CONCURRENCY="3") as service:
        different, same = asyncio.run(race(service))

    assert different == [201] * 50
    assert (same.count(201), same.count(409)) == (1, 49)
    assert node.rows(COUNTED) == [(51, 102)]


def test_locked_file_returns_503_after_busy_timeout(
    busy_node: tuple[Node, Service],
) -> None:
    node, service = busy_node

    async def wait() -> list[TimedResponse]:
        async with writer(service) as client:
            with node.locked():
                refused = await send(client, "POST", ITEMS, name="late")
                others = [await send(client, "GET", path) for path in (ITEMS, READY)]
            return [refused, *others, await send(client, "POST", ITEMS, name="late")]

    refused, *others = asyncio.run(wait())
    causes = [line["cause"] for line in service.records() if "cause" in line]

    assert (refused.status, refused.error) == (503, "database_unavailable")
    assert "OperationalError SQLITE_BUSY" in causes
    assert [response.status for response in others] == [200, 200, 201]


def test_full_disk_returns_503_until_there_is_space(
    busy_node: tuple[Node, Service],
) -> None:
    node, service = busy_node
    process, limit = service.process.pid, resource.RLIMIT_FSIZE
    before = resource.prlimit(process, limit)

    async def fill() -> list[TimedResponse]:
        async with writer(service) as client:
            kept = await send(client, "POST", ITEMS, name="kept")
            room = node.folder.joinpath("app.db-wal").stat().st_size
            resource.prlimit(process, limit, (room, before[1]))
            refused = await send(client, "POST", ITEMS, name="refused")
            read = await send(client, "GET", ITEMS)
            resource.prlimit(process, limit, before)
            again = await send(client, "POST", ITEMS, name="refused")
            return [kept, refused, read, again]

    answers = asyncio.run(fill())

    assert [response.status for response in answers] == [201, 503, 200, 201]
    assert node.rows(CHECKED) == [("ok",)]


def test_disconnected_client_leaves_no_partial_write(
    busy_node: tuple[Node, Service],
) -> None:
    node, service = busy_node

    async def hang_up() -> list[int]:
        async with writer(service) as client:
            with node.locked():
                writing = asyncio.create_task(create(client, many(10, "hung up")))
                await asyncio.sleep(0.3)
                writing.cancel()
                await asyncio.wait([writing])
            return await create(client, many(20, "next"))

    assert asyncio.run(hang_up()) == [201] * 20
    assert node.rows("SELECT count(*) FROM items WHERE name LIKE 'next %'") == [(20,)]
    assert node.rows(HALF) == [(0,)]


def test_read_only_file_returns_503_for_writes(
    node: Node,
) -> None:
    url = f"sqlite+aiosqlite:///file:{node.file}?mode=ro&uri=true"
    # The state after a service has stopped.
    assert node.rows("PRAGMA journal_mode=WAL") == [("wal",)]

    async def write(service: Service) -> list[int]:
        async with service.client() as client:
            person = {"email": "ada@example.com", "password": PASSWORD}
            refused = await send(client, "POST", "/api/v1/auth/register", **person)
            return [refused.status, (await send(client, "GET", ITEMS)).status]

    with node.serving(DATABASE_URL=url) as service:
        assert asyncio.run(write(service)) == [503, 200]


def test_killed_process_loses_no_acknowledged_write(node: Node) -> None:
    kept: list[str] = []

    async def write(client: AsyncClient, service: Service, number: int) -> None:
        for name in many(1000, f"writer {number}"):
            response = await client.post(ITEMS, json={"name": name, "tags": ["a"]})
            if response.status_code == 201:
                kept.append(name)
            if len(kept) >= 50:
                service.process.kill()

    async def write_until_killed(service: Service) -> list[BaseException | None]:
        async with writer(service) as client:
            writing = [write(client, service, number) for number in range(8)]
            return await asyncio.gather(*writing, return_exceptions=True)

    with node.serving() as service:
        outcomes = asyncio.run(write_until_killed(service))

    assert all(isinstance(outcome, HTTPError) for outcome in outcomes)
    assert {*kept} <= {str(name) for (name,) in node.rows(NAMES)}
    assert node.rows(CHECKED) == [("ok",)]
    with node.serving() as service:
        assert service.get(ITEMS).status_code == 200


def test_containers_share_the_database_volume(render: Project) -> None:
    project = render(ON_A_FILE)
    compose = yaml.safe_load((project / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]

    assert {*services} == {"migrate", "api"}
    for service in services.values():
        assert service["volumes"] == ["data:/data"]
        assert ":////data/" in service["environment"]["DATABASE_URL"]
    assert {*compose["volumes"]} == {"data"}
    assert "--owner=10001" in (project / "Dockerfile").read_text(encoding="utf-8")


def test_only_the_driver_of_the_database_is_installed(project: Project) -> None:
    installed = project(ON_A_FILE).joinpath(".venv").glob("lib/*/site-packages/*")
    names = {path.name for path in installed}

    assert "aiosqlite" in names
    assert not [name for name in names if re.match("asyncpg|psycopg", name)]
