"""Tests on PostgreSQL: databases of the server, and transactions as savepoints."""

import asyncio
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import count
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from pydantic_settings import BaseSettings
from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    Engine,
    PoolProxiedConnection,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    async_sessionmaker,
    create_async_engine,
)

from app.db import Database
from app.db.compile import StatementCompiler, compile_statement
from app.db.limiter import ConnectionLimiter
from app.db.pool import ConnectionPool, PooledConnection
from app.db.postgresql import PostgresDatabase

DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
# SQL that SQLAlchemy completes for each execution, such as that of `IN`.
INCOMPLETE = "__[POSTCOMPILE"
SAVEPOINTS = count()


class ServerSettings(BaseSettings):
    """The server for the tests. Without TEST_DATABASE_URL they run on SQLite."""

    test_database_url: str | None = None


@contextmanager
def server_database(server_url: str) -> Generator[str]:
    """Create a database with a random name on the server, and drop it afterwards."""
    url = make_url(server_url)
    name = f"{url.database}_{uuid4().hex[:12]}"
    asyncio.run(execute(url, f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(execute(url, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def execute(url: URL, statement: str) -> None:
    """Run one statement outside a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


class JoinedPool(ConnectionPool):
    """A pool of one connection, which is never closed."""

    def __init__(self, engine: AsyncEngine, pooled: PoolProxiedConnection) -> None:
        # Without the listeners of the superclass, since the engine is shared by tests.
        self.engine = engine
        self.compiler = compiler(engine.dialect)
        self._pooled = pooled

    def connection(self) -> PooledConnection:
        """Return the connection of the test."""
        return JoinedConnection(self)

    async def acquire(self) -> PoolProxiedConnection:
        """Return the connection of the test."""
        return self._pooled

    def release(self, pooled: PoolProxiedConnection, *, is_broken: bool) -> None:
        """Do nothing: the test closes its connection."""

    def lend(self) -> None:
        """Do nothing: sessions are bound to the connection of the test."""


class JoinedConnection(PooledConnection):
    """The connection of a test, in a savepoint."""

    async def __aenter__(self) -> Self:
        """Set a savepoint, which a failed statement is rolled back to."""
        await super().__aenter__()
        self._savepoint = f"joined_{next(SAVEPOINTS)}"
        await self.run("execute", f"SAVEPOINT {self._savepoint}")
        return self

    async def __aexit__(
        self, _: object, error: BaseException | None, __: TracebackType | None
    ) -> None:
        """Keep or undo the statements of the block."""
        if error is not None:
            await self.run("execute", f"ROLLBACK TO SAVEPOINT {self._savepoint}")
        await self.run("execute", f"RELEASE SAVEPOINT {self._savepoint}")

    async def begin(self) -> None:
        """Do nothing: the savepoint is the transaction."""

    async def commit(self) -> None:
        """Do nothing: the savepoint is released at the end of the block."""


class JoinedPostgresDatabase(PostgresDatabase):
    """The production database, on one connection whose transactions are savepoints."""

    def __init__(
        self, connection: AsyncConnection, pooled: PoolProxiedConnection
    ) -> None:
        pool = JoinedPool(connection.engine, pooled)
        limiter = ConnectionLimiter(1, timeout=1.0)
        super().__init__(pool, limiter)
        self._sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )


@cache
def compiler(dialect: Dialect) -> StatementCompiler:
    """Return a compiler for all tests, which compiles each statement at once."""
    return StatementCompiler(dialect, on_first_use=True)


async def join_postgresql(connection: AsyncConnection) -> Database:
    """Join a transaction of SQLAlchemy, which sends BEGIN with its first statement."""
    await connection.execute(text("SELECT 1"))
    pooled = await connection.get_raw_connection()
    return JoinedPostgresDatabase(connection, pooled)


async def log_queries(
    connection: AsyncConnection, seen: list[str]
) -> AbstractContextManager[None]:
    """Append every query of asyncpg's connection to a list, within a `with` block."""
    driver: Any = (await connection.get_raw_connection()).driver_connection

    def append(record: Any) -> None:
        seen.append(record.query)

    logging: AbstractContextManager[None] = driver.query_logger(append)
    return logging


@contextmanager
def incompatible_statements() -> Generator[list[str]]:
    """Compile statements that run on SQLite for PostgreSQL; yield those that fail."""
    incompatible: list[str] = []

    def check(
        connection: Connection, statement: Any, rows: Any, params: Any, _: object
    ) -> None:
        if connection.dialect.name == DIALECT.name:
            return
        try:
            names = tuple((rows or [params])[0])
            compiled = compile_statement(statement, DIALECT, names)
        except (CompileError, TypeError) as error:
            incompatible.append(f"{statement_name(statement)}: {error}")
        else:
            if compiled is not None and INCOMPLETE in compiled.sql:
                incompatible.append(f"{statement_name(statement)}: {compiled.sql}")

    event.listen(Engine, "before_execute", check)
    yield incompatible
    event.remove(Engine, "before_execute", check)


def statement_name(statement: object) -> str:
    """Return the name of a statement in its module, or the beginning of its text."""
    for module in [module for name, module in sys.modules.items() if "app." in name]:
        for name, value in vars(module).items():
            if value is statement:
                return f"{module.__name__}.{name}"
    return str(statement)[:80]
