"""Passwords and tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import SecretStr, ValidationError

from app.core.errors import AuthenticationError
from app.core.security import (
    AuthSettings,
    PasswordHasher,
    SecretSettings,
    TokenSigner,
    digest,
    new_refresh_token,
)

KEY = "0123456789abcdefghijklmnopqrstuv"
SETTINGS = AuthSettings(issuer="us", audience="us")
ADA = UUID(int=1)
HOUR = timedelta(hours=1)
BCRYPT = BcryptHasher(rounds=4)


@pytest.fixture
def passwords() -> PasswordHasher:
    return PasswordHasher(2, Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


def signer(*keys: str) -> TokenSigner:
    return TokenSigner(SETTINGS, tuple(SecretStr(key) for key in keys or [KEY]))


def forged(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """Sign what we would sign, but for the given claims; None leaves one out."""
    now = datetime.now(UTC)
    good = {"sub": str(ADA), "iss": "us", "aud": "us", "iat": now, "exp": now + HOUR}
    wanted = {name: value for name, value in (good | claims).items() if value}
    return jwt.encode(wanted, key, algorithm=algorithm)


async def test_a_password_is_hashed_with_argon2id_by_default() -> None:
    assert (await PasswordHasher(1).hash("right")).startswith("$argon2id$v=19$m=65536")


async def test_only_the_right_password_verifies(passwords: PasswordHasher) -> None:
    stored = await passwords.hash("right")

    assert await passwords.verify("right", stored) == (True, None)
    assert await passwords.verify("wrong", stored) == (False, None)


async def test_nobody_signs_in_without_a_stored_hash(passwords: PasswordHasher) -> None:
    assert await passwords.verify("right", None) == (False, None)


@pytest.mark.parametrize("password", ["right", "x" * 100, "é" * 50])
async def test_a_bcrypt_hash_verifies_and_is_to_be_replaced(
    password: str, passwords: PasswordHasher
) -> None:
    stored = BCRYPT.hash(password.encode()[:72])

    right, new = await passwords.verify(password, stored)

    assert right
    assert new is not None
    assert new.startswith("$argon2id$")
    assert await passwords.verify(password, new) == (True, None)


@pytest.mark.parametrize("password", ["wrong", "nul\x00"])
async def test_a_bcrypt_hash_lets_nobody_else_in(
    password: str, passwords: PasswordHasher
) -> None:
    assert await passwords.verify(password, BCRYPT.hash("right")) == (False, None)


async def test_a_hash_made_with_less_work_is_to_be_replaced(
    passwords: PasswordHasher,
) -> None:
    cheap = await passwords.hash("right")

    right, new = await PasswordHasher(1).verify("right", cheap)

    assert right
    assert new is not None


def test_a_token_says_who_the_caller_is() -> None:
    token = signer().sign(ADA, datetime.now(UTC))

    assert signer().read(token) == ADA


def test_every_listed_key_verifies_and_the_first_one_signs() -> None:
    old = signer("o" * 32).sign(ADA, datetime.now(UTC))
    rotated = signer("n" * 32, "o" * 32)

    assert rotated.read(old) == ADA
    assert signer("n" * 32).read(rotated.sign(ADA, datetime.now(UTC))) == ADA


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not.a.token",
        signer().sign(ADA, datetime.now(UTC) - HOUR),
        forged(key="f" * 32),
        forged(key="", algorithm="none"),
        forged(key="k" * 64, algorithm="HS512"),
        forged(aud="others"),
        forged(iss="others"),
        forged(aud=None),
        forged(exp=None),
        forged(sub=None),
        forged(sub="ada"),
    ],
)
def test_what_is_not_ours_or_not_any_more_is_refused(token: str) -> None:
    with pytest.raises(AuthenticationError, match="not valid"):
        signer().read(token)


def test_a_refresh_token_can_not_be_guessed_from_what_is_stored() -> None:
    token = new_refresh_token()

    assert len(token) >= 43
    assert token != new_refresh_token()
    assert len(digest(token)) == 64
    assert digest("half \ud800") == digest("half ?")


def test_a_short_key_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="at least 32") as refusal:
        SecretSettings.model_validate({"key": f"{KEY},hunter2"})

    assert "hunter2" not in str(refusal.value)


def test_without_a_key_every_process_makes_its_own() -> None:
    assert SecretSettings().key != SecretSettings().key


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "is required"),
        ({"key": "change-me-" + KEY}, "is a placeholder"),
        ({"key": "x" * 40}, "is a placeholder"),
        ({"key": f"{KEY},{'your-key-here-' * 3}"}, "is a placeholder"),
    ],
)
def test_production_signs_with_a_key_made_for_it(
    given: dict[str, str], complaint: str
) -> None:
    (objection,) = SecretSettings.model_validate(given).objections()

    assert objection.startswith("SECRET_KEY")
    assert complaint in objection


def test_production_takes_keys_that_were_made_for_it() -> None:
    assert SecretSettings.model_validate({"key": f"{KEY},{KEY}"}).objections() == []
