"""Business rules of users, on the database."""

from uuid import UUID

import pytest
from sqlalchemy import update

from app.core.errors import AuthenticationError, ThrottledError
from app.core.limits import RateLimiter
from app.db import Database
from app.models.user import User
from app.schemas.user import UserCreate
from app.services.users import EmailTakenError, UserService
from tests.support.auth import cheap_passwords

RIGHT = "correct horse"
ADA, GRACE = (
    UserCreate.model_validate({"email": f"{name}@example.com", "password": RIGHT})
    for name in ("Ada", "Grace")
)


@pytest.fixture
def users(database: Database) -> UserService:
    """The service, with cheap hashing, and one registration a minute."""
    return UserService(database, cheap_passwords(), RateLimiter(1))


async def test_registered_user_is_active(users: UserService) -> None:
    registered = await users.register(ADA)

    assert registered.email == "ada@example.com"
    assert await users.get_active(registered.id) == registered


async def test_unknown_or_inactive_user_is_not_authenticated(
    users: UserService, database: Database
) -> None:
    registered = await users.register(ADA)
    async with database.session() as session:
        await session.execute(update(User).values(is_active=False))

    for user_id in (registered.id, UUID(int=1)):
        with pytest.raises(AuthenticationError):
            await users.get_active(user_id)


async def test_taken_address_is_a_conflict(users: UserService) -> None:
    await users.register(ADA)

    with pytest.raises(EmailTakenError) as taken:
        await users.register(ADA)

    assert "ada" not in str(taken.value)


async def test_registrations_of_an_address_are_throttled(users: UserService) -> None:
    await users.register(ADA, "10.0.0.1")

    for user, address in ((GRACE, "10.0.0.1"), (ADA, "10.0.0.2")):
        with pytest.raises(ThrottledError):
            await users.register(user, address)
    assert (await users.register(GRACE, "10.0.0.2")).email == GRACE.email
