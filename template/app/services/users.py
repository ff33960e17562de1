"""Business rules of users."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import AuthenticationError, ConflictError
from app.core.limits import RateLimiter
from app.core.security import PasswordHasher
from app.db import Database, conflict
from app.models.base import new_row
from app.models.user import INSERT_USER, USER_BY_ID, User
from app.schemas.user import UserCreate, UserRead


class EmailTakenError(ConflictError):
    """Two users can not share an e-mail address."""

    code = "email_taken"


@dataclass(frozen=True, slots=True)
class UserService:
    """Reads and registers users. Each method is one transaction."""

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
