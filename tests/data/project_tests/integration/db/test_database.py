"""The database as the service opens it, on SQLite or on PostgreSQL."""

from collections.abc import AsyncGenerator
from enum import Enum
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.core.database_settings import DatabaseSettings
from app.core.errors import ConflictError, DatabaseUnavailableError, UnavailableError
from app.db import ConstraintViolationError, Database
from app.db.factory import open_database
from app.db.types import enum_type
from tests.support.databases import SHORT_TIMEOUTS, UNREACHABLE_URLS


class Kind(Enum):
    """Values of an enum column."""

    DRAFT = "draft"
    LIVE = "live"


NOTES = Table(
    "notes",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("weight", Integer, default=3),
    Column("title", String),
    Column("kind", enum_type(Kind)),
)
NOTED = select(NOTES.c.id).order_by(NOTES.c.id)
INSERT_NOTE = insert(NOTES)


@pytest.fixture
async def opened(settings: Settings, engine: AsyncEngine) -> AsyncGenerator[Database]:
    """A database with two connections, short timeouts and a table of its own."""
    database = open_database(settings.database.model_copy(update=SHORT_TIMEOUTS))
    async with engine.begin() as connection:
        await connection.run_sync(NOTES.create)
    yield database
    await database.close()
    async with engine.begin() as connection:
        await connection.run_sync(NOTES.drop)


async def write(database: Database, number: int = 1) -> None:
    async with database.session() as session:
        await session.execute(insert(NOTES).values(id=number))


async def test_execute_runs_a_statement_for_each_row(opened: Database) -> None:
    async with opened.begin() as transaction:
        await transaction.execute(insert(NOTES), {"id": 1}, {"id": 2})
        await transaction.execute(insert(NOTES), {"id": 3})
        await transaction.execute(insert(NOTES).values(id=4))
        await transaction.execute(
            text("INSERT INTO notes (id) VALUES (:id)"), {"id": 5}
        )
        await transaction.execute(text("UPDATE notes SET weight = 7"))

    assert [row["id"] for row in await opened.fetch(NOTED)] == [1, 2, 3, 4, 5]
    assert await opened.fetchval(select(func.sum(NOTES.c.weight))) == 35


async def test_constant_statement_without_parameters(opened: Database) -> None:
    remove_all = delete(NOTES)
    for _ in range(2):
        async with opened.begin() as transaction:
            await transaction.execute(INSERT_NOTE, {"id": 1})
            await transaction.execute(remove_all)

    assert await opened.fetch(NOTED) == []


async def test_violated_constraint_rolls_back_the_transaction(
    opened: Database,
) -> None:
    with pytest.raises(ConstraintViolationError):
        async with opened.begin() as transaction:
            await transaction.execute(insert(NOTES), {"id": 1})
            await transaction.execute(insert(NOTES), {"id": 1})

    assert await opened.fetch(NOTED) == []


async def test_committed_rows_are_fetched(opened: Database) -> None:
    await write(opened, 1)
    await write(opened, 2)

    assert await opened.fetch(NOTED) == [{"id": 1}, {"id": 2}]
    assert await opened.fetchrow(NOTED) == {"id": 1}
    assert await opened.fetchval(NOTED) == 1


async def test_fetch_of_an_empty_table(opened: Database) -> None:
    assert await opened.fetch(NOTED) == []
    assert await opened.fetchrow(NOTED) is None
    assert await opened.fetchval(NOTED) is None


async def test_uncommitted_rows_are_not_fetched(opened: Database) -> None:
    async with opened.session() as session:
        await session.execute(insert(NOTES).values(id=1))

        assert await opened.fetch(NOTED) == []


async def test_error_in_the_block_rolls_back_the_session(
    opened: Database,
) -> None:
    with pytest.raises(ConflictError):
        async with opened.session() as session:
            await session.execute(insert(NOTES).values(id=1))
            raise ConflictError("refused")

    assert await opened.fetch(NOTED) == []


async def test_session_raises_constraint_violations(
    opened: Database,
) -> None:
    await write(opened)

    with pytest.raises(ConstraintViolationError):
        await write(opened)


async def test_waiting_for_another_writer_is_a_transient_error(
    opened: Database,
) -> None:
    async with opened.session() as session:
        await session.execute(insert(NOTES).values(id=1))

        with pytest.raises(UnavailableError):
            await write(opened)


async def test_error_in_the_block_rolls_back_the_transaction(opened: Database) -> None:
    with pytest.raises(ConflictError):
        async with opened.begin() as transaction:
            await transaction.execute(INSERT_NOTE, {"id": 1})
            raise ConflictError("refused")

    assert await opened.fetch(NOTED) == []


async def test_transaction_fetches_its_own_rows(opened: Database) -> None:
    async with opened.begin() as transaction:
        await transaction.execute(INSERT_NOTE, {"id": 1})

        assert await transaction.fetch(NOTED) == [{"id": 1}]
        assert await transaction.fetchrow(NOTED) == {"id": 1}
        assert await transaction.fetchval(NOTED) == 1


async def test_write_outside_a_transaction_commits_on_its_own(
    opened: Database,
) -> None:
    insert_and_return = insert(NOTES).values(id=bindparam("key")).returning(NOTES.c.id)

    # Twice, because a statement is compiled at its second use.
    assert await opened.fetchval(insert_and_return, key=1) == 1
    assert await opened.fetchval(insert_and_return, key=2) == 2

    assert await opened.fetch(NOTED) == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("ids", [[], [1], [1, 3]])
async def test_in_with_a_list_of_values(ids: list[int], opened: Database) -> None:
    among = NOTED.where(NOTES.c.id.in_(bindparam("ids", expanding=True)))
    async with opened.begin() as transaction:
        await transaction.execute(INSERT_NOTE, {"id": 1}, {"id": 2}, {"id": 3})
        for _ in range(3):
            inside = await transaction.fetch(among, ids=ids)
            assert [row["id"] for row in inside] == ids

    for _ in range(3):
        outside = await opened.fetch(among, ids=ids)
        assert [row["id"] for row in outside] == ids


async def test_query_is_built_for_one_request(opened: Database) -> None:
    async with opened.begin() as transaction:
        await transaction.execute(insert(NOTES), {"id": 1}, {"id": 2})

    for lowest in (1, 2):
        query = NOTED.where(NOTES.c.id >= lowest).limit(5)
        assert await opened.fetchval(query) == lowest
    assert (
        await opened.fetchval(text("SELECT id + 1 FROM notes WHERE id = :id"), id=1)
        == 2
    )


async def test_python_defaults_of_columns_are_stored(opened: Database) -> None:
    async with opened.begin() as transaction:
        for key in (1, 2):
            await transaction.execute(INSERT_NOTE, {"id": key})

    assert await opened.fetchval(select(func.sum(NOTES.c.weight))) == 6


async def test_update_of_some_columns(opened: Database) -> None:
    change = update(NOTES).where(NOTES.c.id == bindparam("key"))
    async with opened.begin() as transaction:
        await transaction.execute(INSERT_NOTE, {"id": 1})
        await transaction.execute(change, {"key": 1, "weight": 5})
        await transaction.execute(change, {"key": 1, "weight": 6, "title": "six"})
        await transaction.execute(change, {"key": 1, "title": "seven"})

    row = await opened.fetchrow(select(NOTES.c.weight, NOTES.c.title))
    assert row == {"weight": 6, "title": "seven"}


async def test_enum_is_stored_and_fetched(opened: Database) -> None:
    query = select(NOTES.c.kind).where(NOTES.c.kind == bindparam("kind"))
    async with opened.begin() as transaction:
        await transaction.execute(INSERT_NOTE, {"id": 1, "kind": Kind.LIVE})
        await transaction.execute(INSERT_NOTE, {"id": 2, "kind": Kind.DRAFT})
        await transaction.execute(INSERT_NOTE, {"id": 3, "kind": Kind.LIVE})

    for _ in range(2):
        assert await opened.fetchval(query, kind=Kind.DRAFT) is Kind.DRAFT


async def test_ping_during_a_write(opened: Database) -> None:
    async with opened.session() as session:
        await session.execute(insert(NOTES).values(id=1))

        await opened.ping()


@pytest.fixture(params=UNREACHABLE_URLS)
async def nowhere(request: pytest.FixtureRequest) -> AsyncGenerator[Database]:
    """A database that can not be reached."""
    database = open_database(DatabaseSettings(url=SecretStr(request.param)))
    yield database
    await database.close()


async def test_unreachable_database_is_unavailable(
    nowhere: Database,
) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await nowhere.ping()
    with pytest.raises(DatabaseUnavailableError):
        await nowhere.fetchval(select(literal(1)))
    with pytest.raises(DatabaseUnavailableError):
        await write(nowhere)
    with pytest.raises(DatabaseUnavailableError):
        async with nowhere.begin():
            pass


@pytest.fixture
def broken(tmp_path: Path) -> SecretStr:
    """The URL of a file that is not a database."""
    file = tmp_path / "broken.db"
    file.write_bytes(b"no database at all" * 100)
    return SecretStr(f"sqlite+aiosqlite:///{file}")


async def test_ping_of_a_broken_file_fails(
    broken: SecretStr,
) -> None:
    database = open_database(DatabaseSettings(url=broken))

    with pytest.raises(DatabaseUnavailableError):
        await database.ping()

    await database.close()
