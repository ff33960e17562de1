"""Which failures of a database pass by themselves, and what they are called."""

from sqlalchemy.engine import ExceptionContext

from app.core.errors import DatabaseUnavailableError

MESSAGE = "The database can not answer now; try again."
# What a server says that was the first one and now only follows: the next
# connection finds the new first one.
READ_ONLY = "25006"
# Classes of SQLSTATE: connection lost, a transaction that lost against another,
# resources, locks, shutdown and timeouts.
PASSING = ("08", READ_ONLY, "40", "53", "55", "57")
# SQLite has no codes, only words; and the code of a statement that a migration has
# outdated says only that something is not supported.
WORDS = (
    "database is locked",
    "unable to open database file",
    "cached statement plan is invalid",
)


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
    if isinstance(error, OSError) or getattr(error, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True
    if context.is_disconnect or passes(error):
        return DatabaseUnavailableError(MESSAGE)
    return None


def cause(error: BaseException) -> str | None:
    """Say what stands behind a failure: the driver's kind of error, and its code.

    The driver's own words are left out, since they may repeat values; the operating
    system's hold only addresses.
    """
    first = error
    while isinstance(first.__cause__, Exception):
        first = first.__cause__
    if first is error:
        return None
    code = getattr(first, "sqlstate", None) or getattr(first, "sqlite_errorname", None)
    words = str(first) if isinstance(first, OSError) else None
    return " ".join(filter(None, [type(first).__name__, code, words]))
