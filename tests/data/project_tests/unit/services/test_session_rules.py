"""Business rules of sessions, on the database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.core.errors import AuthenticationError
from app.core.limits import RateLimiter
from app.core.security import Identity
from app.db import Database
from app.models.token import RefreshToken
from app.services.sessions import SessionNotFoundError, SessionService
from app.services.users import UserService
from tests.factories import make_user
from tests.support.auth import USER_ID, cheap_passwords

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SESSION = UUID(int=2)
ADA = Identity(USER_ID, SESSION)


def make_token(family_id: UUID, created_at: datetime) -> RefreshToken:
    """Create a refresh token that is valid for two hours."""
    return RefreshToken(
        digest=uuid4().hex,
        family_id=family_id,
        user_id=USER_ID,
        created_at=created_at,
        expires_at=created_at + 2 * HOUR,
    )


@pytest.fixture
async def sessions(database: Database) -> SessionService:
    """The service at noon, with an old session, and one that was refreshed."""
    async with database.session() as session:
        session.add(make_user(id=USER_ID))
        await session.flush()
        session.add(make_token(UUID(int=1), NOON - 2 * HOUR))
        session.add(make_token(SESSION, NOON - 3 * HOUR))
        session.add(make_token(SESSION, NOON - HOUR))
    return SessionService(database, clock=lambda: NOON)


async def test_session_begins_with_its_login_and_ends_with_its_last_token(
    sessions: SessionService,
) -> None:
    (listed,) = (await sessions.list_live(ADA)).items

    assert (listed.id, listed.is_current) == (SESSION, True)
    assert listed.created_at == NOON - 3 * HOUR
    assert listed.last_used_at == NOON - HOUR
    assert listed.expires_at == NOON + HOUR


async def test_session_of_another_user_is_not_ended(sessions: SessionService) -> None:
    with pytest.raises(SessionNotFoundError):
        await sessions.end(uuid4(), SESSION)

    await sessions.check(ADA)
    await sessions.end(USER_ID, SESSION)
    with pytest.raises(AuthenticationError):
        await sessions.check(ADA)


async def test_token_without_a_session_depends_on_its_user(
    sessions: SessionService,
) -> None:
    await sessions.check(Identity(USER_ID))
    await sessions.log_out(Identity(USER_ID))
    await sessions.check(ADA)

    for identity in (Identity(uuid4()), Identity(USER_ID, UUID(int=1))):
        with pytest.raises(AuthenticationError):
            await sessions.check(identity)


async def test_deactivation_ends_all_sessions(sessions: SessionService) -> None:
    users = UserService(sessions.db, cheap_passwords(), RateLimiter(1))

    await users.set_active(USER_ID, is_active=False)
    with pytest.raises(AuthenticationError):
        await sessions.check(Identity(USER_ID))
    await users.set_active(USER_ID, is_active=True)

    await sessions.check(Identity(USER_ID))
    assert not (await sessions.list_live(ADA)).items
