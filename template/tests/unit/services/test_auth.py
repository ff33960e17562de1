"""The rules about signing in, and about staying signed in."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ThrottledError
from app.core.security import AuthSettings, PasswordHasher, TokenSigner, digest
from app.core.throttle import LocalFailureCounter
from app.models.token import RefreshToken
from app.services.auth import (
    Authenticator,
    Login,
    RefreshTokenRejectedError,
    RefreshTokenReusedError,
    TokenService,
    WrongCredentialsError,
)
from tests.fakes import FakeReader, FakeSession

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = UUID(int=1)
ROW = {"id": KEY, "password_hash": "hash of right", "is_active": True}
SIGNER = TokenSigner(AuthSettings(), (SecretStr("k" * 32),))


class FakePasswords:
    """Compares without hashing, and counts how often."""

    def __init__(self) -> None:
        self.checks = 0

    async def verify(
        self, password: str, stored: str | None
    ) -> tuple[bool, str | None]:
        self.checks += 1
        return stored == f"hash of {password}", None


class SignIn:
    """An authenticator with fakes around it."""

    def __init__(self, *found: dict[str, Any], limit: int = 3) -> None:
        self.passwords = FakePasswords()
        self.failures = LocalFailureCounter(limit)
        passwords = cast(PasswordHasher, self.passwords)
        self._known = Authenticator(FakeReader(*found), passwords, self.failures)

    async def __call__(self, password: str, address: str = "10.0.0.1") -> Login:
        return await self._known.verify("Ada@Example.com", password, address)


def tokens(*answers: object) -> tuple[TokenService, FakeSession]:
    session = FakeSession(*answers)
    service = TokenService(cast(AsyncSession, session), SIGNER, HOUR, lambda: NOON)
    return service, session


def stored(**members: Any) -> RefreshToken:
    defaults = {"user_id": KEY, "family_id": UUID(int=2), "expires_at": NOON + HOUR}
    return RefreshToken(**defaults | members)


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


async def test_a_success_forgives_the_account_and_not_the_address() -> None:
    sign_in = SignIn(ROW, limit=2)
    with pytest.raises(WrongCredentialsError):
        await sign_in("wrong")

    await sign_in("right")

    assert await sign_in.failures.wait("account:ada@example.com") == 0
    with pytest.raises(ThrottledError):
        await sign_in("wrong")


async def test_a_login_starts_a_family_and_only_digests_are_stored() -> None:
    service, session = tokens()

    pair = await service.start(Login(KEY, None))

    (row,) = session.added
    assert row.digest == digest(pair.refresh_token)
    assert row.expires_at == NOON + HOUR
    assert session.executed == []


async def test_a_hash_of_an_older_kind_is_replaced_at_login() -> None:
    service, session = tokens()

    await service.start(Login(KEY, "newer"))

    (statement,) = session.executed
    assert "newer" in statement.compile().params.values()


async def test_a_token_is_followed_by_one_of_the_same_family() -> None:
    old = stored()
    service, session = tokens(old, True)

    await service.rotate("old")

    (new,) = session.added
    assert (new.family_id, new.user_id) == (old.family_id, KEY)
    assert old.used_at == NOON


@pytest.mark.parametrize(
    "answers",
    [
        (None,),
        (stored(expires_at=NOON),),
        (stored(revoked_at=NOON),),
        (stored(), False),
    ],
)
async def test_what_is_spent_is_refused(answers: tuple[object, ...]) -> None:
    service, session = tokens(*answers)

    with pytest.raises(RefreshTokenRejectedError) as refusal:
        await service.rotate("old")

    assert not refusal.value.keeps_changes
    assert session.added == []


async def test_a_token_that_comes_twice_ends_its_family() -> None:
    service, session = tokens(stored(used_at=NOON - HOUR))

    with pytest.raises(RefreshTokenReusedError) as refusal:
        await service.rotate("old")

    (statement,) = session.executed
    assert UUID(int=2) in statement.compile().params.values()
    assert refusal.value.keeps_changes
