"""A file as the database: what SQLite does only when it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.database import Database
from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.core.opening import create_migrating_engine, open_database
from tests.places import IMPATIENT

METADATA = MetaData()
SHELVES = Table("shelves", METADATA, Column("id", Integer, primary_key=True))
BOOKS = Table(
    "books",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("shelf_id", Integer, ForeignKey("shelves.id")),
)
NUMBER = select(func.count()).select_from(SHELVES)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a file of the test's own."""
    return f"sqlite+aiosqlite:///{tmp_path}/own.db"


@pytest.fixture
async def opened(url: str) -> AsyncGenerator[Database]:
    """A file with two tables; how busy the machine is, is no finding."""
    settings = DatabaseSettings(url=SecretStr(url), pool_timeout=60)
    database = open_database(settings)
    async with database.transaction() as session:
        await (await session.connection()).run_sync(METADATA.create_all)
    yield database
    await database.close()


async def test_a_key_that_refers_to_nothing_is_refused(opened: Database) -> None:
    with pytest.raises(IntegrityError):
        async with opened.transaction() as session:
            await session.execute(insert(BOOKS).values(id=1, shelf_id=7))


async def test_whoever_reads_before_writing_waits_for_the_other(
    opened: Database,
) -> None:
    async def count_and_add() -> None:
        async with opened.transaction() as session:
            number = await session.scalar(NUMBER) or 0
            await asyncio.sleep(0.01)
            await session.execute(insert(SHELVES).values(id=number))

    await asyncio.gather(*(count_and_add() for _ in range(3)))

    assert await opened.reader.value(NUMBER) == 3


async def test_a_reader_does_not_wait_for_a_writer(opened: Database) -> None:
    async with opened.transaction() as session:
        await session.execute(insert(SHELVES).values(id=1))

        async with asyncio.timeout(1):
            assert await opened.reader.value(NUMBER) == 0


async def test_half_of_a_unit_of_work_can_be_taken_back(opened: Database) -> None:
    async with opened.transaction() as session:
        await session.execute(insert(SHELVES).values(id=1))
        async with session.begin_nested() as half:
            await session.execute(insert(SHELVES).values(id=2))
            await half.rollback()

    assert await opened.reader.value(NUMBER) == 1


async def test_writers_come_in_turn_and_none_is_refused(opened: Database) -> None:
    async def add(number: int) -> None:
        async with opened.transaction() as session:
            await session.execute(insert(SHELVES).values(id=number))

    await asyncio.gather(*(add(number) for number in range(50)))

    assert await opened.reader.value(NUMBER) == 50


async def test_whoever_waits_too_long_for_another_process_may_try_again(
    opened: Database, url: str
) -> None:
    settings = DatabaseSettings.model_validate({"url": url, **IMPATIENT})
    other = open_database(settings)

    async with opened.transaction():
        with pytest.raises(DatabaseUnavailableError):
            async with other.transaction():
                pass

    await other.close()


@pytest.mark.parametrize(
    ("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal")]
)
async def test_what_is_committed_is_on_the_disk(
    pragma: str, value: object, opened: Database
) -> None:
    async with opened.transaction() as session:
        assert await session.scalar(text(f"PRAGMA {pragma}")) == value


@pytest.fixture
async def migrating(opened: Database, url: str) -> AsyncGenerator[AsyncEngine]:
    """The engine of a migration, on a shelf with a book."""
    async with opened.transaction() as session:
        await session.execute(insert(SHELVES).values(id=1))
        await session.execute(insert(BOOKS).values(id=1, shelf_id=1))
    engine = create_migrating_engine(url)
    yield engine
    await engine.dispose()


async def test_a_table_that_is_made_anew_keeps_what_refers_to_it(
    migrating: AsyncEngine, opened: Database
) -> None:
    async with migrating.begin() as connection:
        await connection.run_sync(SHELVES.drop)
        await connection.run_sync(SHELVES.create)
        await connection.execute(insert(SHELVES).values(id=1))

    assert await opened.reader.value(select(BOOKS.c.shelf_id)) == 1


async def test_a_migration_that_leaves_keys_to_nothing_is_taken_back(
    migrating: AsyncEngine, opened: Database
) -> None:
    with pytest.raises(RuntimeError, match="refer to nothing: books"):
        async with migrating.begin() as connection:
            await connection.execute(delete(SHELVES))

    assert await opened.reader.value(NUMBER) == 1
