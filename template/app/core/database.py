"""The database: how it is opened, and the two ways to it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core import outages, postgresql, sqlite
from app.core.config import DatabaseSettings
from app.core.errors import AppError, DatabaseUnavailableError
from app.core.reader import Reader, SessionReader
from app.core.slots import Slots


class Database:
    """Owns the engine. Writes are a transaction; reads are named queries."""

    def __init__(
        self,
        engine: AsyncEngine,
        sessions: async_sessionmaker[AsyncSession],
        reader: Reader,
        slots: Slots,
    ) -> None:
        self.reader = reader
        self._engine = engine
        self._sessions = sessions
        self._slots = slots

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """Give a unit of work: it commits when the block ends, or rolls back.

        Raises DatabaseUnavailableError or OverloadedError; both may be retried.
        """
        async with self._slots, self._sessions() as session:
            await connect(session)
            try:
                yield session
            except AppError as error:
                if error.keeps_changes:
                    await session.commit()
                raise
            await session.commit()

    async def ping(self, seconds: float = 1.0) -> None:
        """Raise DatabaseUnavailableError unless the database answers in time.

        It takes no place in the queue: a busy service is still a ready one.
        """
        try:
            async with asyncio.timeout(seconds), self._engine.connect() as connection:
                # Outside a transaction, so that it waits for nobody's lock.
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text("SELECT 1"))
        except (OSError, DBAPIError) as error:
            # One that refuses us, for whatever reason, can not be reached either.
            raise DatabaseUnavailableError(outages.MESSAGE) from error

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._engine.dispose()


async def connect(session: AsyncSession) -> None:
    """Take the connection now: from here on only the database itself can fail."""
    try:
        await session.connection()
    except OSError as error:
        raise DatabaseUnavailableError(outages.MESSAGE) from error


def open_database(settings: DatabaseSettings) -> Database:
    """Make the engine; nothing connects before the first request."""
    slots = Slots(settings.pool_size, settings.pool_timeout)
    if settings.is_sqlite:
        engine = sqlite.create_engine(settings)
        reader: Reader = SessionReader(sqlite.reading_sessions(engine), slots)
    else:
        engine = postgresql.create_engine(settings)
        reader = postgresql.DriverReader(engine, slots)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    return Database(engine, sessions, reader, slots)
