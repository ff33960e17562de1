"""Base classes of all tables."""

import enum
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import MetaData, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core.clock import utc_now
from app.core.ids import uuid7
from app.db.types import UtcDateTime, enum_type

# Migrations refer to constraints by name, so every constraint has one.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        enum.Enum: enum_type(enum.Enum),
    }


class Record(Base):
    """Base of tables with a key and timestamps, which are set by the service."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


def new_row(
    table: type[Record], values: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Return the columns of a new record: the given values, a key and timestamps.

    Raises:
        TypeError: A value has no column. SQLAlchemy would ignore it.
    """
    if unknown := values.keys() - inspect(table).columns.keys():
        raise TypeError(f"{table.__name__} has no columns {sorted(unknown)}")
    return {"id": uuid7(), **values, "created_at": now, "updated_at": now}
