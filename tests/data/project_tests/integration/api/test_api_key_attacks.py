"""Attempts to use API keys for more than they are made for."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI, Request
from httpx2 import AsyncClient

from app.api.permissions import require
from app.api.rate_limit import caller_of
from app.api.security import CurrentUserId, OptionalCurrentUser
from app.core.ids import uuid7
from app.core.permissions import Permission
from app.db import Database
from app.models.user import User
from tests.factories import make_user
from tests.support.auth import bearer

KEYS, ME = "/api/v1/api-keys", "/api/v1/users/me"


@pytest.fixture
async def user(database: Database) -> User:
    """A user in the database."""
    async with database.session() as session:
        session.add(user := make_user())
    return user


@pytest.fixture
async def key(app: FastAPI, user: User, client: AsyncClient) -> str:
    """An API key that may read the profile."""
    body = {"name": "backup", "scopes": ["profile:read"], "expires_at": None}
    response = await client.post(KEYS, json=body, headers=bearer(app, user.id))
    return str(response.json()["key"])


@pytest.mark.parametrize(
    "change",
    [
        {"scopes": []},
        {"scopes": ["*"]},
        {"scopes": ["profile:read", "root"]},
        {"scopes": "profile:read"},
        {"user_id": str(uuid7())},
        {"key": "mine"},
        {"digest": "0" * 64},
        {"name": ""},
        {"name": "a\nb"},
        {"expires_at": "soon"},
    ],
)
async def test_key_is_created_with_known_fields_and_scopes_only(
    change: dict[str, Any], app: FastAPI, user: User, client: AsyncClient
) -> None:
    body = {"name": "backup", "scopes": ["profile:read"]} | change

    response = await client.post(KEYS, json=body, headers=bearer(app, user.id))

    assert response.status_code == 422


async def test_key_of_a_member_can_not_have_permissions_of_an_administrator(
    app: FastAPI, user: User, client: AsyncClient
) -> None:
    body = {"name": "backup", "scopes": ["users:write"]}

    response = await client.post(KEYS, json=body, headers=bearer(app, user.id))

    assert response.json()["error"] == "permission_denied"


async def test_key_loses_the_permissions_that_its_owner_loses(
    app: FastAPI, user: User, client: AsyncClient
) -> None:
    # The token is that of an administrator, the row is not.
    body = {"name": "backup", "scopes": ["users:read", "profile:read"]}
    session = bearer(app, user.id, role="administrator")
    created = (await client.post(KEYS, json=body, headers=session)).json()
    headers = {"Authorization": f"Bearer {created['key']}"}

    denied = await client.get("/api/v1/users", headers=headers)

    assert denied.json()["error"] == "permission_denied"
    assert (await client.get(ME, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1],
        lambda key: key + "0",
        lambda key: key.upper(),
        lambda key: key.rpartition("_")[0],
        lambda key: key.partition("_")[0] + "_",
        lambda key: f"{key}.{key}",
        lambda key: key[:-1] + "\xe9",
        lambda key: key + "%00",
        lambda key: "' OR '1'='1",
        lambda key: key[:10] + "0" * 10_000,
    ],
)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_changed_key_is_rejected(
    change: Any, scheme: str, key: str, client: AsyncClient
) -> None:
    value = f"{scheme} {change(key)}".encode("latin-1")

    response = await client.get(ME, headers=[(b"Authorization", value)])

    assert response.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        [("X-API-Key", "{key}")],
        [("Cookie", "Authorization=Bearer {key}")],
        [("Authorization", "Basic {key}")],
        [("Authorization", "{key}")],
        [("Authorization", "Bearer unknown"), ("Authorization", "Bearer {key}")],
    ],
)
async def test_key_is_read_from_the_first_bearer_header_only(
    headers: list[tuple[str, str]], key: str, client: AsyncClient
) -> None:
    sent = [(name, value.format(key=key)) for name, value in headers]

    assert (await client.get(ME, headers=sent)).status_code == 401


async def test_key_is_accepted_only_where_a_permission_is_stated(
    key: str, user: User, app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/own")
    async def own(user_id: CurrentUserId) -> str:
        return str(user_id)

    @app.get("/optional")
    async def optional(user_id: OptionalCurrentUser) -> str:
        return str(user_id)

    @app.get("/stated", dependencies=[require(Permission.PROFILE_READ)])
    async def stated(user_id: CurrentUserId) -> str:
        return str(user_id)

    headers = {"Authorization": f"Bearer {key}"}
    found = [await client.get(path, headers=headers) for path in ("/own", "/optional")]

    assert [it.json()["error"] for it in found] == ["session_required"] * 2
    assert (await client.get("/stated", headers=headers)).json() == str(user.id)


async def test_requests_are_counted_by_key_and_unknown_keys_by_address(
    key: str, app: FastAPI, client: AsyncClient, statements: list[str]
) -> None:
    callers: list[str] = []

    @app.get("/caller")
    async def caller(request: Request) -> None:
        callers.append(await caller_of(request))

    app.state.auth.unknown_keys.limit = 2
    statements.clear()
    for sent in (key, key, *[f"{key}{number}" for number in range(4)]):
        await client.get("/caller", headers={"Authorization": f"Bearer {sent}"})

    assert callers[0].startswith("key:")
    assert callers[0] == callers[1]
    assert {it.partition(":")[0] for it in callers[2:]} == {"address"}
    # After two unknown keys of an address none is looked up.
    assert len([one for one in statements if "api_keys" in one]) == 4


async def test_keys_of_other_users_are_not_listed(
    key: str, app: FastAPI, client: AsyncClient
) -> None:
    page = (await client.get(KEYS, headers=bearer(app, uuid7()))).json()

    assert (page["items"], page["total"]) == ([], 0)


async def test_revoked_key_is_not_found_again(
    key: str, user: User, app: FastAPI, client: AsyncClient
) -> None:
    session = bearer(app, user.id)
    (listed,) = (await client.get(KEYS, headers=session)).json()["items"]

    url = f"{KEYS}/{listed['id']}"
    found = [(await client.delete(url, headers=session)).status_code for _ in range(2)]

    assert found == [204, 404]
    assert (await client.get(KEYS, headers=session)).json()["items"] == []


async def test_key_expires_after_90_days_by_default(
    app: FastAPI, user: User, client: AsyncClient
) -> None:
    body = {"name": "backup", "scopes": ["profile:read"]}

    created = (await client.post(KEYS, json=body, headers=bearer(app, user.id))).json()

    start, end = (
        datetime.fromisoformat(created[it]) for it in ("created_at", "expires_at")
    )
    assert timedelta(days=89, hours=23) < end - start <= timedelta(days=90)
