"""The rules about signing in."""

import asyncio
from typing import Any, cast
from uuid import UUID

import pytest

from app.core.errors import ThrottledError
from app.core.security import PasswordHasher
from app.core.throttle import LocalFailureCounter
from app.services.auth import Authenticator, Login, WrongCredentialsError
from tests.fakes import FakeReader

KEY = UUID(int=1)
STORED = "hash of right"
ROW = {"id": KEY, "password_hash": STORED, "is_active": True}


class FakePasswords:
    """Compares without hashing, and counts how often."""

    def __init__(self) -> None:
        self.checks = 0

    async def verify(
        self, password: str, stored: str | None
    ) -> tuple[bool, str | None]:
        self.checks += 1
        await asyncio.sleep(0)
        return stored == f"hash of {password}", None


class SignIn:
    """An authenticator with fakes around it."""

    def __init__(self, *found: dict[str, Any], limit: int = 3) -> None:
        self.passwords = FakePasswords()
        self.failures = LocalFailureCounter(limit)
        passwords = cast(PasswordHasher, self.passwords)
        self._known = Authenticator(FakeReader(*found), passwords, self.failures)

    async def __call__(
        self,
        password: str,
        address: str = "10.0.0.1",
        email: str = "Ada@Example.com",
    ) -> Login:
        return await self._known.verify(email, password, address)


async def test_whoever_knows_the_password_is_let_in() -> None:
    assert await SignIn(ROW)("right") == Login(KEY, None)


@pytest.mark.parametrize(
    ("found", "password"),
    [([], "right"), ([ROW], "wrong"), ([ROW | {"is_active": False}], "right")],
)
async def test_every_refusal_is_the_same_and_costs_the_same(
    found: list[dict[str, Any]], password: str
) -> None:
    sign_in = SignIn(*found)

    with pytest.raises(WrongCredentialsError, match="address or the password"):
        await sign_in(password)

    assert sign_in.passwords.checks == 1


async def test_an_account_is_closed_to_every_address_after_too_many_failures() -> None:
    sign_in = SignIn(ROW, limit=2)
    with pytest.raises(WrongCredentialsError):
        await sign_in("wrong", "10.0.0.1")
    with pytest.raises(ThrottledError):
        await sign_in("wrong", "10.0.0.2")

    with pytest.raises(ThrottledError) as refusal:
        await sign_in("right", "10.0.0.3")

    assert refusal.value.retry_after == 60
    assert sign_in.passwords.checks == 2


async def test_an_address_is_closed_to_every_account_after_too_many_failures() -> None:
    sign_in = SignIn(limit=2)
    for name in ("grace@example.com", "edsger@example.com"):
        with pytest.raises((WrongCredentialsError, ThrottledError)):
            await sign_in("wrong", email=name)

    with pytest.raises(ThrottledError):
        await sign_in("right")
    with pytest.raises(WrongCredentialsError):
        await sign_in("right", "10.0.0.2")


async def test_of_guesses_that_come_at_once_only_the_first_ones_count() -> None:
    sign_in = SignIn(ROW, limit=3)
    guesses = [*("wrong",) * 5, "right"]

    answers = await asyncio.gather(*map(sign_in, guesses), return_exceptions=True)

    kinds = [type(answer) for answer in answers]
    assert kinds == [WrongCredentialsError] * 2 + [ThrottledError] * 4


async def test_a_success_forgives_the_account_and_not_the_address() -> None:
    sign_in = SignIn(ROW, limit=2)
    with pytest.raises(WrongCredentialsError):
        await sign_in("wrong")

    await sign_in("right")

    assert await sign_in.failures.wait("account:ada@example.com") == 0
    with pytest.raises(ThrottledError):
        await sign_in("wrong")
