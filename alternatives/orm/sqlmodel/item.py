"""Items and their tags: tables and queries."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import QueryableAttribute, selectinload
from sqlmodel import Field, Relationship, col

from app.db.lists import Listing, contains
from app.db.types import ArraySubquery
from app.models.base import Base, Record


class Item(Record, table=True):
    """An item. Its name is unique."""

    __tablename__ = "items"

    name: str = Field(max_length=120, unique=True)
    description: str | None = Field(default=None, sa_type=sa.Text)
    tag_rows: list["ItemTag"] = Relationship(
        cascade_delete=True,
        passive_deletes=True,
        sa_relationship_kwargs={"lazy": "raise"},
    )

    @property
    def tags(self) -> list[str]:
        """The names of the tags."""
        return [tag.name for tag in self.tag_rows]

    @tags.setter
    def tags(self, names: list[str]) -> None:
        rows = {tag.name: tag for tag in self.tag_rows}
        self.tag_rows = [
            rows.get(name) or ItemTag(item_id=self.id, name=name) for name in names
        ]

    def apply(self, changes: dict[str, Any], now: datetime) -> None:
        """Set the given fields and the time of the change."""
        for name, value in {**changes, "updated_at": now}.items():
            setattr(self, name, value)


class ItemTag(Base, table=True):
    """A tag of an item."""

    __tablename__ = "item_tags"

    item_id: UUID = Field(foreign_key="items.id", ondelete="CASCADE", primary_key=True)
    name: str = Field(max_length=64, primary_key=True)


_TAGS = (
    sa.select(col(ItemTag.name))
    .where(col(ItemTag.item_id) == col(Item.id))
    .correlate(Item)
)

# All columns of the table, so that a new one needs no change here.
_COLUMNS = (*sa.inspect(Item).columns, ArraySubquery(_TAGS).label("tags"))

ITEM_BY_ID = sa.select(*_COLUMNS).where(col(Item.id) == sa.bindparam("item_id"))

# Its default order is that of the key, which is the order of creation.
ITEM_LIST = Listing(
    sa.select(*_COLUMNS),
    key=col(Item.id),
    filters={
        "q": contains(col(Item.name)),
        "tag": lambda tag: sa.exists().where(
            col(ItemTag.item_id) == col(Item.id), col(ItemTag.name) == tag
        ),
        "created_after": lambda time: col(Item.created_at) > time,
        "created_before": lambda time: col(Item.created_at) < time,
    },
)

INSERT_ITEM = sa.insert(Item)
INSERT_TAG = sa.insert(ItemTag)

DELETE_ITEM = (
    sa.delete(Item)
    .where(col(Item.id) == sa.bindparam("item_id"))
    .returning(col(Item.id))
)


def item_for_update(item_id: UUID) -> sa.Select[Item]:
    """Select an item with its tags, locked until the transaction ends."""
    # Type checkers see a list here, and `col` accepts only columns.
    tag_rows = cast(QueryableAttribute[Any], Item.tag_rows)
    query = sa.select(Item).where(col(Item.id) == item_id).with_for_update()
    return query.options(selectinload(tag_rows))
