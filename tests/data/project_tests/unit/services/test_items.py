"""Business rules of items, on the database."""

from datetime import UTC, datetime, timedelta

import pytest

from app.db import Database
from app.schemas.item import ItemCreate, ItemQuery, ItemUpdate
from app.services.items import ItemNameTakenError, ItemService

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


@pytest.mark.parametrize("act", ["create", "update"])
async def test_taken_name_is_a_conflict(act: str, items: ItemService) -> None:
    await items.create(ItemCreate(name="lamp"))
    torch = await items.create(ItemCreate(name="torch"))

    with pytest.raises(ItemNameTakenError, match="'lamp'"):
        if act == "create":
            await items.create(ItemCreate(name="lamp"))
        else:
            await items.update(torch.id, ItemUpdate(name="lamp"))

    assert await items.get(torch.id) == torch


async def test_deleted_item_is_gone_with_its_tags(items: ItemService) -> None:
    created = await items.create(COMPLETE)

    await items.delete(created.id)

    assert (await items.list_page(ItemQuery(limit=1))).total == 0
    assert (await items.create(COMPLETE)).id != created.id
