"""Business rules of items, on the database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import inspect, select

from app.db import Database
from app.models.item import Item
from app.schemas.item import ItemCreate, ItemUpdate
from app.services.items import ItemNotFoundError, ItemService

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
KEY = UUID(int=1)
COMPLETE = ItemCreate(name="lamp", description="bright", tags=["b", "a"])


@pytest.fixture
def items(database: Database) -> ItemService:
    """The service, at noon."""
    return ItemService(database, clock=lambda: NOON)


@pytest.fixture
def later_items(database: Database) -> ItemService:
    """The service, an hour later."""
    return ItemService(database, clock=lambda: LATER)


async def test_created_item_is_stored_with_its_tags(items: ItemService) -> None:
    created = await items.create(COMPLETE)

    stored = (await items.get(created.id)).model_dump()
    given = COMPLETE.model_dump() | {"tags": sorted(COMPLETE.tags)}
    assert stored == created.model_dump()
    assert stored == stored | given


async def test_fields_of_the_request_are_columns_of_the_table(
    items: ItemService, database: Database
) -> None:
    created = await items.create(COMPLETE)

    row = await database.fetchrow(select(*inspect(Item).columns))
    given = COMPLETE.model_dump(exclude={"tags"}) | {"id": created.id}
    assert row == {**(row or {}), **given}


async def test_update_sets_the_time_of_the_change(
    items: ItemService, later_items: ItemService
) -> None:
    created = await items.create(COMPLETE)

    updated = await later_items.update(created.id, ItemUpdate(name="torch"))

    assert updated == created.model_copy(update={"name": "torch", "updated_at": LATER})
    assert await items.get(created.id) == updated


async def test_unknown_item_is_not_found(items: ItemService) -> None:
    with pytest.raises(ItemNotFoundError, match=str(KEY)):
        await items.get(KEY)
    with pytest.raises(ItemNotFoundError):
        await items.update(KEY, ItemUpdate())
    with pytest.raises(ItemNotFoundError):
        await items.delete(KEY)
