"""Routes that change and delete the account of the current user."""

import pytest
from httpx2 import AsyncClient, Response

from tests.support.auth import PHRASE, Login, log_in, register

ME = "/api/v1/users/me"
NEW, GRACE = "battery staple", "grace@example.com"


@pytest.fixture
async def ada(client: AsyncClient) -> Login:
    """A session of Ada."""
    await register(client)
    return await log_in(client)


async def change(client: AsyncClient, login: Login, what: str, **body: str) -> Response:
    fields = {"current_password": PHRASE} | body
    return await client.post(f"/api/v1/auth/{what}", json=fields, headers=login.headers)


async def test_new_password_ends_the_other_sessions(
    ada: Login, client: AsyncClient
) -> None:
    other = await log_in(client)

    response = await change(client, ada, "password", new_password=NEW)

    assert (response.status_code, response.content) == (204, b"")
    assert (await other.refresh(client)).status_code == 401
    assert (await ada.refresh(client)).status_code == 200
    assert (await log_in(client, phrase=NEW)).access_token


async def test_wrong_current_password_is_throttled_like_a_login(
    ada: Login, client: AsyncClient
) -> None:
    guess = {"current_password": "wrong horse", "new_password": NEW}

    guesses = [await change(client, ada, "password", **guess) for _ in range(10)]

    assert [it.status_code for it in guesses] == [403] * 9 + [429]
    assert guesses[0].json()["error"] == "wrong_password"
    assert (await change(client, ada, "email", email=GRACE)).status_code == 429


async def test_address_is_changed_unless_it_is_taken(
    ada: Login, client: AsyncClient
) -> None:
    changed = await change(client, ada, "email", email="Grace@Example.com")
    await register(client)
    taken = await change(client, ada, "email", email="ADA@example.com")

    assert changed.json() == (await client.get(ME, headers=ada.headers)).json()
    assert (await log_in(client, GRACE)).access_token
    assert (taken.status_code, taken.json()["error"]) == (409, "email_taken")


async def test_user_is_deleted(ada: Login, client: AsyncClient) -> None:
    deletions = [await client.delete(ME, headers=ada.headers) for _ in range(2)]

    assert [it.status_code for it in deletions] == [204, 401]
    assert (await ada.refresh(client)).status_code == 401
    await register(client)
