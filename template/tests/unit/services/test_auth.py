"""The rules about staying signed in."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.security import AuthSettings, TokenSigner, digest
from app.models.token import RefreshToken
from app.services.auth import (
    Login,
    RefreshTokenRejectedError,
    RefreshTokenReusedError,
    TokenService,
)
from tests.fakes import FakeSession

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = UUID(int=1)
SIGNER = TokenSigner(AuthSettings(), (SecretStr("k" * 32),))


def tokens(*answers: object) -> tuple[TokenService, FakeSession]:
    session = FakeSession(*answers)
    service = TokenService(cast(AsyncSession, session), SIGNER, HOUR, lambda: NOON)
    return service, session


def stored(**members: Any) -> RefreshToken:
    defaults: dict[str, Any] = {
        "digest": digest("here"),
        "user_id": KEY,
        "family_id": UUID(int=2),
        "expires_at": NOON + HOUR,
    }
    return RefreshToken(**defaults | members)


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
