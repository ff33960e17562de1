"""Recipients of mails, and their tokens."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.clock import utc_now
from app.core.mail_settings import MailSettings
from app.core.security import hash_token
from app.db import Database
from app.models.mail import MAIL_TOKENS
from app.schemas.mail import AccountMail
from app.services.mail_delivery import MailDelivery
from tests.factories import make_user
from tests.support.mail import Mailbox


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(MailSettings())


async def forget_password(database: Database, mailbox: Mailbox, email: str) -> None:
    mail = AccountMail(kind="reset_password", email=email)
    await MailDelivery(database, mailbox.sender).send(mail)


async def store(database: Database, **fields: Any) -> None:
    async with database.session() as session:
        session.add(make_user(**fields))


async def test_token_is_stored_as_a_digest_that_expires(
    database: Database, mailbox: Mailbox
) -> None:
    await store(database)

    await forget_password(database, mailbox, "ada@example.com")

    [row] = await database.fetch(select(*MAIL_TOKENS.c))
    assert row["digest"] == hash_token(mailbox.token())
    assert row["purpose"] == "reset_password"
    left = row["expires_at"] - utc_now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)


@pytest.mark.parametrize("email", ["ada@example.com", "grace@example.com"])
async def test_inactive_or_unknown_user_gets_no_mail(
    email: str, database: Database, mailbox: Mailbox
) -> None:
    await store(database, is_active=False)

    await forget_password(database, mailbox, email)

    assert mailbox.messages == []
