"""Columns that the mixins of models set, and the values they have."""

from collections.abc import Iterator
from datetime import UTC

from sqlalchemy import Enum, Table

from app.core.clock import utc_now
from app.models import Base
from app.models.base import Record

TABLES = Base.metadata.sorted_tables
COLUMNS = [column for table in TABLES for column in table.c]


def record_tables(base: type[Base] = Record) -> Iterator[Table]:
    """Yield the tables of the classes that derive from Record."""
    for model in base.__subclasses__():
        table = getattr(model, "__table__", None)
        yield from record_tables(model) if table is None else [table]


def test_key_and_times_of_a_record_are_set_by_python() -> None:
    for table in record_tables():
        columns = (table.c.id, table.c.created_at, table.c.updated_at)

        assert all(c.default and c.default.is_callable for c in columns), table


def test_enum_columns_are_text_with_a_check_constraint() -> None:
    wrong = [
        str(one)
        for one in COLUMNS
        if isinstance(one.type, Enum)
        and (one.type.native_enum or not one.type.create_constraint)
    ]

    assert wrong == [], "use enum_type(…) from app.db.types"


def test_utc_now_has_a_time_zone() -> None:
    assert utc_now().tzinfo is UTC
