"""Which failures of a database pass by themselves."""

from sqlalchemy.engine import ExceptionContext

from app.core.errors import DatabaseUnavailableError

MESSAGE = "The database can not answer now; try again."
# Classes of SQLSTATE: connection lost, a transaction that lost against another,
# resources, locks, shutdown and timeouts.
PASSING = ("08", "40", "53", "55", "57")
# SQLite has no codes, only words.
WORDS = ("database is locked", "unable to open database file")


def passes(error: BaseException | None) -> bool:
    """Say whether the same request may succeed later."""
    state = getattr(error, "sqlstate", None) or ""
    return state.startswith(PASSING) or any(words in str(error) for words in WORDS)


def named(context: ExceptionContext) -> BaseException | None:
    """Name what passes, for the engine's `handle_error`; the rest is a bug and stays.

    After a timeout nobody knows what the server will still send: the connection
    is dropped, so that nothing waits for it a second time.
    """
    error = context.original_exception
    if isinstance(error, OSError):
        context.is_disconnect = True
    if context.is_disconnect or passes(error):
        return DatabaseUnavailableError(MESSAGE)
    return None
