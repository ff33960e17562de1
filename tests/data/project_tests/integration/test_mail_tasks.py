"""Mails that are sent after the response: retries, and what is lost."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.api import outbox
from app.db import Database
from app.mail.mailer import Mailer, MailRejectedError, MailUnavailableError
from app.mail.sender import MailSender
from tests.factories import make_user
from tests.support.mail import keep_mails

FORGOT = "/api/v1/auth/password/forgot"
EMAIL = {"email": "ada@example.com"}


class Failing(Mailer):
    """Raises errors, one for each message, before it accepts one."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.attempts = [*errors], 0

    async def send(self, message: object) -> None:
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture(autouse=True)
async def ada(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PAUSES", (0.0, 0.0))
    async with database.session() as session:
        session.add(make_user())


@pytest.mark.parametrize(
    ("errors", "attempts", "event"),
    [
        ([MailUnavailableError("away")] * 2, 3, "mail sent"),
        ([MailUnavailableError("away")] * 9, 3, "mail lost"),
        ([MailRejectedError("no")] * 9, 1, "mail rejected"),
    ],
)
async def test_mail_is_tried_three_times_unless_it_is_rejected(
    errors: list[Exception],
    attempts: int,
    event: str,
    app: FastAPI,
    client: AsyncClient,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mailer = Failing(*errors)
    app.state.mail_sender = MailSender(app.state.settings.mail, mailer)

    response = await client.post(FORGOT, json=EMAIL)

    assert (response.status_code, mailer.attempts) == (202, attempts)
    assert event in capsys.readouterr().out


async def test_failed_registration_sends_no_mail(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = keep_mails(app)
    add = outbox.TaskOutbox.add

    async def add_and_fail(*arguments: Any) -> None:
        await add(*arguments)
        raise RuntimeError("The commit fails.")

    monkeypatch.setattr(outbox.TaskOutbox, "add", add_and_fail)
    body = {"email": "new@example.com", "password": "correct horse"}

    response = await client.post("/api/v1/auth/register", json=body)

    assert response.status_code == 500
    assert mailbox.messages == []
