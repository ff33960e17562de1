"""Which failures of the database pass by themselves, and what they are called."""

from sqlalchemy.engine import ExceptionContext

from app.core.errors import DatabaseUnavailableError

MESSAGE = "The database can not answer now; try again."
# Another process writes; the disk is full, fails, or lets nobody write; the file is
# not there. SQLite may say more behind each, as in SQLITE_IOERR_WRITE.
PASSING = (
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    "SQLITE_READONLY",
)


def passes(error: BaseException | None) -> bool:
    """Say whether the same request may succeed later."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(PASSING)


def named(context: ExceptionContext) -> BaseException | None:
    """Name what passes, for the engine's `handle_error`; the rest is a bug."""
    if context.is_disconnect or passes(context.original_exception):
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
    code = getattr(first, "sqlite_errorname", None)
    words = str(first) if isinstance(first, OSError) else None
    return " ".join(filter(None, [type(first).__name__, code, words]))
