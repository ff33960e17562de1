"""PostgreSQL: reads and writes on asyncpg's connection, sessions through SQLAlchemy."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Connection, Executable, NullPool, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.sql.dml import UpdateBase

from app.core.about import SLUG
from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.core.logging import get_logger
from app.db.compile import StatementCompiler, is_write
from app.db.database import Database, Params, Row, Transaction
from app.db.engine import EngineDatabase
from app.db.errors import UNAVAILABLE, constraint_violation
from app.db.limiter import ConnectionLimiter
from app.db.pool import (
    READ_ONLY_SQLSTATE,
    ConnectionLostError,
    ConnectionPool,
    PooledConnection,
    is_lost,
    is_transient,
    sqlstate,
)

# One connection more than requests may use, for the readiness probe.
SPARE_CONNECTIONS = 1
# Any constant: it identifies the advisory lock of this service's migrations.
MIGRATION_LOCK_ID = 4_919_721_330

log = get_logger(__name__)


class PostgresTransaction(Transaction):
    """Statements on one connection: compiled for asyncpg, or through SQLAlchemy."""

    def __init__(
        self, connection: PooledConnection, compiler: StatementCompiler
    ) -> None:
        self._connection = connection
        self._compiler = compiler

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        compiled = self._compiler.get(query, params)
        if compiled is None:
            result = await self._connection.run_sqlalchemy(query, params)
            return [dict(row) for row in result.mappings()]
        arguments = compiled.arguments(params)
        records = await self._connection.run("fetch", compiled.sql, *arguments)
        return [compiled.row(record) for record in records]

    async def fetchrow(self, query: Executable, /, **params: object) -> Row | None:
        """Return the first row, or None."""
        compiled = self._compiler.get(query, params)
        if compiled is None:
            return await super().fetchrow(query, **params)
        arguments = compiled.arguments(params)
        record = await self._connection.run("fetchrow", compiled.sql, *arguments)
        return None if record is None else compiled.row(record)

    async def execute(self, statement: UpdateBase, /, *rows: Params) -> None:
        """Run a write once for each row of parameters."""
        if not rows:
            return
        compiled = self._compiler.get(statement, rows[0])
        if compiled is None:
            await self._connection.run_sqlalchemy(statement, [*rows])
        elif len(rows) == 1:
            arguments = compiled.arguments(rows[0])
            await self._connection.run("execute", compiled.sql, *arguments)
        else:
            many = [compiled.arguments(row) for row in rows]
            await self._connection.run("executemany", compiled.sql, many)


class PostgresDatabase(EngineDatabase):
    """A pool of connections behind a fair limiter."""

    def __init__(
        self,
        pool: ConnectionPool,
        limiter: ConnectionLimiter,
        compiler: StatementCompiler,
    ) -> None:
        super().__init__(pool.engine, limiter, limiter)
        self._pool = pool
        self._limiter = limiter
        self._compiler = compiler

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        return await self._run(PostgresTransaction.fetch, query, params)

    async def fetchrow(self, query: Executable, /, **params: object) -> Row | None:
        """Return the first row, or None."""
        return await self._run(PostgresTransaction.fetchrow, query, params)

    async def _run[T](
        self,
        method: Callable[..., Awaitable[T]],
        query: Executable,
        params: Params,
    ) -> T:
        """Run one statement, which PostgreSQL commits on its own.

        A read is retried once when its connection is lost, as it is after a restart
        of the server. A write may have been stored, so it is not repeated.
        """
        async with self._limiter:
            try:
                async with self._pool.connection() as connection:
                    statements = PostgresTransaction(connection, self._compiler)
                    return await method(statements, query, **params)
            except ConnectionLostError:
                if is_write(query):
                    raise
                log.info("read_retried", reason="the connection was lost")
            async with self._pool.connection() as connection:
                statements = PostgresTransaction(connection, self._compiler)
                return await method(statements, query, **params)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction: commit when the block ends, roll back when it raises."""
        async with self._limiter, self._pool.connection() as connection:
            await connection.begin()
            yield PostgresTransaction(connection, self._compiler)
            await connection.commit()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction for ORM entities."""
        self._pool.lend()
        async with super().session() as session:
            yield session

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()


def open_database(settings: DatabaseSettings) -> Database:
    """Create the database object. Nothing connects before the first statement."""
    pool = ConnectionPool(create_engine(settings))
    limiter = ConnectionLimiter(settings.pool_size, settings.pool_timeout)
    return PostgresDatabase(pool, limiter, StatementCompiler(pool.engine.dialect))


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Create the engine with its connection pool."""
    url = make_url(settings.url.get_secret_value())
    arguments, options = url.get_dialect()().create_connect_args(url)
    options = {
        **options,
        "timeout": settings.connect_timeout,
        # The server ends a slow statement; this is for a server that is frozen.
        "command_timeout": settings.statement_timeout + 1,
        "server_settings": {
            "application_name": SLUG,
            "timezone": "UTC",
            "statement_timeout": f"{settings.statement_timeout:.3f}s",
            "idle_in_transaction_session_timeout": "30s",
            # Just-in-time compilation takes longer than short queries do.
            "jit": "off",
        },
    }

    async def connect() -> Any:
        try:
            return await asyncpg.connect(*arguments, **options)
        except (OSError, asyncpg.PostgresError) as error:
            # A server that refuses us, for any reason, is not available either.
            raise DatabaseUnavailableError(UNAVAILABLE) from error

    engine = create_async_engine(
        url,
        async_creator=connect,
        hide_parameters=True,
        pool_size=settings.pool_size + SPARE_CONNECTIONS,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        pool_use_lifo=True,
    )
    event.listen(engine.sync_engine, "handle_error", translate_error, retval=True)
    return engine


def create_migration_engine(url: str) -> AsyncEngine:
    """Create the engine of migrations; replicas migrate one after the other."""
    engine = create_async_engine(url, poolclass=NullPool)
    event.listen(engine.sync_engine, "begin", acquire_migration_lock)
    return engine


def acquire_migration_lock(connection: Connection) -> None:
    """Take an advisory lock until the transaction ends.

    A replica that had to wait finds the schema migrated, and has nothing to do.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK_ID})")


def translate_error(context: ExceptionContext) -> BaseException | None:
    """Translate an error in SQLAlchemy's engine; other errors are bugs and stay.

    After a timeout the server may still send the result, so the connection is closed.
    """
    error = context.original_exception
    cause = error.__cause__ or error
    if isinstance(cause, asyncpg.IntegrityConstraintViolationError):
        return constraint_violation(cause.constraint_name, error)
    if context.is_disconnect or is_lost(cause):
        context.is_disconnect = True
        return ConnectionLostError(UNAVAILABLE)
    if isinstance(cause, OSError) or sqlstate(cause) == READ_ONLY_SQLSTATE:
        context.is_disconnect = True
    return DatabaseUnavailableError(UNAVAILABLE) if is_transient(cause) else None
