"""Business rules of items."""

from dataclasses import dataclass
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import ConflictError, NotFoundError
from app.db import Database, conflict
from app.models.base import new_row
from app.models.item import (
    DELETE_ITEM,
    INSERT_ITEM,
    INSERT_TAG,
    ITEM_BY_ID,
    ITEM_LIST,
    Item,
    item_for_update,
)
from app.schemas.item import ItemCreate, ItemPage, ItemQuery, ItemRead, ItemUpdate


class ItemNotFoundError(NotFoundError):
    """There is no item with this ID."""

    code = "item_not_found"

    def __init__(self, item_id: UUID) -> None:
        super().__init__(f"There is no item {item_id}.")


class ItemNameTakenError(ConflictError):
    """Two items can not share a name."""

    code = "item_name_taken"

    def __init__(self, name: str | None) -> None:
        super().__init__(f"There is an item named {name!r}.")


@dataclass(frozen=True, slots=True)
class ItemService:
    """Reads and changes items. Each method is one transaction."""

    db: Database
    clock: Clock = utc_now

    async def get(self, item_id: UUID) -> ItemRead:
        """Return one item. Raises ItemNotFoundError."""
        row = await self.db.fetchrow(ITEM_BY_ID, item_id=item_id)
        if row is None:
            raise ItemNotFoundError(item_id)
        return ItemRead.model_validate(row)

    async def list_page(self, query: ItemQuery) -> ItemPage:
        """Return a page of the items. Raises InvalidCursorError."""
        page = await ITEM_LIST.fetch_page(self.db, **dict(query))
        return ItemPage.model_validate(page)

    async def create(self, data: ItemCreate) -> ItemRead:
        """Store a new item. Raises ItemNameTakenError."""
        item = new_row(Item, data.model_dump(exclude={"tags"}), self.clock())
        tags = [{"item_id": item["id"], "name": name} for name in data.tags]
        with conflict(on="uq_items_name", error=ItemNameTakenError(data.name)):
            async with self.db.begin() as transaction:
                await transaction.execute(INSERT_ITEM, item)
                if tags:
                    await transaction.execute(INSERT_TAG, *tags)
        return ItemRead.model_validate({**item, "tags": data.tags})

    async def update(self, item_id: UUID, data: ItemUpdate) -> ItemRead:
        """Change the given fields. Raises ItemNotFoundError, ItemNameTakenError."""
        changes = data.model_dump(exclude_unset=True)
        name_taken = ItemNameTakenError(changes.get("name"))
        with conflict(on="uq_items_name", error=name_taken):
            async with self.db.session() as session:
                item = await session.scalar(item_for_update(item_id))
                if item is None:
                    raise ItemNotFoundError(item_id)
                if changes:
                    item.apply(changes, self.clock())
                return ItemRead.model_validate(item)

    async def delete(self, item_id: UUID) -> None:
        """Delete an item with its tags. Raises ItemNotFoundError."""
        if await self.db.fetchval(DELETE_ITEM, item_id=item_id) is None:
            raise ItemNotFoundError(item_id)
