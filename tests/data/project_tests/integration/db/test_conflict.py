"""Violated constraints: each is mapped by its name, and no other."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    insert,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.core.errors import ConflictError
from app.db import ConstraintViolationError, Database, conflict
from app.db.factory import open_database
from app.models.base import NAMING_CONVENTION

METADATA = MetaData(naming_convention=NAMING_CONVENTION)
SHELVES = Table("shelves", METADATA, Column("id", Integer, primary_key=True))
BOOKS = Table(
    "books",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("shelf_id", Integer, ForeignKey("shelves.id")),
    Column("place", Integer, CheckConstraint("place > 0", name="place_positive")),
    Column("code", Integer, unique=True),
    Column("title", Integer, nullable=False),
    UniqueConstraint("shelf_id", "place", name="one_book_a_place"),
)
INSERT_BOOK = insert(BOOKS)
BOOK: dict[str, object] = {"id": 1, "shelf_id": 1, "place": 1, "code": 1, "title": 1}
VIOLATIONS: dict[str | None, dict[str, object]] = {
    "pk_books": BOOK | {"place": 2, "code": 2},
    "uq_books_code": BOOK | {"id": 2, "place": 2},
    "one_book_a_place": BOOK | {"id": 2, "code": 2},
    "ck_books_place_positive": BOOK | {"id": 2, "code": 2, "place": -1},
    "fk_books_shelf_id": BOOK | {"id": 2, "code": 2, "shelf_id": 7},
    None: BOOK | {"id": 2, "code": 2, "place": 2, "title": None},
}


@pytest.fixture
async def opened(settings: Settings, engine: AsyncEngine) -> AsyncGenerator[Database]:
    """A database with a book on a shelf."""
    database = open_database(settings.database)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(insert(SHELVES), {"id": 1})
        await connection.execute(INSERT_BOOK, BOOK)
    yield database
    await database.close()
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)


@pytest.mark.parametrize("constraint", VIOLATIONS)
async def test_violation_names_its_constraint(
    constraint: str | None, opened: Database
) -> None:
    for _ in range(2):
        with pytest.raises(ConstraintViolationError) as violation:
            async with opened.begin() as transaction:
                await transaction.execute(INSERT_BOOK, VIOLATIONS[constraint])

        assert violation.value.constraint == constraint

    with pytest.raises(ConstraintViolationError) as violation:
        async with opened.session() as session:
            await session.execute(insert(BOOKS), VIOLATIONS[constraint])

    assert violation.value.constraint == constraint


async def test_conflict_maps_one_constraint_only(opened: Database) -> None:
    taken = ConflictError("taken")
    for constraint, row in VIOLATIONS.items():
        expected = ConflictError if constraint == "uq_books_code" else None
        with pytest.raises(expected or ConstraintViolationError):
            with conflict(on="uq_books_code", error=taken):
                async with opened.begin() as transaction:
                    await transaction.execute(INSERT_BOOK, row)
