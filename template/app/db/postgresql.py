"""PostgreSQL: statements on asyncpg's connections, sessions through SQLAlchemy."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, NullPool, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.core.logging import get_logger
from app.db.compile import StatementCompiler, is_write
from app.db.database import Database, Params, Row, Transaction
from app.db.errors import UNAVAILABLE
from app.db.limiter import ConnectionLimiter
from app.db.pool import (
    DRIVER_ERRORS,
    ConnectionLostError,
    ConnectionPool,
    is_fatal,
    translate_driver_error,
)

# One connection more than requests may use, for the readiness probe.
SPARE_CONNECTIONS = 1
# Any constant: it identifies the advisory lock of this service's migrations.
MIGRATION_LOCK_ID = 4_919_721_330
# A migration that waits for a table longer than this fails: requests wait behind it.
MIGRATION_LOCK_TIMEOUT = "5s"

# Options without prepared statements that outlive their use: behind a pooler, the next
# transaction may run on another connection of the server.
UNPREPARED: dict[str, Any] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": str,  # Returns the empty name.
}

log = get_logger(__name__)


class PostgresDatabase(Database):
    """PostgreSQL database: runs statements on asyncpg connections of a limited pool."""

    def __init__(self, pool: ConnectionPool, limiter: ConnectionLimiter) -> None:
        super().__init__(pool.engine, limiter, limiter)
        self._pool = pool

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows of one statement, which is a transaction of its own.

        A read is retried once when its connection is lost, as it is after a restart
        of the server. A write may have been stored, so it is not repeated.
        """
        try:
            return await self._fetch(query, params)
        except ConnectionLostError:
            if is_write(query):
                raise
            log.info("read retried", reason="the connection was lost")
        return await self._fetch(query, params)

    async def _fetch(self, query: Executable, params: Params) -> list[Row]:
        async with self._writers, self._pool.connection() as connection:
            return await connection.fetch(query, **params)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction: commit when the block ends, roll back when it raises."""
        async with self._writers, self._pool.connection() as connection:
            await connection.begin()
            yield connection
            await connection.commit()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction for ORM entities."""
        async with self._writers:
            self._pool.lend()
            async with self._open_session() as session:
                yield session

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()


class PooledPostgresDatabase(PostgresDatabase):
    """PostgreSQL behind a pooler in transaction mode.

    A setting of the session would reach the transactions of other clients, so that each
    transaction begins with the timeouts, and each statement is in a transaction.
    """

    def __init__(
        self, pool: ConnectionPool, limiter: ConnectionLimiter, set_local: str
    ) -> None:
        super().__init__(pool, limiter)
        self._set_local = text(set_local)

    async def _fetch(self, query: Executable, params: Params) -> list[Row]:
        async with self.begin() as transaction:
            return await transaction.fetch(query, **params)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction for ORM entities."""
        async with super().session() as session:
            await session.execute(self._set_local)
            yield session


def open_database(settings: DatabaseSettings) -> Database:
    """Create the database object. Nothing connects before the first statement."""
    engine = create_engine(settings)
    compiler = StatementCompiler(engine.dialect)
    limiter = ConnectionLimiter(settings.pool_size, settings.pool_timeout)
    if settings.pooler != "transaction":
        return PostgresDatabase(ConnectionPool(engine, compiler), limiter)
    set_local = set_config(server_settings(settings), is_local=True)
    pool = ConnectionPool(engine, compiler, f"BEGIN; {set_local}")
    return PooledPostgresDatabase(pool, limiter, set_local)


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Create the engine with its connection pool."""
    names = {"application_name": settings.application_name}
    timeouts = server_settings(settings)
    engine = create_async_engine(
        settings.url.get_secret_value(),
        hide_parameters=True,
        pool_size=settings.pool_size + SPARE_CONNECTIONS,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        pool_use_lifo=True,
        connect_args={
            "timeout": settings.connect_timeout,
            # The server cancels slow statements; this timeout is for a frozen server.
            "command_timeout": settings.statement_timeout + 1,
            # A pooler refuses most settings of the startup message.
            "server_settings": names | (timeouts if settings.pooler == "none" else {}),
            **(UNPREPARED if settings.pooler == "transaction" else {}),
        },
    )
    is_set_later = settings.pooler == "session"
    setup = set_config(timeouts, is_local=False) if is_set_later else None
    event.listen(engine.sync_engine, "do_connect", partial(connect, setup))
    event.listen(engine.sync_engine, "handle_error", translate_error, retval=True)
    return engine


def server_settings(settings: DatabaseSettings) -> dict[str, str]:
    """Return the settings of the server for each session or transaction."""
    return {
        "timezone": "UTC",
        "statement_timeout": f"{settings.statement_timeout:.3f}s",
        "idle_in_transaction_session_timeout": "30s",
        # Just-in-time compilation takes longer than short queries do.
        "jit": "off",
    }


def set_config(values: Mapping[str, str], *, is_local: bool) -> str:
    """Return the statement that sets values for the transaction or the session."""
    calls = [f"set_config('{name}', '{values[name]}', {is_local})" for name in values]
    return f"SELECT {', '.join(calls)}"


def connect(
    setup: str | None,
    dialect: Dialect,
    _: object,
    arguments: list[Any],
    options: dict[str, Any],
) -> Any:
    """Open a driver connection, and run `setup` as its first statement.

    Raises:
        DatabaseUnavailableError: The connection or the statement fails.
    """
    try:
        connection = dialect.connect(*arguments, **options)
        if setup:
            connection.run_async(partial(run_setup, setup, options["timeout"]))
    except (*DRIVER_ERRORS, dialect.loaded_dbapi.Error) as error:
        raise DatabaseUnavailableError(UNAVAILABLE) from error
    return connection


async def run_setup(setup: str, timeout: float, driver: Any) -> None:
    """Run the first statement of a session, or close the connection."""
    try:
        await driver.execute(setup, timeout=timeout)
    except BaseException:
        driver.terminate()
        raise


def create_migration_engine(url: str) -> AsyncEngine:
    """Create the engine of migrations; replicas migrate one after the other."""
    engine = create_async_engine(url, poolclass=NullPool, connect_args=UNPREPARED)
    event.listen(engine.sync_engine, "begin", acquire_migration_lock)
    return engine


def acquire_migration_lock(connection: Connection) -> None:
    """Acquire an advisory lock, which is held until the transaction ends.

    A replica that had to wait finds the schema migrated, and has nothing to do. It may
    wait as long as the other one migrates; the lock timeout is for the tables.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK_ID})")
    timeout = set_config({"lock_timeout": MIGRATION_LOCK_TIMEOUT}, is_local=True)
    connection.exec_driver_sql(timeout)


def translate_error(context: ExceptionContext) -> BaseException | None:
    """Translate the asyncpg error inside an SQLAlchemy error; None: re-raise it."""
    error = context.original_exception.__cause__ or context.original_exception
    if not isinstance(error, Exception):
        return None  # Cancelled.
    failure = translate_driver_error(error, is_closed=context.is_disconnect)
    context.is_disconnect = is_fatal(error, failure)
    return failure
