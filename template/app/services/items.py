"""The rules about items."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ConflictError, NotFoundError
from app.core.ids import uuid7
from app.core.reader import Reader
from app.core.writer import Writer
from app.models.base import utc_now
from app.models.item import (
    NEW_ITEM,
    NEW_TAG,
    NUMBER_OF_ITEMS,
    ONE_ITEM,
    PAGE_OF_ITEMS,
    Item,
    item_to_change,
)
from app.schemas.item import ItemCreate, ItemPage, ItemRead, ItemUpdate


class ItemNotFoundError(NotFoundError):
    """There is no such item."""

    code = "item_not_found"


class ItemNameTakenError(ConflictError):
    """Two items can not share a name."""

    code = "item_name_taken"

    @classmethod
    def of(cls, name: str) -> Self:
        """Say which name it is."""
        return cls(f"There is an item named {name!r}.")


@dataclass(frozen=True, slots=True)
class ItemQueries:
    """What can be asked about items: no transaction, no entities."""

    reader: Reader

    async def get(self, item_id: UUID) -> ItemRead:
        """Return one item. Raises ItemNotFoundError."""
        row = await self.reader.row(ONE_ITEM, item_id=item_id)
        if row is None:
            raise ItemNotFoundError(f"There is no item {item_id}.")
        return ItemRead.model_validate(row)

    async def page(self, limit: int, offset: int) -> ItemPage:
        """Return a page of all items, oldest first."""
        rows = await self.reader.rows(PAGE_OF_ITEMS, limit=limit, offset=offset)
        # A page behind the last one has no row that could say it.
        total = rows[0]["total"] if rows else await self.reader.value(NUMBER_OF_ITEMS)
        return ItemPage.model_validate({"items": rows, "total": total})


@dataclass(frozen=True, slots=True)
class ItemIntake:
    """How items come in: what is asked most of all writes needs no entities."""

    writer: Writer
    clock: Callable[[], datetime] = utc_now

    async def create(self, data: ItemCreate) -> ItemRead:
        """Store a new item. Raises ItemNameTakenError."""
        key, now = uuid7(), self.clock()
        new = {"name": data.name, "description": data.description}
        item = {"id": key, **new, "created_at": now, "updated_at": now}
        try:
            await self.writer.run(NEW_ITEM, item)
        except IntegrityError as error:
            raise ItemNameTakenError.of(data.name) from error
        tags = [{"item_id": key, "name": name} for name in data.tags]
        await self.writer.run(NEW_TAG, *tags)
        return ItemRead.model_validate({**item, "tags": sorted(data.tags)})


@dataclass(frozen=True, slots=True)
class ItemService:
    """What can be done to an item, in a transaction that somebody else ends."""

    session: AsyncSession
    clock: Callable[[], datetime] = utc_now

    async def update(self, item_id: UUID, data: ItemUpdate) -> ItemRead:
        """Change the given members. Raises ItemNotFoundError, ItemNameTakenError."""
        item = await self._get(item_id)
        members = data.model_dump(exclude_unset=True)
        if members:
            item.change(members, self.clock())
            await self._flush(item)
        return ItemRead.model_validate(item)

    async def delete(self, item_id: UUID) -> None:
        """Remove an item with its tags. Raises ItemNotFoundError."""
        await self.session.delete(await self._get(item_id))
        await self.session.flush()

    async def _get(self, item_id: UUID) -> Item:
        item = await self.session.scalar(item_to_change(item_id))
        if item is None:
            raise ItemNotFoundError(f"There is no item {item_id}.")
        return item

    async def _flush(self, item: Item) -> None:
        # The database decides: a check before the write would lose the race.
        name = item.name
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise ItemNameTakenError.of(name) from error
