"""What every table has in common."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from app.core.ids import uuid7
from app.models.moments import UtcDateTime, utc_now

__all__ = ["Base", "Record", "UtcDateTime", "utc_now"]

# A constraint without a name can not be changed by a later migration.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMES))):
    """Every table of the service."""

    # A plain text, which checkers would take for what computes one.
    __tablename__: ClassVar[Any]


class Record(Base):
    """A table with a key and times. Made here, so that no insert is read back."""

    id: UUID = Field(primary_key=True, default_factory=uuid7)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
