"""Rules for every table of the service, and the type of its datetime columns."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import DateTime, Enum, Table, make_url

from app.core.clock import utc_now
from app.db.types import UtcDateTime
from app.models import Base
from app.models.base import Record

SQLITE = make_url("sqlite+aiosqlite://").get_dialect()()
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TABLES = Base.metadata.sorted_tables
COLUMNS = [column for table in TABLES for column in table.c]


def record_tables(base: type[Base] = Record) -> Iterator[Table]:
    """Yield the tables of the classes that derive from Record."""
    for model in base.__subclasses__():
        table = getattr(model, "__table__", None)
        yield from record_tables(model) if table is None else [table]


def test_utc_now_has_a_time_zone() -> None:
    assert utc_now().tzinfo is UTC


def test_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcDateTime().process_bind_param(NOON.replace(tzinfo=None), SQLITE)


def test_datetime_is_stored_in_utc() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=2)))

    stored = UtcDateTime().process_bind_param(local, SQLITE)

    assert stored is not None
    assert (stored, stored.tzinfo) == (NOON, UTC)


def test_datetime_read_without_a_time_zone_is_utc() -> None:
    read = UtcDateTime().process_result_value(NOON.replace(tzinfo=None), SQLITE)

    assert read == NOON


def test_null_is_none() -> None:
    assert UtcDateTime().process_bind_param(None, SQLITE) is None
    assert UtcDateTime().process_result_value(None, SQLITE) is None


def test_key_and_times_of_a_record_are_set_by_python() -> None:
    for table in record_tables():
        columns = (table.c.id, table.c.created_at, table.c.updated_at)

        assert all(c.default and c.default.is_callable for c in columns), table


def test_every_constraint_has_a_name_that_its_table_uses_once() -> None:
    for table in TABLES:
        names = [str(constraint.name or "") for constraint in table.constraints]

        assert all(names), table
        assert sorted({*names}) == sorted(names), table


def test_datetime_columns_convert_to_utc() -> None:
    wrong = [str(one) for one in COLUMNS if isinstance(one.type, DateTime)]

    assert wrong == [], "use UtcDateTime from app.db.types"


def test_enum_columns_are_text_with_a_check_constraint() -> None:
    wrong = [
        str(one)
        for one in COLUMNS
        if isinstance(one.type, Enum)
        and (one.type.native_enum or not one.type.create_constraint)
    ]

    assert wrong == [], "use enum_type(…) from app.db.types"
