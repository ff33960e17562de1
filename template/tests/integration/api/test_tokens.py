"""Refresh tokens over HTTP: each is used once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import update

from app.core.clock import utc_now
from app.core.security import digest
from app.db import Database
from app.models.token import RefreshToken
from app.models.user import User
from tests.factories import make_user

ADA, GRACE = UUID(int=1), UUID(int=2)


def make_token(token: str, user_id: UUID = ADA) -> RefreshToken:
    """Make what is stored of a token that starts a family."""
    return RefreshToken(
        digest=digest(token),
        family_id=uuid4(),
        user_id=user_id,
        expires_at=utc_now() + timedelta(days=1),
    )


@pytest.fixture(autouse=True)
async def signed_in_twice(database: Database) -> None:
    async with database.session() as session:
        session.add(make_user(id=ADA))
        await session.flush()
        session.add_all([make_token("here"), make_token("there")])


async def refresh(client: AsyncClient, token: str) -> Response:
    body = {"refresh_token": token}
    return await client.post("/api/v1/auth/refresh", json=body)


async def following(client: AsyncClient, token: str) -> str:
    """Use a token, and return the one that follows."""
    response = await refresh(client, token)
    assert response.status_code == 200, response.text
    return str(response.json()["refresh_token"])


def is_refused(response: Response) -> bool:
    return (
        response.status_code == 401
        and response.json()["error"] == "refresh_token_rejected"
        and response.headers["WWW-Authenticate"] == "Bearer"
    )


async def test_a_token_is_exchanged_for_the_next(client: AsyncClient) -> None:
    second = await following(client, "here")
    third = await following(client, second)

    assert len({"here", second, third}) == 3


async def test_a_token_that_comes_twice_is_refused(client: AsyncClient) -> None:
    await following(client, "here")

    assert is_refused(await refresh(client, "here"))


async def test_a_token_that_comes_twice_ends_its_family(client: AsyncClient) -> None:
    second = await following(client, "here")

    await refresh(client, "here")

    assert is_refused(await refresh(client, second))


async def test_another_login_survives_the_end_of_a_family(client: AsyncClient) -> None:
    await following(client, "here")

    await refresh(client, "here")

    assert await following(client, "there")


@pytest.fixture
async def grace(database: Database) -> str:
    """The token of somebody else."""
    async with database.session() as session:
        session.add(make_user(id=GRACE, email="grace@example.com"))
        await session.flush()
        session.add(make_token("hers", GRACE))
    return "hers"


async def test_a_token_is_exchanged_for_those_of_its_own_user(
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


async def test_the_end_of_a_family_is_nothing_to_anybody_else(
    grace: str, client: AsyncClient
) -> None:
    await following(client, "here")

    assert is_refused(await refresh(client, "here"))
    assert await following(client, grace)


async def test_a_refresh_token_does_not_say_who_is_calling(client: AsyncClient) -> None:
    headers = {"Authorization": "Bearer here"}

    assert (await client.get("/api/v1/users/me", headers=headers)).status_code == 401


async def test_a_token_that_is_too_old_is_refused(
    client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        await session.execute(update(RefreshToken).values(expires_at=utc_now()))

    assert is_refused(await refresh(client, "here"))


async def test_a_token_of_somebody_deactivated_is_refused(
    client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        await session.execute(update(User).values(is_active=False))

    assert is_refused(await refresh(client, "here"))


@pytest.mark.parametrize("token", ["unknown", "nul\x00", "x" * 512])
async def test_a_token_that_we_did_not_make_is_refused(
    token: str, client: AsyncClient
) -> None:
    assert is_refused(await refresh(client, token))


@pytest.mark.parametrize("token", ["", "x" * 513])
async def test_what_can_be_no_token_is_invalid(token: str, client: AsyncClient) -> None:
    assert (await refresh(client, token)).status_code == 422


async def test_half_a_character_is_no_token(client: AsyncClient) -> None:
    body = rb'{"refresh_token": "half \ud800"}'
    kind = {"Content-Type": "application/json"}

    response = await client.post("/api/v1/auth/refresh", content=body, headers=kind)

    assert is_refused(response)
