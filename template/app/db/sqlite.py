"""SQLite: one file on one machine, many readers, one writer at a time."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.db.database import Database
from app.db.errors import UNAVAILABLE, constraint_violation
from app.db.limiter import ConnectionLimiter

# Connections besides those of readers: the writer's and the readiness probe's.
SPARE_CONNECTIONS = 2
# Seconds that a migration waits for another one, or for a service that writes.
MIGRATION_TIMEOUT = 600
PRAGMAS = (
    "foreign_keys=ON",
    # Readers do not wait for the writer.
    "journal_mode=WAL",
    # A commit is on the disk before the response: a power cut does not undo it.
    "synchronous=FULL",
)
# Result codes after which the same request may succeed: another process writes; the
# disk is full, fails or is read-only; the file is missing. All begin with SQLITE_, and
# extended codes with one of these, as SQLITE_IOERR_WRITE does.
TRANSIENT_CODES = ("BUSY", "CANTOPEN", "FULL", "IOERR", "LOCKED", "READONLY")


def open_database(settings: DatabaseSettings) -> Database:
    """Create the database object. Nothing connects before the first statement.

    Writers are limited to one, in the order of arrival. SQLite lets waiting writers
    retry at random instead, so that under load some would starve.
    """
    readers = ConnectionLimiter(settings.pool_size, settings.pool_timeout)
    writers = ConnectionLimiter(1, settings.pool_timeout)
    return Database(create_engine(settings), readers, writers)


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Create the engine with its connection pool."""
    engine = create_async_engine(
        settings.url.get_secret_value(),
        hide_parameters=True,
        poolclass=sa.AsyncAdaptedQueuePool,
        pool_size=settings.pool_size + SPARE_CONNECTIONS,
        # The driver's implicit transactions break savepoints, so `begin` starts them.
        connect_args={"isolation_level": None, "timeout": settings.busy_timeout},
    )
    event.listen(engine.sync_engine, "connect", configure)
    event.listen(engine.sync_engine, "begin", begin)
    event.listen(engine.sync_engine, "handle_error", translate_error, retval=True)
    return engine


def create_migration_engine(url: str) -> AsyncEngine:
    """Create the engine of migrations; processes migrate one after the other.

    Foreign keys are checked at the end only. SQLite changes a table by copying it and
    dropping the old one, which would delete the rows that refer to it.
    """
    options = {"isolation_level": None, "timeout": MIGRATION_TIMEOUT}
    engine = create_async_engine(url, poolclass=sa.NullPool, connect_args=options)
    event.listen(engine.sync_engine, "begin", begin)
    event.listen(engine.sync_engine, "commit", check_foreign_keys)
    return engine


def configure(connection: Any, _: object) -> None:
    """Set the options and functions that SQLite keeps for each connection."""
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite's own function leaves letters outside of ASCII as they are.
    connection.create_function("lower", 1, to_lower, deterministic=True)


def to_lower(value: Any) -> Any:
    """Return a value as a text in lower case; None for None."""
    return None if value is None else str(value).lower()


def begin(connection: sa.Connection) -> None:
    """Begin with the write lock: acquiring it later can fail with SQLITE_BUSY."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def check_foreign_keys(connection: sa.Connection) -> None:
    """Raise RuntimeError when a row refers to a row that does not exist."""
    violations = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if violations:
        tables = ", ".join(sorted({str(table) for table, *_ in violations}))
        raise RuntimeError(f"rows of these tables would refer to nothing: {tables}")


def translate_error(context: ExceptionContext) -> BaseException | None:
    """Translate constraint and transient errors; None: re-raise the error unchanged."""
    error = context.original_exception
    if isinstance(context.sqlalchemy_exception, IntegrityError):
        return constraint_violation(violated_constraint(context), error)
    code = str(getattr(error, "sqlite_errorname", "")).removeprefix("SQLITE_")
    is_transient = context.is_disconnect or code.startswith(TRANSIENT_CODES)
    # CancelledError is no Exception: it is not translated.
    if is_transient and isinstance(error, Exception):
        return DatabaseUnavailableError(UNAVAILABLE)
    return None


def violated_constraint(context: ExceptionContext) -> str | None:
    """Return the name of the violated constraint, where SQLite's message tells it.

    SQLite names check constraints, but only the columns of unique constraints, and of
    foreign keys nothing.
    """
    kind, _, subject = str(context.original_exception).partition(" constraint failed: ")
    if kind == "CHECK":
        return subject
    statement: Any = getattr(context.execution_context, "invoked_statement", None)
    if not isinstance(getattr(statement, "table", None), sa.Table):
        return None
    table: Any = statement.table
    if kind == "UNIQUE":
        return unique_constraint(table, subject)
    # A delete violates a foreign key of another table, which is unknown here.
    if kind.startswith("FOREIGN KEY") and not isinstance(statement, sa.Delete):
        names = [str(key.name) for key in table.foreign_key_constraints]
        return names[0] if len(names) == 1 else dangling_key(context, table)
    return None


def dangling_key(context: ExceptionContext, table: sa.Table) -> str | None:
    """Return the name of a foreign key with a value that its target does not have."""
    connection: Any = context.connection
    rows: Any = getattr(context.execution_context, "compiled_parameters", [])
    for key in [key for column in table.columns for key in column.foreign_keys]:
        for value in {row.get(key.parent.key) for row in rows} - {None}:
            target = sa.select(key.column).where(key.column == value)
            if connection.scalar(target) is None:
                return str(key.constraint and key.constraint.name)
    return None


def unique_constraint(table: sa.Table, columns: str) -> str | None:
    """Find a unique constraint or index by its columns, as in `things.a, things.b`."""
    if match := re.fullmatch(r"index '(.+)'", columns):
        return match[1]
    table_name = columns.partition(".")[0]
    table = table.metadata.tables.get(table_name, table)
    uniques = [index for index in table.indexes if index.unique]
    for unique in (*table.constraints, *uniques):
        if isinstance(unique, sa.PrimaryKeyConstraint | sa.UniqueConstraint | sa.Index):
            names = [f"{table_name}.{column.name}" for column in unique.columns]
            if names == columns.split(", "):
                return str(unique.name)
    return None
