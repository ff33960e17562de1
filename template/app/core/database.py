"""The database, and the ways to it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core import outages
from app.core.errors import DatabaseUnavailableError
from app.core.reader import Reader
from app.core.slots import Slots
from app.core.writer import SessionWriter, Writer, committed

type Writing = Callable[[], AbstractAsyncContextManager[Writer]]


class Database:
    """Owns the engine. Reads are named queries; a write is a transaction."""

    def __init__(
        self,
        engine: AsyncEngine,
        sessions: async_sessionmaker[AsyncSession],
        slots: Slots,
        reader: Reader,
        writing: Writing | None = None,
    ) -> None:
        self.reader = reader
        self._engine = engine
        self._sessions = sessions
        self._slots = slots
        self._writing = writing or self._session_writing
        self._probe = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """Give a unit of work: it commits when the block ends, or rolls back.

        Raises DatabaseUnavailableError or OverloadedError; both may be retried.
        """
        async with self._slots, self._sessions() as session:
            # Now: from here on only the database itself can fail.
            await session.connection()
            async with committed(session.commit):
                yield session

    def writing(self) -> AbstractAsyncContextManager[Writer]:
        """Give the same to named statements, which need no entities.

        Raises DatabaseUnavailableError or OverloadedError; both may be retried.
        """
        return self._writing()

    async def ping(self, seconds: float = 1.0) -> None:
        """Raise DatabaseUnavailableError unless the database answers in time.

        It takes no place in the queue: a busy service is still a ready one. One asks
        at a time, with the connection that is kept for it.
        """
        try:
            async with (
                asyncio.timeout(seconds),
                self._probe,
                self._engine.connect() as connection,
            ):
                # Outside a transaction, so that it waits for nobody's lock.
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text("SELECT 1"))
        except (OSError, DBAPIError) as error:
            # One that refuses us, for whatever reason, can not be reached either.
            raise DatabaseUnavailableError(outages.MESSAGE) from error

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _session_writing(self) -> AsyncGenerator[Writer]:
        async with self.transaction() as session:
            yield SessionWriter(session)
