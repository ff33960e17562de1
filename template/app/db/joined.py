"""A database within one transaction, for a request that runs once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker
from sqlalchemy.sql.dml import UpdateBase

from app.db.database import Database, EngineTransaction, Row, Transaction
from app.db.limiter import ConnectionLimiter


class JoinedDatabase(Database):
    """Joins an open transaction: what services commit are savepoints of it."""

    def __init__(self, connection: AsyncConnection) -> None:
        limiter = ConnectionLimiter(1, timeout=1.0)
        super().__init__(connection.engine, limiter, limiter)
        self._connection = connection
        self._sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        if isinstance(query, UpdateBase):
            async with self.begin() as transaction:
                return await transaction.fetch(query, **params)
        return await EngineTransaction(self._connection).fetch(query, **params)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a savepoint."""
        async with self._connection.begin_nested():
            yield EngineTransaction(self._connection)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """Open a savepoint for ORM entities."""
        async with self._open_session() as session:
            yield session
