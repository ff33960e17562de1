"""Passwords, access tokens and their keys."""

from datetime import UTC, datetime, timedelta
from threading import get_ident
from typing import Any
from uuid import UUID

import jwt
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr, ValidationError

from app.core.errors import AuthenticationError
from app.core.security import (
    AuthSettings,
    PasswordHasher,
    SecretSettings,
    TokenSigner,
    new_refresh_token,
)
from tests.support.auth import cheap_passwords

# Long enough for every algorithm of its kind.
KEY = "0123456789abcdefghijklmnopqrstuv" * 2
SETTINGS = AuthSettings(issuer="us", audience="us")
ADA = UUID(int=1)
HOUR = timedelta(hours=1)


def signer(*keys: str) -> TokenSigner:
    return TokenSigner(SETTINGS, tuple(SecretStr(key) for key in keys or [KEY]))


def forge(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """Sign a token with other claims than those of the service; None omits a claim."""
    now = datetime.now(UTC)
    defaults = {
        "sub": str(ADA),
        "iss": "us",
        "aud": "us",
        "iat": now,
        "exp": now + HOUR,
    }
    wanted = {name: value for name, value in (defaults | claims).items() if value}
    return jwt.encode(wanted, key, algorithm=algorithm)


def test_first_key_signs_and_every_key_verifies() -> None:
    old = signer("o" * 32).sign(ADA, datetime.now(UTC))
    rotated = signer("n" * 32, "o" * 32)

    assert rotated.verify(old) == ADA
    assert signer("n" * 32).verify(rotated.sign(ADA, datetime.now(UTC))) == ADA


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not.a.token",
        pytest.param(new_refresh_token(), id="refresh token"),
        signer().sign(ADA, datetime.now(UTC) - HOUR),
        forge(key="f" * 32),
        forge(key="", algorithm="none"),
        forge(algorithm="HS512"),
        forge(aud="others"),
        forge(iss="others"),
        forge(aud=None),
        forge(iss=None),
        forge(iat=None),
        forge(exp=None),
        forge(sub=None),
        forge(sub="ada"),
    ],
)
def test_forged_or_expired_token_is_rejected(token: str) -> None:
    with pytest.raises(AuthenticationError, match="not valid"):
        signer().verify(token)


def test_short_key_is_rejected_without_its_value() -> None:
    with pytest.raises(ValidationError, match="at least 32") as error:
        SecretSettings.model_validate({"key": f"{KEY},hunter2"})

    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "is required"),
        ({"key": "change-me-" + KEY}, "is a placeholder"),
        ({"key": "x" * 40}, "is a placeholder"),
        ({"key": f"{KEY},{'your-key-here-' * 3}"}, "is a placeholder"),
    ],
)
def test_production_rejects_a_missing_or_example_key(
    given: dict[str, str], complaint: str
) -> None:
    (objection,) = SecretSettings.model_validate(given).production_errors()

    assert objection.startswith("SECRET_KEY")
    assert complaint in objection


async def test_password_is_hashed_with_argon2id() -> None:
    made = await PasswordHasher(1).hash("right")

    assert made.startswith("$argon2id$v=19$m=65536"), f"SEC-05: not argon2id: {made}"


class CountingHasher(Argon2Hasher):
    """A hasher that records its calls, with the parameters of each hash."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.work: list[tuple[str, str]] = []
        self.threads: set[int] = set()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.threads.add(get_ident())
        made = super().hash(password, salt=salt)
        self.work.append(("hash", made.rpartition("$")[0].rpartition("$")[0]))
        return made

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        self.threads.add(get_ident())
        parameters = str(hash).rpartition("$")[0].rpartition("$")[0]
        self.work.append(("verify", parameters))
        return super().verify(password, hash)


async def test_hashing_does_not_block_the_event_loop() -> None:
    hasher = CountingHasher()
    passwords = PasswordHasher(1, hasher)

    stored = await passwords.hash("right")
    await passwords.verify("right", stored)
    await passwords.verify("right", None)

    assert hasher.threads, "ASYNC-08: nothing was hashed"
    assert get_ident() not in hasher.threads, "ASYNC-08: hashed on the event loop"


async def work_of(*stored: str | None) -> list[tuple[str, str]]:
    """Return the calls of the hasher for wrong passwords."""
    hasher = CountingHasher()
    passwords = PasswordHasher(1, hasher)
    for one in stored:
        assert await passwords.verify("wrong", one) == (False, None)
    return hasher.work


async def test_unknown_user_costs_the_same_work_as_a_known_one() -> None:
    known = await cheap_passwords().hash("right")
    parameters = "$argon2id$v=19$m=8,t=1,p=1"

    work = await work_of(None, None)

    assert work == await work_of(known, known)
    assert work == [("hash", parameters), *[("verify", parameters)] * 2]
