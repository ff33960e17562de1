"""The database for services: `Database` runs statements, `Transaction` groups them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

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
from app.db.errors import UNAVAILABLE
from app.db.limiter import ConnectionLimiter
from app.db.revision import is_migrated, read_migrations

type Row = Mapping[str, Any]
type Params = Mapping[str, object]


class Queries(Protocol):
    """Statements that return rows: a `Select`, or a write with `returning()`.

    A parameter is passed to the `bindparam` of its name. All methods raise
    ConstraintViolationError, DatabaseUnavailableError and OverloadedError.
    """

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        ...

    async def fetchrow(self, query: Executable, /, **params: object) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch(query, **params)
        return rows[0] if rows else None

    async def fetchval(self, query: Executable, /, **params: object) -> Any:
        """Return the first column of the first row, or None."""
        row = await self.fetchrow(query, **params)
        return None if row is None else next(iter(row.values()))


class Transaction(Queries, Protocol):
    """Statements in one transaction, which `Database.begin` commits or rolls back."""

    async def execute(self, statement: Executable, /, *rows: Params) -> None:
        """Run a statement once for each row of parameters, or once without any."""
        ...


class EngineTransaction(Transaction):
    """Runs statements on a SQLAlchemy connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        result = await self._connection.execute(query, params)
        return [dict(row) for row in result.mappings()]

    async def execute(self, statement: Executable, /, *rows: Params) -> None:
        """Run a statement once for each row of parameters, or once without any."""
        await self._connection.execute(statement, [*rows] or None)


class Database(Queries):
    """The database, through SQLAlchemy's engine.

    A statement outside `begin` and `session` commits on its own.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        readers: ConnectionLimiter,
        writers: ConnectionLimiter,
    ) -> None:
        self.engine = engine
        self._readers = readers
        self._writers = writers
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._ping_lock = asyncio.Lock()
        self._is_migrated = False

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        if isinstance(query, UpdateBase):
            async with self.begin() as transaction:
                return await transaction.fetch(query, **params)
        async with self._readers, self._autocommit.connect() as connection:
            return await EngineTransaction(connection).fetch(query, **params)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction: commit when the block ends, roll back when it raises."""
        async with self._writers, self.engine.begin() as connection:
            yield EngineTransaction(connection)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction for ORM entities, at about six times the cost of `begin`.

        Use it for rules that need loaded objects.
        """
        async with self._writers, self._open_session() as session:
            yield session

    @asynccontextmanager
    async def _open_session(self) -> AsyncGenerator[AsyncSession]:
        async with self._sessions() as session:
            # Connect here, so that a failed connection is not raised inside the block.
            await session.connection()
            yield session
            await session.commit()

    async def ping(self) -> None:
        """Raise DatabaseUnavailableError unless the database answers in time."""
        async with self._probe() as connection:
            await connection.execute(text("SELECT 1"))

    async def is_migrated(self) -> bool:
        """Return whether the migrations of this code have run; true is remembered.

        Raises DatabaseUnavailableError.
        """
        if not self._is_migrated:
            await asyncio.to_thread(read_migrations)
            async with self._probe() as connection:
                self._is_migrated = await connection.run_sync(is_migrated)
        return self._is_migrated

    @asynccontextmanager
    async def _probe(self) -> AsyncGenerator[AsyncConnection]:
        """Open a connection for the readiness probe, for one second.

        It bypasses the connection limiter, because a busy service is ready. The pool
        reserves one connection for probes, so they run one after the other.
        """
        try:
            async with (
                asyncio.timeout(1.0),
                self._ping_lock,
                # Outside a transaction, so that it waits for no lock.
                self._autocommit.connect() as connection,
            ):
                yield connection
        except (OSError, DBAPIError) as error:
            raise DatabaseUnavailableError(UNAVAILABLE) from error

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
