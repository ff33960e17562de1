"""SQLite: one file, one machine, one writer at a time."""

from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool, Connection, NullPool, event
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from app.core import outages
from app.core.database import Database
from app.core.database_settings import DatabaseSettings
from app.core.reader import SessionReader
from app.core.slots import Slots

AUTOCOMMIT = {"isolation_level": "AUTOCOMMIT"}
# Connections beside those that read: the writer's, and the readiness probe's.
SPARE = 2
# Seconds that a migration waits for another one, or for a service that writes.
PATIENCE = 600
PRAGMAS = (
    "foreign_keys=ON",
    # Nobody who reads waits for whoever writes.
    "journal_mode=WAL",
    # What was answered as stored is on the disk: a power cut does not undo it either.
    "synchronous=FULL",
)


def open_database(settings: DatabaseSettings) -> Database:
    """Make the engine; nothing connects before the first request.

    Writers queue here, first come, first served: SQLite itself lets them try again
    and again, and some would never get their turn.
    """
    engine = create_engine(settings)
    readers = Slots(settings.pool_size, settings.pool_timeout)
    return Database(
        engine,
        async_sessionmaker(engine, expire_on_commit=False),
        Slots(1, settings.pool_timeout),
        SessionReader(reading_sessions(engine), readers),
    )


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Make an engine whose connections check keys and wait for each other."""
    engine = create_async_engine(
        settings.url.get_secret_value(),
        hide_parameters=True,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=settings.pool_size + SPARE,
        # The driver's own transactions break savepoints; ours begin below.
        connect_args={"isolation_level": None, "timeout": settings.busy_timeout},
    )
    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    event.listen(engine.sync_engine, "handle_error", outages.named, retval=True)
    return engine


def create_migrating_engine(url: str) -> AsyncEngine:
    """Make the engine of a migration: of many that begin, one goes on at a time.

    Keys are checked in the end only: what changes a table makes it anew, and to drop
    the old one would delete all that refers to it.
    """
    engine = create_async_engine(
        url,
        poolclass=NullPool,
        connect_args={"isolation_level": None, "timeout": PATIENCE},
    )
    event.listen(engine.sync_engine, "begin", begin)
    event.listen(engine.sync_engine, "commit", refuse_orphans)
    return engine


def prepare(connection: Any, _: object) -> None:
    """Set what SQLite forgets with every connection."""
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin(connection: Connection) -> None:
    """Take the write lock first: a transaction that takes it late may be refused."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def refuse_orphans(connection: Connection) -> None:
    """Refuse to store rows that refer to nothing. Raises RuntimeError."""
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        tables = ", ".join(sorted({str(table) for table, *_ in orphans}))
        raise RuntimeError(f"rows of these tables would refer to nothing: {tables}")


def reading_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return sessions that read what is committed, each statement by itself."""
    return async_sessionmaker(
        engine.execution_options(**AUTOCOMMIT),
        expire_on_commit=False,
        autoflush=False,
    )
