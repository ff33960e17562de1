"""Business rules of logins, on the database."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from app.core.errors import ThrottledError
from app.core.limits import RateLimiter
from app.core.security import AuthSettings, PasswordHasher, TokenSigner
from app.core.throttle import FailureCounter
from app.db import Database
from app.models.user import User
from app.schemas.token import TokenPair
from app.services.auth import AuthService, WrongCredentialsError
from tests.factories import make_user

STORED = "hash of right"
SIGNER = TokenSigner(AuthSettings(), (SecretStr("k" * 32),))


class FakePasswords(PasswordHasher):
    """Compares one password at a time without hashing, and counts how often."""

    def __init__(self) -> None:
        super().__init__(workers=1)
        self.checks = 0

    async def verify(
        self, password: str, stored: str | None
    ) -> tuple[bool, str | None]:
        self.checks += 1
        await asyncio.sleep(0)
        return stored == f"hash of {password}", None


class Login:
    """The login of a user, whose password is `right`."""

    def __init__(self, database: Database, limit: int) -> None:
        self.passwords = FakePasswords()
        self.failures = FailureCounter(limit)
        self._auth = AuthService(
            database,
            self.passwords,
            SIGNER,
            self.failures,
            RateLimiter(4),
            timedelta(hours=1),
        )

    async def __call__(
        self,
        password: str,
        address: str = "10.0.0.1",
        email: str = "Ada@Example.com",
    ) -> TokenPair:
        return await self._auth.log_in(email, password, address)


@pytest.fixture
async def log_in(database: Database) -> Login:
    """A login that is throttled after two failures."""
    async with database.session() as session:
        session.add(make_user(email="ada@example.com", password_hash=STORED))
    return Login(database, limit=2)


@pytest.mark.parametrize("reason", ["unknown", "wrong", "inactive"])
async def test_failed_logins_are_alike_and_cost_the_same(
    reason: str, log_in: Login, database: Database
) -> None:
    email = "grace@example.com" if reason == "unknown" else "ada@example.com"
    given = "wrong" if reason == "wrong" else "right"
    async with database.session() as session:
        await session.execute(update(User).values(is_active=reason != "inactive"))

    with pytest.raises(WrongCredentialsError, match="address or the password"):
        await log_in(given, email=email)

    assert log_in.passwords.checks == 1


async def test_account_is_throttled_for_every_address(log_in: Login) -> None:
    with pytest.raises(WrongCredentialsError):
        await log_in("wrong", "10.0.0.1")
    with pytest.raises(ThrottledError):
        await log_in("wrong", "10.0.0.2")

    with pytest.raises(ThrottledError) as throttled:
        await log_in("right", "10.0.0.3")

    assert throttled.value.retry_after == 60
    assert log_in.passwords.checks == 2


async def test_address_is_throttled_for_every_account(log_in: Login) -> None:
    for name in ("grace@example.com", "edsger@example.com"):
        with pytest.raises((WrongCredentialsError, ThrottledError)):
            await log_in("wrong", email=name)

    with pytest.raises(ThrottledError):
        await log_in("right")
    assert (await log_in("right", "10.0.0.2")).access_token


async def test_concurrent_guesses_are_throttled_like_successive_ones(
    database: Database, log_in: Login
) -> None:
    log_in = Login(database, limit=3)
    guesses = [*("wrong",) * 5, "right"]

    results = await asyncio.gather(*map(log_in, guesses), return_exceptions=True)

    kinds = [type(result) for result in results]
    assert kinds == [WrongCredentialsError] * 2 + [ThrottledError] * 4
    assert log_in.passwords.checks == 3


async def test_successful_login_resets_the_account_but_not_the_address(
    log_in: Login,
) -> None:
    with pytest.raises(WrongCredentialsError):
        await log_in("wrong")

    await log_in("right")

    assert await log_in.failures.retry_after("account:ada@example.com") == 0
    with pytest.raises(ThrottledError):
        await log_in("wrong")


async def test_successful_logins_are_throttled_before_a_password_is_hashed(
    log_in: Login,
) -> None:
    for number in range(4):
        await log_in("right", f"10.0.0.{number}")

    with pytest.raises(ThrottledError):
        await log_in("right", "10.0.0.5")

    assert log_in.passwords.checks == 4
