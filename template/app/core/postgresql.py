"""PostgreSQL: the engine, and the reader that runs a `Select` on the driver itself."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import Dialect, PoolProxiedConnection, event
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core import outages
from app.core.about import SLUG
from app.core.config import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.core.logging import get_logger
from app.core.reader import Query, Row
from app.core.slots import Slots

# One connection more than requests may hold: the readiness probe's.
SPARE = 1
# SQLSTATEs after which a connection is gone: broken, or closed by a shutdown.
LOST = ("08", "57P0")


log = get_logger(__name__)


class ConnectionLostError(Exception):
    """The connection broke before the whole answer was there."""


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Make the pooled engine; nothing connects yet."""
    engine = create_async_engine(
        settings.url.get_secret_value(),
        hide_parameters=True,
        # No overflow: what is given back is kept, never closed on the spot, which
        # the driver could only do while it is awaited.
        pool_size=settings.pool_size + SPARE,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        pool_recycle=1800,
        pool_use_lifo=True,
        connect_args={
            "timeout": settings.connect_timeout,
            # The server cuts a slow statement; this is for a server that is frozen.
            "command_timeout": settings.statement_timeout + 1,
            "server_settings": {
                "application_name": SLUG,
                "timezone": "UTC",
                "statement_timeout": f"{settings.statement_timeout:.3f}s",
                "idle_in_transaction_session_timeout": "30s",
                # Compiling costs more than the short queries of a service take.
                "jit": "off",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", refuse_the_dead)
    event.listen(engine.sync_engine, "handle_error", notice_the_dying)
    event.listen(engine.sync_engine, "handle_error", outages.named, retval=True)
    return engine


def refuse_the_dead(connection: Any, *_: object) -> None:
    """Never hand out a connection that the server has closed: it costs no round trip.

    After a restart of the database the first one found drops all that are older.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError("closed by the server")


def notice_the_dying(context: ExceptionContext) -> None:
    """Give up a connection whose driver still reads how the server takes its leave."""
    if isinstance(context.original_exception, asyncpg.InternalClientError):
        context.is_disconnect = True


@dataclass(frozen=True, slots=True)
class DriverQuery:
    """A `Select` in the driver's words."""

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]

    def arguments(self, values: dict[str, object]) -> list[object]:
        """Put the values in the order of the placeholders. Raises KeyError."""
        known = self.constants | values
        return [known[name] for name in self.names]


def compile_query(query: Query, dialect: Dialect) -> DriverQuery:
    """Translate once. Raises TypeError for what only a session can run."""
    compiled: Any = query.compile(dialect=dialect)
    if compiled._bind_processors or compiled.post_compile_params:
        raise TypeError(
            "a value of this query is converted on its way to the driver:"
            " run it through a session instead of the reader"
        )
    names = tuple(compiled.positiontup or ())
    binds = compiled.bind_names.items()
    constants = {
        name: bind.effective_value for bind, name in binds if not bind.required
    }
    return DriverQuery(str(compiled), names, constants)


class DriverReader:
    """Runs named queries out of SQLAlchemy's pool, without its session around them.

    A read whose connection turns out dead is sent once more: nothing was changed.
    """

    def __init__(self, engine: AsyncEngine, slots: Slots) -> None:
        self._engine = engine
        self._slots = slots
        self._compiled = lru_cache(maxsize=512)(self._compile)

    async def rows(self, query: Query, **values: object) -> list[Row]:
        """Return every row, as a mapping from column to value."""
        return [dict(row) for row in await self._run("fetch", query, values)]

    async def row(self, query: Query, **values: object) -> Row | None:
        """Return the first row, or None where there is none."""
        row = await self._run("fetchrow", query, values)
        return None if row is None else dict(row)

    async def value(self, query: Query, **values: object) -> Any:
        """Return the first column of the first row."""
        return await self._run("fetchval", query, values)

    def _compile(self, query: Query) -> DriverQuery:
        return compile_query(query, self._engine.dialect)

    async def _run(self, method: str, query: Query, values: dict[str, object]) -> Any:
        compiled = self._compiled(query)
        arguments = compiled.arguments(values)
        async with self._slots:
            try:
                return await self._send(method, compiled.sql, arguments)
            except ConnectionLostError:
                log.info("read_again", reason="the connection was lost")
            try:
                return await self._send(method, compiled.sql, arguments)
            except ConnectionLostError as error:
                raise DatabaseUnavailableError(outages.MESSAGE) from error

    async def _send(self, method: str, sql: str, arguments: list[object]) -> Any:
        connection = await self._connect()
        driver: Any = connection.driver_connection
        try:
            found = await getattr(driver, method)(sql, *arguments)
        except asyncpg.InternalClientError as error:
            # The driver is still reading how the server takes its leave.
            connection.invalidate()
            raise ConnectionLostError from error
        except asyncpg.PostgresError as error:
            if (error.sqlstate or "").startswith(LOST):
                connection.invalidate()
                raise ConnectionLostError from error
            connection.close()
            if outages.passes(error):
                raise DatabaseUnavailableError(outages.MESSAGE) from error
            raise
        except TimeoutError as error:
            connection.invalidate()
            raise DatabaseUnavailableError(outages.MESSAGE) from error
        except BaseException:
            # Cancelled or cut off: nobody knows what the server will still send.
            connection.invalidate()
            raise
        connection.close()
        return found

    async def _connect(self) -> PoolProxiedConnection:
        try:
            return await self._engine.raw_connection()
        except OSError as error:
            raise DatabaseUnavailableError(outages.MESSAGE) from error
        except AsyncAdapt_asyncpg_dbapi.Error as error:
            # The engine's own listeners do not hear what happens here.
            if outages.passes(error):
                raise DatabaseUnavailableError(outages.MESSAGE) from error
            raise
