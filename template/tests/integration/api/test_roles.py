"""The administration of users."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import insert

from app.core.permissions import Role
from app.db import Database
from app.models.role import USER_ROLES
from tests.factories import make_user
from tests.support.auth import PHRASE, bearer

USERS = "/api/v1/users"
REGISTER, LOGIN, REFRESH = (
    f"/api/v1/auth/{name}" for name in ("register", "token", "refresh")
)
GRACE = {"email": "grace@example.com", "password": PHRASE}


@pytest.fixture
async def administrator(database: Database, app: FastAPI) -> dict[str, str]:
    """The header of an administrator's requests."""
    async with database.session() as session:
        session.add(user := make_user())
        await session.flush()
        values = {"user_id": user.id, "role": Role.ADMINISTRATOR}
        await session.execute(insert(USER_ROLES).values(values))
    return bearer(app, user.id, role=Role.ADMINISTRATOR)


@pytest.fixture
async def member(client: AsyncClient) -> UUID:
    """A user who has registered."""
    await client.post(REGISTER, json=GRACE)
    access = (await log_in(client))["access_token"]
    headers = {"Authorization": f"Bearer {access}"}
    me = (await client.get(f"{USERS}/me", headers=headers)).json()
    return UUID(me["id"])


async def log_in(client: AsyncClient) -> dict[str, Any]:
    form = {"username": GRACE["email"], "password": GRACE["password"]}
    tokens: dict[str, Any] = (await client.post(LOGIN, data=form)).json()
    return tokens


async def test_member_is_denied(member: UUID, client: AsyncClient) -> None:
    access = (await log_in(client))["access_token"]
    headers = {"Authorization": f"Bearer {access}"}

    change = {"role": "administrator"}
    responses = [
        await client.get(USERS, headers=headers),
        await client.patch(f"{USERS}/{member}", json=change, headers=headers),
    ]

    errors = [(it.status_code, it.json()["error"]) for it in responses]
    assert errors == [(403, "permission_denied")] * 2


async def test_role_is_rejected_when_registering(client: AsyncClient) -> None:
    response = await client.post(REGISTER, json=GRACE | {"role": "administrator"})

    assert response.status_code == 422


async def test_new_role_has_effect_at_the_next_refresh(
    administrator: dict[str, str], member: UUID, client: AsyncClient
) -> None:
    tokens = await log_in(client)
    url = f"{USERS}/{member}"
    change = {"role": "administrator"}
    changed = await client.patch(url, json=change, headers=administrator)

    fresh = await client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})
    headers = {"Authorization": f"Bearer {fresh.json()['access_token']}"}

    assert changed.json()["role"] == "administrator"
    assert (await client.get(USERS, headers=headers)).status_code == 200


async def test_deactivated_user_is_logged_out(
    administrator: dict[str, str], member: UUID, client: AsyncClient
) -> None:
    tokens = await log_in(client)
    url = f"{USERS}/{member}"
    await client.patch(url, json={"is_active": False}, headers=administrator)
    await client.patch(url, json={"is_active": True}, headers=administrator)

    response = await client.post(
        REFRESH, json={"refresh_token": tokens["refresh_token"]}
    )

    assert response.json()["error"] == "refresh_token_rejected"


@pytest.mark.parametrize("change", [{"role": "member"}, {"is_active": False}])
async def test_last_administrator_stays_one(
    change: dict[str, Any], administrator: dict[str, str], client: AsyncClient
) -> None:
    (user,) = (await client.get(USERS, headers=administrator)).json()["items"]
    url = f"{USERS}/{user['id']}"

    response = await client.patch(url, json=change, headers=administrator)

    assert response.json()["error"] == "last_administrator"
    assert (await client.get(USERS, headers=administrator)).json()["items"] == [user]


async def test_former_administrator_changes_no_user(
    member: UUID, app: FastAPI, client: AsyncClient
) -> None:
    former = bearer(app, member, role=Role.ADMINISTRATOR)

    change = {"role": "administrator"}
    response = await client.patch(f"{USERS}/{member}", json=change, headers=former)

    assert response.json()["error"] == "permission_denied"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["ada", "grace"]),
        ({"sort": "-email"}, ["grace", "ada"]),
        ({"email": "GRACE@"}, ["grace"]),
        ({"role": "administrator"}, ["ada"]),
        ({"role": "member"}, ["grace"]),
        ({"is_active": False}, []),
    ],
)
async def test_filters_select_users(
    query: dict[str, Any],
    names: list[str],
    administrator: dict[str, str],
    member: UUID,
    client: AsyncClient,
) -> None:
    response = await client.get(USERS, params=query, headers=administrator)

    emails = [user["email"] for user in response.json()["items"]]
    assert emails == [f"{name}@example.com" for name in names]
    assert response.json()["total"] == len(names)
