"""Items and their tags: tables and queries."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from app.db.lists import Listing, contains
from app.db.types import ArraySubquery
from app.models.base import Base, Record


class Item(Record):
    """An item. Its name is unique."""

    __tablename__ = "items"

    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    description: Mapped[str | None] = mapped_column(sa.Text)
    tag_rows: Mapped[list["ItemTag"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def tags(self) -> list[str]:
        """The names of the tags."""
        return [tag.name for tag in self.tag_rows]

    @tags.setter
    def tags(self, names: list[str]) -> None:
        rows = {tag.name: tag for tag in self.tag_rows}
        self.tag_rows = [rows.get(name) or ItemTag(name=name) for name in names]

    def apply(self, changes: dict[str, Any], now: datetime) -> None:
        """Set the given fields and the time of the change."""
        for name, value in {**changes, "updated_at": now}.items():
            setattr(self, name, value)


class ItemTag(Base):
    """A tag of an item."""

    __tablename__ = "item_tags"

    item_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("items.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


_TAGS = sa.select(ItemTag.name).where(ItemTag.item_id == Item.id).correlate(Item)

# All columns of the table, so that a new one needs no change here.
_COLUMNS = (*sa.inspect(Item).columns, ArraySubquery(_TAGS).label("tags"))

ITEM_BY_ID = sa.select(*_COLUMNS).where(Item.id == sa.bindparam("item_id"))

# Its default order is that of the key, which is the order of creation.
ITEM_LIST = Listing(
    sa.select(*_COLUMNS),
    key=Item.id,
    filters={
        "q": contains(Item.name),
        "tag": lambda tag: sa.exists().where(
            ItemTag.item_id == Item.id, ItemTag.name == tag
        ),
        "created_after": lambda time: Item.created_at > time,
        "created_before": lambda time: Item.created_at < time,
    },
)

INSERT_ITEM = sa.insert(Item)
INSERT_TAG = sa.insert(ItemTag)

DELETE_ITEM = (
    sa.delete(Item).where(Item.id == sa.bindparam("item_id")).returning(Item.id)
)


def item_for_update(item_id: UUID) -> sa.Select[Item]:
    """Select an item with its tags, locked until the transaction ends."""
    query = sa.select(Item).where(Item.id == item_id).with_for_update()
    return query.options(selectinload(Item.tag_rows))
