"""Failures of the database that pass, and those that do not."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import aiosqlite
import pytest

from app.core import outages
from app.core.errors import DatabaseUnavailableError


def failure(code: str) -> aiosqlite.OperationalError:
    error = aiosqlite.OperationalError("hunter2")
    error.sqlite_errorname = code
    return error


def context(error: Exception, *, is_disconnect: bool = False) -> Any:
    """Make what the engine tells about an error."""
    return SimpleNamespace(original_exception=error, is_disconnect=is_disconnect)


@pytest.mark.parametrize(
    "code",
    [
        "SQLITE_BUSY",
        "SQLITE_BUSY_SNAPSHOT",
        "SQLITE_CANTOPEN",
        "SQLITE_FULL",
        "SQLITE_IOERR_WRITE",
        "SQLITE_READONLY_DBMOVED",
    ],
)
def test_what_passes_is_named(code: str) -> None:
    told = outages.named(context(failure(code)))

    assert isinstance(told, DatabaseUnavailableError)


@pytest.mark.parametrize(
    "error",
    [
        failure("SQLITE_CONSTRAINT_UNIQUE"),
        failure("SQLITE_ERROR"),
        ValueError("not a matter of the database"),
    ],
)
def test_what_is_a_bug_stays_what_it_is(error: Exception) -> None:
    assert outages.named(context(error)) is None


def test_a_lost_connection_is_an_outage_whatever_the_code() -> None:
    told = outages.named(context(failure("SQLITE_ERROR"), is_disconnect=True))

    assert isinstance(told, DatabaseUnavailableError)


def after(*causes: BaseException) -> Exception:
    """Make a failure behind which these stand, the first one last."""
    error = DatabaseUnavailableError("why")
    for later, earlier in pairwise([error, *causes]):
        later.__cause__ = earlier
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (after(failure("SQLITE_BUSY")), "OperationalError SQLITE_BUSY"),
        (after(ValueError("hunter2"), TimeoutError()), "TimeoutError"),
        (after(OSError("unreachable")), "OSError unreachable"),
        (after(), None),
    ],
)
def test_a_cause_is_named_without_the_words_of_the_driver(
    error: Exception, cause: str | None
) -> None:
    assert outages.cause(error) == cause
