"""Business rules of refresh tokens, on the database."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from app.core.errors import ThrottledError
from app.core.limits import RateLimiter
from app.core.security import AuthSettings, TokenSigner, hash_token
from app.core.throttle import FailureCounter
from app.db import Database
from app.models.token import RefreshToken
from app.models.user import User
from app.schemas.token import TokenPair
from app.schemas.user import UserCreate
from app.services.auth import (
    AuthService,
    RefreshTokenRejectedError,
    RefreshTokenReusedError,
)
from app.services.users import UserService
from tests.support.auth import cheap_passwords

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SIGNER = TokenSigner(AuthSettings(), (SecretStr("k" * 32),))
RIGHT = "correct horse"
ADA = {"email": "ada@example.com", "password": RIGHT}


@pytest.fixture
def auth(database: Database) -> AuthService:
    """The service at noon; refresh tokens last an hour."""
    failures, attempts = FailureCounter(limit=3), RateLimiter(limit=3)
    return AuthService(
        database,
        cheap_passwords(),
        SIGNER,
        failures,
        attempts,
        HOUR,
        clock=lambda: NOON,
    )


@pytest.fixture
async def pair(auth: AuthService, database: Database) -> TokenPair:
    """The tokens of a login."""
    users = UserService(database, auth.passwords, auth.attempts)
    await users.register(UserCreate.model_validate(ADA))
    return await auth.log_in(ADA["email"], ADA["password"], "10.0.0.1")


async def stored(database: Database) -> list[RefreshToken]:
    async with database.session() as session:
        tokens = await session.scalars(select(RefreshToken))
        return sorted(tokens, key=lambda token: token.id)


async def change(database: Database, **values: object) -> None:
    async with database.session() as session:
        await session.execute(update(RefreshToken).values(**values))


async def test_only_the_digest_of_a_refresh_token_is_stored(
    pair: TokenPair, database: Database
) -> None:
    (token,) = await stored(database)

    assert token.digest == hash_token(pair.refresh_token)
    assert token.expires_at == NOON + HOUR


async def test_refresh_continues_the_family(
    pair: TokenPair, auth: AuthService, database: Database
) -> None:
    await auth.refresh(pair.refresh_token, "10.0.0.1")

    first, second = await stored(database)
    assert (second.family_id, second.user_id) == (first.family_id, first.user_id)
    assert (first.used_at, second.used_at) == (NOON, None)


@pytest.mark.parametrize(
    "values",
    [{"expires_at": NOON}, {"expires_at": NOON - HOUR}, {"revoked_at": NOON - HOUR}],
)
async def test_expired_or_revoked_token_is_rejected(
    values: dict[str, datetime], pair: TokenPair, auth: AuthService, database: Database
) -> None:
    await change(database, **values)

    with pytest.raises(RefreshTokenRejectedError) as rejection:
        await auth.refresh(pair.refresh_token, "10.0.0.1")

    assert not isinstance(rejection.value, RefreshTokenReusedError)
    assert len(await stored(database)) == 1


async def test_token_of_an_inactive_user_is_rejected_and_not_used(
    pair: TokenPair, auth: AuthService, database: Database
) -> None:
    async with database.session() as session:
        await session.execute(update(User).values(is_active=False))

    with pytest.raises(RefreshTokenRejectedError):
        await auth.refresh(pair.refresh_token, "10.0.0.1")

    (token,) = await stored(database)
    assert token.used_at is None


async def test_retry_within_the_grace_period_returns_the_same_successor(
    pair: TokenPair, auth: AuthService, database: Database
) -> None:
    first = await auth.refresh(pair.refresh_token, "10.0.0.1")
    again = await auth.refresh(pair.refresh_token, "10.0.0.1")

    assert again.refresh_token == first.refresh_token
    assert len(await stored(database)) == 2


async def test_refreshes_of_a_user_and_of_an_address_are_throttled(
    pair: TokenPair, auth: AuthService
) -> None:
    for number in range(3):
        await auth.refresh(pair.refresh_token, f"10.0.0.{number}")
        with pytest.raises(RefreshTokenRejectedError):
            await auth.refresh("unknown", "10.0.0.9")

    for token, address in ((pair.refresh_token, "10.0.0.5"), ("unknown", "10.0.0.9")):
        with pytest.raises(ThrottledError):
            await auth.refresh(token, address)
