"""Runs named statements: an `insert`, `update` or `delete` beside its model."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import UpdateBase

from app.core.errors import AppError

type Values = Mapping[str, object]


class Writer(Protocol):
    """Writes without entities, in a transaction that somebody else ends."""

    async def run(self, command: UpdateBase, *rows: Values) -> None:
        """Run it once for each row of values. Raises IntegrityError."""
        ...


class SessionWriter:
    """The slow way, through a session: for SQLite, and inside a test's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def run(self, command: UpdateBase, *rows: Values) -> None:
        """Run it once for each row of values. Raises IntegrityError."""
        if rows:
            connection = await self._session.connection()
            await connection.execute(command, [*rows])


@asynccontextmanager
async def committed(commit: Callable[[], Awaitable[object]]) -> AsyncGenerator[None]:
    """Commit when the block ends, and when it fails with what has to be stored."""
    try:
        yield
    except AppError as error:
        if error.keeps_changes:
            await commit()
        raise
    await commit()
