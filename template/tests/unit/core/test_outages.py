"""Failures of the database that pass, and those that do not."""

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
        failure("40001"),
        failure("53300"),
        failure("55P03"),
        failure("57014"),
        failure(words="database is locked"),
        failure(words="unable to open database file"),
        OSError("unreachable"),
        TimeoutError(),
    ],
)
def test_what_passes_is_named(error: Exception) -> None:
    assert isinstance(outages.named(context(error)), DatabaseUnavailableError)


@pytest.mark.parametrize(
    "error",
    [
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


def test_a_connection_that_did_not_answer_is_not_used_again() -> None:
    late = context(TimeoutError())

    outages.named(late)

    assert late.is_disconnect
