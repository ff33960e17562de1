"""The database: statements, transactions, and what a request gets when they fail."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import (
    Column,
    ForeignKey,
    Insert,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.deps import get_database
from app.core.config import Settings
from app.core.database_settings import DatabaseSettings
from app.core.errors import ConflictError, DatabaseUnavailableError
from app.db import Database, conflict
from app.db.factory import open_database
from app.db.types import ArraySubquery, JsonRows, UtcDateTime
from app.models.base import NAMING_CONVENTION
from tests.support.databases import UNREACHABLE_URLS

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
METADATA = MetaData(naming_convention=NAMING_CONVENTION)
BOOKS = Table("books", METADATA, Column("id", Integer, primary_key=True))
LOANS = Table(
    "loans",
    METADATA,
    Column("book_id", Integer, ForeignKey("books.id"), primary_key=True),
    Column("reader", String, primary_key=True),
    Column("lent_at", UtcDateTime()),
)
BOOK_IDS = select(BOOKS.c.id).order_by(BOOKS.c.id)
BOOK_COUNT = select(func.count()).select_from(BOOKS)
BOOKS_BY_ID = BOOK_IDS.where(BOOKS.c.id.in_(bindparam("ids", expanding=True)))
LOANS_OF_BOOK = select(LOANS.c.reader, LOANS.c.lent_at).correlate(BOOKS)
READERS_OF_BOOK = select(LOANS.c.reader).correlate(BOOKS).order_by(LOANS.c.reader)
BOOK_WITH_LOANS = select(
    JsonRows(LOANS_OF_BOOK.where(LOANS.c.book_id == BOOKS.c.id)).label("loans"),
    ArraySubquery(READERS_OF_BOOK.where(LOANS.c.book_id == BOOKS.c.id)).label("names"),
).where(BOOKS.c.id == bindparam("book_id"))
INSERT_BOOK = insert(BOOKS)
INSERT_LOAN = insert(LOANS)


@pytest.fixture(params=["settings", "file"])
async def opened(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> AsyncGenerator[Database]:
    """A database that commits: the one of the run, and a SQLite file."""
    file = DatabaseSettings(url=SecretStr(f"sqlite+aiosqlite:///{tmp_path}/test.db"))
    chosen = settings.database if request.param == "settings" else file
    database = open_database(chosen)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await database.close()


@pytest.fixture(params=UNREACHABLE_URLS)
async def unreachable(request: pytest.FixtureRequest) -> AsyncGenerator[Database]:
    """A database that can not be reached."""
    database = open_database(DatabaseSettings(url=SecretStr(request.param)))
    yield database
    await database.close()


async def test_committed_rows_are_fetched(opened: Database) -> None:
    for number in (1, 2, 3):
        async with opened.begin() as transaction:
            await transaction.execute(INSERT_BOOK, {"id": number})
            assert await transaction.fetchval(BOOK_COUNT) == number

    assert await opened.fetchval(INSERT_BOOK.returning(BOOKS.c.id), id=4) == 4
    assert await opened.fetch(BOOKS_BY_ID, ids=[1, 3]) == [{"id": 1}, {"id": 3}]
    assert await opened.fetchrow(BOOK_IDS) == {"id": 1}
    assert await opened.fetchrow(BOOKS_BY_ID, ids=[5]) is None


async def test_related_rows_are_loaded_in_one_statement(opened: Database) -> None:
    async with opened.begin() as transaction:
        await transaction.execute(INSERT_BOOK, {"id": 1}, {"id": 2})
        loan = {"book_id": 1, "reader": "ada", "lent_at": NOON}
        await transaction.execute(INSERT_LOAN, loan)

    lent = await opened.fetchrow(BOOK_WITH_LOANS, book_id=1)
    assert lent is not None
    assert lent["names"] == ["ada"]
    assert datetime.fromisoformat(str(lent["loans"][0]["lent_at"])) == NOON
    free = await opened.fetchrow(BOOK_WITH_LOANS, book_id=2)
    assert free == {"loans": [], "names": []}


@pytest.mark.parametrize(
    ("rows", "constraint"),
    [
        ([(INSERT_BOOK, {"id": 1}), (INSERT_BOOK, {"id": 1})], "pk_books"),
        ([(INSERT_LOAN, {"book_id": 7, "reader": "ada"})], "fk_loans_book_id"),
    ],
)
async def test_violated_constraint_is_mapped_to_an_error(
    rows: list[tuple[Insert, dict[str, object]]], constraint: str, opened: Database
) -> None:
    with (
        pytest.raises(ConflictError, match="taken"),
        conflict(on=constraint, error=ConflictError("taken")),
    ):
        async with opened.begin() as transaction:
            for statement, row in rows:
                await transaction.execute(statement, row)

    assert await opened.fetch(BOOK_IDS) == []


@pytest.mark.parametrize("method", ["begin", "session"])
async def test_error_rolls_back_the_writes_of_a_request(
    method: str, app: FastAPI, client: AsyncClient, connection: AsyncConnection
) -> None:
    await connection.run_sync(METADATA.create_all)

    @app.post("/write")
    async def write(request: Request) -> None:
        async with getattr(get_database(request), method)() as transaction:
            await transaction.execute(insert(BOOKS), {"id": 1})
            raise ConflictError("refused")

    response = await client.post("/write")

    assert response.status_code == 409
    assert await connection.scalar(BOOK_COUNT) == 0


@pytest.mark.parametrize(
    ("error", "status"),
    [(DatabaseUnavailableError("unreachable"), 503), (RuntimeError("a bug"), 500)],
)
async def test_commit_failure_returns_503_or_500(
    error: Exception, status: int, running_app: FastAPI
) -> None:
    def fail(_: object) -> None:
        raise error

    @running_app.post("/write")
    async def write(request: Request) -> dict[str, bool]:
        async with get_database(request).session() as session:
            event.listen(session.sync_session, "before_commit", fail)
        return {"stored": True}

    transport = ASGITransport(running_app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post("/write")

    assert response.status_code == status


async def test_unreachable_database_is_unavailable(unreachable: Database) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await unreachable.ping()
    with pytest.raises(DatabaseUnavailableError):
        async with unreachable.begin():
            pass
