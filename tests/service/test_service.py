"""The contract of a generated service, over HTTP and with PostgreSQL."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from extensions.postgresql import Server
from extensions.serving import environment, migrate
from tests.support.fixture_types import Project
from tests.support.running_service import until
from tests.support.service import ITEMS, Service, log_in, running

PROBLEM = {"type", "title", "status", "detail", "error", "request_id"}
NOWHERE = f"{ITEMS}/00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def service(
    project: Project, postgresql: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Start a service of the default answers."""
    variables = environment(postgresql.database(), CORS_ORIGINS="https://a.example")
    migrate(project(), variables)
    log = tmp_path_factory.mktemp("service") / "log"
    with running(project(), log, variables) as service:
        yield service


async def write(service: Service, method: str, path: str, **members: Any) -> Response:
    async with service.client() as client:
        headers = await log_in(client, "writer")
        return await client.request(method, path, json=members, headers=headers)


def change(service: Service, method: str, path: str, **members: Any) -> Response:
    return asyncio.run(write(service, method, path, **members))


def test_item_is_created_read_updated_and_deleted(service: Service) -> None:
    created = change(service, "POST", ITEMS, name="lamp", tags=["b", "a"])
    place = f"{ITEMS}/{created.json()['id']}"
    changed = change(service, "PATCH", place, description="bright", tags=["c"])
    read = service.get(place)
    deleted = change(service, "DELETE", place)

    assert [created.status_code, changed.status_code] == [201, 200]
    assert created.json()["tags"] == ["a", "b"]
    assert read.json() == changed.json()
    assert (read.json()["name"], read.json()["tags"]) == ("lamp", ["c"])
    assert (deleted.status_code, service.get(place).status_code) == (204, 404)


def test_concurrent_creates_of_one_name_succeed_once(service: Service) -> None:
    async def race() -> list[int]:
        async with service.client() as client:
            headers = await log_in(client, "racer")
            client.headers.update(headers)
            answers = [client.post(ITEMS, json={"name": "wanted"}) for _ in range(50)]
            return [response.status_code for response in await asyncio.gather(*answers)]

    codes = asyncio.run(race())

    assert (codes.count(201), codes.count(409)) == (1, 49)


def test_list_order_is_stable(service: Service) -> None:
    for number in range(5):
        change(service, "POST", ITEMS, name=f"row {number}", tags=["x"])
    whole = service.get(f"{ITEMS}?limit=100").json()
    parts = [service.get(f"{ITEMS}?limit=1&offset={n}").json() for n in range(5)]

    assert whole["total"] == len(whole["items"]) >= 5
    assert [part["items"][0] for part in parts] == whole["items"][:5]


def test_reads_are_public_and_writes_need_a_token(service: Service) -> None:
    async def unsigned() -> Response:
        async with service.client() as client:
            return await client.post(ITEMS, json={"name": "x"})

    refused = asyncio.run(unsigned())

    assert service.get(ITEMS).status_code == 200
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/nowhere", 404, "route_not_found"),
        (NOWHERE, 404, "item_not_found"),
        (f"{ITEMS}?limit=0", 422, "invalid_request"),
        (f"{ITEMS}?offset=99999999999999999999999", 422, "invalid_request"),
        ("/api/v1/users/me", 401, "not_authenticated"),
        ("/api/v1/auth/token", 405, "method_not_allowed"),
    ],
)
def test_every_error_is_a_problem_document(
    service: Service, path: str, status: int, error: str
) -> None:
    response = service.get(path, headers={"X-Request-ID": "mine-1"})
    problem = response.json()

    assert response.headers["content-type"] == "application/problem+json"
    assert PROBLEM <= problem.keys()
    assert (response.status_code, problem["error"]) == (status, error)
    assert problem["request_id"] == response.headers["x-request-id"] == "mine-1"


def test_concurrent_requests_keep_their_request_ids(service: Service) -> None:
    async def many() -> list[tuple[str, str, str]]:
        async with service.client() as client:
            names = [f"id-{number}" for number in range(50)]
            responses = [
                client.get(NOWHERE, headers={"X-Request-ID": n}) for n in names
            ]
            answers = await asyncio.gather(*responses)
            given = [
                (a.headers["x-request-id"], a.json()["request_id"]) for a in answers
            ]
            return [(name, *ids) for name, ids in zip(names, given, strict=True)]

    assert all(len(set(ids)) == 1 for ids in asyncio.run(many()))


def test_malformed_request_id_is_replaced(service: Service) -> None:
    response = service.get("/health/live", headers={"X-Request-ID": "not one"})

    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", response.headers["x-request-id"])


def test_log_is_json_without_request_values(service: Service) -> None:
    service.get(f"{ITEMS}?limit=7&q=hunter2", headers={"X-Request-ID": "seen"})
    # The log record is written after the response is sent.
    asyncio.run(until(lambda: '"seen"' in service.log.read_text(encoding="utf-8")))
    records = service.records()
    lines = [record for record in records if record.get("request_id") == "seen"]

    assert any("Uvicorn running" in record["event"] for record in records)
    assert [line["route"] for line in lines] == [ITEMS]
    assert {"method", "status", "duration_ms", "level", "timestamp"} <= lines[0].keys()
    assert "hunter2" not in service.log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"ENVIRONMENT": "production", "DATABASE_URL": ""}, "DATABASE_URL"),
        ({"ENVIRONMENT": "production"}, "SECRET_KEY"),
        ({"SECRET_KEY": "k" * 31}, "SECRET_KEY"),
        ({"CORS_ORIGINS": "*"}, "CORS_ORIGINS"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"ENVIRONMENT": "staging"}, "ENVIRONMENT"),
    ],
)
def test_invalid_setting_fails_startup_with_its_name(
    project: Project, variables: dict[str, str], named: str, tmp_path: Path
) -> None:
    base = environment("postgresql+asyncpg://app@127.0.0.1:1/app")
    uvicorn = str(project() / ".venv/bin/uvicorn")
    command = [uvicorn, "app.main:create_app", "--factory"]
    ended = subprocess.run(
        command, cwd=project(), env=base | variables, capture_output=True, text=True
    )

    assert ended.returncode != 0
    assert any(line.startswith(f"{named}: ") for line in ended.stderr.splitlines())
