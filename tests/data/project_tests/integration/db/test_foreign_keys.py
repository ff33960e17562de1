"""Violated foreign keys of a table that has two of them."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import ConstraintViolationError, Database
from app.models.base import NAMING_CONVENTION

METADATA = sa.MetaData(naming_convention=NAMING_CONVENTION)
BOOKS = sa.Table("library_books", METADATA, sa.Column("id", sa.Uuid, primary_key=True))
READERS = sa.Table(
    "sample_readers", METADATA, sa.Column("id", sa.Integer, primary_key=True)
)
LOANS = sa.Table(
    "library_loans",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("book_id", sa.ForeignKey(BOOKS.c.id)),
    sa.Column("reader_id", sa.ForeignKey(READERS.c.id)),
)
BOOK_KEY, READER_KEY = "fk_library_loans_book_id", "fk_library_loans_reader_id"


@pytest.fixture
async def library(
    database: Database, connection: AsyncConnection
) -> AsyncGenerator[Database]:
    """A database with a reader, and no book."""
    await connection.run_sync(METADATA.create_all)
    async with database.begin() as transaction:
        await transaction.execute(sa.insert(READERS), {"id": 1})
    yield database


@pytest.mark.parametrize(
    ("rows", "constraint"),
    [
        ([{"book_id": UUID(int=7)}], BOOK_KEY),
        ([{"reader_id": 7}], READER_KEY),
        ([{"reader_id": 1, "book_id": UUID(int=7)}], BOOK_KEY),
        ([{"reader_id": 1}, {"reader_id": 7}], READER_KEY),
    ],
)
async def test_insert_names_the_violated_foreign_key(
    rows: list[dict[str, Any]], constraint: str, library: Database
) -> None:
    with pytest.raises(ConstraintViolationError) as raised:
        async with library.begin() as transaction:
            await transaction.execute(sa.insert(LOANS), *rows)

    assert raised.value.constraint == constraint


async def test_update_names_the_violated_foreign_key(library: Database) -> None:
    async with library.begin() as transaction:
        await transaction.execute(sa.insert(LOANS), {"id": 1, "reader_id": 1})

    with pytest.raises(ConstraintViolationError) as raised:
        async with library.session() as session:
            await session.execute(sa.update(LOANS).values(reader_id=7))

    assert raised.value.constraint == READER_KEY
