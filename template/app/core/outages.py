"""Which failures of a database pass by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from app.core.errors import DatabaseUnavailableError

MESSAGE = "The database can not answer now; try again."
# Classes of SQLSTATE: connection lost, a transaction that lost against another,
# resources, locks, shutdown and timeouts.
PASSING = ("08", "40", "53", "55", "57")
# SQLite has no codes, only words.
LOCKED = "database is locked"


@contextmanager
def named() -> Iterator[None]:
    """Name the failures that pass; every other one is a bug and stays what it is."""
    try:
        yield
    except DBAPIError as error:
        if not (error.connection_invalidated or passes(error.orig)):
            raise
        raise DatabaseUnavailableError(MESSAGE) from error


def passes(error: BaseException | None) -> bool:
    """Say whether the same request may succeed later."""
    state = getattr(error, "sqlstate", None) or ""
    return state.startswith(PASSING) or LOCKED in str(error)
