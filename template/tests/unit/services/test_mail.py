"""Business rules of verified addresses, on the database."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from app.core.limits import RateLimiter
from app.core.mail_settings import MailSettings
from app.db import Database
from app.models.user import USER_BY_ID
from app.services.mail import MailService, MailTokenRejectedError
from app.services.mail_delivery import MailDelivery
from app.services.users import EmailTakenError, UserService
from tests.factories import make_user
from tests.support.auth import cheap_passwords
from tests.support.mail import KeptMails, Mailbox

ADA, GRACE = UUID(int=1), UUID(int=2)
type Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
async def mails(database: Database) -> KeptMails:
    """The outbox, with two users in the database."""
    async with database.session() as session:
        session.add_all([make_user(id=ADA), make_user(id=GRACE, email="g@example.com")])
    return KeptMails()


@pytest.fixture
def service(database: Database, mails: KeptMails) -> MailService:
    many = RateLimiter(1000)
    users = UserService(database, cheap_passwords(), many)
    return MailService(database, users, mails, many, many)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(MailSettings())


@pytest.fixture
def deliver(database: Database, mails: KeptMails, mailbox: Mailbox) -> Deliver:
    """Send the mails of the outbox, and keep only these."""

    async def send() -> None:
        mailbox.messages.clear()
        while mails.waiting:
            mail = mails.waiting.pop(0)
            await MailDelivery(database, mailbox.sender).send(mail)

    return send


async def test_address_changes_when_the_new_one_is_verified(
    service: MailService, deliver: Deliver, mailbox: Mailbox, database: Database
) -> None:
    await service.request_change(ADA, "new@example.com", "10.0.0.1")
    await deliver()
    assert mailbox.read() == [("new@example.com", "Confirm your new e-mail address")]

    await service.verify(mailbox.token(), "10.0.0.1")

    user = await database.fetchrow(USER_BY_ID, user_id=ADA)
    await deliver()
    assert user and user["email"] == "new@example.com"
    assert mailbox.read() == [("ada@example.com", "Your e-mail address was changed")]


async def test_address_of_another_user_is_not_taken_over(
    service: MailService, deliver: Deliver, mailbox: Mailbox, database: Database
) -> None:
    await service.request_change(ADA, "g@example.com", "10.0.0.1")
    await deliver()
    owner = mailbox.read()
    await service.request_change(ADA, "new@example.com", "10.0.0.1")
    await deliver()
    async with database.session() as session:
        session.add(make_user(email="new@example.com"))

    assert owner == [("g@example.com", "You have an account already")]
    with pytest.raises(EmailTakenError):
        await service.verify(mailbox.token(), "10.0.0.1")


async def test_new_token_replaces_the_last_one(
    service: MailService, deliver: Deliver, mailbox: Mailbox, database: Database
) -> None:
    tokens: list[str] = []
    for _ in range(2):
        await service.request("verify_email", "ada@example.com", "10.0.0.1")
        await deliver()
        tokens.append(mailbox.token())

    with pytest.raises(MailTokenRejectedError):
        await service.verify(tokens[0], "10.0.0.1")
    await service.verify(tokens[1], "10.0.0.1")
