"""Requests that try to misuse mails and their tokens."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy import select

from app.core.limits import RateLimiter
from app.core.mail_settings import MailSettings
from app.models.mail import MAIL_TOKENS
from app.models.user import User
from app.schemas.mail import AccountMail
from app.services.mail_delivery import MailDelivery
from tests.support.auth import cheap_passwords
from tests.support.mail import Mailbox, deliver_mails, keep_mails

URL = "/api/v1/auth"
OLD, NEW = "correct horse", "battery staple"
EMAIL = "ada@example.com"


async def post(client: AsyncClient, path: str, **body: object) -> Response:
    return await client.post(f"{URL}/{path}", json=body)


@pytest.fixture
def mailbox(app: FastAPI) -> Iterator[Mailbox]:
    settings = app.state.settings
    app.state.settings = settings.model_copy(update={"mail": MailSettings()})
    yield keep_mails(app)
    app.state.settings = settings


async def forget(app: FastAPI, client: AsyncClient, mailbox: Mailbox) -> str:
    await post(client, "register", email=EMAIL, password=OLD)
    await deliver_mails(app)
    await post(client, "password/forgot", email=EMAIL)
    await deliver_mails(app)
    return mailbox.token()


@pytest.mark.parametrize(
    "email",
    [
        ",".join(f"user{number}@example.com" for number in range(1000)),
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com%0d%0aBcc: eve@example.com",
        '"ada\\r\\nBcc: eve"@example.com',
        "ada@example.com\u2028eve@example.com",
        "ada@example.com\x00",
        "a" * 1_000_000 + "@example.com",
        ["ada@example.com", "eve@example.com"],
        {"email": "ada@example.com"},
    ],
)
async def test_text_that_is_no_single_address_is_rejected(
    email: object, app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    for path in ("password/forgot", "verify-email/request"):
        assert (await post(client, path, email=email)).status_code in (413, 422)
    response = await post(client, "register", email=email, password=OLD)
    await deliver_mails(app)

    assert response.status_code in (413, 422)
    assert mailbox.messages == []


@pytest.mark.parametrize("token", ["", "x", "x" * 1_000_000, "\ud800", "é" * 512, 7])
async def test_impossible_token_is_rejected(
    token: object, client: AsyncClient, mailbox: Mailbox
) -> None:
    for path, more in (("verify-email", {}), ("password/reset", {"new_password": NEW})):
        content = json.dumps({"token": token} | more)
        headers = {"Content-Type": "application/json"}
        response = await client.post(f"{URL}/{path}", content=content, headers=headers)
        assert response.status_code in (403, 413, 422)
        assert response.headers["Content-Type"] == "application/problem+json"


async def test_mail_goes_to_the_stored_address_and_no_look_alike(
    app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    await forget(app, client, mailbox)
    mailbox.messages.clear()

    # A Turkish dotless i, a Kelvin sign, a full-width letter, another case.
    for email in ("ada@example.com", "ADA@EXAMPLE.COM", "ａda@example.com"):
        await post(client, "password/forgot", email=email)
    for email in (
        "ad\u0430@example.com",
        "ada@examp\u0131e.com",
        "ada@example.com.eve.example",
    ):
        await post(client, "password/forgot", email=email)
    await deliver_mails(app)

    assert {message["To"] for message in mailbox.messages} == {EMAIL}


async def test_tokens_of_other_kinds_are_no_mail_tokens(
    app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    reset = await forget(app, client, mailbox)
    await post(client, "verify-email/request", email=EMAIL)
    await deliver_mails(app)
    verify = mailbox.token()

    assert (await post(client, "verify-email", token=reset)).status_code == 403
    body = {"token": verify, "new_password": NEW}
    assert (await post(client, "password/reset", **body)).status_code == 403
    for token in (reset, verify):
        headers = {"Authorization": f"Bearer {token}"}
        me = await client.get("/api/v1/users/me", headers=headers)
        refreshed = await post(client, "refresh", refresh_token=token)
        assert (me.status_code, refreshed.status_code) == (401, 401)

    uses = [await post(client, "verify-email", token=verify) for _ in range(2)]
    assert [use.status_code for use in uses] == [204, 403]
    form = {"username": EMAIL, "password": OLD}
    tokens = (await client.post(f"{URL}/token", data=form)).json()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        body = {"token": token, "new_password": NEW}
        assert (await post(client, "verify-email", token=token)).status_code == 403
        assert (await post(client, "password/reset", **body)).status_code in (403, 422)


async def test_reset_ends_the_links_of_all_earlier_mails(
    app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    reset = await forget(app, client, mailbox)
    await post(client, "verify-email/request", email=EMAIL)
    await deliver_mails(app)
    verify = mailbox.token()

    await post(client, "password/reset", token=reset, new_password=NEW)

    assert (await post(client, "verify-email", token=verify)).status_code == 403


async def test_registration_of_a_pending_address_keeps_the_first_password(
    app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    await post(client, "register", email=EMAIL, password=OLD)
    await deliver_mails(app)
    token = mailbox.token()
    await post(client, "register", email=EMAIL, password=NEW)
    await post(client, "verify-email", token=token)

    codes = [
        (
            await client.post(f"{URL}/token", data={"username": EMAIL, "password": it})
        ).status_code
        for it in (OLD, NEW)
    ]
    assert codes == [200, 401]


async def test_no_log_has_a_token_or_an_address(
    app: FastAPI,
    client: AsyncClient,
    mailbox: Mailbox,
    capsys: pytest.CaptureFixture[str],
) -> None:
    token = await forget(app, client, mailbox)
    await post(client, "password/reset", token=token, new_password=NEW)
    await deliver_mails(app)

    logged = capsys.readouterr().out
    assert "mail sent" in logged
    for secret in (token, NEW, EMAIL):
        assert secret not in logged


@pytest.fixture
async def served(committing_app: FastAPI) -> AsyncGenerator[FastAPI]:
    """An application whose transactions are committed."""
    committing_app.state.auth.passwords = cheap_passwords()
    committing_app.state.auth.mails = RateLimiter(1000)
    yield committing_app
    await committing_app.state.database.close()


async def test_token_is_used_once_by_concurrent_requests(
    served: FastAPI,
) -> None:
    app = served
    mailbox = keep_mails(app)
    email = "race@example.com"
    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        await post(client, "register", email=email, password=OLD)
        for _ in range(3):
            # Jobs that are due together may run in any order.
            await deliver_mails(app)
            await post(client, "password/forgot", email=email)
            await deliver_mails(app)
            body = {"token": mailbox.token(), "new_password": NEW}

            crowd = [post(client, "password/reset", **body) for _ in range(10)]
            responses = await asyncio.gather(*crowd)

            codes = sorted(response.status_code for response in responses)
            assert codes == [204] + [403] * 9
    await deliver_mails(app)


async def test_concurrent_registrations_of_an_address_store_one_user(
    served: FastAPI,
) -> None:
    app, email = served, "twins@example.com"
    mailbox = keep_mails(app)
    body = {"email": email, "password": OLD}
    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        crowd = [post(client, "register", **body) for _ in range(5)]
        responses = await asyncio.gather(*crowd)
    await deliver_mails(app)

    assert [response.status_code for response in responses] == [202] * 5
    users = await app.state.database.fetch(
        select(User.__table__.c.id).where(User.__table__.c.email == email)
    )
    assert len(users) == 1
    subjects = sorted(subject for _, subject in mailbox.read())
    assert (
        subjects
        == ["Confirm your e-mail address"] + ["You have an account already"] * 4
    )


async def test_concurrent_mails_leave_one_token(served: FastAPI) -> None:
    app, email = served, "many@example.com"
    mailbox = keep_mails(app)
    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        await post(client, "register", email=email, password=OLD)
    mail = AccountMail(kind="reset_password", email=email)
    delivery = MailDelivery(app.state.database, mailbox.sender)

    await asyncio.gather(*[delivery.send(mail) for _ in range(10)])

    rows = await app.state.database.fetch(
        select(MAIL_TOKENS.c.digest).where(
            MAIL_TOKENS.c.purpose == "reset_password", MAIL_TOKENS.c.email == email
        )
    )
    assert len(rows) == 1
