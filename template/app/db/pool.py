"""asyncpg connections from SQLAlchemy's pool, used without its engine."""

from time import monotonic
from types import TracebackType
from typing import Any, Self

import asyncpg
from sqlalchemy import Connection, Executable, PoolProxiedConnection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core.errors import DatabaseUnavailableError
from app.db.database import Params
from app.db.errors import UNAVAILABLE, constraint_violation

# SQLSTATE classes of errors after which the same request may succeed: connection,
# failed serialization, resources, locks, shutdown and timeouts.
TRANSIENT_SQLSTATES = ("08", "40", "53", "55", "57")
# The connection is closed: class 08, and shutdowns of the server.
LOST_SQLSTATES = ("08", "57P0")
# A write on a server that became a replica in a fail-over. All connections of that
# age lead to the same server, so all are replaced.
READ_ONLY_SQLSTATE = "25006"
DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
# Seconds after which a connection is replaced.
MAX_AGE = 1800.0


class ConnectionLostError(DatabaseUnavailableError):
    """The connection broke before the result was complete."""


class ConnectionPool:
    """Keeps idle connections of SQLAlchemy's pool ready for use.

    Each checkout from SQLAlchemy's pool switches greenlets, which costs a tenth of a
    read. A released connection is therefore kept here, for the next caller.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._idle: list[PoolProxiedConnection] = []
        self._failover_at = 0.0
        event.listen(engine.sync_engine, "connect", set_connected_at)
        event.listen(engine.sync_engine, "checkout", self._check)
        event.listen(engine.sync_engine, "handle_error", self._note_failover)

    def connection(self) -> "PooledConnection":
        """Return a connection for the length of an `async with` block."""
        return PooledConnection(self)

    async def acquire(self) -> PoolProxiedConnection:
        """Return a connection in autocommit mode. Raises DatabaseUnavailableError."""
        while self._idle:
            pooled = self._idle.pop()
            if self._is_usable(pooled.driver_connection, pooled.info):
                return pooled
            pooled.invalidate()
        pooled = await self.engine.raw_connection()
        # SQLAlchemy begins no transaction on it then: `PooledConnection` does.
        connection: Any = pooled.dbapi_connection
        self.engine.dialect.set_isolation_level(connection, "AUTOCOMMIT")
        return pooled

    def release(self, pooled: PoolProxiedConnection, *, is_broken: bool) -> None:
        """Keep a connection for the next caller, or close a broken one."""
        if not pooled.is_valid:
            return  # SQLAlchemy has closed it already.
        if is_broken:
            pooled.invalidate()
        else:
            self._idle.append(pooled)

    def lend(self) -> None:
        """Return an idle connection to SQLAlchemy's pool, for a session to use."""
        if self._idle:
            pooled = self._idle.pop()
            connection: Any = pooled.dbapi_connection
            self.engine.dialect.reset_isolation_level(connection)
            pooled.close()

    def mark_failover(self) -> None:
        """Replace every connection that is open now before its next use."""
        self._failover_at = monotonic()

    async def close(self) -> None:
        """Close the idle connections and SQLAlchemy's pool."""
        while self._idle:
            self.lend()
        await self.engine.dispose()

    def _note_failover(self, context: ExceptionContext) -> None:
        """Notice a fail-over in an error of SQLAlchemy's engine."""
        if sqlstate(context.original_exception) == READ_ONLY_SQLSTATE:
            self.mark_failover()

    def _is_usable(self, driver: Any, info: dict[Any, Any]) -> bool:
        connected_at: float = info["connected_at"]
        is_current = max(self._failover_at, monotonic() - MAX_AGE) < connected_at
        return is_current and not driver.is_closed()

    def _check(self, connection: Any, record: Any, _: object) -> None:
        """Replace an unusable connection at checkout, without a round trip."""
        if not self._is_usable(connection.driver_connection, record.info):
            raise DisconnectionError("closed by the server, or too old")


class PooledConnection:
    """One connection for the length of a block, with errors translated."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._is_broken = False
        self._in_transaction = False

    async def __aenter__(self) -> Self:
        """Acquire a connection. Raises DatabaseUnavailableError."""
        await self._acquire()
        return self

    async def __aexit__(
        self, _: object, error: BaseException | None, __: TracebackType | None
    ) -> None:
        """Roll back an open transaction, and release the connection."""
        # A cancelled statement may still be running, so its connection is closed.
        self._is_broken |= not (error is None or isinstance(error, Exception))
        try:
            if self._in_transaction and not self._is_broken:
                await self._roll_back()
        finally:
            self._release()

    async def begin(self) -> None:
        """Begin a transaction. A connection that turns out lost is replaced once."""
        try:
            await self.run("execute", "BEGIN")
        except ConnectionLostError:
            self._release()
            await self._acquire()
            await self.run("execute", "BEGIN")
        self._in_transaction = True

    async def commit(self) -> None:
        """Commit. Raises RuntimeError when a failed statement was passed over."""
        status = await self.run("execute", "COMMIT")
        self._in_transaction = False
        if status != "COMMIT":
            raise RuntimeError("a failed statement was ignored: nothing is stored")

    async def run(self, method: str, sql: str, *arguments: object) -> Any:
        """Call a method of asyncpg's connection.

        Raises:
            ConstraintViolationError: A write violates a constraint.
            DatabaseUnavailableError: The failure is transient.
        """
        try:
            return await getattr(self._driver, method)(sql, *arguments)
        except DRIVER_ERRORS as error:
            failure = self._translate(error)
            if failure is None:
                raise
            raise failure from error

    async def run_sqlalchemy(
        self, statement: Executable, params: Params | list[Params]
    ) -> Any:
        """Execute a statement through SQLAlchemy, on this connection."""
        engine = self._pool.engine
        connection = Connection(engine.sync_engine, self._pooled)
        return await AsyncConnection(engine, connection).execute(statement, params)

    async def _acquire(self) -> None:
        self._pooled = await self._pool.acquire()
        self._driver = self._pooled.driver_connection
        self._is_broken = False

    def _release(self) -> None:
        pooled, self._pooled = self._pooled, None
        if pooled is not None:
            self._pool.release(pooled, is_broken=self._is_broken)

    async def _roll_back(self) -> None:
        self._is_broken = True  # Until it succeeds: it may be cancelled, too.
        await self.run("execute", "ROLLBACK")
        self._is_broken = False

    def _translate(self, error: Exception) -> Exception | None:
        """Return the error to raise instead, and note a connection that is broken."""
        if isinstance(error, asyncpg.IntegrityConstraintViolationError):
            return constraint_violation(error.constraint_name, error)
        state = sqlstate(error)
        if is_lost(error) or self._driver.is_closed():
            self._is_broken = True
            return ConnectionLostError(UNAVAILABLE)
        if state == READ_ONLY_SQLSTATE:
            self._pool.mark_failover()
        # After a timeout the server may still send the result.
        self._is_broken = isinstance(error, OSError) or state == READ_ONLY_SQLSTATE
        return DatabaseUnavailableError(UNAVAILABLE) if is_transient(error) else None


def set_connected_at(_: object, record: Any) -> None:
    """Store the time at which a connection was opened."""
    record.info["connected_at"] = monotonic()


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE of a driver's error, or an empty string."""
    return getattr(error, "sqlstate", None) or ""


def is_lost(error: BaseException) -> bool:
    """Return whether the connection is gone after this error.

    asyncpg raises InternalClientError while the server shuts its connection down.
    """
    is_internal = isinstance(error, asyncpg.InternalClientError)
    return is_internal or sqlstate(error).startswith(LOST_SQLSTATES)


def is_transient(error: BaseException) -> bool:
    """Return whether the same request may succeed later.

    InvalidCachedStatementError: a migration changed a table that a prepared statement
    uses. asyncpg prepares it again, but not within the running transaction.
    """
    return (
        isinstance(error, OSError | asyncpg.InvalidCachedStatementError)
        or sqlstate(error) == READ_ONLY_SQLSTATE
        or sqlstate(error).startswith(TRANSIENT_SQLSTATES)
    )
