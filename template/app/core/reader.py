"""Runs named queries: `Select`s whose columns are the answer's columns."""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.slots import Slots

Row = Mapping[str, Any]
type Query = Select[*tuple[Any, ...]]


class Reader(Protocol):
    """Reads without a transaction and without entities; a value is a bindparam."""

    async def rows(self, query: Query, **values: object) -> list[Row]:
        """Return every row, as a mapping from column to value."""
        ...

    async def row(self, query: Query, **values: object) -> Row | None:
        """Return the first row, or None where there is none."""
        ...

    async def value(self, query: Query, **values: object) -> Any:
        """Return the first column of the first row."""
        ...


class SessionReader:
    """The slow way, through a session: for SQLite, and inside a test's transaction."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], slots: Slots
    ) -> None:
        self._sessions = sessions
        self._slots = slots

    async def rows(self, query: Query, **values: object) -> list[Row]:
        """Return every row, as a mapping from column to value."""
        async with self._slots, self._sessions() as session:
            found = await session.execute(query, values)
            return [dict(row) for row in found.mappings()]

    async def row(self, query: Query, **values: object) -> Row | None:
        """Return the first row, or None where there is none."""
        rows = await self.rows(query, **values)
        return rows[0] if rows else None

    async def value(self, query: Query, **values: object) -> Any:
        """Return the first column of the first row."""
        async with self._slots, self._sessions() as session:
            return await session.scalar(query, values)
