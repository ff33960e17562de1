"""Hashes of passwords, the work of a verification, and the wait for it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from threading import get_native_id
from time import process_time

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from app.core.errors import OverloadedError
from app.core.security import PasswordHasher
from tests.support.auth import cheap_passwords

BCRYPT = BcryptHasher(rounds=4)
ARGON2 = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
NORMAL = "päss word"
SPELLINGS = [NORMAL, "pa\u0308ss word", "\uff50äss\xa0word"]


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


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_every_spelling_of_a_password_verifies(
    spelling: str, passwords: PasswordHasher
) -> None:
    for hashed in SPELLINGS:
        stored = await passwords.hash(hashed)
        assert await passwords.verify(spelling, stored) == (True, None)


@pytest.mark.parametrize("hasher", [ARGON2, BCRYPT])
@pytest.mark.parametrize("spelling", SPELLINGS[1:])
async def test_hash_of_another_spelling_verifies_and_is_replaced(
    spelling: str, hasher: Argon2Hasher | BcryptHasher, passwords: PasswordHasher
) -> None:
    stored = hasher.hash(spelling)
    assert await passwords.verify(NORMAL, stored) == (False, None)

    right, new = await passwords.verify(spelling, stored)

    assert right
    assert new is not None
    for other in SPELLINGS:
        assert await passwords.verify(other, new) == (True, None)


@pytest.mark.parametrize("stored", [None, "right"])
async def test_wrong_password_in_another_spelling_is_rejected(
    stored: str | None, passwords: PasswordHasher
) -> None:
    known = await passwords.hash(stored) if stored else None

    assert await passwords.verify("wro\u0308ng", known) == (False, None)


async def test_very_long_password_is_not_normalized(passwords: PasswordHasher) -> None:
    password = "\u0315\u0300" * 500_000
    begun = process_time()

    assert await passwords.verify(password, None) == (False, None)
    assert process_time() - begun < 0.5


@asynccontextmanager
async def crowd(
    passwords: PasswordHasher, lane: str, size: int
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Let many wait in a lane; each leaves its slot when it is cancelled."""

    async def stay() -> None:
        async with passwords.slot(lane):
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(stay()) for _ in range(size)]
    await asyncio.sleep(0.01)
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_wait_for_a_slot_is_bounded() -> None:
    passwords = PasswordHasher(1, timeout=0.05)

    async with crowd(passwords, "a", 1), asyncio.timeout(5):
        for lane in ("a", "b"):
            with pytest.raises(OverloadedError):
                async with passwords.slot(lane):
                    pytest.fail("two in one slot")
        with pytest.raises(OverloadedError) as refusal:
            await passwords.hash("right")
        assert refusal.value.retry_after == 1

    async with passwords.slot("a"):
        pass


async def test_crowd_in_one_lane_does_not_delay_another() -> None:
    passwords = PasswordHasher(2, timeout=5)

    async with crowd(passwords, "a", 300) as tasks:
        other = asyncio.create_task(passwords.slot("b").__aenter__())
        await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[1].cancel()

        await asyncio.wait_for(other, 1)


async def test_lanes_are_forgotten_when_they_are_empty() -> None:
    passwords = PasswordHasher(1)

    for number in range(100):
        async with passwords.slot(f"{number}"):
            pass

    assert len(passwords._lanes) <= 1


async def test_cancelled_waiters_release_their_slots() -> None:
    passwords = PasswordHasher(2, timeout=1)

    for _ in range(3):
        async with crowd(passwords, "a", 50), crowd(passwords, "b", 50):
            pass

    async with AsyncExitStack() as stack, asyncio.timeout(0.5):
        for lane in ("a", "b"):
            await stack.enter_async_context(passwords.slot(lane))


class PriorityHasher(Argon2Hasher):
    """A hasher that records the priority of its thread."""

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.priority = os.getpriority(os.PRIO_PROCESS, get_native_id())
        return "a hash"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such priorities")
async def test_hashing_has_a_lower_priority_than_the_event_loop() -> None:
    own, hasher = os.getpriority(os.PRIO_PROCESS, 0), PriorityHasher()

    await PasswordHasher(1, hasher).hash("right")

    assert hasher.priority == min(own + 10, 19)
    assert os.getpriority(os.PRIO_PROCESS, get_native_id()) == own
