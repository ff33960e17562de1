"""Routes of registration and login."""

import json

import pytest
from fastapi import FastAPI, Request
from httpx2 import AsyncClient, Response
from sqlalchemy import func, select

from app.api.deps import get_client_network
from app.db import Database
from app.models.user import User
from tests.factories import make_user
from tests.support.auth import cheap_passwords

URL = "/api/v1/auth"
RIGHT, WRONG, SHORT = "correct horse", "wrong horse", "seven c"
HALF = "half \ud800 a phrase"
ADA = {"email": "ada@example.com", "password": RIGHT}


async def register(client: AsyncClient, **fields: str) -> Response:
    return await client.post(f"{URL}/register", json=ADA | fields)


async def log_in(client: AsyncClient, **fields: str) -> Response:
    form = {"username": ADA["email"], "password": ADA["password"]} | fields
    return await client.post(f"{URL}/token", data=form)


async def test_password_with_lone_surrogate_is_rejected(client: AsyncClient) -> None:
    body = json.dumps(ADA | {"password": HALF})
    kind = {"Content-Type": "application/json"}

    response = await client.post(f"{URL}/register", content=body, headers=kind)

    assert response.status_code == 422


@pytest.mark.parametrize("name", ["nul\x00@example.com", "é", "x" * 10_000, " "])
async def test_login_with_an_impossible_name_is_rejected(
    name: str, client: AsyncClient
) -> None:
    assert (await log_in(client, username=name)).status_code == 401


async def test_login_with_lone_surrogate_is_rejected(client: AsyncClient) -> None:
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
async def test_malformed_form_is_rejected(
    kind: str, body: bytes, status: int, client: AsyncClient
) -> None:
    sent = {"Content-Type": kind}
    response = await client.post(f"{URL}/token", content=body, headers=sent)

    assert response.status_code == response.json()["status"] == status


async def test_invalid_registration_lists_each_field_once(
    client: AsyncClient,
) -> None:
    response = await register(client, email="ada", password=SHORT)

    fields = [error["field"] for error in response.json()["errors"]]
    assert sorted(fields) == ["email", "password"]


async def test_login_succeeds_after_nine_failures(client: AsyncClient) -> None:
    await register(client)
    for _ in range(9):
        await log_in(client, password=WRONG)

    assert (await log_in(client)).status_code == 200


async def test_login_throttle_ignores_forwarded_addresses(
    client: AsyncClient,
) -> None:
    statuses: list[int] = []
    for number in range(10):
        client.headers["X-Forwarded-For"] = f"10.0.0.{number}"
        response = await log_in(client, username=f"{number}@example.com")
        statuses.append(response.status_code)

    assert statuses == [401] * 9 + [429]


SPELLINGS = [
    "user@münchen.example",
    "user@xn--mnchen-3ya.example",
    "USER@MU\u0308NCHEN.example",
    " user@\uff4dünchen\u3002example ",
]


@pytest.mark.parametrize("registered", SPELLINGS)
async def test_user_logs_in_with_every_spelling_of_the_address(
    registered: str, client: AsyncClient, database: Database
) -> None:
    await register(client, email=registered)

    for email in SPELLINGS:
        assert (await log_in(client, username=email)).status_code == 200
        await register(client, email=email)
    assert await database.fetch(select(User.email)) == [{"email": SPELLINGS[0]}]


async def test_spellings_of_an_address_share_one_throttle(
    app: FastAPI, client: AsyncClient
) -> None:
    for email in SPELLINGS * 3:
        await log_in(client, username=email, password=WRONG)

    assert await app.state.auth.failures.retry_after(f"account:{SPELLINGS[0]}") > 0


@pytest.mark.parametrize(
    "email", ["user@xn--mnchen-3ya.example", "root@localhost", "a b@example.com"]
)
async def test_user_of_another_system_logs_in_and_is_readable(
    email: str, client: AsyncClient, database: Database
) -> None:
    hashed = await cheap_passwords().hash(RIGHT)
    async with database.session() as session:
        session.add(make_user(email=email, password_hash=hashed))

    response = await log_in(client, username=email.upper())
    bearer = {"Authorization": f"Bearer {response.json()['access_token']}"}
    me = await client.get("/api/v1/users/me", headers=bearer)

    assert (me.status_code, me.json()["email"]) == (200, email)


async def test_user_logs_in_with_every_spelling_of_the_password(
    client: AsyncClient, database: Database
) -> None:
    spellings = ["päss word", "pa\u0308ss word", "\uff50äss\u3000word"]
    old = ADA["email"]
    async with database.session() as session:
        hashed = await cheap_passwords().hash(spellings[0])
        session.add(make_user(email=old, password_hash=hashed))
    await register(client, email="new@example.com", password=spellings[1])

    for email in (old, "new@example.com"):
        for password in spellings:
            response = await log_in(client, username=email, password=password)
            assert response.status_code == 200
        wrong = await log_in(client, username=email, password="pass word")
        assert wrong.status_code == 401
    assert await database.fetchval(select(func.count()).select_from(User)) == 2


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ([], "unknown"),
        (["1.2.3.4"], "1.2.3.4"),
        (["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        (["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
        (["x" * 10_000], "x" * 64),
    ],
)
async def test_address_behind_a_unix_socket_is_that_of_the_proxy(
    sent: list[str], address: str
) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in sent]
    request = Request({"type": "http", "client": None, "headers": headers})

    assert await get_client_network(request) == address


async def test_address_of_a_connection_is_not_read_from_headers() -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6")]
    scope = {"type": "http", "client": ("1.2.3.4", 5), "headers": headers}

    assert await get_client_network(Request(scope)) == "1.2.3.4"
