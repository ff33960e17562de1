"""Faults of a PostgreSQL server. Skipped without TEST_DATABASE_URL."""

import asyncio
import gc
from collections.abc import AsyncGenerator

import pytest
from asyncpg import UndefinedTableError
from pydantic import SecretStr
from sqlalchemy import (
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.config import Settings
from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.db import Database, postgresql
from app.db.factory import open_database

NO_SERVER = "needs a server: set TEST_DATABASE_URL"
UNREACHABLE_URLS = Table("nowhere", MetaData(), Column("id", Integer, primary_key=True))
VERSION = Table("alembic_version", MetaData(), Column("version_num", String))
BACKEND = select(func.pg_backend_pid())
SLOWLY = BACKEND.select_from(func.pg_sleep(bindparam("seconds", type_=Float)))


@pytest.fixture(params=["none", "session", "transaction"])
async def opened(
    request: pytest.FixtureRequest, settings: Settings
) -> AsyncGenerator[Database]:
    """A database with one connection and a short statement timeout, for each pooler."""
    if settings.database.is_sqlite:
        pytest.skip(NO_SERVER)
    impatient = {"pool_size": 1, "statement_timeout": 0.5, "pooler": request.param}
    database = open_database(settings.database.model_copy(update=impatient))
    yield database
    await database.close()


async def end(engine: AsyncEngine, backend: int) -> None:
    """Terminate a connection on the server, as a restart does."""
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(:backend)"), {"backend": backend}
        )


async def test_read_survives_a_closed_connection(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.fetchval(BACKEND)
    await end(engine, before)

    assert await opened.fetchval(BACKEND) != before


async def test_interrupted_read_is_retried(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.fetchval(BACKEND)

    reading = asyncio.create_task(opened.fetchval(SLOWLY, seconds=0.2))
    await asyncio.sleep(0.05)
    await end(engine, before)

    assert await reading != before


async def test_interrupted_read_through_sqlalchemy_is_retried(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.fetchval(BACKEND)

    query = text("SELECT pg_backend_pid() FROM pg_sleep(0.2)")
    reading = asyncio.create_task(opened.fetchval(query))
    await asyncio.sleep(0.05)
    await end(engine, before)

    assert await reading != before


async def test_first_connection_leaves_no_pending_coroutine(
    opened: Database,
) -> None:
    assert await opened.fetchval(BACKEND)

    gc.collect()


async def test_session_begins_on_an_open_connection(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.fetchval(BACKEND)
    await end(engine, before)
    await asyncio.sleep(0.05)

    async with opened.session() as session:
        assert await session.scalar(BACKEND) != before


async def test_interrupted_session_is_unavailable(
    opened: Database, engine: AsyncEngine
) -> None:
    with pytest.raises(DatabaseUnavailableError):
        async with opened.session() as session:
            await end(engine, await session.scalar(BACKEND) or 0)
            await session.scalar(BACKEND)

    assert await opened.fetchval(BACKEND)


async def test_interrupted_write_is_unavailable(
    opened: Database, engine: AsyncEngine
) -> None:
    backend = await opened.fetchval(BACKEND)

    with pytest.raises(DatabaseUnavailableError):
        async with opened.begin() as transaction:
            await end(engine, backend)
            await transaction.execute(insert(UNREACHABLE_URLS), {"id": 1})

    assert await opened.fetchval(BACKEND) != backend


async def test_interrupted_write_is_not_repeated(
    opened: Database, engine: AsyncEngine
) -> None:
    write = (
        update(VERSION)
        .values(version_num=VERSION.c.version_num)
        .where(SLOWLY.scalar_subquery() > 0)
    )
    backend = await opened.fetchval(BACKEND)
    writing = asyncio.create_task(
        opened.fetch(write.returning(VERSION.c.version_num), seconds=0.2)
    )
    await asyncio.sleep(0.05)
    await end(engine, backend)

    with pytest.raises(DatabaseUnavailableError):
        await writing


async def test_transaction_begins_on_an_open_connection(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.fetchval(BACKEND)
    await end(engine, before)

    async with opened.begin() as transaction:
        assert await transaction.fetchval(BACKEND) != before


async def test_reads_transactions_and_sessions_share_one_connection(
    opened: Database,
) -> None:
    backends = set[int | None]()
    for _ in range(2):
        backends.add(await opened.fetchval(BACKEND))
        async with opened.begin() as transaction:
            backends.add(await transaction.fetchval(BACKEND))
        async with opened.session() as session:
            backends.add(await session.scalar(BACKEND))

    assert len(backends) == 1


async def test_waiting_session_gets_the_released_connection(opened: Database) -> None:
    async def backend_of_session() -> int | None:
        async with opened.session() as session:
            return await session.scalar(BACKEND)

    async with opened.begin() as transaction:
        backend = await transaction.fetchval(BACKEND)
        waiting = asyncio.create_task(backend_of_session())
        await asyncio.sleep(0)

    assert await waiting == backend


async def test_commit_after_an_ignored_failure_raises(
    opened: Database,
) -> None:
    with pytest.raises(RuntimeError, match="nothing is stored"):
        async with opened.begin() as transaction:
            with pytest.raises((UndefinedTableError, ProgrammingError)):
                await transaction.execute(insert(UNREACHABLE_URLS), {"id": 1})


async def test_statement_timeout_is_unavailable(opened: Database) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await opened.fetchval(SLOWLY, seconds=2)
    with pytest.raises(DatabaseUnavailableError):
        async with opened.session() as session:
            await session.scalar(SLOWLY, {"seconds": 2})

    assert await opened.fetchval(BACKEND)


async def test_ping_of_a_missing_database_fails(settings: Settings) -> None:
    server = make_url(settings.database.url.get_secret_value())
    if settings.database.is_sqlite:
        pytest.skip(NO_SERVER)
    url = server.set(database="nowhere").render_as_string(hide_password=False)
    database = open_database(DatabaseSettings(url=SecretStr(url)))

    with pytest.raises(DatabaseUnavailableError):
        await database.ping()

    await database.close()


async def test_cancelled_read_releases_its_connection(opened: Database) -> None:
    # Connected before: what is cut short is the statement.
    assert await opened.fetchval(BACKEND)

    # Twice: through SQLAlchemy, and compiled.
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await opened.fetchval(SLOWLY, seconds=0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), opened.session() as session:
            await session.scalar(SLOWLY, {"seconds": 0.3})

    assert await opened.fetchval(BACKEND)


async def test_migration_waits_for_a_table_no_longer_than_the_lock_timeout(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if settings.database.is_sqlite:
        pytest.skip(NO_SERVER)
    monkeypatch.setattr(postgresql, "MIGRATION_LOCK_TIMEOUT", "100ms")
    url = settings.database.url.get_secret_value()
    reader = create_async_engine(url)
    migration = postgresql.create_migration_engine(url)
    async with reader.begin() as long, migration.connect() as connection:
        await long.execute(select(VERSION))
        await connection.begin()
        with pytest.raises(DBAPIError, match="lock timeout"):
            await connection.execute(text("ALTER TABLE alembic_version ADD x int"))
    await reader.dispose()
    await migration.dispose()
