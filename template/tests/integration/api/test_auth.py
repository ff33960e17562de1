"""Routes of registration and login."""

import pytest
from httpx2 import AsyncClient, Response
from pwdlib.hashers.bcrypt import BcryptHasher
from sqlalchemy import select

from app.db import Database
from app.models.user import User
from tests.factories import make_user

URL = "/api/v1/auth"
RIGHT, WRONG, SHORT = "correct horse", "wrong horse", "seven c"
ADA = {"email": "ada@example.com", "password": RIGHT}


async def register(client: AsyncClient, **fields: str) -> Response:
    return await client.post(f"{URL}/register", json=ADA | fields)


async def log_in(client: AsyncClient, **fields: str) -> Response:
    form = {"username": ADA["email"], "password": ADA["password"]} | fields
    return await client.post(f"{URL}/token", data=form)


async def test_second_registration_of_an_address_is_a_conflict(
    client: AsyncClient,
) -> None:
    first = await register(client)
    second = await register(client, email="ADA@example.com")

    assert first.status_code == 201
    assert first.json().keys() == {"id", "email", "created_at"}
    assert (second.status_code, second.json()["error"]) == (409, "email_taken")


@pytest.mark.parametrize(
    "fields", [{"email": "ada"}, {"password": SHORT}, {"is_admin": "yes"}]
)
async def test_invalid_registration_is_rejected(
    fields: dict[str, str], client: AsyncClient
) -> None:
    assert (await register(client, **fields)).status_code == 422


@pytest.mark.parametrize("written", ["ada@é.example", "Ada@XN--9CA.Example"])
async def test_login_with_the_right_password_returns_tokens(
    written: str, client: AsyncClient
) -> None:
    await register(client, email="aDa@e\u0301.example")

    response = await log_in(client, username=written)

    tokens = response.json()
    assert response.status_code == 200
    assert tokens.keys() == {
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
    }
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)


async def test_tokens_of_a_login_are_accepted(client: AsyncClient) -> None:
    user = (await register(client)).json()
    tokens = (await log_in(client)).json()

    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    me = await client.get("/api/v1/users/me", headers=bearer)
    body = {"refresh_token": tokens["refresh_token"]}
    refreshed = await client.post(f"{URL}/refresh", json=body)

    assert me.json() == user
    assert refreshed.json().keys() == tokens.keys()


async def test_failed_login_does_not_reveal_whether_the_account_exists(
    client: AsyncClient,
) -> None:
    await register(client)

    wrong = await log_in(client, password=WRONG)
    unknown = await log_in(client, username="grace@example.com")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.headers["WWW-Authenticate"] == "Bearer"
    assert wrong.json()["error"] == "wrong_credentials"
    assert wrong.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}


async def test_login_is_throttled_after_ten_failures(client: AsyncClient) -> None:
    await register(client)
    failures = [await log_in(client, password=WRONG) for _ in range(10)]

    right = await log_in(client)

    assert [failure.status_code for failure in failures] == [401] * 9 + [429]
    assert failures[-1].json()["error"] == "too_many_attempts"
    assert 0 < int(failures[-1].headers["Retry-After"]) <= 60
    assert right.status_code == 429


async def test_credentials_are_not_logged(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await register(client)
    tokens = (await log_in(client)).json()
    await log_in(client, password=WRONG)

    logged = capsys.readouterr().out
    assert logged
    for secret in (RIGHT, WRONG, tokens["refresh_token"]):
        assert secret not in logged


async def test_login_replaces_an_outdated_hash(
    client: AsyncClient, database: Database
) -> None:
    old = BcryptHasher(rounds=4).hash(ADA["password"])
    async with database.session() as session:
        session.add(make_user(password_hash=old))

    assert (await log_in(client)).status_code == 200

    async with database.session() as session:
        user = await session.scalar(select(User))
    assert user is not None
    assert user.password_hash.startswith("$argon2id$")
    assert (await log_in(client)).status_code == 200
