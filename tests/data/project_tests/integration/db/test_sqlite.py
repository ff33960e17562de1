"""SQLite: foreign keys, transactions, durability and migrations."""

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
    literal,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.db import ConstraintViolationError, Database
from app.db.factory import create_migration_engine, open_database
from tests.support.databases import SHORT_TIMEOUTS

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
    """The address of a new file."""
    return f"sqlite+aiosqlite:///{tmp_path}/own.db"


@pytest.fixture
async def opened(url: str) -> AsyncGenerator[Database]:
    """A database with two tables. A busy machine must not time it out."""
    settings = DatabaseSettings(url=SecretStr(url), pool_timeout=60)
    database = open_database(settings)
    async with database.session() as session:
        await (await session.connection()).run_sync(METADATA.create_all)
    yield database
    await database.close()


async def test_foreign_keys_are_checked(opened: Database) -> None:
    with pytest.raises(ConstraintViolationError):
        async with opened.session() as session:
            await session.execute(insert(BOOKS).values(id=1, shelf_id=7))


async def test_transactions_that_read_first_run_one_after_the_other(
    opened: Database,
) -> None:
    async def count_and_add() -> None:
        async with opened.session() as session:
            number = await session.scalar(NUMBER) or 0
            await asyncio.sleep(0.01)
            await session.execute(insert(SHELVES).values(id=number))

    await asyncio.gather(*(count_and_add() for _ in range(3)))

    assert await opened.fetchval(NUMBER) == 3


async def test_reader_does_not_wait_for_a_writer(opened: Database) -> None:
    async with opened.session() as session:
        await session.execute(insert(SHELVES).values(id=1))

        async with asyncio.timeout(1):
            assert await opened.fetchval(NUMBER) == 0


async def test_savepoint_is_rolled_back(opened: Database) -> None:
    async with opened.session() as session:
        await session.execute(insert(SHELVES).values(id=1))
        async with session.begin_nested() as half:
            await session.execute(insert(SHELVES).values(id=2))
            await half.rollback()

    assert await opened.fetchval(NUMBER) == 1


async def test_concurrent_writers_all_succeed(opened: Database) -> None:
    async def add(number: int) -> None:
        async with opened.session() as session:
            await session.execute(insert(SHELVES).values(id=number))

    await asyncio.gather(*(add(number) for number in range(50)))

    assert await opened.fetchval(NUMBER) == 50


async def test_waiting_for_another_process_is_a_transient_error(
    opened: Database, url: str
) -> None:
    settings = DatabaseSettings.model_validate({"url": url, **SHORT_TIMEOUTS})
    other = open_database(settings)

    async with opened.session():
        with pytest.raises(DatabaseUnavailableError):
            async with other.session():
                pass

    await other.close()


async def test_cancelled_statement_raises_no_other_error(opened: Database) -> None:
    numbers = select(literal(1).label("number")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1))
    slow = select(numbers.c.number).limit(2_000_000)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), opened.session() as session:
            await session.scalar(select(func.max(slow.subquery().c.number)))

    assert await opened.fetchval(NUMBER) == 0


@pytest.mark.parametrize(
    ("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal")]
)
async def test_commits_are_durable(
    pragma: str, value: object, opened: Database
) -> None:
    async with opened.session() as session:
        assert await session.scalar(text(f"PRAGMA {pragma}")) == value


@pytest.fixture
async def migrating(opened: Database, url: str) -> AsyncGenerator[AsyncEngine]:
    """The engine of migrations, for a database with a book on a shelf."""
    async with opened.session() as session:
        await session.execute(insert(SHELVES).values(id=1))
        await session.execute(insert(BOOKS).values(id=1, shelf_id=1))
    engine = create_migration_engine(url)
    yield engine
    await engine.dispose()


async def test_rebuilt_table_keeps_referring_rows(
    migrating: AsyncEngine, opened: Database
) -> None:
    async with migrating.begin() as connection:
        await connection.run_sync(SHELVES.drop)
        await connection.run_sync(SHELVES.create)
        await connection.execute(insert(SHELVES).values(id=1))

    assert await opened.fetchval(select(BOOKS.c.shelf_id)) == 1


async def test_migration_with_dangling_keys_is_rolled_back(
    migrating: AsyncEngine, opened: Database
) -> None:
    with pytest.raises(RuntimeError, match="refer to nothing: books"):
        async with migrating.begin() as connection:
            await connection.execute(delete(SHELVES))

    assert await opened.fetchval(NUMBER) == 1
