"""Errors of the database."""

import asyncio
from itertools import pairwise

import pytest

from app.core.errors import DatabaseUnavailableError
from app.db.errors import describe_cause


class DriverError(Exception):
    """An error of SQLite's driver."""

    sqlite_errorname: str = "SQLITE_BUSY"


def chain(*causes: BaseException) -> Exception:
    """Create an error with these causes, the first one last."""
    error = DatabaseUnavailableError("why")
    for later, earlier in pairwise([error, *causes]):
        later.__cause__ = earlier
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (chain(DriverError("hunter2")), "DriverError SQLITE_BUSY"),
        (chain(ValueError("hunter2"), DriverError()), "DriverError SQLITE_BUSY"),
        (chain(OSError("unreachable")), "OSError unreachable"),
        (chain(TimeoutError(), asyncio.CancelledError()), "TimeoutError"),
        (chain(), None),
    ],
)
def test_cause_is_described_without_the_message_of_the_driver(
    error: Exception, cause: str | None
) -> None:
    assert describe_cause(error) == cause
