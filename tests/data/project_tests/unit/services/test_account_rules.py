"""Business rules of accounts, on the database."""

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.core.errors import AuthenticationError
from app.core.limits import RateLimiter
from app.core.security import AuthSettings, Identity, PasswordHasher, TokenSigner
from app.core.throttle import FailureCounter
from app.db import Database
from app.schemas.user import PasswordChange, UserCreate
from app.services.accounts import (
    AccountInUseError,
    AccountService,
    LoginRequiredError,
    WrongPasswordError,
)
from app.services.auth import AuthService, WrongCredentialsError
from app.services.sessions import SessionService
from app.services.users import UserNotFoundError, UserService
from tests.support.auth import EMAIL, PHRASE, cheap_passwords

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NEW = "battery staple"
CHANGE = PasswordChange.model_validate(
    {"current_password": PHRASE, "new_password": NEW}
)


@pytest.fixture
def auth(database: Database) -> AuthService:
    """The service at noon."""
    return AuthService(
        database,
        cheap_passwords(),
        TokenSigner(AuthSettings(), (SecretStr("k" * 32),)),
        FailureCounter(9),
        RateLimiter(9),
        timedelta(days=1),
        clock=lambda: NOON,
    )


@pytest.fixture
def users(auth: AuthService) -> UserService:
    """The service of users."""
    return UserService(auth.db, auth.passwords, RateLimiter(9))


@pytest.fixture
async def ada(auth: AuthService, users: UserService) -> Identity:
    """A user who has logged in at noon."""
    data = {"email": EMAIL, "password": PHRASE}
    user = await users.register(UserCreate.model_validate(data))
    async with auth.db.begin() as transaction:
        await auth.start_session(transaction, user.id)
    sessions = SessionService(auth.db, auth.clock)
    (session,) = (await sessions.list_live(Identity(user.id))).items
    return Identity(user.id, session.id)


@pytest.fixture
def accounts(auth: AuthService) -> AccountService:
    """The service at noon."""
    return AccountService(auth, clock=lambda: NOON)


async def test_of_two_changes_at_once_the_second_has_a_wrong_password(
    ada: Identity, accounts: AccountService
) -> None:
    changes = [accounts.change_password(ada, CHANGE, "10.0.0.1") for _ in range(2)]

    results = await asyncio.gather(*changes, return_exceptions=True)

    assert {type(result) for result in results} == {NoneType, WrongPasswordError}


async def test_login_with_a_password_that_changes_meanwhile_fails(
    ada: Identity, accounts: AccountService, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in, verify = accounts.auth.log_in, PasswordHasher.verify

    async def verify_and_change(*call: Any) -> tuple[bool, str | None]:
        monkeypatch.undo()
        result = await verify(*call)
        await accounts.change_password(ada, CHANGE, "10.0.0.2")
        return result

    monkeypatch.setattr(PasswordHasher, "verify", verify_and_change)
    with pytest.raises(WrongCredentialsError):
        await log_in(EMAIL, PHRASE, "10.0.0.1")


async def test_inactive_user_can_not_change_the_account(
    ada: Identity, accounts: AccountService, users: UserService
) -> None:
    await users.set_active(ada.user_id, is_active=False)

    with pytest.raises(WrongPasswordError):
        await accounts.change_password(ada, CHANGE, "10.0.0.1")
    with pytest.raises(AuthenticationError):
        await accounts.change_password(Identity(uuid4()), CHANGE, "10.0.0.1")


@pytest.mark.parametrize("minutes", [15, 16])
async def test_account_is_deleted_only_after_a_recent_login(
    minutes: int, ada: Identity, auth: AuthService, users: UserService
) -> None:
    now = NOON + timedelta(minutes=minutes)
    accounts = AccountService(auth, clock=lambda: now)
    is_recent = minutes == 15

    with pytest.raises(LoginRequiredError):
        await accounts.delete(Identity(ada.user_id))
    with nullcontext() if is_recent else pytest.raises(LoginRequiredError):
        await accounts.delete(ada)

    with pytest.raises(UserNotFoundError) if is_recent else nullcontext():
        await users.find(EMAIL)


async def test_rows_that_have_to_be_kept_keep_the_account(
    ada: Identity, accounts: AccountService, database: Database
) -> None:
    async with database.begin() as transaction:
        for sql in (
            "CREATE TABLE invoices (user_id UUID REFERENCES users (id))",
            "INSERT INTO invoices SELECT id FROM users",
        ):
            await transaction.execute(text(sql))

    with pytest.raises(AccountInUseError):
        await accounts.delete(ada)
