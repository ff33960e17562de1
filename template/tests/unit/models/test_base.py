"""What every table has in common."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import make_url

from app.models import Base
from app.models.base import UtcDateTime, utc_now

SQLITE = make_url("sqlite+aiosqlite://").get_dialect()()
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_time_has_a_zone() -> None:
    assert utc_now().tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(NOON.replace(tzinfo=None), SQLITE)


def test_a_time_is_stored_in_utc() -> None:
    there = timezone(timedelta(hours=2))

    stored = UtcDateTime().process_bind_param(NOON.astimezone(there), SQLITE)

    assert stored is not None
    assert (stored, stored.tzinfo) == (NOON, UTC)


def test_a_time_that_lost_its_zone_gets_it_back() -> None:
    read = UtcDateTime().process_result_value(NOON.replace(tzinfo=None), SQLITE)

    assert read == NOON


def test_no_time_is_none() -> None:
    assert UtcDateTime().process_bind_param(None, SQLITE) is None
    assert UtcDateTime().process_result_value(None, SQLITE) is None


def test_every_constraint_has_a_name() -> None:
    for table in Base.metadata.sorted_tables:
        names = [one.name for one in table.constraints]

        assert all(names), table.name


def test_a_record_is_named_and_dated_by_us() -> None:
    ours = {"id", "created_at", "updated_at"}
    for table in Base.metadata.sorted_tables:
        defaults = [column.default for column in table.c if column.name in ours]

        assert all(default and default.is_callable for default in defaults)
