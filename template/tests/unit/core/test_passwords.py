"""How passwords are kept, and what a check costs."""

from threading import get_ident

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from app.core.security import PasswordHasher
from tests.callers import cheap_passwords

BCRYPT = BcryptHasher(rounds=4)


@pytest.fixture
def passwords() -> PasswordHasher:
    return cheap_passwords()


async def test_a_password_is_hashed_with_argon2id_by_default() -> None:
    made = await PasswordHasher(1).hash("right")

    assert made.startswith("$argon2id$v=19$m=65536"), f"SEC-05: not argon2id: {made}"


async def test_only_the_right_password_verifies(passwords: PasswordHasher) -> None:
    stored = await passwords.hash("right")

    assert await passwords.verify("right", stored) == (True, None)
    assert await passwords.verify("wrong", stored) == (False, None)


class CountingHasher(Argon2Hasher):
    """Notes what is made and what is checked, and with which parameters."""

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


async def test_the_event_loop_does_not_wait_for_a_hash() -> None:
    hasher = CountingHasher()
    passwords = PasswordHasher(1, hasher)

    stored = await passwords.hash("right")
    await passwords.verify("right", stored)
    await passwords.verify("right", None)

    assert hasher.threads, "ASYNC-08: nothing was hashed"
    assert get_ident() not in hasher.threads, "ASYNC-08: hashed on the event loop"


async def work_of(*stored: str | None) -> list[tuple[str, str]]:
    hasher = CountingHasher()
    passwords = PasswordHasher(1, hasher)
    for one in stored:
        assert await passwords.verify("wrong", one) == (False, None)
    return hasher.work


async def test_an_unknown_user_costs_the_same_work_as_a_known_one(
    passwords: PasswordHasher,
) -> None:
    known = await passwords.hash("right")
    parameters = "$argon2id$v=19$m=8,t=1,p=1"

    work = await work_of(None, None)

    assert work == await work_of(known, known)
    assert work == [("hash", parameters), *[("verify", parameters)] * 2]


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
