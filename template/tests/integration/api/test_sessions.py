"""Routes of sessions."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.api.security import AuthServices
from app.core.security import AuthSettings
from tests.factories import make_settings
from tests.support.auth import Login, log_in, register

SESSIONS = "/api/v1/auth/sessions"
LOGOUT = "/api/v1/auth/logout"


@pytest.fixture
async def phone(client: AsyncClient) -> Login:
    """A session of Ada, who has another one."""
    await register(client)
    return await log_in(client)


@pytest.fixture
async def laptop(client: AsyncClient, phone: Login) -> Login:
    """The other session of Ada."""
    return await log_in(client)


async def test_sessions_are_listed_the_last_used_one_first(
    phone: Login, laptop: Login, client: AsyncClient
) -> None:
    await phone.refresh(client)

    page = (await client.get(SESSIONS, headers=phone.headers)).json()

    assert page["total"] == 2
    assert [it["is_current"] for it in page["items"]] == [True, False]
    first = page["items"][0]
    assert first["created_at"] < first["last_used_at"] < first["expires_at"]


async def test_logout_ends_one_session(
    phone: Login, laptop: Login, client: AsyncClient
) -> None:
    responses = [await client.post(LOGOUT, headers=phone.headers) for _ in range(2)]

    assert [it.status_code for it in responses] == [204, 204]
    assert (await phone.refresh(client)).status_code == 401
    assert (await laptop.refresh(client)).status_code == 200
    assert (await client.get(SESSIONS, headers=phone.headers)).status_code == 401


async def test_another_session_is_ended_by_its_id(
    phone: Login, laptop: Login, client: AsyncClient
) -> None:
    page = (await client.get(SESSIONS, headers=phone.headers)).json()
    (other,) = [it["id"] for it in page["items"] if not it["is_current"]]

    ended = await client.delete(f"{SESSIONS}/{other}", headers=phone.headers)
    again = await client.delete(f"{SESSIONS}/{other}", headers=phone.headers)

    assert (ended.status_code, again.status_code) == (204, 404)
    assert again.json()["error"] == "session_not_found"
    assert (await laptop.refresh(client)).status_code == 401


async def test_sessions_of_other_users_are_not_found(
    phone: Login, client: AsyncClient
) -> None:
    (session,) = (await client.get(SESSIONS, headers=phone.headers)).json()["items"]
    await register(client, "grace@example.com")
    grace = await log_in(client, "grace@example.com")

    for key in (session["id"], uuid4()):
        response = await client.delete(f"{SESSIONS}/{key}", headers=grace.headers)
        assert response.status_code == 404
    listed = (await client.get(SESSIONS, headers=grace.headers)).json()
    assert session["id"] not in [it["id"] for it in listed["items"]]
    assert (await phone.refresh(client)).status_code == 200


@pytest.mark.parametrize(("checked", "status"), [(False, 200), (True, 401)])
async def test_access_token_of_an_ended_session_is_rejected_if_sessions_are_checked(
    checked: bool, status: int, phone: Login, app: FastAPI, client: AsyncClient
) -> None:
    settings = make_settings(
        auth=AuthSettings(check_sessions=checked), secret=app.state.settings.secret
    )
    app.state.auth = AuthServices.from_settings(settings)
    before = await client.get("/api/v1/users/me", headers=phone.headers)

    await client.post(LOGOUT, headers=phone.headers)

    after = await client.get("/api/v1/users/me", headers=phone.headers)
    assert (before.status_code, after.status_code) == (200, status)
