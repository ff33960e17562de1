"""A database inside an open transaction, for work that is stored as a whole."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection, async_sessionmaker
from sqlalchemy.sql.dml import UpdateBase

from app.db.database import Database, EngineTransaction, Row, Transaction
from app.db.limiter import ConnectionLimiter


class NestedDatabase(Database):
    """A database whose transactions are savepoints of an open one.

    Services use it as they use the database itself. It has one connection, so its
    statements can not run concurrently.
    """

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
        async with self._writers, self._connection.begin_nested():
            yield EngineTransaction(self._connection)
