"""Items with their tags, and the named queries about them."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Integer, Select, Text, bindparam, func, insert, select
from sqlalchemy.orm import QueryableAttribute, selectinload
from sqlmodel import Field, Relationship, col

from app.core.sql import Bytewise, Collected
from app.models.base import Base, Record


class Item(Record, table=True):
    """Something with a name that nothing else has."""

    __tablename__ = "items"

    name: str = Field(max_length=120, unique=True)
    description: str | None = Field(default=None, sa_type=Text)
    labels: list["ItemTag"] = Relationship(
        cascade_delete=True,
        passive_deletes=True,
        sa_relationship_kwargs={"lazy": "raise"},
    )

    @property
    def tags(self) -> list[str]:
        """The names of the labels, sorted."""
        return sorted(label.name for label in self.labels)

    def change(self, members: dict[str, Any], now: datetime) -> None:
        """Set the given members. What stays the same is not touched."""
        for name, value in members.items():
            if name == "tags":
                self.retag(value)
            else:
                setattr(self, name, value)
        self.updated_at = now

    def retag(self, names: list[str]) -> None:
        """Replace the tags, keeping the rows of those that stay."""
        kept = [label for label in self.labels if label.name in names]
        known = {label.name for label in kept}
        added = [
            ItemTag(item_id=self.id, name=name) for name in names if name not in known
        ]
        self.labels = [*kept, *added]


class ItemTag(Base, table=True):
    """A tag of an item."""

    __tablename__ = "item_tags"

    item_id: UUID = Field(foreign_key="items.id", ondelete="CASCADE", primary_key=True)
    name: str = Field(max_length=64, primary_key=True)


_TAGS = (
    select(col(ItemTag.name))
    .where(col(ItemTag.item_id) == col(Item.id))
    .order_by(Bytewise(col(ItemTag.name)))
    .correlate(Item)
)

_COLUMNS = (
    col(Item.id),
    col(Item.name),
    col(Item.description),
    col(Item.created_at),
    col(Item.updated_at),
    Collected(_TAGS).label("tags"),
)

ONE_ITEM = select(*_COLUMNS).where(col(Item.id) == bindparam("item_id"))

NUMBER_OF_ITEMS = select(func.count()).select_from(Item)

# The key sorts by time, so pages are stable, oldest first. Each row says how many
# there are, so that a page is one question.
PAGE_OF_ITEMS = (
    select(*_COLUMNS, NUMBER_OF_ITEMS.scalar_subquery().label("total"))
    .order_by(col(Item.id))
    .limit(bindparam("limit", type_=Integer))
    .offset(bindparam("offset", type_=Integer))
)

NEW_ITEM, NEW_TAG = insert(Item), insert(ItemTag)


def item_to_change(item_id: UUID) -> Select[Item]:
    """One item with its tags, locked: two changes of it follow each other."""
    # A checker sees a list here, and `col` is for columns.
    labels = cast(QueryableAttribute[Any], Item.labels)
    query = select(Item).where(col(Item.id) == item_id).with_for_update()
    return query.options(selectinload(labels))
