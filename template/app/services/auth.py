"""Business rules of logins and tokens."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import AuthenticationError, ThrottledError
from app.core.ids import uuid7
from app.core.security import PasswordHasher, TokenSigner, digest, new_refresh_token
from app.core.throttle import FailureCounter
from app.db import Database, Transaction
from app.models.base import new_row
from app.models.token import (
    INSERT_REFRESH_TOKEN,
    MARK_REFRESH_TOKEN_USED,
    REFRESH_TOKEN_FOR_UPDATE,
    REVOKE_FAMILY,
    RefreshToken,
)
from app.models.user import CREDENTIALS, EMAIL_LENGTH, UPDATE_PASSWORD_HASH, USER_BY_ID
from app.schemas.token import TokenPair
from app.schemas.user import normalize_email


class WrongCredentialsError(AuthenticationError):
    """The address is unknown, the password is wrong, or the user is inactive.

    The response does not tell which, so that addresses can not be probed.
    """

    code = "wrong_credentials"


class RefreshTokenRejectedError(AuthenticationError):
    """The refresh token is unknown, expired or revoked."""

    code = "refresh_token_rejected"


class RefreshTokenReusedError(RefreshTokenRejectedError):
    """The refresh token was used before, so one of its two holders stole it."""


@dataclass(frozen=True, slots=True)
class AuthService:
    """Checks passwords, and issues access and refresh tokens."""

    db: Database
    passwords: PasswordHasher
    signer: TokenSigner
    failures: FailureCounter
    refresh_lifetime: timedelta
    clock: Clock = utc_now

    async def log_in(self, email: str, password: str, address: str) -> TokenPair:
        """Exchange an e-mail address and a password for tokens.

        Args:
            email: Address of the user, in any spelling.
            password: The password as it was sent.
            address: IP address of the client; its failures are counted, too.

        Raises:
            WrongCredentialsError: The e-mail address or the password is wrong.
            ThrottledError: Too many logins have failed.
        """
        account = normalize_email(email)[:EMAIL_LENGTH]
        keys = (f"account:{account}", f"address:{address}")
        await self._check_throttle(*keys)
        user_id, new_hash = await self._match(email, password)
        if user_id is None:
            await self.failures.record_failure(*keys)
        # Check again, because concurrent guesses all pass the first check.
        await self._check_throttle(*keys)
        if user_id is None:
            raise WrongCredentialsError("The address or the password is wrong.")
        await self.failures.reset(keys[0])
        async with self.db.begin() as transaction:
            if new_hash is not None:
                values = {"user_id": user_id, "new_hash": new_hash}
                await transaction.execute(UPDATE_PASSWORD_HASH, values)
            return await self._issue(transaction, user_id, family_id=uuid7())

    async def refresh(self, token: str) -> TokenPair:
        """Exchange a refresh token for the next pair of tokens.

        Raises:
            RefreshTokenRejectedError: The token is unknown, expired or revoked, or
                its user is inactive.
            RefreshTokenReusedError: The token was used before. Its family is revoked.
        """
        now = self.clock()
        rejected = RefreshTokenRejectedError("The refresh token is not valid.")
        async with self.db.begin() as transaction:
            found = await transaction.fetchrow(
                REFRESH_TOKEN_FOR_UPDATE, token_digest=digest(token), now=now
            )
            if found is None:
                raise rejected
            if found["used_at"] is None:
                used = {"token_id": found["id"], "now": now}
                await transaction.execute(MARK_REFRESH_TOKEN_USED, used)
                user = await transaction.fetchrow(USER_BY_ID, user_id=found["user_id"])
                if user is None or not user["is_active"]:
                    raise rejected
                return await self._issue(transaction, user["id"], found["family_id"])
            revoked = {"family": found["family_id"], "now": now}
            await transaction.execute(REVOKE_FAMILY, revoked)
        # Raised after the block: inside it, the error would roll back the revocation.
        raise RefreshTokenReusedError("The refresh token was used before.")

    async def _match(self, email: str, password: str) -> tuple[UUID | None, str | None]:
        """Return the user's ID if the password is right, and a newer hash to store."""
        row = None
        # Another system may have stored the address in the spelling of the request.
        for stored_email in dict.fromkeys((normalize_email(email), email.lower())):
            # PostgreSQL rejects NUL, and no address contains other control characters.
            if stored_email.isprintable():
                found = await self.db.fetchrow(CREDENTIALS, email=stored_email)
                row = row or found
        # A lone surrogate can not be encoded, and no stored password has one.
        password = password.encode(errors="replace").decode()
        stored = row["password_hash"] if row else None
        is_right, new_hash = await self.passwords.verify(password, stored)
        if row and is_right and row["is_active"]:
            return row["id"], new_hash
        return None, None

    async def _check_throttle(self, *keys: str) -> None:
        if seconds := await self.failures.retry_after(*keys):
            error = ThrottledError("Too many failed logins; try again later.")
            error.retry_after = seconds
            raise error

    async def _issue(
        self, transaction: Transaction, user_id: UUID, family_id: UUID
    ) -> TokenPair:
        now = self.clock()
        token = new_refresh_token()
        values = {
            "digest": digest(token),
            "family_id": family_id,
            "user_id": user_id,
            "expires_at": now + self.refresh_lifetime,
        }
        row = new_row(RefreshToken, values, now)
        await transaction.execute(INSERT_REFRESH_TOKEN, row)
        return TokenPair(
            access_token=self.signer.sign(user_id, now),
            refresh_token=token,
            expires_in=int(self.signer.lifetime.total_seconds()),
        )
