"""Signing in, and staying signed in, over HTTP."""

import json

import pytest
from httpx2 import AsyncClient, Response
from pwdlib.hashers.bcrypt import BcryptHasher
from sqlalchemy import select, update

from app.db import Database
from app.models.user import User
from tests.factories import make_user

URL = "/api/v1/auth"
RIGHT, WRONG, SHORT = "correct horse", "wrong horse", "seven c"
HALF = "half \ud800 a phrase"
ADA = {"email": "ada@example.com", "password": RIGHT}


async def register(client: AsyncClient, **members: str) -> Response:
    return await client.post(f"{URL}/register", json=ADA | members)


async def sign_in(client: AsyncClient, **members: str) -> Response:
    form = {"username": ADA["email"], "password": ADA["password"]} | members
    return await client.post(f"{URL}/token", data=form)


async def test_a_user_is_registered_once(client: AsyncClient) -> None:
    first = await register(client)
    second = await register(client, email="ADA@example.com")

    assert first.status_code == 201
    assert first.json().keys() == {"id", "email", "created_at"}
    assert (second.status_code, second.json()["error"]) == (409, "email_taken")


@pytest.mark.parametrize(
    "members", [{"email": "ada"}, {"password": SHORT}, {"is_admin": "yes"}]
)
async def test_what_can_not_sign_in_is_not_registered(
    members: dict[str, str], client: AsyncClient
) -> None:
    assert (await register(client, **members)).status_code == 422


async def test_each_mistake_of_a_registration_is_listed_once(
    client: AsyncClient,
) -> None:
    response = await register(client, email="ada", password=SHORT)

    fields = [error["field"] for error in response.json()["errors"]]
    assert sorted(fields) == ["email", "password"]


async def test_half_a_character_is_no_password(client: AsyncClient) -> None:
    body = json.dumps(ADA | {"password": HALF})
    kind = {"Content-Type": "application/json"}

    response = await client.post(f"{URL}/register", content=body, headers=kind)

    assert response.status_code == 422


@pytest.mark.parametrize("written", ["ada@example.com", "Ada@Example.COM"])
async def test_tokens_are_given_for_the_right_password(
    written: str, client: AsyncClient
) -> None:
    await register(client, email="aDa@example.com")

    response = await sign_in(client, username=written)

    tokens = response.json()
    assert response.status_code == 200
    assert tokens.keys() == {
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
    }
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)


async def test_the_tokens_of_a_login_are_good(client: AsyncClient) -> None:
    user = (await register(client)).json()
    tokens = (await sign_in(client)).json()

    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    me = await client.get("/api/v1/users/me", headers=bearer)
    body = {"refresh_token": tokens["refresh_token"]}
    refreshed = await client.post(f"{URL}/refresh", json=body)

    assert me.json() == user
    assert refreshed.json().keys() == tokens.keys()


async def test_a_refusal_does_not_say_who_has_an_account(client: AsyncClient) -> None:
    await register(client)

    wrong = await sign_in(client, password=WRONG)
    unknown = await sign_in(client, username="grace@example.com")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.headers["WWW-Authenticate"] == "Bearer"
    assert wrong.json()["error"] == "wrong_credentials"
    assert wrong.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}


@pytest.mark.parametrize("name", ["nul\x00@example.com", "é", "x" * 10_000, " "])
async def test_a_name_that_nobody_can_have_is_refused_like_any_other(
    name: str, client: AsyncClient
) -> None:
    assert (await sign_in(client, username=name)).status_code == 401


async def test_half_a_character_signs_nobody_in(client: AsyncClient) -> None:
    await register(client)
    parts = [("username", ADA["email"]), ("password", r"\ud800")]
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    ]
    kind = {"Content-Type": "multipart/form-data; boundary=x; charset=unicode_escape"}

    sent = "".join([*lines, "--x--"])
    response = await client.post(f"{URL}/token", content=sent, headers=kind)

    assert (response.status_code, response.json()["error"]) == (
        401,
        "wrong_credentials",
    )


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded", b"username=%ff&password=%ed%a0%80", 401),
        ("application/x-www-form-urlencoded", b"username=%00&password=%00", 401),
        ("application/x-www-form-urlencoded", b"a=1&" * 5000, 400),
        ("application/x-www-form-urlencoded", b"\xff=&=%", 422),
        ("multipart/form-data; boundary=x", b"--y", 400),
        ("multipart/form-data", b"--x--", 400),
        ("application/json", b"{}", 422),
    ],
)
async def test_a_hostile_form_is_refused(
    kind: str, body: bytes, status: int, client: AsyncClient
) -> None:
    sent = {"Content-Type": kind}
    response = await client.post(f"{URL}/token", content=body, headers=sent)

    assert response.status_code == response.json()["status"] == status


async def test_whoever_is_deactivated_is_out(
    client: AsyncClient, database: Database
) -> None:
    await register(client)
    async with database.session() as session:
        await session.execute(update(User).values(is_active=False))

    assert (await sign_in(client)).status_code == 401


async def test_a_hash_of_an_older_kind_is_replaced_at_login(
    client: AsyncClient, database: Database
) -> None:
    old = BcryptHasher(rounds=4).hash(ADA["password"])
    async with database.session() as session:
        session.add(make_user(password_hash=old))

    assert (await sign_in(client)).status_code == 200

    async with database.session() as session:
        user = await session.scalar(select(User))
    assert user is not None
    assert user.password_hash.startswith("$argon2id$")
    assert (await sign_in(client)).status_code == 200


async def test_the_tenth_failure_is_one_too_many(client: AsyncClient) -> None:
    await register(client)
    failures = [await sign_in(client, password=WRONG) for _ in range(10)]

    right = await sign_in(client)

    assert [failure.status_code for failure in failures] == [401] * 9 + [429]
    assert failures[-1].json()["error"] == "too_many_attempts"
    assert 0 < int(failures[-1].headers["Retry-After"]) <= 60
    assert right.status_code == 429


async def test_the_tenth_attempt_may_be_right(client: AsyncClient) -> None:
    await register(client)
    for _ in range(9):
        await sign_in(client, password=WRONG)

    assert (await sign_in(client)).status_code == 200


async def test_what_a_caller_says_about_its_address_is_not_believed(
    client: AsyncClient,
) -> None:
    statuses: list[int] = []
    for number in range(10):
        client.headers["X-Forwarded-For"] = f"10.0.0.{number}"
        response = await sign_in(client, username=f"{number}@example.com")
        statuses.append(response.status_code)

    assert statuses == [401] * 9 + [429]


async def test_what_was_sent_is_not_logged(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await register(client)
    tokens = (await sign_in(client)).json()
    await sign_in(client, password=WRONG)

    logged = capsys.readouterr().out
    assert logged
    for secret in (RIGHT, WRONG, tokens["refresh_token"]):
        assert secret not in logged
