"""Errors of SQLite, without a file."""

from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.errors import DatabaseUnavailableError
from app.db.sqlite import translate_error, unique_constraint

BOOKS = sa.Table(
    "books",
    sa.MetaData(),
    sa.Column("id", sa.Integer, sa.Identity(), nullable=False),
    sa.Column("code", sa.Integer, index=True),
    sa.PrimaryKeyConstraint("id", name="pk_books"),
    sa.UniqueConstraint("code", "id", name="uq_books_code_id"),
    sa.Index("ix_unique_code", "code", unique=True),
)


class DriverError(Exception):
    """An error of SQLite's driver."""

    sqlite_errorname: str = ""


def context(name: str) -> Any:
    """Create the context of an error in SQLAlchemy's engine."""
    error = DriverError()
    error.sqlite_errorname = name
    return SimpleNamespace(
        original_exception=error, sqlalchemy_exception=None, is_disconnect=False
    )


@pytest.mark.parametrize(
    "name",
    [
        "SQLITE_BUSY",
        "SQLITE_BUSY_SNAPSHOT",
        "SQLITE_CANTOPEN",
        "SQLITE_FULL",
        "SQLITE_IOERR_WRITE",
        "SQLITE_LOCKED",
        "SQLITE_READONLY",
    ],
)
def test_transient_errors_are_unavailable(name: str) -> None:
    assert isinstance(translate_error(context(name)), DatabaseUnavailableError)


@pytest.mark.parametrize("name", ["SQLITE_ERROR", "SQLITE_MISMATCH"])
def test_other_errors_stay(name: str) -> None:
    assert translate_error(context(name)) is None


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ("books.id", "pk_books"),
        ("books.code, books.id", "uq_books_code_id"),
        ("books.code", "ix_unique_code"),
        ("index 'ix_lower_title'", "ix_lower_title"),
        ("books.unknown", None),
    ],
)
def test_unique_constraint_is_found_by_its_columns(
    columns: str, name: str | None
) -> None:
    assert unique_constraint(BOOKS, columns) == name
