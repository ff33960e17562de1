"""Routes of refresh tokens: each token is used once, here without a grace period."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.api.security import AuthServices
from app.core.clock import utc_now
from app.core.security import AuthSettings, hash_token
from app.db import Database
from app.models.token import RefreshToken
from tests.factories import make_settings, make_user

ADA, GRACE = UUID(int=1), UUID(int=2)


def make_token(token: str, user_id: UUID = ADA) -> RefreshToken:
    """Create the first token of a family."""
    return RefreshToken(
        digest=hash_token(token),
        family_id=uuid4(),
        user_id=user_id,
        expires_at=utc_now() + timedelta(days=1),
    )


@pytest.fixture(autouse=True)
async def two_logins(app: FastAPI, database: Database) -> None:
    once = make_settings(auth=AuthSettings(refresh_grace_seconds=0))
    app.state.auth = AuthServices.from_settings(once)
    async with database.session() as session:
        session.add(make_user(id=ADA))
        await session.flush()
        session.add_all([make_token("here"), make_token("there")])


async def refresh(client: AsyncClient, token: str) -> Response:
    body = {"refresh_token": token}
    return await client.post("/api/v1/auth/refresh", json=body)


async def successor(client: AsyncClient, token: str) -> str:
    """Use a token, and return its successor."""
    response = await refresh(client, token)
    assert response.status_code == 200, response.text
    return str(response.json()["refresh_token"])


def is_rejected(response: Response) -> bool:
    return (
        response.status_code == 401
        and response.json()["error"] == "refresh_token_rejected"
        and response.headers["WWW-Authenticate"] == "Bearer"
    )


async def test_reused_refresh_token_revokes_its_family(client: AsyncClient) -> None:
    second = await successor(client, "here")

    assert is_rejected(await refresh(client, "here"))
    assert is_rejected(await refresh(client, second))


@pytest.fixture
async def grace(database: Database) -> str:
    """The refresh token of another user."""
    async with database.session() as session:
        session.add(make_user(id=GRACE, email="grace@example.com"))
        await session.flush()
        session.add(make_token("hers", GRACE))
    return "hers"


async def test_refresh_returns_tokens_of_the_same_user(
    grace: str, app: FastAPI, client: AsyncClient
) -> None:
    access = {
        token: (await refresh(client, token)).json()["access_token"]
        for token in ("here", grace)
    }

    read = app.state.auth.signer.verify
    assert {token: read(one) for token, one in access.items()} == {
        "here": ADA,
        grace: GRACE,
    }


async def test_other_users_survive_a_revocation(
    grace: str, client: AsyncClient
) -> None:
    await successor(client, "here")

    assert is_rejected(await refresh(client, "here"))
    assert await successor(client, grace)


async def test_other_logins_of_the_user_survive_a_revocation(
    client: AsyncClient,
) -> None:
    await successor(client, "here")

    await refresh(client, "here")

    assert await successor(client, "there")
