"""The rules about users."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import AuthenticationError
from app.services.users import EmailTakenError, UserQueries, UserService
from tests.fakes import FakeReader, FakeSession

KEY = UUID(int=1)
ROW = {
    "id": KEY,
    "email": "ada@example.com",
    "is_active": True,
    "created_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
}


async def test_the_caller_is_read() -> None:
    user = await UserQueries(FakeReader(ROW)).get_active(KEY)

    assert (user.id, user.email) == (KEY, "ada@example.com")


@pytest.mark.parametrize("found", [[], [ROW | {"is_active": False}]])
async def test_whoever_is_gone_is_no_caller(found: list[dict[str, object]]) -> None:
    with pytest.raises(AuthenticationError):
        await UserQueries(FakeReader(*found)).get_active(KEY)


async def test_the_database_says_whether_an_address_is_free() -> None:
    session = FakeSession(fails=IntegrityError("", None, Exception()))
    users = UserService(cast(AsyncSession, session))

    with pytest.raises(EmailTakenError) as taken:
        await users.register("ada@example.com", "$argon2id$")

    assert "ada" not in str(taken.value)
