"""Rules for every table of the service."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import DateTime, Table

from app.core.ids import uuid7
from app.models import Base
from app.models.base import Record

TABLES = Base.metadata.sorted_tables
COLUMNS = [column for table in TABLES for column in table.c]


def record_tables(base: type[Base] = Record) -> Iterator[Table]:
    """Yield the tables of the classes that derive from Record."""
    for model in base.__subclasses__():
        table = getattr(model, "__table__", None)
        yield from record_tables(model) if table is None else [table]


def test_every_constraint_has_a_name_that_its_table_uses_once() -> None:
    for table in TABLES:
        names = [str(constraint.name or "") for constraint in table.constraints]

        assert all(names), table
        assert sorted({*names}) == sorted(names), table


def test_datetime_columns_convert_to_utc() -> None:
    wrong = [str(one) for one in COLUMNS if isinstance(one.type, DateTime)]

    assert wrong == [], "use UtcDateTime from app.db.types"


def test_uuid7_sorts_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    nanoseconds = iter(range(0, 100_000_000, 1_000_000))
    monkeypatch.setattr(time, "time_ns", lambda: next(nanoseconds))

    keys = [uuid7() for _ in range(100)]

    assert keys == sorted(keys)
