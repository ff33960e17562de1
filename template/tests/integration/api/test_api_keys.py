"""API keys."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import update

from app.api.permissions import require
from app.core.clock import utc_now
from app.core.ids import uuid7
from app.core.permissions import Permission
from app.db import Database
from app.models.api_key import API_KEYS
from app.models.user import User
from tests.factories import make_user
from tests.support.auth import bearer

KEYS, ME = "/api/v1/api-keys", "/api/v1/users/me"
READER = {"name": "backup", "scopes": ["profile:read"]}


@pytest.fixture
async def user(database: Database) -> User:
    """A user in the database."""
    async with database.session() as session:
        session.add(user := make_user())
    return user


@pytest.fixture
def session(app: FastAPI, user: User) -> dict[str, str]:
    """The header of a user who has logged in."""
    return bearer(app, user.id)


@pytest.fixture
async def created(session: dict[str, str], client: AsyncClient) -> dict[str, Any]:
    """An API key that may read the profile."""
    response = await client.post(KEYS, json=READER, headers=session)
    assert response.status_code == 201
    key: dict[str, Any] = response.json()
    return key


def header(key: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


async def test_key_is_shown_once_and_stored_as_a_digest(
    created: dict[str, Any],
    session: dict[str, str],
    client: AsyncClient,
    database: Database,
) -> None:
    (listed,) = (await client.get(KEYS, headers=session)).json()["items"]
    (stored,) = await database.fetch(API_KEYS.select())

    assert listed == {name: it for name, it in created.items() if name != "key"}
    assert created["key"].startswith(f"{listed['prefix']}_")
    assert created["key"] not in map(str, stored.values())


async def test_key_identifies_its_owner_with_one_query(
    created: dict[str, Any], client: AsyncClient, statements: list[str]
) -> None:
    await client.get(ME, headers=header(created))  # It records the use.
    statements.clear()

    response = await client.get(ME, headers=header(created))

    assert response.json()["email"] == "ada@example.com"
    assert len([one for one in statements if "api_keys" in one]) == 1


async def test_use_of_a_key_is_recorded(
    created: dict[str, Any], session: dict[str, str], client: AsyncClient
) -> None:
    await client.get(ME, headers=header(created))

    (listed,) = (await client.get(KEYS, headers=session)).json()["items"]
    assert (created["last_used_at"], listed["last_used_at"] is None) == (None, False)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", KEYS), ("GET", KEYS), ("DELETE", f"{KEYS}/{uuid7()}")]
)
async def test_key_manages_no_keys(
    method: str, path: str, created: dict[str, Any], client: AsyncClient
) -> None:
    response = await client.request(method, path, headers=header(created))

    assert (response.status_code, response.json()["error"]) == (403, "session_required")


@pytest.mark.parametrize("end", ["revoked", "expired", "inactive"])
async def test_key_that_is_not_valid_any_more_is_rejected(
    end: str,
    created: dict[str, Any],
    session: dict[str, str],
    app: FastAPI,
    client: AsyncClient,
    database: Database,
) -> None:
    @app.get("/profile", dependencies=[require(Permission.PROFILE_READ)])
    async def profile() -> None: ...

    if end == "revoked":
        await client.delete(f"{KEYS}/{created['id']}", headers=session)
    past = utc_now() - timedelta(seconds=1)
    change = {
        "revoked": update(User).values(updated_at=past),
        "expired": update(API_KEYS).values(expires_at=past),
        "inactive": update(User).values(is_active=False),
    }[end]
    async with database.session() as transaction:
        await transaction.execute(change)

    response = await client.get("/profile", headers=header(created))

    assert (response.status_code, response.json()["error"]) == (
        401,
        "not_authenticated",
    )


async def test_key_of_another_user_is_not_found(
    created: dict[str, Any], app: FastAPI, client: AsyncClient
) -> None:
    other = bearer(app, uuid7())

    response = await client.delete(f"{KEYS}/{created['id']}", headers=other)

    assert (response.status_code, response.json()["error"]) == (
        404,
        "api_key_not_found",
    )
    assert (await client.get(ME, headers=header(created))).status_code == 200


async def test_unknown_keys_are_throttled_by_address(
    created: dict[str, Any], app: FastAPI, client: AsyncClient
) -> None:
    app.state.auth.unknown_keys.limit = 3

    unknown = {"Authorization": f"Bearer {created['key'][:-1]}"}
    found = [(await client.get(ME, headers=unknown)).status_code for _ in range(4)]

    assert found == [401, 401, 401, 429]
