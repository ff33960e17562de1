"""Business rules of accounts, on the database."""

import asyncio
from types import NoneType

import pytest
from fastapi import FastAPI, Request

from app.api.v1.auth import get_auth_service
from app.core.security import Identity
from app.db import Database
from app.schemas.user import PasswordChange
from app.services.accounts import AccountService, LoginRequiredError, WrongPasswordError
from tests.factories import make_user
from tests.support.auth import PHRASE, USER_ID

ADA = Identity(USER_ID)


@pytest.fixture
async def accounts(app: FastAPI, database: Database) -> AccountService:
    """The service, with a user who has no session."""
    auth = await get_auth_service(Request({"type": "http", "app": app}))
    password_hash = await auth.passwords.hash(PHRASE)
    async with database.session() as session:
        session.add(make_user(id=USER_ID, password_hash=password_hash))
    return AccountService(auth)


async def test_of_two_changes_at_once_the_second_has_a_wrong_password(
    accounts: AccountService,
) -> None:
    fields = {"current_password": PHRASE, "new_password": "battery staple"}
    data = PasswordChange.model_validate(fields)
    changes = [accounts.change_password(ADA, data, "10.0.0.1") for _ in range(2)]

    results = await asyncio.gather(*changes, return_exceptions=True)

    assert {type(result) for result in results} == {NoneType, WrongPasswordError}


async def test_account_is_not_deleted_without_a_recent_login(
    accounts: AccountService,
) -> None:
    with pytest.raises(LoginRequiredError):
        await accounts.delete(ADA)
