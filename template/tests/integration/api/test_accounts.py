"""Routes that change and delete the account of the current user."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from tests.support.auth import EMAIL, PHRASE, Login, log_in, register

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"
NEW, WRONG = "battery staple", "wrong horse"


@pytest.fixture
async def ada(client: AsyncClient) -> Login:
    """A session of Ada."""
    await register(client)
    return await log_in(client)


async def change(client: AsyncClient, login: Login, what: str, **body: Any) -> Response:
    fields = {"current_password": PHRASE} | body
    return await client.post(f"{AUTH}/{what}", json=fields, headers=login.headers)


async def test_new_password_ends_the_other_sessions(
    ada: Login, client: AsyncClient
) -> None:
    other = await log_in(client)

    response = await change(client, ada, "password", new_password=NEW)

    assert (response.status_code, response.content) == (204, b"")
    assert (await other.refresh(client)).status_code == 401
    assert (await ada.refresh(client)).status_code == 200
    assert (await log_in(client, phrase=NEW)).access_token


@pytest.mark.parametrize(
    "case", [("password", {"new_password": NEW}), ("email", {"email": "b@example.com"})]
)
async def test_wrong_current_password_is_throttled_like_a_login(
    case: tuple[str, dict[str, str]], ada: Login, client: AsyncClient
) -> None:
    what, fields = case
    guess = fields | {"current_password": WRONG}

    guesses = [await change(client, ada, what, **guess) for _ in range(10)]

    assert [it.status_code for it in guesses] == [403] * 9 + [429]
    assert guesses[0].json()["error"] == "wrong_password"
    assert (await change(client, ada, what, **fields)).status_code == 429
    form = {"username": EMAIL, "password": PHRASE}
    assert (await client.post(f"{AUTH}/token", data=form)).status_code == 429


async def test_new_address_replaces_the_old_one(
    ada: Login, client: AsyncClient
) -> None:
    response = await change(client, ada, "email", email="Grace@Example.com")

    assert response.json()["email"] == "grace@example.com"
    assert response.json() == (await client.get(ME, headers=ada.headers)).json()
    assert (await log_in(client, "grace@example.com")).access_token
    await register(client)


async def test_taken_address_is_a_conflict(ada: Login, client: AsyncClient) -> None:
    await register(client, "grace@example.com")

    response = await change(client, ada, "email", email="GRACE@example.com")

    assert (response.status_code, response.json()["error"]) == (409, "email_taken")


async def test_user_is_deleted(ada: Login, client: AsyncClient) -> None:
    response = await client.delete(ME, headers=ada.headers)

    assert (response.status_code, response.content) == (204, b"")
    assert (await ada.refresh(client)).status_code == 401
    assert (await client.get(ME, headers=ada.headers)).status_code == 401
    assert (await client.delete(ME, headers=ada.headers)).status_code == 401
    await register(client)
