"""Routes of the current user."""

from base64 import urlsafe_b64encode

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.core.clock import utc_now
from app.core.ids import uuid7
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


@pytest.mark.parametrize(
    "head",
    [b"[" * 40_000, b'{"alg": []}', b'{"alg": "none"}', b"\xff", b"9" * 5000, b'"x"'],
    ids=lambda head: repr(head)[:40],
)
async def test_malformed_token_is_rejected(head: bytes, client: AsyncClient) -> None:
    token = f"{urlsafe_b64encode(head).decode().rstrip('=')}.e30.e30"

    assert (await me(client, token)).status_code == 401


async def test_access_token_of_an_unknown_user_is_rejected(
    app: FastAPI, client: AsyncClient
) -> None:
    response = await me(client, app.state.auth.signer.sign(uuid7(), utc_now()))

    assert response.status_code == 401
