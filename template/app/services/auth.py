"""Business rules of logins and tokens."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import AuthenticationError
from app.core.ids import uuid7
from app.core.limits import RateLimiter
from app.core.security import PasswordHasher, TokenSigner, hash_token, new_refresh_token
from app.core.throttle import FailureCounter
from app.db import Database, Row, Transaction
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
    attempts: RateLimiter
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
            ThrottledError: Too many logins, or failed ones.
            OverloadedError: Too many passwords wait to be verified.
        """
        # Longer than any address. To normalize takes quadratic time.
        email = email[: 4 * EMAIL_LENGTH]
        account = normalize_email(email)
        keys = (f"account:{account[:EMAIL_LENGTH]}", f"address:{address}")
        await self.failures.check(*keys)
        await self.attempts.check(*(f"login:{key}" for key in keys))
        # Another system may have stored the address in the spelling of the request.
        stored = await self._find(account, email.lower())
        async with self.passwords.slot(address):
            # Check again before the hash: concurrent guesses all pass the first check.
            await self.failures.check(*keys)
            user_id, new_hash = await self._match(stored, password)
            if user_id is None:
                await self.failures.record_failure(*keys)
        await self.failures.check(*keys)
        if user_id is None:
            raise WrongCredentialsError("The address or the password is wrong.")
        await self.failures.reset(keys[0])
        async with self.db.begin() as transaction:
            if new_hash is not None:
                values = {"user_id": user_id, "new_hash": new_hash}
                await transaction.execute(UPDATE_PASSWORD_HASH, values)
            return await self.open_session(transaction, user_id)

    async def open_session(self, transaction: Transaction, user_id: UUID) -> TokenPair:
        """Store the first refresh token of a session, and return its tokens."""
        token, session_id = new_refresh_token(), uuid7()
        await self._store(transaction, token, user_id, session_id)
        return self._pair(token, user_id, session_id)

    async def refresh(self, token: str, address: str) -> TokenPair:
        """Exchange a refresh token for the next pair of tokens.

        Within the grace period a retry, or a second tab, gets the same successor.

        Raises:
            RefreshTokenRejectedError: The token is unknown, expired or revoked, or
                its user is inactive.
            RefreshTokenReusedError: The token was used before the grace period. Its
                family is revoked.
            ThrottledError: Too many refreshes of the address or the user.
        """
        await self.attempts.check(f"refresh:address:{address}")
        async with self.db.begin() as transaction:
            found = await self._find_token(transaction, token)
            await self.attempts.check(f"refresh:user:{found['user_id']}")
            if not self._is_reused(found):
                return await self._exchange(transaction, found, token)
            revoked = {"family": found["family_id"], "now": self.clock()}
            await transaction.execute(REVOKE_FAMILY, revoked)
        # Raised after the block: inside it, the error would roll back the revocation.
        raise RefreshTokenReusedError("The refresh token was used before.")

    async def _find(self, *spellings: str) -> Row | None:
        """Return the credentials of the first spelling that is stored."""
        row = None
        for email in dict.fromkeys(spellings):
            # PostgreSQL rejects NUL, and no address contains other control characters.
            if len(email) <= EMAIL_LENGTH and email.isprintable():
                found = await self.db.fetchrow(CREDENTIALS, email=email)
                row = row or found
        return row

    async def _match(
        self, user: Row | None, password: str
    ) -> tuple[UUID | None, str | None]:
        """Return the user's ID if the password is right, and a newer hash to store."""
        # A lone surrogate can not be encoded, and no stored password has one.
        password = password.encode(errors="replace").decode()
        stored = user["password_hash"] if user else None
        is_right, new_hash = await self.passwords.verify(password, stored)
        if user and is_right and user["is_active"]:
            return user["id"], new_hash
        return None, None

    async def _find_token(self, transaction: Transaction, token: str) -> Row:
        """Lock a refresh token. Raises RefreshTokenRejectedError."""
        row = await transaction.fetchrow(
            REFRESH_TOKEN_FOR_UPDATE, token_digest=hash_token(token), now=self.clock()
        )
        if row is None:
            raise RefreshTokenRejectedError("The refresh token is not valid.")
        return row

    def _is_reused(self, found: Row) -> bool:
        grace = timedelta(seconds=self.signer.settings.refresh_grace_seconds)
        used_at = found["used_at"]
        return used_at is not None and (not grace or self.clock() - used_at >= grace)

    async def _exchange(
        self, transaction: Transaction, found: Row, token: str
    ) -> TokenPair:
        user = await transaction.fetchrow(USER_BY_ID, user_id=found["user_id"])
        if user is None or not user["is_active"]:
            raise RefreshTokenRejectedError("The refresh token is not valid.")
        successor = self.signer.successor(token)
        if found["used_at"] is None:
            used = {"token_id": found["id"], "now": self.clock()}
            await transaction.execute(MARK_REFRESH_TOKEN_USED, used)
            await self._store(transaction, successor, user["id"], found["family_id"])
        else:
            # Not found if SECRET_KEY has changed in between.
            await self._find_token(transaction, successor)
        return self._pair(successor, user["id"], found["family_id"])

    async def _store(
        self, transaction: Transaction, token: str, user_id: UUID, family_id: UUID
    ) -> None:
        now = self.clock()
        values = {
            "digest": hash_token(token),
            "family_id": family_id,
            "user_id": user_id,
            "expires_at": now + self.refresh_lifetime,
        }
        row = new_row(RefreshToken, values, now)
        await transaction.execute(INSERT_REFRESH_TOKEN, row)

    def _pair(self, refresh_token: str, user_id: UUID, session_id: UUID) -> TokenPair:
        return TokenPair(
            access_token=self.signer.sign(user_id, self.clock(), session_id),
            refresh_token=refresh_token,
            expires_in=int(self.signer.lifetime.total_seconds()),
        )
