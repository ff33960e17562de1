"""Password hashing, access tokens and refresh tokens."""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import sys
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import current_process
from time import time
from typing import Annotated
from unicodedata import normalize
from uuid import UUID
from weakref import WeakValueDictionary

import jwt
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from app.core.about import SLUG
from app.core.base_settings import SettingsGroup, split_list
from app.core.errors import AuthenticationError, OverloadedError

ALGORITHM = "HS256"
REQUIRED_CLAIMS = ["sub", "iss", "aud", "iat", "exp"]
PLACEHOLDERS = ("change", "example", "secret", "password", "insecure", "your")
# bcrypt uses no more bytes of a password. Other systems cut there, too.
BCRYPT_BYTES = 72
# Verified access tokens that a process remembers, each of less than 1 KB.
MAX_VERIFIED_TOKENS = 1000
# Any other text in place of a hash stands for a user without a password.
HASH_PREFIXES = ("$argon2", "$2")


class AuthSettings(SettingsGroup):
    """Claims and lifetimes of tokens, and limits on logins and hashing."""

    issuer: str = SLUG
    audience: str = SLUG
    access_minutes: int = Field(default=15, ge=1, le=525_600)
    refresh_days: int = Field(default=30, ge=1, le=3650)
    # A used refresh token returns its successor again for this time; 0: never.
    refresh_grace_seconds: float = Field(default=10, ge=0, le=600)
    # Difference between the clocks of two machines that is accepted in tokens.
    leeway_seconds: float = Field(default=5, ge=0, le=300)
    # Whether each request reads the session and the user of its access token.
    check_sessions: bool = False
    # Hashes that are computed at the same time; each takes 64 MiB.
    hash_workers: int = Field(default=2, ge=1)
    # Seconds that a request waits for one of them.
    hash_timeout: float = Field(default=5, gt=0, le=600)
    failures_per_minute: int = Field(default=10, ge=1)
    registrations_per_minute: int = Field(default=30, ge=1)
    # Logins, and as many refreshes, of an account and of an address.
    attempts_per_minute: int = Field(default=120, ge=1)


class SecretSettings(SettingsGroup):
    """Keys of access tokens: the first signs, and each of them verifies."""

    key: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(split_list)] = (
        Field(default_factory=lambda: (SecretStr(inherited_key()),), min_length=1)
    )

    @field_validator("key")
    @classmethod
    def validate_length(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        """Reject a key that is short enough to be guessed."""
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("each key has at least 32 characters")
        return keys

    def production_errors(self) -> list[str]:
        """Return an error for a key that is missing or a placeholder."""
        if "key" not in self.model_fields_set:
            return ["SECRET_KEY: is required in production"]
        values = [key.get_secret_value().lower() for key in self.key]
        if any(len(set(v)) < 10 or any(p in v for p in PLACEHOLDERS) for v in values):
            return ["SECRET_KEY: is a placeholder; see .env.example for the command"]
        return []


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends a request: a user, and the session of the access token."""

    user_id: UUID
    # The family of its refresh token. Tokens of releases before 0.5 name none.
    session_id: UUID | None = None


class PasswordHasher:
    """Hashes passwords with Argon2id, in threads. Old bcrypt hashes verify, too."""

    def __init__(
        self, workers: int, argon2: Argon2Hasher | None = None, timeout: float = 5
    ) -> None:
        self._hash = PasswordHash((argon2 or Argon2Hasher(), BcryptHasher()))
        self._workers, self._timeout = workers, timeout
        self._threads = ThreadPoolExecutor(workers, initializer=lower_priority)
        self._slots = asyncio.Semaphore(workers)
        self._lanes = WeakValueDictionary[str, asyncio.Semaphore]()
        self._decoy: str | None = None

    @asynccontextmanager
    async def slot(self, lane: str) -> AsyncGenerator[None]:
        """Wait for a worker. Raises OverloadedError after the timeout.

        Only the first requests of each lane wait for the workers, so that a crowd in
        one lane does not delay the others.
        """
        own = self._lanes.setdefault(lane, asyncio.Semaphore(self._workers))
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._timeout):
                    await stack.enter_async_context(own)
                    await stack.enter_async_context(self._slots)
            except TimeoutError:
                raise OverloadedError("The service is busy; try again.") from None
            yield

    async def hash(self, password: str) -> str:
        """Return the hash of a new password. Raises OverloadedError."""
        normal = normalize_password(password)
        async with self.slot("new passwords"):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._hash.hash, normal)

    async def verify(
        self, password: str, stored: str | None
    ) -> tuple[bool, str | None]:
        """Verify a password against a stored hash, or against None, inside a `slot`.

        Without a stored hash the work is the same, so that the response time does not
        tell whether an account exists.

        Returns:
            Whether the password is right, and a new hash in place of an outdated one.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._verify, password, stored)

    def _verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        # Created for known users, too: else the first call's duration would tell.
        self._decoy = self._decoy or self._hash.hash(secrets.token_urlsafe())
        if stored is None or not stored.startswith(HASH_PREFIXES):
            stored = self._decoy  # No password is right.
        normal = normalize_password(password)
        is_right, new_hash = self._compare(normal, stored)
        if not is_right and password != normal:
            # Releases before 0.5 stored the hash of the password as it was sent.
            is_right, _ = self._compare(password, stored)
            new_hash = self._hash.hash(normal) if is_right else None
        return is_right, new_hash

    def _compare(self, password: str, stored: str) -> tuple[bool, str | None]:
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
        # Identities and expiry times of verified tokens.
        self.verified: dict[str, tuple[Identity, float]] = {}
        self._keys = [to_jwk(key.get_secret_value()) for key in keys]
        self._secret = keys[0].get_secret_value().encode()

    def sign(self, user_id: UUID, now: datetime, session_id: UUID | None = None) -> str:
        """Return a new access token for a user."""
        claims: dict[str, object] = {
            "sub": str(user_id),
            "iss": self.settings.issuer,
            "aud": self.settings.audience,
            "iat": now,
            "exp": now + self.lifetime,
        }
        if session_id is not None:
            claims["sid"] = str(session_id)
        return jwt.encode(claims, self._keys[0], algorithm=ALGORITHM)

    def verify(self, token: str) -> UUID:
        """Return the user ID of an access token. Raises AuthenticationError."""
        return self.identify(token).user_id

    def identify(self, token: str) -> Identity:
        """Return whose access token it is. Raises AuthenticationError.

        Verified tokens are cached until they expire. To verify the signature again
        would take a tenth of the time of a small request.
        """
        identity, expires_at = self.verified.get(token, (None, 0))
        if identity is None or expires_at <= time():
            identity, expires_at = self._decode(token)
            if len(self.verified) >= MAX_VERIFIED_TOKENS:
                self.verified.clear()
            self.verified[token] = identity, expires_at
        return identity

    def successor(self, refresh_token: str) -> str:
        """Return the next refresh token, which a retry returns again.

        It is derived with the key, so that it can not be computed from a stolen token.
        No access token has a colon, so the result is never the signature of one.
        """
        message = f"refresh:{refresh_token}".encode()
        return hmac.digest(self._secret, message, "sha256").hex()

    def _decode(self, token: str) -> tuple[Identity, float]:
        leeway = self.settings.leeway_seconds
        for key in self._keys:
            try:
                claims = jwt.decode(
                    token,
                    key,
                    algorithms=[ALGORITHM],
                    issuer=self.settings.issuer,
                    audience=self.settings.audience,
                    leeway=leeway,
                    options={"require": REQUIRED_CLAIMS},
                )
                session_id = UUID(str(claims["sid"])) if "sid" in claims else None
                identity = Identity(UUID(claims["sub"]), session_id)
                return identity, claims["exp"] + leeway
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidTokenError, ValueError) as error:
                raise AuthenticationError("The access token is not valid.") from error
        raise AuthenticationError("The access token is not valid.")


def lower_priority() -> None:
    """Let the event loop run before this thread, so that hashes delay no request."""
    if sys.platform == "linux":  # Elsewhere the priority is that of the process.
        os.nice(10)


def normalize_password(password: str) -> str:
    """Return the normal form NFKC of a password, which is hashed (NIST SP 800-63B)."""
    # To normalize takes quadratic time. The limit of 128 characters rejects the rest.
    return normalize("NFKC", password) if len(password) <= 4 * 128 else password


def to_jwk(key: str) -> jwt.PyJWK:
    """Return a key as a PyJWK, so that PyJWT does not probe its format on each call."""
    encoded = base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode()
    return jwt.PyJWK({"kty": "oct", "k": encoded}, ALGORITHM)


def inherited_key() -> str:
    """Return a random key that all workers of a server inherit from their parent."""
    return hashlib.sha256(current_process().authkey).hexdigest()


def new_refresh_token() -> str:
    """Return a new refresh token: 256 random bits."""
    return secrets.token_hex(32)


def hash_token(token: str) -> str:
    """Return the digest under which a refresh token is stored.

    The token is random, so that one fast hash is enough.
    """
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
