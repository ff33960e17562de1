"""The rules about signing in, and about staying signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import AuthenticationError, ThrottledError
from app.core.ids import uuid7
from app.core.reader import Reader
from app.core.security import PasswordHasher, TokenSigner, digest, new_refresh_token
from app.core.throttle import FailureCounter
from app.models.base import utc_now
from app.models.token import RefreshToken, revoke_family, token_to_spend
from app.models.user import CREDENTIALS, EMAIL_LENGTH, activity, replace_hash
from app.schemas.token import TokenPair


class WrongCredentialsError(AuthenticationError):
    """Unknown, wrong or inactive: the answer does not say which."""

    code = "wrong_credentials"


class RefreshTokenRejectedError(AuthenticationError):
    """The refresh token is unknown, too old or revoked."""

    code = "refresh_token_rejected"


class RefreshTokenReusedError(RefreshTokenRejectedError):
    """A token came twice: one of the two holders stole it, so both are out."""

    keeps_changes = True


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who has proved who they are."""

    user_id: UUID
    # Set where the stored hash is of an older kind: to be stored in its place.
    new_hash: str | None


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Checks passwords. Hashing takes long, so no transaction is open meanwhile."""

    reader: Reader
    passwords: PasswordHasher
    failures: FailureCounter

    async def verify(self, email: str, password: str, address: str) -> Login:
        """Return who it is. Raises WrongCredentialsError, ThrottledError."""
        email = email.lower()
        keys = (f"account:{email[:EMAIL_LENGTH]}", f"address:{address}")
        await self._refuse_if_throttled(*keys)
        # What can not be printed can not be stored either: nobody is called so.
        known = email.isprintable()
        row = await self.reader.row(CREDENTIALS, email=email) if known else None
        stored = row["password_hash"] if row else None
        # Some encodings can write half a character; no password has one.
        password = password.encode(errors="replace").decode()
        right, new_hash = await self.passwords.verify(password, stored)
        user_id = row["id"] if row and right and row["is_active"] else None
        if user_id is None:
            await self.failures.count(*keys)
        # Again: of many guesses that come at once, only the first ones count.
        await self._refuse_if_throttled(*keys)
        if user_id is None:
            raise WrongCredentialsError("The address or the password is wrong.")
        await self.failures.forget(keys[0])
        return Login(user_id, new_hash)

    async def _refuse_if_throttled(self, *keys: str) -> None:
        seconds = await self.failures.wait(*keys)
        if seconds:
            error = ThrottledError("Too many failed logins; try again later.")
            error.retry_after = seconds
            raise error


@dataclass(frozen=True, slots=True)
class TokenService:
    """Hands out tokens, in a transaction that somebody else ends."""

    session: AsyncSession
    signer: TokenSigner
    refresh_lifetime: timedelta
    clock: Callable[[], datetime] = utc_now

    async def start(self, login: Login) -> TokenPair:
        """Begin a family of tokens for a login."""
        if login.new_hash is not None:
            await self.session.execute(replace_hash(login.user_id, login.new_hash))
        return await self._issue(login.user_id, uuid7())

    async def rotate(self, token: str) -> TokenPair:
        """Exchange a refresh token for the next pair. It works once.

        Raises RefreshTokenRejectedError; when the token was used before,
        RefreshTokenReusedError, and the whole family is revoked.
        """
        now = self.clock()
        found = await self.session.scalar(token_to_spend(digest(token)))
        if found is None or found.is_spent(now):
            raise RefreshTokenRejectedError("The refresh token is not valid.")
        if found.used_at is not None:
            await self.session.execute(revoke_family(found.family_id, now))
            raise RefreshTokenReusedError("The refresh token was used before.")
        found.used_at = now
        await self._refuse_inactive(found.user_id)
        return await self._issue(found.user_id, found.family_id)

    async def _refuse_inactive(self, user_id: UUID) -> None:
        if not await self.session.scalar(activity(user_id)):
            raise RefreshTokenRejectedError("The refresh token is not valid.")

    async def _issue(self, user_id: UUID, family_id: UUID) -> TokenPair:
        now = self.clock()
        token = new_refresh_token()
        self.session.add(
            RefreshToken(
                digest=digest(token),
                family_id=family_id,
                user_id=user_id,
                expires_at=now + self.refresh_lifetime,
            )
        )
        await self.session.flush()
        return TokenPair(
            access_token=self.signer.sign(user_id, now),
            refresh_token=token,
            expires_in=int(self.signer.lifetime.total_seconds()),
        )
