"""Password hashing, access tokens and refresh tokens."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import time
from typing import Annotated
from uuid import UUID

import jwt
from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from app.core.about import SLUG
from app.core.base_settings import SettingsGroup, split_list
from app.core.errors import AuthenticationError

ALGORITHM = "HS256"
REQUIRED_CLAIMS = ["sub", "iss", "aud", "iat", "exp"]
PLACEHOLDERS = ("change", "example", "secret", "password", "insecure", "your")
# bcrypt uses no more bytes of a password. Other systems cut there, too.
BCRYPT_BYTES = 72
# Verified access tokens that a process remembers, each of less than 1 KB.
MAX_VERIFIED_TOKENS = 1000


class AuthSettings(SettingsGroup):
    """Claims and lifetimes of tokens, and limits on logins and hashing."""

    issuer: str = SLUG
    audience: str = SLUG
    access_minutes: int = Field(default=15, ge=1, le=525_600)
    refresh_days: int = Field(default=30, ge=1, le=3650)
    # Hashes that are computed at the same time; each takes 64 MiB.
    hash_workers: int = Field(default=2, ge=1)
    failures_per_minute: int = Field(default=10, ge=1)


class SecretSettings(SettingsGroup):
    """Keys of access tokens: the first signs, and each of them verifies.

    The default is a random key, so its tokens are valid in this process only.
    """

    key: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(split_list)] = (
        Field(
            default_factory=lambda: (SecretStr(secrets.token_urlsafe(32)),),
            min_length=1,
        )
    )

    @field_validator("key")
    @classmethod
    def validate_length(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        """Reject a key that is short enough to be guessed."""
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("each key has at least 32 characters")
        return keys

    def production_errors(self) -> list[str]:
        """Require a key that is no placeholder."""
        if "key" not in self.model_fields_set:
            return ["SECRET_KEY: is required in production"]
        values = [key.get_secret_value().lower() for key in self.key]
        if any(len(set(v)) < 10 or any(p in v for p in PLACEHOLDERS) for v in values):
            return ["SECRET_KEY: is a placeholder; see .env.example for the command"]
        return []


class PasswordHasher:
    """Hashes passwords with Argon2id, in threads. Old bcrypt hashes verify, too."""

    def __init__(self, workers: int, argon2: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((argon2 or Argon2Hasher(), BcryptHasher()))
        self._limit = CapacityLimiter(workers)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash of a new password."""
        return await to_thread.run_sync(self._hash.hash, password, limiter=self._limit)

    async def verify(
        self, password: str, stored: str | None
    ) -> tuple[bool, str | None]:
        """Verify a password against a stored hash, or against None.

        Without a stored hash the work is the same, so that the response time does not
        tell whether an account exists.

        Returns:
            Whether the password is right, and a new hash in place of an outdated one.
        """
        # Created for known users, too: else the first call's duration would tell.
        self._decoy = self._decoy or await self.hash(secrets.token_urlsafe())
        return await to_thread.run_sync(
            self._verify, password, stored or self._decoy, limiter=self._limit
        )

    def _verify(self, password: str, stored: str) -> tuple[bool, str | None]:
        if not stored.startswith("$2"):
            return self._hash.verify_and_update(password, stored)
        known = password.encode()[:BCRYPT_BYTES]
        if b"\0" in known or not self._hash.verify(known, stored):
            return False, None
        return True, self._hash.hash(password)


class TokenSigner:
    """Signs and verifies access tokens, which are not stored."""

    def __init__(self, settings: AuthSettings, keys: Sequence[SecretStr]) -> None:
        self.settings = settings
        self.lifetime = timedelta(minutes=settings.access_minutes)
        # Users and expiry times of verified tokens.
        self.verified: dict[str, tuple[UUID, int]] = {}
        self._keys = [to_jwk(key.get_secret_value()) for key in keys]

    def sign(self, user_id: UUID, now: datetime) -> str:
        """Return a new access token for a user."""
        claims = {
            "sub": str(user_id),
            "iss": self.settings.issuer,
            "aud": self.settings.audience,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self._keys[0], algorithm=ALGORITHM)

    def verify(self, token: str) -> UUID:
        """Return the user ID of an access token. Raises AuthenticationError.

        Verified tokens are cached until they expire. To verify the signature again
        would take a tenth of the time of a small request.
        """
        user_id, expires_at = self.verified.get(token, (None, 0))
        if user_id is None or expires_at <= time():
            user_id, expires_at = self._decode(token)
            if len(self.verified) >= MAX_VERIFIED_TOKENS:
                self.verified.clear()
            self.verified[token] = user_id, expires_at
        return user_id

    def _decode(self, token: str) -> tuple[UUID, int]:
        for key in self._keys:
            try:
                claims = jwt.decode(
                    token,
                    key,
                    algorithms=[ALGORITHM],
                    issuer=self.settings.issuer,
                    audience=self.settings.audience,
                    options={"require": REQUIRED_CLAIMS},
                )
                return UUID(claims["sub"]), claims["exp"]
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidTokenError, ValueError) as error:
                raise AuthenticationError("The access token is not valid.") from error
        raise AuthenticationError("The access token is not valid.")


def to_jwk(key: str) -> jwt.PyJWK:
    """Return a key as a PyJWK, so that PyJWT does not probe its format on each call."""
    encoded = base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode()
    return jwt.PyJWK({"kty": "oct", "k": encoded}, ALGORITHM)


def new_refresh_token() -> str:
    """Return a new refresh token: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return the digest under which a refresh token is stored.

    The token is random, so that one fast hash is enough.
    """
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
