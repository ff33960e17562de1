"""Moments in time, never a wall clock's: what a column of them holds."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, TypeDecorator


def utc_now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time, never a wall clock's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Refuse naive values: the driver would take them for local time."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a datetime without a zone is no moment in time")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Put back the zone that SQLite drops."""
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Call Python for each row on SQLite only: others know zones."""
        if dialect.name == "sqlite":
            return super().result_processor(dialect, coltype)
        return self.impl_instance.dialect_impl(dialect).result_processor(
            dialect, coltype
        )
