"""Business rules of users who log in at an OpenID provider."""

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.core.clock import Clock, utc_now
from app.core.errors import AuthenticationError, ConflictError, ForbiddenError
from app.db import Database, Row, Transaction, conflict
from app.models.base import new_row
from app.models.identity import INSERT_IDENTITY, USER_OF_IDENTITY
from app.models.user import INSERT_USER, USER_BY_ID, User
from app.oidc.provider import Claims
from app.schemas.token import TokenPair
from app.schemas.user import EMAIL
from app.services.auth import AuthService
from app.services.users import EmailTakenError


class EmailNotVerifiedError(ForbiddenError):
    """The provider tells no verified address, which a new user needs."""

    code = "email_not_verified"


class IdentityTakenError(ConflictError):
    """The identity belongs to another user."""

    code = "identity_taken"


@dataclass(frozen=True, slots=True)
class IdentityReader:
    """Finds the users of identities."""

    db: Database

    async def get_user_id(self, claims: Claims) -> UUID:
        """Return the active user of an identity. Raises AuthenticationError."""
        row = await self.find(claims)
        if row is None:
            raise AuthenticationError("This identity has no user yet: log in once.")
        return active_user(row)

    async def find(self, claims: Claims) -> Row | None:
        """Return the user of an identity, or None."""
        return await self.db.fetchrow(
            USER_OF_IDENTITY, issuer=claims.iss, subject=claims.sub
        )


@dataclass(frozen=True, slots=True)
class IdentityService:
    """Logs users in, creates them, and adds identities to their accounts."""

    db: Database
    auth: AuthService
    clock: Clock = utc_now

    async def log_in(self, claims: Claims, *, trust_email: bool) -> TokenPair:
        """Log the user of an identity in. The first login creates a user.

        An existing user with the same address is not used: another person may have
        registered the address. That user logs in, and links the identity.

        Raises:
            AuthenticationError: The user is inactive.
            EmailNotVerifiedError: A new user has no verified address.
            EmailTakenError: There is a user with this address.
        """
        row = await IdentityReader(self.db).find(claims)
        if row is not None:
            user_id = active_user(row)
            async with self.db.begin() as transaction:
                return await self.auth.open_session(transaction, user_id)
        user = await self._new_user(claims, trust_email)
        taken = EmailTakenError("This address has a user: log in, and link the login.")
        with conflict(on="uq_users_email", error=taken):
            async with self.db.begin() as transaction:
                await transaction.execute(INSERT_USER, user)
                return await self._add(transaction, claims, user["id"])

    async def link(self, claims: Claims, user_id: UUID) -> TokenPair:
        """Add an identity to the account of a user, and log the user in.

        Raises:
            AuthenticationError: The user is deleted or inactive.
            IdentityTakenError: The identity belongs to another user.
        """
        row = await IdentityReader(self.db).find(claims)
        if row is not None and row["id"] != user_id:
            raise identity_taken()
        async with self.db.begin() as transaction:
            active_user(await transaction.fetchrow(USER_BY_ID, user_id=user_id))
            if row is not None:
                return await self.auth.open_session(transaction, user_id)
            return await self._add(transaction, claims, user_id)

    async def _new_user(self, claims: Claims, trust_email: bool) -> dict[str, Any]:
        verified = (
            trust_email if claims.email_verified is None else claims.email_verified
        )
        try:
            email = EMAIL.validate_python(claims.email if verified else None)
        except ValidationError:
            raise EmailNotVerifiedError(
                "Verify your address at the provider."
            ) from None
        # A hash as of any user, so that a failed login takes as long.
        password_hash = await self.auth.passwords.hash(token_urlsafe(32))
        values = {"email": email, "password_hash": password_hash, "is_active": True}
        return new_row(User, values, self.clock())

    async def _add(
        self, transaction: Transaction, claims: Claims, user_id: UUID
    ) -> TokenPair:
        row = {
            "issuer": claims.iss,
            "subject": claims.sub,
            "user_id": user_id,
            "created_at": self.clock(),
        }
        with conflict(on="pk_oidc_identities", error=identity_taken()):
            await transaction.execute(INSERT_IDENTITY, row)
        return await self.auth.open_session(transaction, user_id)


def active_user(row: Row | None) -> UUID:
    """Return the ID of an active user. Raises AuthenticationError."""
    if row is None or not row["is_active"]:
        raise AuthenticationError("The user is not active any more.")
    user_id: UUID = row["id"]
    return user_id


def identity_taken() -> IdentityTakenError:
    """Return the error for an identity of another user."""
    return IdentityTakenError("This login belongs to another user.")
