"""Hashes of passwords, and the work of a verification."""

import pytest
from pwdlib.hashers.bcrypt import BcryptHasher

from app.core.security import PasswordHasher
from tests.support.auth import cheap_passwords

BCRYPT = BcryptHasher(rounds=4)


@pytest.fixture
def passwords() -> PasswordHasher:
    return cheap_passwords()


async def test_password_without_a_stored_hash_is_wrong(
    passwords: PasswordHasher,
) -> None:
    assert await passwords.verify("right", None) == (False, None)


@pytest.mark.parametrize("password", ["right", "x" * 100, "é" * 50])
async def test_bcrypt_hash_verifies_and_is_replaced(
    password: str, passwords: PasswordHasher
) -> None:
    stored = BCRYPT.hash(password.encode()[:72])

    right, new = await passwords.verify(password, stored)

    assert right
    assert new is not None
    assert new.startswith("$argon2id$")
    assert await passwords.verify(password, new) == (True, None)


@pytest.mark.parametrize("password", ["wrong", "nul\x00"])
async def test_wrong_password_for_a_bcrypt_hash_is_rejected(
    password: str, passwords: PasswordHasher
) -> None:
    assert await passwords.verify(password, BCRYPT.hash("right")) == (False, None)


async def test_hash_with_less_work_is_replaced(
    passwords: PasswordHasher,
) -> None:
    cheap = await passwords.hash("right")

    right, new = await PasswordHasher(1).verify("right", cheap)

    assert right
    assert new is not None


async def test_only_the_right_password_verifies(passwords: PasswordHasher) -> None:
    stored = await passwords.hash("right")

    assert await passwords.verify("right", stored) == (True, None)
    assert await passwords.verify("wrong", stored) == (False, None)
