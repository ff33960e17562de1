"""Items with their tags, and the named queries about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Integer,
    Select,
    String,
    Text,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from app.core.sql import Bytewise, Collected
from app.models.base import Base, Record


class Item(Record):
    """Something with a name that nothing else has."""

    __tablename__ = "items"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[list["ItemTag"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True
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
        added = [ItemTag(name=name) for name in names if name not in known]
        self.labels = [*kept, *added]


class ItemTag(Base):
    """A tag of an item."""

    __tablename__ = "item_tags"

    item_id: Mapped[UUID] = mapped_column(
        ForeignKey("items.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(64), primary_key=True)


_TAGS = (
    select(ItemTag.name)
    .where(ItemTag.item_id == Item.id)
    .order_by(Bytewise(ItemTag.name))
    .correlate(Item)
)

_COLUMNS = (
    Item.id,
    Item.name,
    Item.description,
    Item.created_at,
    Item.updated_at,
    Collected(_TAGS).label("tags"),
)

ONE_ITEM = select(*_COLUMNS).where(Item.id == bindparam("item_id"))

NUMBER_OF_ITEMS = select(func.count()).select_from(Item)

# The key sorts by time, so pages are stable, oldest first. Each row says how many
# there are, so that a page is one question.
PAGE_OF_ITEMS = (
    select(*_COLUMNS, NUMBER_OF_ITEMS.scalar_subquery().label("total"))
    .order_by(Item.id)
    .limit(bindparam("limit", type_=Integer))
    .offset(bindparam("offset", type_=Integer))
)

NEW_ITEM, NEW_TAG = insert(Item), insert(ItemTag)


def item_to_change(item_id: UUID) -> Select[Item]:
    """One item with its tags, locked: two changes of it follow each other."""
    query = select(Item).where(Item.id == item_id).with_for_update()
    return query.options(selectinload(Item.labels))
