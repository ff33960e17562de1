"""Business rules of wishes, on the database."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.db import Database
from app.schemas.wish import VoteCreate, VoteRead, WishCreate
from app.services.wishes import VoteTakenError, WishNotFoundError, WishService
from tests.wish_factories import make_wish

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = UUID(int=1)
ADA, BOB = VoteCreate(name="Ada"), VoteCreate(name="Bob")


@pytest.fixture
def wishes(database: Database) -> WishService:
    """The service, at noon."""
    return WishService(database, clock=lambda: NOON)


async def test_created_wish_is_stored(wishes: WishService) -> None:
    created = await wishes.create(WishCreate(words="a lamp"))

    assert (created.words, created.votes) == ("a lamp", [])
    assert await wishes.get(created.id) == created


async def test_unknown_wish_is_named_in_the_error(wishes: WishService) -> None:
    with pytest.raises(WishNotFoundError, match=str(KEY)):
        await wishes.get(KEY)
    with pytest.raises(WishNotFoundError, match=str(KEY)):
        await wishes.vote(KEY, ADA)


async def test_votes_are_in_the_order_of_creation(
    wishes: WishService, database: Database
) -> None:
    async with database.session() as session:
        session.add(make_wish(id=KEY))
    await wishes.vote(KEY, BOB)

    voted = await wishes.vote(KEY, ADA)

    names = ["Bob", "Ada"]
    assert voted.votes == [VoteRead(name=name, created_at=NOON) for name in names]


async def test_name_votes_once(wishes: WishService) -> None:
    created = await wishes.create(WishCreate(words="a lamp"))
    await wishes.vote(created.id, ADA)

    with pytest.raises(VoteTakenError, match="'Ada'"):
        await wishes.vote(created.id, ADA)
