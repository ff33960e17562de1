"""Attempts to get permissions that a role does not grant."""

import asyncio
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import create_async_engine

from app import users as command
from app.core.clock import utc_now
from app.core.ids import uuid7
from app.core.permissions import Role
from app.db import Database
from app.models.role import USER_ROLES
from app.models.user import User
from tests.factories import make_user
from tests.support.auth import bearer

USERS = "/api/v1/users"
REGISTER = "/api/v1/auth/register"
CREDENTIALS = {
    "email": "grace@example.com",
    "password": "correct-horse",  # pragma: allowlist secret
}


async def store(database: Database, email: str, role: Role | None = None) -> User:
    async with database.session() as session:
        session.add(user := make_user(email=email))
        await session.flush()
        if role is not None:
            values = {"user_id": user.id, "role": role.value}
            await session.execute(insert(USER_ROLES).values(values))
    return user


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "administrator"},
        {"roles": ["administrator"]},
        {"permissions": ["users:write"]},
        {"is_active": True},
        {"is_admin": True},
        {"user_role": {"role": "administrator"}},
    ],
)
async def test_registration_assigns_no_field_in_bulk(
    fields: dict[str, Any], client: AsyncClient, database: Database
) -> None:
    response = await client.post(REGISTER, json=CREDENTIALS | fields)

    assert response.status_code == 422
    assert await database.fetchval(select(func.count()).select_from(USER_ROLES)) == 0


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", USERS),
        ("GET", f"{USERS}?role=administrator"),
        ("PATCH", f"{USERS}/{uuid7()}"),
        ("PATCH", f"{USERS}/{uuid7()}?role=administrator"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Role": "administrator", "X-Permissions": "users:write"},
        {"X-HTTP-Method-Override": "GET", "X-Original-URL": "/api/v1/users/me"},
        {"X-Forwarded-User": "administrator"},
    ],
)
async def test_member_reaches_no_route_of_administrators(
    method: str, url: str, headers: dict[str, str], app: FastAPI, client: AsyncClient
) -> None:
    member = bearer(app, uuid7())

    response = await client.request(
        method, url, json={"role": "administrator"}, headers=member | headers
    )

    assert (response.status_code, response.json()["error"]) == (
        403,
        "permission_denied",
    )


@pytest.mark.parametrize("role", ["root", "", None, 1, ["administrator"], {}])
async def test_unknown_role_in_a_token_is_not_authenticated(
    role: Any, app: FastAPI, client: AsyncClient
) -> None:
    key = app.state.settings.secret.key[0].get_secret_value()
    token = bearer(app, uuid7())["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    forged = jwt.encode(claims | {"role": role}, key)

    response = await client.get(USERS, headers={"Authorization": f"Bearer {forged}"})

    assert response.status_code == 401


async def test_token_without_a_role_is_that_of_a_member(
    app: FastAPI, client: AsyncClient
) -> None:
    key = app.state.settings.secret.key[0].get_secret_value()
    token = bearer(app, uuid7())["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    del claims["role"]
    old = jwt.encode(claims, key)

    response = await client.get(USERS, headers={"Authorization": f"Bearer {old}"})

    assert response.status_code == 403


async def test_inactive_administrator_changes_no_user(
    app: FastAPI, client: AsyncClient, database: Database
) -> None:
    user = await store(database, "ada@example.com", Role.ADMINISTRATOR)
    await store(database, "grace@example.com", Role.ADMINISTRATOR)
    async with database.session() as session:
        await session.execute(
            update(User).where(User.email == user.email).values(is_active=False)
        )

    response = await client.patch(
        f"{USERS}/{user.id}",
        json={"is_active": True},
        headers=bearer(app, user.id, role=Role.ADMINISTRATOR),
    )

    assert response.json()["error"] == "permission_denied"


@pytest.mark.parametrize(
    "body",
    [
        {"role": "root"},
        {"role": None},
        {"is_active": None},
        {"is_active": "false"},
        {"is_active": 0},
        {"email": "other@example.com"},
        {"password_hash": "!"},
        {"id": str(uuid7())},
    ],
)
async def test_other_fields_and_values_are_rejected(
    body: dict[str, Any], app: FastAPI, client: AsyncClient, database: Database
) -> None:
    user = await store(database, "ada@example.com", Role.ADMINISTRATOR)
    headers = bearer(app, user.id, role=Role.ADMINISTRATOR)

    response = await client.patch(f"{USERS}/{user.id}", json=body, headers=headers)

    assert response.status_code == 422


async def test_empty_change_changes_nothing(
    app: FastAPI, client: AsyncClient, database: Database
) -> None:
    user = await store(database, "ada@example.com", Role.ADMINISTRATOR)
    headers = bearer(app, user.id, role=Role.ADMINISTRATOR)

    response = await client.patch(f"{USERS}/{user.id}", json={}, headers=headers)

    assert response.json()["role"] == "administrator"
    assert response.json()["is_active"] is True


async def test_administrators_who_demote_each_other_leave_one(
    committing_app: FastAPI,
) -> None:
    url = committing_app.state.settings.database.url.get_secret_value()
    ids = [uuid7(), uuid7()]
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for number, user_id in enumerate(ids):
            values = {
                "id": user_id,
                "email": f"{number}@example.com",
                "password_hash": "!",
                "is_active": True,
                "created_at": utc_now(),
                "updated_at": utc_now(),
            }
            await connection.execute(insert(User).values(values))
            role = {"user_id": user_id, "role": "administrator"}
            await connection.execute(insert(USER_ROLES).values(role))
    transport = ASGITransport(committing_app)
    async with AsyncClient(transport=transport, base_url="http://test") as client:

        async def demote(caller: Any, other: Any) -> int:
            response = await client.patch(
                f"{USERS}/{other}",
                json={"role": "member"},
                headers=bearer(committing_app, caller, role=Role.ADMINISTRATOR),
            )
            return int(response.status_code)

        statuses = await asyncio.gather(demote(*ids), demote(*reversed(ids)))
    async with engine.begin() as connection:
        left = await connection.scalar(
            select(func.count()).where(USER_ROLES.c.role == "administrator")
        )
    await engine.dispose()
    await committing_app.state.database.close()

    # The second one is no administrator any more.
    assert (sorted(statuses), left) == ([200, 403], 1)


@pytest.mark.blocks
def test_command_assigns_a_role_or_names_what_is_wrong(
    committing_app: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = committing_app.state.settings.database.url.get_secret_value()
    monkeypatch.setenv("DATABASE_URL", url)

    command.main(["role", "ADA@example.com", "administrator"])
    printed = capsys.readouterr().out
    with pytest.raises(SystemExit, match="no user with this address"):
        command.main(["role", "unknown@example.com", "member"])
    with pytest.raises(SystemExit):
        command.main(["role", "ada@example.com", "root"])

    assert "ada@example.com: active, administrator, " in printed
