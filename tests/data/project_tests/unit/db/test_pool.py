"""Connections that fail, with a scripted driver instead of asyncpg's."""

import asyncio
from time import monotonic
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    bindparam,
    insert,
    literal,
    select,
)
from sqlalchemy.exc import DisconnectionError

from app.core.database_settings import DatabaseSettings
from app.core.errors import (
    ConflictError,
    DatabaseUnavailableError,
    OverloadedError,
)
from app.db.compile import StatementCompiler
from app.db.limiter import ConnectionLimiter
from app.db.pool import ConnectionPool
from app.db.postgresql import PostgresDatabase, create_engine

URL = SecretStr("postgresql+asyncpg://app@db.invalid/app")
ENGINE = create_engine(DatabaseSettings(url=URL))
COMPILER = StatementCompiler(ENGINE.dialect, on_first_use=True)
QUERY = select(literal("lamp").label("name"), bindparam("number", type_=Integer))
ROW = {"name": "lamp", "number": 2}
NOTES = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
INSERT_NOTE = insert(NOTES)
INSERT = "INSERT INTO notes (id) VALUES ($1::INTEGER)"


class Connection:
    """A pooled connection, whose driver follows the script of the test."""

    is_valid: bool = True

    def __init__(
        self, outcome: Any = ROW, *, fails_at: str | None = None, status: str = ""
    ) -> None:
        self.driver_connection = self
        self.info = {"connected_at": float("inf")}
        self.outcome = outcome
        self.fails_at = fails_at
        self.status = status
        self.sent: list[tuple[object, ...]] = []
        self.is_invalidated = False

    async def fetch(self, *sent: object) -> list[Any]:
        self.sent.append(sent)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        if isinstance(self.outcome, asyncio.Event):
            await self.outcome.wait()
        return [] if self.outcome is None else [self.outcome]

    async def execute(self, sql: str, *sent: object) -> str:
        if self.fails_at == sql or self.fails_at is None:
            await self.fetch(sql, *sent)
        else:
            self.sent.append((sql, *sent))
        return self.status or sql

    async def executemany(self, sql: str, rows: object) -> None:
        await self.execute(sql, rows)

    def is_closed(self) -> bool:
        return False

    def invalidate(self) -> None:
        self.is_invalidated = True

    @property
    def commands(self) -> list[object]:
        """The first words of the statements."""
        return [str(sql).split()[0] for sql, *_ in self.sent]


class ScriptedPool(ConnectionPool):
    """A pool of these connections; after them, the server is not reachable."""

    def __init__(self, *connections: Any) -> None:
        super().__init__(ENGINE, COMPILER)
        self._scripted = [*connections]

    async def acquire(self) -> Any:
        if not self._scripted:
            raise DatabaseUnavailableError("unreachable")
        return self._scripted.pop(0)


def database(*connections: Any, capacity: int = 1) -> PostgresDatabase:
    """Create a database on these connections."""
    limiter = ConnectionLimiter(capacity, timeout=0.01)
    return PostgresDatabase(ScriptedPool(*connections), limiter)


async def write(connection: Connection, *numbers: int) -> None:
    """Store numbers, in one transaction."""
    async with database(connection).begin() as transaction:
        rows = [{"id": number} for number in numbers]
        if rows:
            await transaction.execute(INSERT_NOTE, *rows)


async def test_released_connections_are_kept() -> None:
    connections = [Connection() for _ in range(3)]
    opened = database(*connections)

    assert await opened.fetch(QUERY, number=2) == [ROW]
    assert await opened.fetchrow(QUERY, number=2) == ROW
    assert await opened.fetchval(QUERY, number=2) == "lamp"
    assert not any(connection.is_invalidated for connection in connections)
    assert connections[0].sent[0][1:] == ("lamp", 2)


async def test_no_row_is_none() -> None:
    assert await database(Connection(None)).fetchrow(QUERY, number=2) is None


@pytest.mark.parametrize(
    "loss",
    [
        asyncpg.ConnectionDoesNotExistError("lost"),
        asyncpg.AdminShutdownError("shutdown"),
        asyncpg.InternalClientError("the server closes the connection"),
    ],
)
async def test_read_is_retried_when_its_connection_is_lost(loss: Exception) -> None:
    lost = Connection(loss)

    assert await database(lost, Connection()).fetchrow(QUERY, number=2) == ROW
    assert lost.is_invalidated


async def test_read_is_retried_only_once() -> None:
    loss = asyncpg.ConnectionDoesNotExistError("lost")
    opened = database(Connection(loss), Connection(loss), Connection())

    with pytest.raises(DatabaseUnavailableError):
        await opened.fetchrow(QUERY, number=2)


async def test_write_is_not_retried() -> None:
    loss = asyncpg.ConnectionDoesNotExistError("lost")
    opened = database(Connection(loss), Connection())

    with pytest.raises(DatabaseUnavailableError):
        await opened.fetchrow(INSERT_NOTE.returning(NOTES.c.id), id=1)


@pytest.mark.parametrize(
    ("error", "raised", "is_invalidated"),
    [
        (asyncpg.QueryCanceledError("timeout"), DatabaseUnavailableError, False),
        (asyncpg.DeadlockDetectedError("deadlock"), DatabaseUnavailableError, False),
        (
            asyncpg.InvalidCachedStatementError("table changed"),
            DatabaseUnavailableError,
            False,
        ),
        (TimeoutError(), DatabaseUnavailableError, True),
        (
            asyncpg.UndefinedColumnError("no column"),
            asyncpg.UndefinedColumnError,
            False,
        ),
    ],
)
async def test_transient_errors_are_unavailable_and_others_stay(
    error: Exception, raised: type[Exception], is_invalidated: bool
) -> None:
    connection = Connection(error)

    with pytest.raises(raised):
        await database(connection).fetchrow(QUERY, number=2)

    assert connection.is_invalidated is is_invalidated


async def test_read_waits_for_admission() -> None:
    with pytest.raises(OverloadedError):
        await database(Connection(), capacity=0).fetchrow(QUERY, number=2)


@pytest.mark.parametrize(
    ("numbers", "commands"),
    [
        ([1], ["BEGIN", "INSERT", "COMMIT"]),
        ([1, 2], ["BEGIN", "INSERT", "COMMIT"]),
    ],
)
async def test_write_is_one_transaction(
    numbers: list[int], commands: list[str]
) -> None:
    connection = Connection()

    await write(connection, *numbers)

    assert connection.commands == commands


async def test_commit_that_stores_nothing_raises() -> None:
    with pytest.raises(RuntimeError, match="nothing is stored"):
        await write(Connection(status="ROLLBACK"))


@pytest.mark.parametrize(
    ("step", "loss"),
    [
        ("BEGIN", TimeoutError()),
        ("COMMIT", TimeoutError()),
        ("COMMIT", asyncpg.ConnectionDoesNotExistError("lost")),
    ],
)
async def test_write_on_a_broken_connection_is_unavailable(
    step: str, loss: Exception
) -> None:
    connection = Connection(loss, fails_at=step)

    with pytest.raises(DatabaseUnavailableError):
        await write(connection, 1)

    assert connection.commands[-1] == step
    assert connection.is_invalidated


async def test_transaction_begins_again_on_another_connection() -> None:
    loss = asyncpg.ConnectionDoesNotExistError("lost")
    lost, other = Connection(loss, fails_at="BEGIN"), Connection()

    async with database(lost, other).begin():
        pass

    assert (lost.is_invalidated, other.is_invalidated) == (True, False)
    assert other.commands == ["BEGIN", "COMMIT"]


async def test_transaction_on_an_unreachable_server_is_unavailable() -> None:
    loss = asyncpg.ConnectionDoesNotExistError("lost")

    with pytest.raises(DatabaseUnavailableError):
        async with database(Connection(loss, fails_at="BEGIN")).begin():
            pass


@pytest.mark.parametrize("step", ["COMMIT", "ROLLBACK"])
async def test_connection_of_a_cancelled_transaction_is_closed(step: str) -> None:
    connection = Connection(asyncio.Event(), fails_at=step)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), database(connection).begin():
            if step == "ROLLBACK":
                raise ConflictError("refused")

    assert connection.commands[-1] == step
    assert connection.is_invalidated


async def test_expired_connections_are_replaced() -> None:
    pool = ConnectionPool(create_engine(DatabaseSettings(url=URL)), COMPILER)
    connections: list[Any] = [Connection(), Connection()]
    for connection in connections:
        connection.info["connected_at"] = 0.0
        pool.release(connection, is_broken=False)

    pool.expire_connections()
    with pytest.raises(DatabaseUnavailableError):
        await pool.acquire()

    assert all(connection.is_invalidated for connection in connections)


@pytest.mark.parametrize(
    ("error", "is_expired"),
    [
        (asyncpg.ReadOnlySQLTransactionError("read-only"), True),
        (asyncio.CancelledError(), False),
    ],
)
async def test_lost_session_expires_idle_connections(
    error: BaseException, is_expired: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(DatabaseSettings(url=URL))
    pool = ConnectionPool(engine, COMPILER)
    expired: list[bool] = []
    monkeypatch.setattr(pool, "expire_connections", lambda: expired.append(True))

    is_disconnect = isinstance(error, asyncio.CancelledError)
    context = SimpleNamespace(original_exception=error, is_disconnect=is_disconnect)
    engine.sync_engine.dialect.dispatch.handle_error(context)

    assert bool(expired) is is_expired


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ReadOnlySQLTransactionError("read-only"),
        asyncpg.ConnectionDoesNotExistError("lost"),
    ],
)
async def test_lost_connection_expires_the_others(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = ScriptedPool(Connection(error, fails_at=INSERT))
    expired: list[bool] = []
    monkeypatch.setattr(pool, "expire_connections", lambda: expired.append(True))
    opened = PostgresDatabase(pool, ConnectionLimiter(1, timeout=0.01))

    with pytest.raises(DatabaseUnavailableError):
        async with opened.begin() as transaction:
            await transaction.execute(INSERT_NOTE, {"id": 1})

    assert expired == [True]


@pytest.mark.parametrize(
    ("is_closed", "age", "is_usable"),
    [(False, 0.0, True), (True, 0.0, False), (False, 3600.0, False)],
)
def test_unusable_connection_is_replaced_at_checkout(
    is_closed: bool, age: float, is_usable: bool
) -> None:
    engine = create_engine(DatabaseSettings(url=URL))
    ConnectionPool(engine, COMPILER)
    driver = SimpleNamespace(is_closed=lambda: is_closed)
    connection = SimpleNamespace(driver_connection=driver)
    record = SimpleNamespace(info={"connected_at": monotonic() - age})
    check = engine.sync_engine.pool.dispatch.checkout

    if is_usable:
        check(connection, record, None)
    else:
        with pytest.raises(DisconnectionError):
            check(connection, record, None)
