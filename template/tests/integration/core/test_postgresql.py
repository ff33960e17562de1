"""What only a server can show; without TEST_DATABASE_URL it is skipped."""

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
    Table,
    bindparam,
    func,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.core.database import Database
from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.core.opening import open_database

NO_SERVER = "needs a server: set TEST_DATABASE_URL"
NOWHERE = Table("nowhere", MetaData(), Column("id", Integer, primary_key=True))
BACKEND = select(func.pg_backend_pid())
SLOWLY = BACKEND.select_from(func.pg_sleep(bindparam("seconds", type_=Float)))


@pytest.fixture
async def opened(settings: Settings) -> AsyncGenerator[Database]:
    """The database as the service opens it, with one connection."""
    if settings.database.is_sqlite:
        pytest.skip(NO_SERVER)
    impatient = {"pool_size": 1, "statement_timeout": 0.5}
    database = open_database(settings.database.model_copy(update=impatient))
    yield database
    await database.close()


async def end(engine: AsyncEngine, backend: int) -> None:
    """End a connection as a restart of the server does."""
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(:backend)"), {"backend": backend}
        )


async def test_a_read_does_not_notice_that_its_connection_was_closed(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.reader.value(BACKEND)
    await end(engine, before)

    assert await opened.reader.value(BACKEND) != before


async def test_a_read_that_was_cut_off_is_sent_again(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.reader.value(BACKEND)

    reading = asyncio.create_task(opened.reader.value(SLOWLY, seconds=0.2))
    await asyncio.sleep(0.05)
    await end(engine, before)

    assert await reading != before


async def test_a_pool_that_has_none_ready_leaves_nothing_half_begun(
    opened: Database,
) -> None:
    assert await opened.reader.value(BACKEND)

    gc.collect()


async def test_a_write_begins_on_a_connection_that_lives(
    opened: Database, engine: AsyncEngine
) -> None:
    before = await opened.reader.value(BACKEND)
    await end(engine, before)
    await asyncio.sleep(0.05)

    async with opened.transaction() as session:
        assert await session.scalar(BACKEND) != before


async def test_a_write_that_was_cut_off_is_an_outage(
    opened: Database, engine: AsyncEngine
) -> None:
    with pytest.raises(DatabaseUnavailableError):
        async with opened.transaction() as session:
            await end(engine, await session.scalar(BACKEND) or 0)
            await session.scalar(BACKEND)

    assert await opened.reader.value(BACKEND)


async def test_a_named_statement_that_was_cut_off_is_an_outage(
    opened: Database, engine: AsyncEngine
) -> None:
    backend = await opened.reader.value(BACKEND)

    with pytest.raises(DatabaseUnavailableError):
        async with opened.writing() as writer:
            await end(engine, backend)
            await writer.run(insert(NOWHERE), {"id": 1})

    assert await opened.reader.value(BACKEND) != backend


async def test_a_commit_after_a_failure_that_was_passed_over_is_no_success(
    opened: Database,
) -> None:
    with pytest.raises(RuntimeError, match="nothing is stored"):
        async with opened.writing() as writer:
            with pytest.raises(UndefinedTableError):
                await writer.run(insert(NOWHERE), {"id": 1})


async def test_a_statement_that_takes_too_long_is_an_outage(opened: Database) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await opened.reader.value(SLOWLY, seconds=2)
    with pytest.raises(DatabaseUnavailableError):
        async with opened.transaction() as session:
            await session.scalar(SLOWLY, {"seconds": 2})

    assert await opened.reader.value(BACKEND)


async def test_a_database_that_refuses_us_is_not_ready(settings: Settings) -> None:
    server = make_url(settings.database.url.get_secret_value())
    if settings.database.is_sqlite:
        pytest.skip(NO_SERVER)
    url = server.set(database="nowhere").render_as_string(hide_password=False)
    database = open_database(DatabaseSettings(url=SecretStr(url)))

    with pytest.raises(DatabaseUnavailableError):
        await database.ping()

    await database.close()


async def test_a_reader_who_gives_up_leaves_nothing_behind(opened: Database) -> None:
    # Connected before: what is cut short is the statement.
    assert await opened.reader.value(BACKEND)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await opened.reader.value(SLOWLY, seconds=0.3)

    assert await opened.reader.value(BACKEND)
