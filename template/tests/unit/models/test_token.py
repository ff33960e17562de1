"""When a refresh token is over."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.models.token import RefreshToken

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "is_spent"),
    [
        (NOON + SECOND, None, False),
        (NOON, None, True),
        (NOON - SECOND, None, True),
        (NOON + SECOND, NOON - SECOND, True),
    ],
)
def test_a_token_is_spent_when_it_is_old_or_revoked(
    expires_at: datetime, revoked_at: datetime | None, is_spent: bool
) -> None:
    token = RefreshToken(
        digest="0" * 64,
        family_id=UUID(int=1),
        user_id=UUID(int=2),
        expires_at=expires_at,
        revoked_at=revoked_at,
    )

    assert token.is_spent(NOON) is is_spent
