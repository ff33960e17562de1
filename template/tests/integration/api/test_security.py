"""Authentication of requests."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.security import RequireUser
from app.core.clock import utc_now
from app.core.ids import uuid7
from app.models import Base
from tests.open_routes import OPEN_ROUTES
from tests.support.auth import bearer
from tests.support.rows import insert_rows


@pytest.fixture
def write(app: FastAPI) -> str:
    """The path of a route that needs a user."""

    @app.post("/write", dependencies=[RequireUser])
    async def write() -> None: ...

    return "/write"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer not-a-token"}])
async def test_route_that_needs_a_user_rejects_other_requests(
    header: dict[str, str], write: str, client: AsyncClient
) -> None:
    response = await client.post(write, headers=header)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_route_that_needs_a_user_accepts_a_token(
    write: str, app: FastAPI, client: AsyncClient
) -> None:
    token = app.state.auth.signer.sign(uuid7(), utc_now())

    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.post(write, headers=headers)).status_code == 200


def test_every_write_needs_a_user_or_is_on_the_open_list(app: FastAPI) -> None:
    unguarded = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if method != "get" and {} in operation.get("security", [{}])
    }

    assert unguarded == OPEN_ROUTES


def insert_owned_rows(connection: sa.Connection) -> set[str]:
    """Insert users and rows that belong to them; return every UUID in these rows."""
    owned = {"users"}
    for table in Base.metadata.sorted_tables:
        if owned & {key.referred_table.name for key in table.foreign_key_constraints}:
            owned.add(table.name)
    insert_rows(connection, owned)
    columns = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if table.name in owned and isinstance(column.type, sa.Uuid)
    ]
    found = [connection.scalars(sa.select(column)).all() for column in columns]
    return {str(value) for values in found for value in values if value}


def routes_with_ids(schema: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the routes that need a user, and the UUIDs in their paths by name."""
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            names = [
                one["name"]
                for one in operation.get("parameters", [])
                if one["in"] == "path" and one["schema"].get("format") == "uuid"
            ]
            if names and {} not in operation.get("security", [{}]):
                yield method, path, names


@pytest.fixture
def routes(app: FastAPI) -> list[tuple[str, str, list[str]]]:
    """The routes with IDs. To make the schema blocks, which an async test may not."""
    return [*routes_with_ids(app.openapi())]


async def test_rows_of_other_users_are_not_reachable_by_their_ids(
    routes: list[tuple[str, str, list[str]]],
    app: FastAPI,
    client: AsyncClient,
    connection: AsyncConnection,
) -> None:
    ids = await connection.run_sync(insert_owned_rows)
    client.headers.update(bearer(app, uuid7()))

    reached = []
    for method, path, names in routes:
        for other in ids:
            url = path.format_map(dict.fromkeys(names, other))
            # Without a body where one is required, a request decides nothing: 422.
            response = await client.request(method, url, json={})
            if response.status_code not in (401, 403, 404, 422):
                reached.append((method, path, response.status_code))

    assert reached == []
