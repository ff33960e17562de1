"""Routes of sessions."""

import pytest
from httpx2 import AsyncClient

from tests.support.auth import Login, log_in, register

SESSIONS = "/api/v1/auth/sessions"
LOGOUT = "/api/v1/auth/logout"


@pytest.fixture
async def phone(client: AsyncClient) -> Login:
    """A session of Ada."""
    await register(client)
    return await log_in(client)


async def test_logout_ends_one_session(phone: Login, client: AsyncClient) -> None:
    laptop = await log_in(client)

    responses = [await client.post(LOGOUT, headers=phone.headers) for _ in range(2)]

    assert [it.status_code for it in responses] == [204, 204]
    assert (await phone.refresh(client)).status_code == 401
    assert (await laptop.refresh(client)).status_code == 200
    assert (await client.get(SESSIONS, headers=phone.headers)).status_code == 401


async def test_sessions_of_other_users_are_not_found(
    phone: Login, client: AsyncClient
) -> None:
    (session,) = (await client.get(SESSIONS, headers=phone.headers)).json()["items"]
    await register(client, "grace@example.com")
    grace = await log_in(client, "grace@example.com")

    url = f"{SESSIONS}/{session['id']}"
    assert (await client.delete(url, headers=grace.headers)).status_code == 404
    assert (await client.get(SESSIONS, headers=grace.headers)).json()["total"] == 1
    assert (await phone.refresh(client)).status_code == 200
