"""Failures of the database that pass, and those that do not."""

import asyncio
import sqlite3
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from app.core import outages
from app.core.errors import DatabaseUnavailableError


class DriverError(Exception):
    """What a driver raises; PostgreSQL's says why in a code."""

    sqlstate: str | None = None


def failure(sqlstate: str | None = None, words: str = "") -> Exception:
    error = DriverError(words)
    error.sqlstate = sqlstate
    return error


def context(error: Exception, *, is_disconnect: bool = False) -> Any:
    """Make what the engine tells about an error."""
    return SimpleNamespace(original_exception=error, is_disconnect=is_disconnect)


@pytest.mark.parametrize(
    "error",
    [
        failure("08006"),
        failure("25006"),
        failure("40001"),
        failure("53300"),
        failure("55P03"),
        failure("57014"),
        failure(words="database is locked"),
        failure(words="unable to open database file"),
        failure("0A000", "cached statement plan is invalid due to a change"),
        OSError("unreachable"),
        TimeoutError(),
    ],
)
def test_what_passes_is_named(error: Exception) -> None:
    assert isinstance(outages.named(context(error)), DatabaseUnavailableError)


@pytest.mark.parametrize(
    "error",
    [
        failure("0A000", "not supported"),
        failure("42703"),
        failure("23505"),
        failure(words="UNIQUE constraint failed"),
        ValueError("not a matter of the database"),
    ],
)
def test_what_is_a_bug_stays_what_it_is(error: Exception) -> None:
    assert outages.named(context(error)) is None


def test_a_lost_connection_is_an_outage_whatever_the_words() -> None:
    told = outages.named(context(failure(), is_disconnect=True))

    assert isinstance(told, DatabaseUnavailableError)


@pytest.mark.parametrize("error", [TimeoutError(), failure("25006")])
def test_a_connection_that_can_not_be_relied_on_is_not_used_again(
    error: Exception,
) -> None:
    late = context(error)

    outages.named(late)

    assert late.is_disconnect


def test_a_connection_that_was_only_too_slow_is_kept() -> None:
    cut = context(failure("57014"))

    outages.named(cut)

    assert not cut.is_disconnect


def after(*causes: BaseException) -> Exception:
    """Make a failure behind which these stand, the first one last."""
    error = DatabaseUnavailableError("why")
    for later, earlier in pairwise([error, *causes]):
        later.__cause__ = earlier
    return error


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked: hunter2")
    error.sqlite_errorname = "SQLITE_BUSY"
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (after(failure("57014", "hunter2")), "DriverError 57014"),
        (after(ValueError("hunter2"), failure("08006")), "DriverError 08006"),
        (after(busy()), "OperationalError SQLITE_BUSY"),
        (after(OSError("unreachable")), "OSError unreachable"),
        (after(TimeoutError(), asyncio.CancelledError()), "TimeoutError"),
        (after(), None),
    ],
)
def test_a_cause_is_named_without_the_words_of_the_driver(
    error: Exception, cause: str | None
) -> None:
    assert outages.cause(error) == cause
