"""URLs of PostgreSQL, and connections that fail, with a scripted driver."""

from time import monotonic
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, insert, select

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.db import ConstraintViolationError
from app.db.compile import StatementCompiler
from app.db.limiter import ConnectionLimiter
from app.db.pool import ConnectionPool
from app.db.postgresql import (
    PooledPostgresDatabase,
    PostgresDatabase,
    create_engine,
    open_database,
)

PLAIN = "postgresql+asyncpg://app@db/app"
URL = "postgres://app@db.invalid/app?sslmode=require&pgbouncer=true"
SETTINGS = DatabaseSettings(url=SecretStr(URL))
NOTES = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
QUERY = select(NOTES.c.id).where(NOTES.c.id == bindparam("key"))
ROW = {"id": 1}
INSERT = insert(NOTES)
LOST = asyncpg.ConnectionDoesNotExistError("lost")
LIMITER = ConnectionLimiter(1, timeout=0.01)


class Connection:
    """A pooled connection, whose statements return a row or raise an error."""

    is_valid: bool = True
    is_invalidated: bool = False

    def __init__(self, error: Exception | None = None) -> None:
        self.driver_connection = self.dbapi_connection = self
        self.info = {"connected_at": monotonic() + 1}
        self.error = error
        self.commands: list[str] = []

    async def fetch(self, sql: str, *_: object) -> list[Any]:
        await self.execute(sql)
        return [ROW]

    async def execute(self, sql: str, *_: object) -> str:
        self.commands.append(sql.split()[0])
        if self.error and (self.error is LOST or sql.startswith("INSERT")):
            raise self.error
        return sql

    def is_closed(self) -> bool:
        return self.is_invalidated

    def invalidate(self) -> None:
        self.is_invalidated = True

    def set_isolation_level(self, _: str) -> None:
        """Accept each level."""

    def close(self) -> None:
        self.commands.append("close")


def pool_of(*connections: Any) -> ConnectionPool:
    """Create a pool that acquires the given connections, the last one first."""
    engine = create_engine(SETTINGS)
    engine.dialect.default_isolation_level = "READ COMMITTED"  # Read from a server.
    pool = ConnectionPool(engine, StatementCompiler(engine.dialect, on_first_use=True))
    for connection in connections:
        pool.release(connection, is_broken=False)
    return pool


async def write(*connections: Connection) -> None:
    database = PostgresDatabase(pool_of(*connections), LIMITER)
    async with database.begin() as transaction:
        await transaction.execute(INSERT, ROW)


async def test_pooler_of_a_platform_gets_each_statement_in_a_transaction() -> None:
    assert isinstance(open_database(SETTINGS), PooledPostgresDatabase)
    connection, lost = Connection(), Connection(LOST)
    pooled = PooledPostgresDatabase(pool_of(connection, lost), LIMITER, "SELECT 1")

    assert await pooled.fetchrow(QUERY, key=1) == ROW
    assert connection.commands == ["BEGIN", "SELECT", "COMMIT"]


async def test_read_is_retried_when_its_connection_is_lost() -> None:
    connection, lost = Connection(), Connection(LOST)
    database = PostgresDatabase(pool_of(connection, lost), LIMITER)

    assert await database.fetchrow(QUERY, key=1) == ROW
    assert (connection.is_invalidated, lost.is_invalidated) == (False, True)
    await database.close()
    assert connection.commands == ["SELECT", "close"]


async def test_violated_constraint_is_rolled_back() -> None:
    connection = Connection(asyncpg.UniqueViolationError("duplicate"))

    with pytest.raises(ConstraintViolationError):
        await write(connection)

    assert connection.commands == ["BEGIN", "INSERT", "ROLLBACK"]
    assert not connection.is_invalidated


async def test_fail_over_expires_all_connections() -> None:
    old = Connection()
    pool = pool_of(old)
    failover = asyncpg.ReadOnlySQLTransactionError("read-only")
    context = SimpleNamespace(original_exception=failover, is_disconnect=False)
    old.info["connected_at"] = monotonic()

    pool.engine.sync_engine.dialect.dispatch.handle_error(context)

    with pytest.raises(DatabaseUnavailableError):
        await pool.acquire()
    assert old.is_invalidated


@pytest.mark.parametrize("given", [{}, {"key": 1, "kee": 2}])
async def test_missing_or_unknown_parameter_raises_an_error(
    given: dict[str, int],
) -> None:
    database = PostgresDatabase(pool_of(Connection()), LIMITER)

    with pytest.raises(TypeError, match="missing|unknown"):
        await database.fetch(QUERY, **given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgres://app@db/app?pgbouncer=true", PLAIN),
        (f"{PLAIN}?ssl=true", f"{PLAIN}?dsn=postgresql%3A%2F%2F%3Fsslmode%3Drequire"),
    ],
)
def test_url_of_a_platform_is_understood(given: str, expected: str) -> None:
    url = DatabaseSettings(url=SecretStr(given)).url

    assert url.get_secret_value() == expected


@pytest.mark.parametrize(
    "url",
    [
        "mysql://app@db/app",
        "postgresql://app:a@hunter2@db/app",
        "postgresql://app@db:port/app",
        f"{PLAIN}?sslmode=yes",
        f"{PLAIN}?sslmode=verify-full",
        f"{PLAIN}?sslrootcert=/nowhere",
        f"{PLAIN}?keepalives=1",
        "sqlite://hunter2",
        "sqlite:///hunter2.db?timeout=3",
    ],
)
def test_url_that_never_works_is_refused_without_its_value(url: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        DatabaseSettings(url=SecretStr(url))

    assert "hunter2" not in str(refusal.value)
