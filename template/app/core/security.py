"""Passwords and tokens: what is kept secret, and how it is checked."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from time import time
from typing import Annotated, Any
from uuid import UUID

import jwt
from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from app.core.about import SLUG
from app.core.errors import AuthenticationError
from app.core.groups import Group, as_list

ALGORITHM = "HS256"
PLACEHOLDERS = ("change", "example", "secret", "password", "insecure", "your")
# Bcrypt reads no further; the systems whose hashes we take over cut there too.
BCRYPT_BYTES = 72
# Verified access tokens that a process remembers, each of less than 1 KB.
MAX_VERIFIED_TOKENS = 1000


class AuthSettings(Group):
    """How long tokens live, and how guessing is slowed down."""

    issuer: str = SLUG
    audience: str = SLUG
    access_minutes: int = Field(default=15, ge=1)
    refresh_days: int = Field(default=30, ge=1)
    # A hash takes 64 MiB while it is made, so few are made at once.
    hash_workers: int = Field(default=2, ge=1)
    failures_per_minute: int = Field(default=10, ge=1)


def key_of_this_process() -> tuple[SecretStr, ...]:
    """Make a key that nobody knows; its tokens end with the process."""
    return (SecretStr(secrets.token_urlsafe(32)),)


class SecretSettings(Group):
    """The keys that sign tokens: the first signs, every one is accepted."""

    key: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(as_list)] = Field(
        default_factory=key_of_this_process, min_length=1
    )

    @field_validator("key")
    @classmethod
    def be_long_enough(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        """Refuse what can be guessed."""
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("each key has at least 32 characters")
        return keys

    def objections(self) -> list[str]:
        """Production signs with a key that was made for it."""
        if "key" not in self.model_fields_set:
            return ["SECRET_KEY: is required in production"]
        values = [key.get_secret_value().lower() for key in self.key]
        if any(len(set(v)) < 10 or any(p in v for p in PLACEHOLDERS) for v in values):
            return ["SECRET_KEY: is a placeholder; make one, as .env.example says"]
        return []


class PasswordHasher:
    """Argon2id off the event loop, few at once; older bcrypt hashes still verify."""

    def __init__(self, workers: int, argon2: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((argon2 or Argon2Hasher(), BcryptHasher()))
        self._limiter = CapacityLimiter(workers)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Hash a new password."""
        return await self._run(self._hash.hash, password)

    async def verify(
        self, password: str, stored: str | None
    ) -> tuple[bool, str | None]:
        """Say whether the password is right, and the hash to store from now on.

        Without a stored hash the same work is done for nothing, so that the time
        an answer takes does not tell who has an account.
        """
        # Made for whoever comes first, known or not: it takes as long as a check.
        self._decoy = self._decoy or await self.hash(secrets.token_urlsafe())
        if stored is None:
            await self._run(self._hash.verify, password, self._decoy)
            return False, None
        return await self._run(self._check, password, stored)

    def _check(self, password: str, stored: str) -> tuple[bool, str | None]:
        if not stored.startswith("$2"):
            return self._hash.verify_and_update(password, stored)
        known = password.encode()[:BCRYPT_BYTES]
        if b"\0" in known or not self._hash.verify(known, stored):
            return False, None
        return True, self._hash.hash(password)

    async def _run[**P, T](
        self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        job = partial(work, *args, **kwargs)
        return await to_thread.run_sync(job, limiter=self._limiter)


@dataclass(frozen=True)
class TokenSigner:
    """Signs and reads access tokens: short-lived, and never looked up."""

    settings: AuthSettings
    keys: tuple[SecretStr, ...]
    # The users and the expiry times of tokens that were verified.
    verified: dict[str, tuple[UUID, int]] = field(
        default_factory=dict[str, tuple[UUID, int]], init=False
    )

    @property
    def lifetime(self) -> timedelta:
        """How long an access token is good for."""
        return timedelta(minutes=self.settings.access_minutes)

    def sign(self, user_id: UUID, now: datetime) -> str:
        """Make a token that says who the caller is."""
        claims = {
            "sub": str(user_id),
            "iss": self.settings.issuer,
            "aud": self.settings.audience,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self._prepared[0], algorithm=ALGORITHM)

    def verify(self, token: str) -> UUID:
        """Return the user's key of an access token. Raises AuthenticationError.

        A verified token is accepted again until it expires, without checking the same
        signature again: that would take a tenth of a small request.
        """
        user_id, expires_at = self.verified.get(token, (None, 0))
        if user_id is None or expires_at <= time():
            user_id, expires_at = self._decode(token)
            if len(self.verified) >= MAX_VERIFIED_TOKENS:
                self.verified.clear()
            self.verified[token] = user_id, expires_at
        return user_id

    def _decode(self, token: str) -> tuple[UUID, int]:
        for key in self._prepared:
            try:
                claims = self._claims(token, key)
                return UUID(claims["sub"]), claims["exp"]
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidTokenError, ValueError) as error:
                raise AuthenticationError("The access token is not valid.") from error
        raise AuthenticationError("The access token is not valid.")

    @cached_property
    def _prepared(self) -> tuple[jwt.PyJWK, ...]:
        # The library looks long at a bare key, each time, to see what else it may be.
        return tuple(prepare(key.get_secret_value()) for key in self.keys)

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=self.settings.issuer,
            audience=self.settings.audience,
            options={"require": ["sub", "iss", "aud", "iat", "exp"]},
        )


def prepare(key: str) -> jwt.PyJWK:
    """Say that a key is one, and what it is for."""
    encoded = base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode()
    return jwt.PyJWK({"kty": "oct", "k": encoded}, ALGORITHM)


def new_refresh_token() -> str:
    """Make a refresh token: 256 random bits, stored only as their digest."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what is stored of a token. It is random, so one fast hash is enough."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
