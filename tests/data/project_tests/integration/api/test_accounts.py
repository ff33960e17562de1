"""Attacks on the routes of the account and its sessions."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import select, update

from app.api.security import AuthServices
from app.core.clock import utc_now
from app.core.security import AuthSettings
from app.db import Database
from app.models.user import User
from tests.factories import make_settings
from tests.support.auth import EMAIL, PHRASE, Login, cheap_passwords, log_in, register

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"
NEW = "battery staple"
ROUTES = [
    ("POST", f"{AUTH}/logout"),
    ("GET", f"{AUTH}/sessions"),
    ("DELETE", f"{AUTH}/sessions/{uuid4()}"),
    ("POST", f"{AUTH}/password"),
    ("POST", f"{AUTH}/email"),
    ("DELETE", ME),
]
PASSWORD = {"current_password": PHRASE, "new_password": NEW}
ADDRESS = {"current_password": PHRASE, "email": "grace@example.com"}


@pytest.fixture
async def ada(client: AsyncClient) -> Login:
    await register(client)
    return await log_in(client)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_other_tokens_are_rejected(
    method: str, path: str, ada: Login, client: AsyncClient
) -> None:
    for token in (ada.refresh_token, "x" * 20_000, "a.b.c", ""):
        bearer = {"Authorization": f"Bearer {token}"}
        response = await client.request(method, path, headers=bearer)

        assert response.status_code == 401
        assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), ROUTES[1:])
async def test_ended_session_can_not_change_the_account(
    method: str, path: str, ada: Login, client: AsyncClient
) -> None:
    await client.post(f"{AUTH}/logout", headers=ada.headers)
    body = {"password": PASSWORD, "email": ADDRESS}.get(path.rpartition("/")[2])

    response = await client.request(method, path, json=body, headers=ada.headers)

    assert response.status_code == 401
    assert (await log_in(client)).access_token


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *[
            (path, body | {name: value})
            for path, body in (("password", PASSWORD), ("email", ADDRESS))
            for name, value in {
                "id": str(uuid4()),
                "user_id": str(uuid4()),
                "is_active": False,
                "password_hash": "!",
                "role": "admin",
            }.items()
        ],
        ("password", PASSWORD | {"new_password": "x" * 1_000_000}),
        ("password", PASSWORD | {"current_password": "x" * 1_000_000}),
        ("password", PASSWORD | {"current_password": [PHRASE]}),
        ("password", PASSWORD | {"new_password": "\u0315\u0300" * 100_000}),
        ("email", ADDRESS | {"email": "a\u200bb@example.com"}),
        ("email", ADDRESS | {"email": "a\r\nBcc: b@example.com"}),
        ("email", ADDRESS | {"email": '"a"@example.com'}),
        ("email", ADDRESS | {"email": "a@example.com."}),
        ("email", ADDRESS | {"email": "x" * 1_000_000 + "@example.com"}),
    ],
    ids=lambda value: ascii(value)[:60],
)
async def test_body_with_other_fields_or_texts_is_rejected(
    path: str, body: dict[str, Any], ada: Login, client: AsyncClient, database: Database
) -> None:
    url = f"{AUTH}/{path}"

    response = await client.post(url, json=body, headers=ada.headers)

    assert response.status_code == 422
    assert len(response.content) < 10_000
    assert await database.fetchval(select(User.email)) == EMAIL
    assert (await log_in(client)).access_token


async def test_listed_session_is_ended_by_its_id(
    ada: Login, client: AsyncClient
) -> None:
    laptop = await log_in(client)
    page = (await client.get(f"{AUTH}/sessions", headers=laptop.headers)).json()
    assert [it["is_current"] for it in page["items"]] == [True, False]

    url = f"{AUTH}/sessions/{page['items'][1]['id']}"
    ends = [await client.delete(url, headers=laptop.headers) for _ in range(2)]

    assert [it.status_code for it in ends] == [204, 404]
    assert ends[1].json()["error"] == "session_not_found"
    assert (await ada.refresh(client)).status_code == 401


async def test_unicode_spelling_of_a_taken_address_is_a_conflict(
    ada: Login, client: AsyncClient
) -> None:
    await register(client, "kim@münchen.example")

    for email in ("\u212aIM@mu\u0308nchen.example", "Kim@XN--MNCHEN-3YA.Example"):
        body = ADDRESS | {"email": email}
        response = await client.post(f"{AUTH}/email", json=body, headers=ada.headers)
        assert (response.status_code, response.json()["error"]) == (409, "email_taken")


async def test_lone_surrogates_are_rejected(ada: Login, client: AsyncClient) -> None:
    headers = ada.headers | {"Content-Type": "application/json"}
    half = '"\\ud800 correct horse"'
    for path, body in {
        "password": f'{{"current_password": {half}, "new_password": {half}}}',
        "email": f'{{"current_password": {half}, "email": "a\\ud800@example.com"}}',
    }.items():
        response = await client.post(f"{AUTH}/{path}", content=body, headers=headers)
        assert response.status_code == 422


async def test_address_of_an_older_release_logs_in_and_is_changed(
    ada: Login, client: AsyncClient, database: Database
) -> None:
    old = "ada@xn--mnchen-3ya.example"
    async with database.session() as session:
        await session.execute(update(User).values(email=old))
    ada = await log_in(client, old)

    response = await client.post(f"{AUTH}/email", json=ADDRESS, headers=ada.headers)

    assert response.json()["email"] == ADDRESS["email"]


@pytest.mark.parametrize("value", ["!", "", "$unknown$1", "pbkdf2_sha256$1$a$b"])
async def test_user_without_a_hash_can_not_log_in(
    value: str, ada: Login, client: AsyncClient, database: Database
) -> None:
    async with database.session() as session:
        await session.execute(update(User).values(password_hash=value))

    for phrase in (PHRASE, value):
        form = {"username": EMAIL, "password": phrase}
        assert (await client.post(f"{AUTH}/token", data=form)).status_code in (401, 422)


@pytest.mark.parametrize(("seconds", "status"), [(1, 200), (4, 200), (30, 401)])
async def test_token_of_a_clock_that_is_ahead_is_accepted_within_the_leeway(
    seconds: int, status: int, ada: Login, app: FastAPI, client: AsyncClient
) -> None:
    signer = app.state.auth.signer
    identity = signer.identify(ada.access_token)
    now = utc_now() + timedelta(seconds=seconds)
    token = signer.sign(identity.user_id, now, identity.session_id)
    bearer = {"Authorization": f"Bearer {token}"}

    for path in (ME, f"{AUTH}/sessions"):
        assert (await client.get(path, headers=bearer)).status_code == status


async def test_checked_session_costs_one_query(
    ada: Login, app: FastAPI, client: AsyncClient, statements: list[str]
) -> None:
    costs = []
    for checked in (False, True):
        auth = AuthSettings(check_sessions=checked)
        settings = make_settings(auth=auth, secret=app.state.settings.secret)
        app.state.auth = AuthServices.from_settings(settings)
        app.state.auth.passwords = cheap_passwords()
        statements.clear()
        assert (await client.get(ME, headers=ada.headers)).status_code == 200
        costs.append(len([one for one in statements if "SELECT" in one]))

    assert costs == [1, 2]


@pytest.mark.parametrize(("checked", "status"), [(False, 200), (True, 401)])
async def test_ended_session_is_rejected_at_once_if_sessions_are_checked(
    checked: bool, status: int, ada: Login, app: FastAPI, client: AsyncClient
) -> None:
    auth, secret = AuthSettings(check_sessions=checked), app.state.settings.secret
    app.state.auth = AuthServices.from_settings(make_settings(auth=auth, secret=secret))

    await client.post(f"{AUTH}/logout", headers=ada.headers)

    me = await client.get(ME, headers=ada.headers)
    assert me.status_code == status
