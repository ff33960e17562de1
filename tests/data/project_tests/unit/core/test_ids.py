"""IDs that sort by time."""

import time
from uuid import RFC_4122

import pytest

from app.core.ids import uuid7


def test_uuid7_has_its_version_and_variant() -> None:
    keys = [uuid7() for _ in range(100)]

    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {RFC_4122}


def test_uuid7_is_unique() -> None:
    assert len({uuid7() for _ in range(1000)}) == 1000


def test_uuid7_begins_with_the_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_767_225_600_123_999_999)

    assert uuid7().int >> 80 == 1_767_225_600_123
