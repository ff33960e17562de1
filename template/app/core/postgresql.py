"""PostgreSQL: the engine, and what becomes of connections that die."""

from collections.abc import Generator
from typing import Any, cast

import asyncpg
from sqlalchemy import Connection, NullPool, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    async_sessionmaker,
    create_async_engine,
)

from app.core import outages
from app.core.about import SLUG
from app.core.database import Database
from app.core.database_settings import DatabaseSettings
from app.core.driver import DriverReader, DriverWriting
from app.core.errors import DatabaseUnavailableError
from app.core.slots import Slots

# One connection more than requests may hold: the readiness probe's.
SPARE = 1
# Any number, as long as it is always the same.
LOCK = 4_919_721_330


def open_database(settings: DatabaseSettings) -> Database:
    """Make the engine; nothing connects before the first request."""
    engine = create_engine(settings)
    slots = Slots(settings.pool_size, settings.pool_timeout)
    return Database(
        engine,
        async_sessionmaker(engine, expire_on_commit=False),
        slots,
        DriverReader(engine, slots),
        DriverWriting(engine, slots),
    )


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Make the pooled engine; nothing connects yet."""
    engine = create_async_engine(
        settings.url.get_secret_value(),
        hide_parameters=True,
        # Whoever asks has a slot, so one is always free: with room for another the
        # pool hands it out at once, and none is made that it could not keep.
        pool_size=settings.pool_size + SPARE,
        max_overflow=1,
        pool_timeout=settings.pool_timeout,
        pool_recycle=1800,
        pool_use_lifo=True,
        connect_args={
            "async_creator_fn": Connecting,
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


def create_migrating_engine(url: str) -> AsyncEngine:
    """Make the engine of a migration: of many that begin, one goes on at a time."""
    engine = create_async_engine(url, poolclass=NullPool)
    event.listen(engine.sync_engine, "begin", take_turns)
    return engine


def take_turns(connection: Connection) -> None:
    """Wait for the others: they find afterwards that nothing is left to do.

    The lock is held until the transaction ends.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


class Connecting:
    """A connection that is begun when it is awaited, and no sooner.

    Who asks the pool without waiting for it leaves nothing behind then.
    """

    def __init__(self, *where: Any, **options: Any) -> None:
        self._where = where
        self._options = options

    def __await__(self) -> Generator[Any, None, Any]:
        """Connect."""
        return connect(*self._where, **self._options).__await__()


async def connect(*where: Any, **options: Any) -> object:
    """Connect. Raises DatabaseUnavailableError for a failure that passes by itself."""
    try:
        return cast(object, await asyncpg.connect(*where, **options))
    except (OSError, asyncpg.PostgresError) as error:
        if isinstance(error, OSError) or outages.passes(error):
            raise DatabaseUnavailableError(outages.MESSAGE) from error
        raise


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
