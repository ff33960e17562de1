"""Database errors: violated constraints by name, and the cause of a failure."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from app.core.errors import AppError

UNAVAILABLE = "The database is not available now; try again."


class ConstraintViolationError(IntegrityError):
    """A write violates a constraint. `constraint` is its name, where it is known."""

    constraint: str | None = None


def constraint_violation(
    constraint: str | None, error: BaseException
) -> ConstraintViolationError:
    """Create the error for a driver's error."""
    violation = ConstraintViolationError(None, None, error)
    violation.constraint = constraint
    return violation


@contextmanager
def conflict(*, on: str, error: AppError) -> Generator[None]:
    """Raise `error` in place of a violation of the constraint `on`, and of no other.

    The write itself is the check: a query before it would lose the race against
    another request.
    """
    try:
        yield
    except ConstraintViolationError as violation:
        if violation.constraint != on:
            raise
        raise error from violation


def describe_cause(error: BaseException) -> str | None:
    """Return the type and the code of the driver's error behind a failure.

    The driver's message is left out, since it may contain values of the request.
    Messages of the operating system contain only addresses.
    """
    root = error
    while isinstance(root.__cause__, Exception):
        root = root.__cause__
    if root is error:
        return None
    code = getattr(root, "sqlstate", None) or getattr(root, "sqlite_errorname", None)
    message = str(root) if isinstance(root, OSError) else None
    return " ".join(filter(None, [type(root).__name__, code, message]))
