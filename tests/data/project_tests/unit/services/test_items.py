"""Business rules of items, on the database."""

from datetime import UTC, datetime, timedelta

import pytest

from app.db import Database
from app.schemas.item import ItemCreate, ItemUpdate
from app.services.items import ItemService

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


LATER = NOON + timedelta(hours=1)


COMPLETE = ItemCreate(name="lamp", description="bright", tags=["b", "a"])


@pytest.fixture
def items(database: Database) -> ItemService:
    """The service, at noon."""
    return ItemService(database, clock=lambda: NOON)


@pytest.fixture
def later_items(database: Database) -> ItemService:
    """The service, an hour later."""
    return ItemService(database, clock=lambda: LATER)


async def test_new_item_has_one_time(items: ItemService) -> None:
    created = await items.create(ItemCreate(name="lamp"))

    assert (created.created_at, created.updated_at) == (NOON, NOON)


async def test_update_without_fields_changes_nothing(
    items: ItemService, later_items: ItemService
) -> None:
    created = await items.create(COMPLETE)

    assert await later_items.update(created.id, ItemUpdate()) == created
