"""Routes of refresh tokens: each token is used once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import update

from app.core.clock import utc_now
from app.core.security import hash_token
from app.db import Database
from app.models.token import RefreshToken
from app.models.user import User
from tests.factories import make_user

ADA, GRACE = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
async def two_logins(database: Database) -> None:
    async with database.session() as session:
        session.add(make_user(id=ADA))
        await session.flush()
        session.add_all([make_token("here"), make_token("there")])


async def successor(client: AsyncClient, token: str) -> str:
    """Use a token, and return its successor."""
    response = await refresh(client, token)
    assert response.status_code == 200, response.text
    return str(response.json()["refresh_token"])


ADA, GRACE = UUID(int=1), UUID(int=2)


def make_token(token: str, user_id: UUID = ADA) -> RefreshToken:
    """Create the first token of a family."""
    return RefreshToken(
        digest=hash_token(token),
        family_id=uuid4(),
        user_id=user_id,
        expires_at=utc_now() + timedelta(days=1),
    )


async def refresh(client: AsyncClient, token: str) -> Response:
    body = {"refresh_token": token}
    return await client.post("/api/v1/auth/refresh", json=body)


def is_rejected(response: Response) -> bool:
    return (
        response.status_code == 401
        and response.json()["error"] == "refresh_token_rejected"
        and response.headers["WWW-Authenticate"] == "Bearer"
    )


@pytest.fixture
async def grace(database: Database) -> str:
    """The refresh token of another user."""
    async with database.session() as session:
        session.add(make_user(id=GRACE, email="grace@example.com"))
        await session.flush()
        session.add(make_token("hers", GRACE))
    return "hers"


async def test_token_with_lone_surrogate_is_rejected(client: AsyncClient) -> None:
    body = rb'{"refresh_token": "half \ud800"}'
    kind = {"Content-Type": "application/json"}

    response = await client.post("/api/v1/auth/refresh", content=body, headers=kind)

    assert is_rejected(response)


async def test_refresh_token_is_no_access_token(client: AsyncClient) -> None:
    headers = {"Authorization": "Bearer here"}

    assert (await client.get("/api/v1/users/me", headers=headers)).status_code == 401


async def test_expired_refresh_token_is_rejected(
    client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        await session.execute(update(RefreshToken).values(expires_at=utc_now()))

    assert is_rejected(await refresh(client, "here"))


async def test_refresh_token_of_an_inactive_user_is_rejected(
    client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        await session.execute(update(User).values(is_active=False))

    assert is_rejected(await refresh(client, "here"))


@pytest.mark.parametrize("token", ["", "x" * 513])
async def test_refresh_token_of_invalid_length_is_rejected(
    token: str, client: AsyncClient
) -> None:
    assert (await refresh(client, token)).status_code == 422


async def test_refresh_returns_a_new_refresh_token(client: AsyncClient) -> None:
    second = await successor(client, "here")
    third = await successor(client, second)

    assert len({"here", second, third}) == 3


@pytest.mark.parametrize("token", ["unknown", "nul\x00", "x" * 512])
async def test_unknown_refresh_token_is_rejected(
    token: str, client: AsyncClient
) -> None:
    assert is_rejected(await refresh(client, token))
