"""Routes of the current user."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import update

from app.core.clock import utc_now
from app.db import Database
from app.models.user import User
from tests.factories import make_user


@pytest.fixture
async def user(database: Database) -> User:
    """A user in the database."""
    async with database.session() as session:
        session.add(user := make_user())
    return user


async def me(client: AsyncClient, token: str) -> Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await client.get("/api/v1/users/me", headers=headers)


async def test_access_token_identifies_the_user(
    user: User, app: FastAPI, client: AsyncClient
) -> None:
    response = await me(client, app.state.auth.signer.sign(user.id, utc_now()))

    assert response.status_code == 200
    assert response.json().keys() == {"id", "email", "created_at"}
    assert response.json()["email"] == "ada@example.com"


async def test_users_read_only_their_own_data(
    user: User, app: FastAPI, client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        session.add(other := make_user(email="grace@example.com"))
    ours, theirs = (app.state.auth.signer.sign(u.id, utc_now()) for u in (user, other))

    own = [(await me(client, token)).json()["email"] for token in (ours, theirs)]
    asked = await client.get(
        f"/api/v1/users/{other.id}", headers={"Authorization": f"Bearer {ours}"}
    )

    assert own == ["ada@example.com", "grace@example.com"]
    assert asked.is_client_error
    assert other.email not in asked.text


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic YTpi"}])
async def test_request_without_a_token_is_not_authenticated(
    header: dict[str, str], client: AsyncClient
) -> None:
    response = await client.get("/api/v1/users/me", headers=header)

    assert (response.status_code, response.json()["error"]) == (
        401,
        "not_authenticated",
    )
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_access_token_of_an_inactive_user_is_rejected(
    user: User, app: FastAPI, client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        await session.execute(update(User).values(is_active=False))

    response = await me(client, app.state.auth.signer.sign(user.id, utc_now()))

    assert response.status_code == 401


async def test_expired_access_token_is_rejected(
    user: User, app: FastAPI, client: AsyncClient
) -> None:
    past = utc_now() - timedelta(hours=1)

    response = await me(client, app.state.auth.signer.sign(user.id, past))

    assert response.status_code == 401
