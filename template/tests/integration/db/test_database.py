"""The database: statements, constraints, and the errors of an absent or busy one."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.core.config import Settings
from app.core.database_settings import DatabaseSettings
from app.core.errors import ConflictError, DatabaseUnavailableError, OverloadedError
from app.db import Database, conflict
from app.db.factory import open_database
from app.db.types import ArraySubquery, JsonRows, UtcDateTime
from app.models.base import NAMING_CONVENTION
from tests.support.databases import UNREACHABLE_URLS

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
METADATA = sa.MetaData(naming_convention=NAMING_CONVENTION)
BOOKS = sa.Table(
    "library_books", METADATA, sa.Column("id", sa.Integer, primary_key=True)
)
LOANS = sa.Table(
    "library_loans",
    METADATA,
    sa.Column(
        "book_id", sa.Integer, sa.ForeignKey("library_books.id"), primary_key=True
    ),
    sa.Column("reader", sa.String, unique=True),
    sa.Column("lent_at", UtcDateTime()),
    sa.CheckConstraint("reader <> ''", name="reader"),
)
LOANS_OF_BOOK = sa.select(LOANS.c.reader, LOANS.c.lent_at).correlate(BOOKS)
READERS_OF_BOOK = sa.select(LOANS.c.reader).correlate(BOOKS)
BOOK_WITH_LOANS = sa.select(
    JsonRows(LOANS_OF_BOOK.where(LOANS.c.book_id == BOOKS.c.id)).label("loans"),
    ArraySubquery(READERS_OF_BOOK.where(LOANS.c.book_id == BOOKS.c.id)).label("names"),
).where(BOOKS.c.id == sa.bindparam("book_id"))
LOAN = {"book_id": 1, "reader": "ada", "lent_at": NOON}


@pytest.fixture
async def opened(settings: Settings) -> AsyncGenerator[Database]:
    """A database that commits, with two books and a loan."""
    database = open_database(settings.database)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    async with database.begin() as transaction:
        await transaction.execute(sa.insert(BOOKS), {"id": 1}, {"id": 2})
        await transaction.execute(sa.insert(LOANS), LOAN)
    yield database
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await database.close()


async def test_related_rows_are_loaded_in_one_statement(opened: Database) -> None:
    lent = await opened.fetchrow(BOOK_WITH_LOANS, book_id=1)

    assert lent is not None
    assert lent["names"] == ["ada"]
    assert datetime.fromisoformat(lent["loans"][0]["lent_at"]) == NOON
    assert await opened.fetchval(sa.select(LOANS.c.lent_at)) == NOON
    free = await opened.fetchrow(BOOK_WITH_LOANS, book_id=2)
    assert free == {"loans": [], "names": []}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"book_id": 1, "reader": "grace"}, "pk_library_loans"),
        ({"book_id": 2}, "uq_library_loans_reader"),
        ({"book_id": 7, "reader": "grace"}, "fk_library_loans_book_id"),
        ({"book_id": 2, "reader": ""}, "ck_library_loans_reader"),
    ],
)
async def test_violated_constraint_is_mapped_to_an_error(
    change: dict[str, Any], constraint: str, opened: Database
) -> None:
    with (
        pytest.raises(ConflictError, match="taken"),
        conflict(on=constraint, error=ConflictError("taken")),
    ):
        await opened.fetch(sa.insert(LOANS).returning(LOANS.c.reader), **LOAN | change)

    assert await opened.fetchval(sa.select(sa.func.count(LOANS.c.reader))) == 1


async def test_overloaded_database_still_answers_pings(settings: Settings) -> None:
    narrow = {"pool_size": 1, "pool_timeout": 0.05}
    database = open_database(settings.database.model_copy(update=narrow))
    async with database.session():
        with pytest.raises(OverloadedError):
            async with database.begin():
                pass

        await database.ping()
    await database.close()


@pytest.mark.parametrize("url", UNREACHABLE_URLS)
async def test_unreachable_database_is_unavailable(url: str) -> None:
    database = open_database(DatabaseSettings(url=SecretStr(url)))

    with pytest.raises(DatabaseUnavailableError):
        await database.ping()
    with pytest.raises(DatabaseUnavailableError):
        async with database.begin():
            pass
    await database.close()
