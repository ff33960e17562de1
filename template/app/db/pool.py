"""Connection pool: runs statements on asyncpg connections of SQLAlchemy's pool."""

from time import monotonic
from types import TracebackType
from typing import Any, Self

from asyncpg import exceptions as pg
from sqlalchemy import Connection, Executable, PoolProxiedConnection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core.errors import DatabaseUnavailableError
from app.db.compile import StatementCompiler
from app.db.database import EngineTransaction, Params, Row, Transaction
from app.db.errors import UNAVAILABLE, constraint_violation

# SQLSTATEs of a connection that can not be used any more: lost, ended by a shutdown of
# the server, or connected to a server that became a replica in a fail-over.
LOST_SQLSTATES = ("08", "57P0", "25006")
# Classes of SQLSTATEs after which the same request may succeed: failed serialization,
# resources, locks, and statements that were cancelled.
TRANSIENT_SQLSTATES = ("40", "53", "55", "57")
# Network errors, timeouts; in a transaction, a statement that a migration outdated.
TRANSIENT_ERRORS = (OSError, pg.InvalidCachedStatementError)
DRIVER_ERRORS = (pg.PostgresError, pg.InterfaceError, pg.InternalClientError, OSError)
# Seconds after which a connection is replaced.
MAX_AGE = 1800.0


class ConnectionLostError(DatabaseUnavailableError):
    """The connection can not be used any more. A read may be retried on another one."""


class ConnectionPool:
    """Keeps idle connections of SQLAlchemy's pool ready for use.

    Each checkout from SQLAlchemy's pool switches greenlets, a tenth of the time of a
    read. A released connection is therefore kept here, for the next caller.
    """

    def __init__(
        self, engine: AsyncEngine, compiler: StatementCompiler, begin_sql: str = "BEGIN"
    ) -> None:
        """Create an empty pool; `begin_sql` begins each transaction."""
        self.begin_sql = begin_sql
        self.engine = engine
        self.compiler = compiler
        self._idle: list[PoolProxiedConnection] = []
        self._expired_at = 0.0
        event.listen(engine.sync_engine, "connect", set_connected_at)
        event.listen(engine.sync_engine, "checkout", self._check)
        event.listen(engine.sync_engine, "handle_error", self._handle_error)

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
        # Autocommit: `PooledConnection` begins transactions, and SQLAlchemy does not.
        connection: Any = pooled.dbapi_connection
        self.engine.dialect.set_isolation_level(connection, "AUTOCOMMIT")
        return pooled

    def release(self, pooled: PoolProxiedConnection, *, is_broken: bool) -> None:
        """Keep a connection for the next caller, or close a broken one."""
        if not is_broken:
            self._idle.append(pooled)
        elif pooled.is_valid:  # SQLAlchemy has not closed it already.
            pooled.invalidate()

    def lend(self) -> None:
        """Return an idle connection to SQLAlchemy's pool, for a session to use."""
        if self._idle:
            pooled = self._idle.pop()
            connection: Any = pooled.dbapi_connection
            self.engine.dialect.reset_isolation_level(connection)
            pooled.close()

    def expire_connections(self) -> None:
        """Replace every connection that is open now before its next use.

        After a restart or a fail-over all of them lead to the same old server.
        """
        self._expired_at = monotonic()

    async def close(self) -> None:
        """Close the idle connections and SQLAlchemy's pool."""
        while self._idle:
            self.lend()
        await self.engine.dispose()

    def _is_usable(self, driver: Any, info: dict[Any, Any]) -> bool:
        connected_at: float = info["connected_at"]
        is_current = max(self._expired_at, monotonic() - MAX_AGE) < connected_at
        return is_current and not driver.is_closed()

    def _check(self, connection: Any, record: Any, _: object) -> None:
        """Let SQLAlchemy replace a closed or an old connection at checkout."""
        if not self._is_usable(connection.driver_connection, record.info):
            raise DisconnectionError("closed by the server, or too old")

    def _handle_error(self, context: ExceptionContext) -> None:
        """Expire all open connections when a session loses its connection.

        A cancelled statement closes its own connection only.
        """
        if context.is_disconnect and isinstance(context.original_exception, Exception):
            self.expire_connections()


class PooledConnection(Transaction):
    """Connection acquired for an `async with` block, with or without a transaction."""

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
        # A connection that SQLAlchemy has closed itself is not valid any more.
        is_cancelled = error is not None and not isinstance(error, Exception)
        is_valid = self._pooled is not None and self._pooled.is_valid
        self._is_broken |= is_cancelled or not is_valid
        try:
            if self._in_transaction and not self._is_broken:
                self._is_broken = True  # In case ROLLBACK is cancelled.
                await self.run("execute", "ROLLBACK")
                self._is_broken = False
        finally:
            self._release()

    async def begin(self) -> None:
        """Begin a transaction. A connection that turns out lost is replaced once."""
        self._in_transaction = True  # Even after an error, which may follow BEGIN.
        try:
            await self.run("execute", self._pool.begin_sql)
        except ConnectionLostError:
            self._release()
            await self._acquire()
            await self.run("execute", self._pool.begin_sql)

    async def commit(self) -> None:
        """Commit. Raises RuntimeError if the error of a statement was ignored."""
        status = await self.run("execute", "COMMIT")
        self._in_transaction = False
        if status != "COMMIT":
            raise RuntimeError("a failed statement was ignored: nothing is stored")

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        compiled = self._pool.compiler.get(query, params)
        if compiled is None:
            return await self._through_engine().fetch(query, **params)
        arguments = compiled.arguments(params)
        records = await self.run("fetch", compiled.sql, *arguments)
        return [compiled.row(record) for record in records]

    async def execute(self, statement: Executable, /, *rows: Params) -> None:
        """Run a statement once for each row of parameters, or once without any."""
        first: Params = rows[0] if rows else {}
        compiled = self._pool.compiler.get(statement, first)
        if compiled is None:
            await self._through_engine().execute(statement, *rows)
        elif len(rows) < 2:
            await self.run("execute", compiled.sql, *compiled.arguments(first))
        else:
            many = [compiled.arguments(row) for row in rows]
            await self.run("executemany", compiled.sql, many)

    async def run(self, method: str, sql: str, *arguments: object) -> Any:
        """Call a method of asyncpg's connection, and translate its errors."""
        try:
            return await getattr(self._driver, method)(sql, *arguments)
        except DRIVER_ERRORS as error:
            failure = translate_driver_error(error, is_closed=self._driver.is_closed())
            self._is_broken = is_fatal(error, failure)
            if self._is_broken:
                self._pool.expire_connections()
            if failure is None:
                raise
            raise failure from error

    def _through_engine(self) -> Transaction:
        """Wrap this connection for statements that only SQLAlchemy can execute."""
        engine = self._pool.engine
        connection = Connection(engine.sync_engine, self._pooled)
        return EngineTransaction(AsyncConnection(engine, connection))

    async def _acquire(self) -> None:
        self._pooled = await self._pool.acquire()
        self._driver = self._pooled.driver_connection
        self._is_broken = False

    def _release(self) -> None:
        pooled, self._pooled = self._pooled, None
        if pooled is not None:
            self._pool.release(pooled, is_broken=self._is_broken)


def set_connected_at(_: object, record: Any) -> None:
    """Store the time at which a connection was opened."""
    record.info["connected_at"] = monotonic()


def translate_driver_error(error: Exception, *, is_closed: bool) -> Exception | None:
    """Return the error to raise for an asyncpg error; None: re-raise it unchanged."""
    state = getattr(error, "sqlstate", None) or ""
    # asyncpg raises InternalClientError while the server closes the connection.
    is_closed = is_closed or isinstance(error, pg.InternalClientError)
    if is_closed or state.startswith(LOST_SQLSTATES):
        return ConnectionLostError(UNAVAILABLE)
    if isinstance(error, pg.IntegrityConstraintViolationError):
        return constraint_violation(getattr(error, "constraint_name", None), error)
    if isinstance(error, TRANSIENT_ERRORS) or state.startswith(TRANSIENT_SQLSTATES):
        return DatabaseUnavailableError(UNAVAILABLE)
    return None


def is_fatal(error: Exception, failure: Exception | None) -> bool:
    """Return whether an error, translated to `failure`, requires a new connection.

    A timeout does, because the server may still send the result.
    """
    return isinstance(failure, ConnectionLostError) or isinstance(error, OSError)
