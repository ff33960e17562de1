"""Routes that send mail, or take the token of one."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.core.mail_settings import MailSettings
from tests.support.mail import Mailbox, deliver_mails, keep_mails

URL = "/api/v1/auth"
OLD, NEW = "correct horse", "battery staple"
EMAIL = "ada@example.com"


@pytest.fixture
def mailbox(app: FastAPI) -> Iterator[Mailbox]:
    """The mails of the application, in which only verified users log in."""
    settings = app.state.settings
    app.state.settings = settings.model_copy(update={"mail": MailSettings()})
    yield keep_mails(app)
    app.state.settings = settings


@pytest.fixture
async def ada(app: FastAPI, client: AsyncClient, mailbox: Mailbox) -> None:
    """A user with a verified address."""
    await post(client, "register", email=EMAIL, password=OLD)
    await deliver_mails(app)
    await post(client, "verify-email", token=mailbox.token())
    mailbox.messages.clear()


async def post(client: AsyncClient, path: str, **body: str) -> Response:
    return await client.post(f"{URL}/{path}", json=body)


async def log_in(client: AsyncClient, password: str) -> Response:
    form = {"username": EMAIL, "password": password}
    return await client.post(f"{URL}/token", data=form)


async def test_registration_of_a_known_address_gets_the_same_response(
    app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    responses: list[Response] = []
    for email in (EMAIL, "ADA@example.com"):
        responses.append(await post(client, "register", email=email, password=OLD))
        await deliver_mails(app)

    assert [(it.status_code, it.content) for it in responses] == [(202, b"")] * 2
    assert mailbox.read() == [
        (EMAIL, "Confirm your e-mail address"),
        (EMAIL, "You have an account already"),
    ]


async def test_user_logs_in_after_the_address_is_verified(
    app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    await post(client, "register", email=EMAIL, password=OLD)
    before = await log_in(client, OLD)
    await post(client, "verify-email/request", email=EMAIL)
    await deliver_mails(app)

    verified = await post(client, "verify-email", token=mailbox.token())

    assert (before.status_code, before.json()["error"]) == (401, "wrong_credentials")
    assert verified.status_code == 204
    assert (await log_in(client, OLD)).status_code == 200


async def test_reset_replaces_the_password_and_ends_all_sessions(
    ada: None, app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    session = (await log_in(client, OLD)).json()["refresh_token"]
    await post(client, "password/forgot", email=EMAIL)
    await deliver_mails(app)

    token = mailbox.token()
    reset = await post(client, "password/reset", token=token, new_password=NEW)
    again = await post(client, "password/reset", token=token, new_password=OLD)
    await deliver_mails(app)

    assert (reset.status_code, again.status_code) == (204, 403)
    assert again.json()["error"] == "mail_token_rejected"
    assert (await post(client, "refresh", refresh_token=session)).status_code == 401
    assert [(await log_in(client, it)).status_code for it in (OLD, NEW)] == [401, 200]
    assert mailbox.read()[-1] == (EMAIL, "Your password was changed")


async def test_forgotten_password_does_not_reveal_whether_the_account_exists(
    ada: None, app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    emails = ("grace@example.com", EMAIL)
    responses = [await post(client, "password/forgot", email=it) for it in emails]
    await deliver_mails(app)

    assert [(it.status_code, it.content) for it in responses] == [(202, b"")] * 2
    assert mailbox.read() == [(EMAIL, "Choose a new password")]


async def test_token_of_one_purpose_is_rejected_for_another(
    ada: None, app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    await post(client, "password/forgot", email=EMAIL)
    await deliver_mails(app)
    reset = mailbox.token()

    assert (await post(client, "verify-email", token=reset)).status_code == 403
    assert (await post(client, "refresh", refresh_token=reset)).status_code == 401


async def test_mails_to_an_address_are_throttled(
    client: AsyncClient, mailbox: Mailbox
) -> None:
    codes = [
        (await post(client, "password/forgot", email=EMAIL)).status_code
        for _ in range(11)
    ]

    assert codes == [202] * 10 + [429]


async def test_owner_is_notified_of_a_new_address_and_password(
    ada: None, app: FastAPI, client: AsyncClient, mailbox: Mailbox
) -> None:
    token = (await log_in(client, OLD)).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    new = "new@example.com"
    asked = await post(client, "email", current_password=OLD, email=new)
    await deliver_mails(app)

    await post(client, "verify-email", token=mailbox.token())
    changed = await post(client, "password", current_password=OLD, new_password=NEW)
    await deliver_mails(app)

    assert (asked.status_code, changed.status_code) == (202, 204)
    assert mailbox.read() == [
        (new, "Confirm your new e-mail address"),
        (EMAIL, "Your e-mail address was changed"),
        (new, "Your password was changed"),
    ]
