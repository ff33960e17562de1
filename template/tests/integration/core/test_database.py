"""The two ways to the database, opened as the service opens it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Column, Integer, MetaData, Table, insert, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from app.core.config import Settings
from app.core.database import Database
from app.core.database_settings import DatabaseSettings
from app.core.errors import (
    ConflictError,
    DatabaseUnavailableError,
    OverloadedError,
    UnavailableError,
)
from app.core.opening import open_database
from app.core.reader import SessionReader
from app.core.slots import Slots
from tests.places import IMPATIENT, NOWHERE

NOTES = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
NOTED = select(NOTES.c.id).order_by(NOTES.c.id)


@pytest.fixture
async def opened(settings: Settings, engine: AsyncEngine) -> AsyncGenerator[Database]:
    """Two impatient connections, and a table that goes away again."""
    database = open_database(settings.database.model_copy(update=IMPATIENT))
    async with engine.begin() as connection:
        await connection.run_sync(NOTES.create)
    yield database
    await database.close()
    async with engine.begin() as connection:
        await connection.run_sync(NOTES.drop)


async def write(database: Database, number: int = 1) -> None:
    async with database.transaction() as session:
        await session.execute(insert(NOTES).values(id=number))


async def test_a_named_statement_is_run_for_each_row(opened: Database) -> None:
    async with opened.writing() as writer:
        await writer.run(insert(NOTES), {"id": 1}, {"id": 2})
        await writer.run(insert(NOTES), {"id": 3})
        await writer.run(insert(NOTES))

    assert len(await opened.reader.rows(NOTED)) == 3


async def test_named_statements_are_stored_together_or_not_at_all(
    opened: Database,
) -> None:
    with pytest.raises(IntegrityError):
        async with opened.writing() as writer:
            await writer.run(insert(NOTES), {"id": 1})
            await writer.run(insert(NOTES), {"id": 1})

    assert await opened.reader.rows(NOTED) == []


async def test_what_was_written_is_read(opened: Database) -> None:
    await write(opened, 1)
    await write(opened, 2)

    assert await opened.reader.rows(NOTED) == [{"id": 1}, {"id": 2}]
    assert await opened.reader.row(NOTED) == {"id": 1}
    assert await opened.reader.value(NOTED) == 1


async def test_where_nothing_was_written_nothing_is_read(opened: Database) -> None:
    assert await opened.reader.rows(NOTED) == []
    assert await opened.reader.row(NOTED) is None
    assert await opened.reader.value(NOTED) is None


async def test_what_is_not_committed_is_not_read(opened: Database) -> None:
    async with opened.transaction() as session:
        await session.execute(insert(NOTES).values(id=1))

        assert await opened.reader.rows(NOTED) == []


async def test_a_unit_of_work_is_stored_as_a_whole_or_not_at_all(
    opened: Database,
) -> None:
    with pytest.raises(ConflictError):
        async with opened.transaction() as session:
            await session.execute(insert(NOTES).values(id=1))
            raise ConflictError("refused")

    assert await opened.reader.rows(NOTED) == []


async def test_what_the_database_refuses_is_the_services_to_name(
    opened: Database,
) -> None:
    await write(opened)

    with pytest.raises(IntegrityError):
        await write(opened)


async def test_whoever_waits_too_long_for_another_may_try_again(
    opened: Database,
) -> None:
    async with opened.transaction() as session:
        await session.execute(insert(NOTES).values(id=1))

        with pytest.raises(UnavailableError):
            await write(opened)


async def test_a_busy_service_refuses_and_is_still_ready(settings: Settings) -> None:
    narrow = {"pool_size": 1, "pool_timeout": 0.05}
    database = open_database(settings.database.model_copy(update=narrow))
    async with database.transaction():
        with pytest.raises(OverloadedError):
            await write(database)

        await database.ping()
    await database.close()


async def test_whoever_reads_waits_for_a_place_too(engine: AsyncEngine) -> None:
    slots = Slots(1, 0.05)
    reader = SessionReader(async_sessionmaker(engine), slots)
    async with slots:
        with pytest.raises(OverloadedError):
            await reader.rows(NOTED)


async def test_a_database_that_is_being_written_answers(opened: Database) -> None:
    async with opened.transaction() as session:
        await session.execute(insert(NOTES).values(id=1))

        await opened.ping()


@pytest.fixture(params=NOWHERE)
async def nowhere(request: pytest.FixtureRequest) -> AsyncGenerator[Database]:
    """A database that is not there."""
    database = open_database(DatabaseSettings(url=SecretStr(request.param)))
    yield database
    await database.close()


async def test_every_way_to_a_database_that_is_not_there_is_an_outage(
    nowhere: Database,
) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await nowhere.ping()
    with pytest.raises(DatabaseUnavailableError):
        await nowhere.reader.value(select(literal(1)))
    with pytest.raises(DatabaseUnavailableError):
        await write(nowhere)
    with pytest.raises(DatabaseUnavailableError):
        async with nowhere.writing():
            pass


@pytest.fixture
def broken(tmp_path: Path) -> SecretStr:
    """The address of a file that is no database."""
    file = tmp_path / "broken.db"
    file.write_bytes(b"no database at all" * 100)
    return SecretStr(f"sqlite+aiosqlite:///{file}")


async def test_a_database_that_refuses_us_for_good_is_not_ready(
    broken: SecretStr,
) -> None:
    database = open_database(DatabaseSettings(url=broken))

    with pytest.raises(DatabaseUnavailableError):
        await database.ping()

    await database.close()
