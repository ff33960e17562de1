"""Business rules of API keys."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from app.core.errors import AuthenticationError
from app.core.ids import uuid7
from app.core.permissions import Permission, PermissionDeniedError
from app.core.security import Identity
from app.db import Database
from app.models.api_key import API_KEYS
from app.schemas.api_key import ApiKeyCreate
from app.services import api_keys as rules
from app.services.api_keys import ApiKeyService, TooManyApiKeysError
from tests.factories import make_user

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
READER = ApiKeyCreate(name="backup", scopes=[Permission.PROFILE_READ], expires_at=None)
ALL = frozenset(Permission)


@pytest.fixture
async def owner(database: Database) -> Identity:
    """A user who has logged in."""
    async with database.session() as session:
        session.add(user := make_user())
    return Identity(user.id, permissions=ALL)


def later(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def used_at(database: Database) -> datetime | None:
    (row,) = await database.fetch(API_KEYS.select())
    found: datetime | None = row["last_used_at"]
    return found


async def test_use_is_recorded_once_a_minute(
    owner: Identity, database: Database
) -> None:
    key = (await ApiKeyService(database).create(owner, READER)).key

    found: list[datetime | None] = []
    for seconds in (0, 59, 60):
        service = ApiKeyService(database, partial(later, seconds))
        identity = await service.find(key)
        assert identity is not None
        await service.record_use(identity)
        found.append(await used_at(database))

    assert found == [NOON, NOON, later(60)]


async def test_key_has_its_scopes_until_it_expires(
    owner: Identity, database: Database
) -> None:
    data = READER.model_copy(update={"expires_at": NOON})
    key = (await ApiKeyService(database).create(owner, data)).key

    before = NOON - timedelta(seconds=1)
    valid = await ApiKeyService(database, lambda: before).find(key)
    assert valid is not None
    assert valid.permissions == {*READER.scopes}
    assert await ApiKeyService(database, lambda: NOON).find(key) is None


async def test_key_has_no_permission_that_its_owner_lacks(
    owner: Identity, database: Database
) -> None:
    with pytest.raises(PermissionDeniedError):
        await ApiKeyService(database).create(Identity(owner.user_id), READER)


async def test_deleted_user_creates_no_key(database: Database) -> None:
    with pytest.raises(AuthenticationError):
        await ApiKeyService(database).create(Identity(uuid7(), permissions=ALL), READER)


async def test_valid_keys_of_a_user_are_limited(
    owner: Identity, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_KEYS", 1)
    service = ApiKeyService(database)
    first = await service.create(owner, READER)

    with pytest.raises(TooManyApiKeysError):
        await service.create(owner, READER)
    await service.revoke(owner.user_id, first.id)

    assert isinstance((await service.create(owner, READER)).id, UUID)
