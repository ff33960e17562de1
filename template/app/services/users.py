"""Business rules of users."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Executable

from app.core.clock import Clock, utc_now
from app.core.errors import AuthenticationError, ConflictError, NotFoundError
from app.core.limits import RateLimiter
from app.core.security import PasswordHasher
from app.db import Database, Row, Transaction, conflict
from app.models.base import new_row
from app.models.user import (
    CREDENTIALS,
    EMAIL_LENGTH,
    INSERT_USER,
    UPDATE_USER,
    USER_BY_ID,
    USER_FOR_UPDATE,
    User,
)
from app.schemas.user import UserCreate, UserRead, normalize_email
from app.services.sessions import end_other_sessions


class EmailTakenError(ConflictError):
    """Two users can not share an e-mail address."""

    code = "email_taken"


class UserNotFoundError(NotFoundError):
    """There is no such user."""

    code = "user_not_found"


async def find_user(
    db: Database, *spellings: str, credentials: Executable = CREDENTIALS
) -> Row | None:
    """Return the credentials of the first spelling of an address that is stored."""
    row = None
    for email in dict.fromkeys(spellings):
        # PostgreSQL rejects NUL, and no address contains other control characters.
        if len(email) <= EMAIL_LENGTH and email.isprintable():
            found = await db.fetchrow(credentials, email=email)
            row = row or found
    return row


async def get_user(db: Database, email: str) -> Row:
    """Return the credentials of a user, for support. Raises UserNotFoundError."""
    user = await find_user(db, normalize_email(email), email.lower(), email)
    if user is None:
        raise UserNotFoundError("There is no user with this address.")
    return user


async def is_unchanged(transaction: Transaction, user: Row) -> bool:
    """Lock a user. Return whether the credentials are still those that were read."""
    return await transaction.fetchrow(USER_FOR_UPDATE, user_id=user["id"]) == user


@dataclass(frozen=True, slots=True)
class UserService:
    """Reads, registers and changes users. Each method is one transaction."""

    db: Database
    passwords: PasswordHasher
    registrations: RateLimiter
    clock: Clock = utc_now

    async def get_active(self, user_id: UUID) -> UserRead:
        """Return an active user. Raises AuthenticationError."""
        row = await self.db.fetchrow(USER_BY_ID, user_id=user_id)
        if row is None or not row["is_active"]:
            raise AuthenticationError("The access token is not valid any more.")
        return UserRead.model_validate(row)

    async def register(self, data: UserCreate, address: str | None = None) -> UserRead:
        """Store a new user. Raises EmailTakenError, ThrottledError, OverloadedError."""
        user = await self.prepare(data, address)
        taken = EmailTakenError("There is a user with this address.")
        with conflict(on="uq_users_email", error=taken):
            async with self.db.begin() as transaction:
                await transaction.execute(INSERT_USER, user)
                row = await transaction.fetchrow(USER_BY_ID, user_id=user["id"])
        return UserRead.model_validate(row)

    async def prepare(
        self, data: UserCreate, address: str | None = None
    ) -> dict[str, Any]:
        """Return the row of a new user. Raises ThrottledError, OverloadedError.

        The attempts of an address, and for an account, are counted, because each one
        costs a hash.
        """
        if address is not None:
            keys = (f"address:{address}", f"account:{data.email}")
            await self.registrations.check(*keys)
        # Hashing takes long, so it is done before a connection is acquired.
        password_hash = await self.passwords.hash(data.password.get_secret_value())
        values = {"password_hash": password_hash, "is_active": True}
        values |= data.model_dump(exclude={"password"})
        return new_row(User, values, self.clock())

    async def find(self, email: str) -> Row:
        """Return the credentials of a user, for support. Raises UserNotFoundError."""
        return await get_user(self.db, email)

    async def set_active(self, user_id: UUID, *, is_active: bool) -> None:
        """Activate a user, or deactivate one and end all sessions."""
        await self._change(user_id, keeps_sessions=is_active, is_active=is_active)

    async def set_password(self, user_id: UUID, password: str) -> None:
        """Store a new password, and end all sessions."""
        await self._change(user_id, password_hash=await self.passwords.hash(password))

    async def sign_out(self, user_id: UUID) -> None:
        """End all sessions of a user."""
        await self._change(user_id)

    async def _change(
        self, user_id: UUID, *, keeps_sessions: bool = False, **values: object
    ) -> None:
        now = self.clock()
        async with self.db.begin() as transaction:
            if await transaction.fetchrow(USER_FOR_UPDATE, user_id=user_id) is None:
                raise UserNotFoundError("There is no user with this ID.")
            row = {"key": user_id, "updated_at": now, **values}
            await transaction.execute(UPDATE_USER, row)
            if not keeps_sessions:
                await end_other_sessions(transaction, user_id, now)
