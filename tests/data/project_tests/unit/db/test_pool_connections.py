"""Connections of PostgreSQL that fail, with a scripted driver instead of asyncpg's."""

import asyncio
from time import monotonic
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, insert, select

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.db.compile import StatementCompiler
from app.db.limiter import ConnectionLimiter
from app.db.pool import ConnectionPool
from app.db.postgresql import (
    PooledPostgresDatabase,
    PostgresDatabase,
    create_engine,
    open_database,
)

SETTINGS = DatabaseSettings(url=SecretStr("postgresql+asyncpg://app@db.invalid/app"))
ENGINE = create_engine(SETTINGS)
COMPILER = StatementCompiler(ENGINE.dialect, on_first_use=True)
NOTES = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
QUERY = select(NOTES.c.id).where(NOTES.c.id == bindparam("key"))
INSERT_NOTE = insert(NOTES)
ROW = {"id": 1}
LOST = asyncpg.ConnectionDoesNotExistError("lost")


class Connection:
    """A pooled connection; a read or an INSERT returns a row, waits or raises."""

    is_valid: bool = True

    def __init__(self, outcome: Any = ROW, connected_at: float = float("inf")) -> None:
        self.driver_connection = self.dbapi_connection = self
        self.info = {"connected_at": connected_at}
        self.outcome = outcome
        self.commands: list[str] = []
        self.is_invalidated = False

    async def fetch(self, sql: str, *_: object) -> list[Any]:
        self.commands.append(sql.split()[0])
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        if isinstance(self.outcome, asyncio.Event):
            await self.outcome.wait()
        return [self.outcome]

    async def execute(self, sql: str, *_: object) -> str:
        if sql.startswith("INSERT") or self.outcome is LOST:
            await self.fetch(sql)
        else:
            self.commands.append(sql)
        return sql

    def is_closed(self) -> bool:
        return False

    def invalidate(self) -> None:
        self.is_invalidated = True


class ScriptedPool(ConnectionPool):
    """A pool of the given connections. After the last one no server is reachable."""

    def __init__(self, *connections: Any) -> None:
        super().__init__(ENGINE, COMPILER)
        self._scripted = [*connections]

    async def acquire(self) -> Any:
        if not self._scripted:
            raise DatabaseUnavailableError("unreachable")
        return self._scripted.pop(0)


def database(*connections: Any) -> PostgresDatabase:
    limiter = ConnectionLimiter(1, timeout=0.01)
    return PostgresDatabase(ScriptedPool(*connections), limiter)


async def write(*connections: Connection) -> None:
    async with database(*connections).begin() as transaction:
        await transaction.execute(INSERT_NOTE, {"id": 1})


async def test_pooler_of_a_platform_gets_each_statement_in_a_transaction() -> None:
    url = "postgres://app@db.invalid/app?sslmode=require&pgbouncer=true"
    settings = DatabaseSettings(url=SecretStr(url))
    assert isinstance(open_database(settings), PooledPostgresDatabase)
    limiter, connection = ConnectionLimiter(1, timeout=0.01), Connection()
    pool = ScriptedPool(Connection(LOST), connection)
    pooled = PooledPostgresDatabase(pool, limiter, "SELECT 1")

    assert await pooled.fetchrow(QUERY, key=1) == ROW
    assert connection.commands == ["BEGIN", "SELECT", "COMMIT"]


async def test_write_is_one_transaction_on_an_open_connection() -> None:
    lost, connection = Connection(LOST), Connection()

    await write(lost, connection)

    assert lost.is_invalidated
    assert connection.commands == ["BEGIN", "INSERT", "COMMIT"]


async def test_released_connection_is_used_until_it_expires() -> None:
    pool = ConnectionPool(create_engine(SETTINGS), COMPILER)
    connection: Any = Connection(connected_at=monotonic())
    pool.release(connection, is_broken=False)
    assert await pool.acquire() is connection
    pool.release(connection, is_broken=False)

    failover = asyncpg.ReadOnlySQLTransactionError("read-only")
    context = SimpleNamespace(original_exception=failover, is_disconnect=False)
    pool.engine.sync_engine.dialect.dispatch.handle_error(context)
    with pytest.raises(DatabaseUnavailableError):
        await pool.acquire()

    assert connection.is_invalidated
