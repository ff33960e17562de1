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
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from app.core.config import DatabaseSettings
from app.core.database import Database, open_database

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
async def opened(tmp_path: Path) -> AsyncGenerator[Database]:
    """A file with two tables."""
    url = SecretStr(f"sqlite+aiosqlite:///{tmp_path}/own.db")
    database = open_database(DatabaseSettings(url=url))
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
