"""Rules for every table of the service, and the type of its datetime columns."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import make_url

from app.db.types import UtcDateTime

SQLITE = make_url("sqlite+aiosqlite://").get_dialect()()
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


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
