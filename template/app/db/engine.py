"""Statements through SQLAlchemy's engine: what all backends share."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import Executable, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
)
from sqlalchemy.sql.dml import UpdateBase

from app.core.errors import DatabaseUnavailableError
from app.db.database import Database, Params, Row, Transaction
from app.db.errors import UNAVAILABLE
from app.db.limiter import ConnectionLimiter


class EngineTransaction(Transaction):
    """Statements on one connection of SQLAlchemy."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        return await fetch_rows(self._connection, query, params)

    async def execute(self, statement: Executable, /, *rows: Params) -> None:
        """Run a statement once for each row of parameters, or once without any."""
        await self._connection.execute(statement, [*rows] or None)


class EngineDatabase(Database):
    """A database of which all statements go through SQLAlchemy's engine."""

    def __init__(
        self,
        engine: AsyncEngine,
        readers: ConnectionLimiter,
        writers: ConnectionLimiter,
    ) -> None:
        self._engine = engine
        self._readers = readers
        self._writers = writers
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._ping_lock = asyncio.Lock()

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        if isinstance(query, UpdateBase):
            async with self.begin() as transaction:
                return await transaction.fetch(query, **params)
        async with self._readers, self._autocommit.connect() as connection:
            return await fetch_rows(connection, query, params)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction: commit when the block ends, roll back when it raises."""
        async with self._writers, self._engine.begin() as connection:
            yield EngineTransaction(connection)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction for ORM entities."""
        async with self._writers, self._open_session() as session:
            yield session

    @asynccontextmanager
    async def _open_session(self) -> AsyncGenerator[AsyncSession]:
        async with self._sessions() as session:
            # Connect first: from here on, errors are those of statements.
            await session.connection()
            yield session
            await session.commit()

    async def ping(self, timeout: float = 1.0) -> None:
        """Raise DatabaseUnavailableError unless the database answers in time.

        It does not pass the limiter, because a busy service is ready. The pool keeps
        one connection for it, so one ping runs at a time.
        """
        try:
            async with (
                asyncio.timeout(timeout),
                self._ping_lock,
                # Outside a transaction, so that it waits for no lock.
                self._autocommit.connect() as connection,
            ):
                await connection.execute(text("SELECT 1"))
        except (OSError, DBAPIError) as error:
            raise DatabaseUnavailableError(UNAVAILABLE) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


async def fetch_rows(
    connection: AsyncConnection, query: Executable, params: Params
) -> list[Row]:
    """Execute a query through SQLAlchemy and return its rows."""
    result = await connection.execute(query, params)
    return [dict(row) for row in result.mappings()]
