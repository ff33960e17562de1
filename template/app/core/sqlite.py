"""SQLite: one file, one machine, one writer at a time."""

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from app.core import outages
from app.core.config import DatabaseSettings

AUTOCOMMIT = {"isolation_level": "AUTOCOMMIT"}


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Make an engine whose connections check keys and wait for each other."""
    engine = create_async_engine(
        settings.url.get_secret_value(),
        hide_parameters=True,
        # The driver's own transactions break savepoints; ours begin below.
        connect_args={
            "isolation_level": None,
            "timeout": settings.statement_timeout,
        },
    )
    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    event.listen(engine.sync_engine, "handle_error", outages.named, retval=True)
    return engine


def prepare(connection: Any, _: object) -> None:
    """Set what SQLite forgets with every connection."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def begin(connection: Connection) -> None:
    """Take the write lock first: a transaction that takes it late may be refused."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def reading_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return sessions that read what is committed, each statement by itself."""
    return async_sessionmaker(
        engine.execution_options(**AUTOCOMMIT),
        expire_on_commit=False,
        autoflush=False,
    )
