"""Reading and writing on the driver, with a pool that does as it is told."""

import asyncio
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    bindparam,
    insert,
    literal,
    make_url,
    select,
)
from sqlalchemy.exc import IntegrityError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.driver import DriverReader, DriverWriting
from app.core.errors import (
    AppError,
    ConflictError,
    DatabaseUnavailableError,
    OverloadedError,
)
from app.core.slots import Slots
from app.core.writer import Writer

DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
QUERY = select(literal("lamp"), bindparam("number", type_=Integer))
ROW = {"name": "lamp", "number": 2}
NOTES = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
INSERT = "INSERT INTO notes (id) VALUES ($1::INTEGER)"


class Connection:
    """A pooled connection whose driver does as it was told."""

    def __init__(
        self, outcome: Any = ROW, *, fails_at: str | None = None, done: str = ""
    ) -> None:
        self.driver_connection = self
        self.outcome = outcome
        self.fails_at = fails_at
        self.done = done
        self.sent: list[tuple[object, ...]] = []
        self.fate = "kept"

    async def fetchrow(self, *sent: object) -> Any:
        self.sent.append(sent)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        if isinstance(self.outcome, asyncio.Event):
            await self.outcome.wait()
        return self.outcome

    async def fetch(self, *sent: object) -> list[Any]:
        return [await self.fetchrow(*sent)]

    async def execute(self, sql: str, *sent: object) -> str:
        if self.fails_at == sql or self.fails_at is None:
            await self.fetchrow(sql, *sent)
        else:
            self.sent.append((sql, *sent))
        return self.done or sql

    async def executemany(self, sql: str, rows: object) -> None:
        await self.execute(sql, rows)

    def is_closed(self) -> bool:
        return False

    def close(self) -> None:
        self.fate = "closed"

    def invalidate(self) -> None:
        self.fate = "invalidated"

    @property
    def said(self) -> list[object]:
        """The first words of what was sent."""
        return [str(sql).split()[0] for sql, *_ in self.sent]


def pool(*connections: Any, ready: bool = True) -> AsyncEngine:
    """Make an engine that hands out these connections, at once where they lie ready."""
    handed = [*connections]

    async def make() -> Any:
        connection = handed.pop(0)
        if connection is None:
            raise DatabaseUnavailableError("nobody there")
        return connection

    def take() -> Any:
        if handed[0] is None or not ready:
            raise MissingGreenlet
        return handed.pop(0)

    engine = SimpleNamespace(
        dialect=DIALECT,
        raw_connection=make,
        sync_engine=SimpleNamespace(raw_connection=take),
    )
    return cast(AsyncEngine, engine)


def reader_of(*connections: Any, places: int = 1) -> DriverReader:
    """Make a reader of a pool."""
    return DriverReader(pool(*connections), Slots(places, wait=0.01))


def writing(*connections: Any) -> AbstractAsyncContextManager[Writer]:
    """Open a transaction on a connection of a pool."""
    return DriverWriting(pool(*connections), Slots(1, wait=0.01))()


async def write(connection: Connection, *numbers: int) -> None:
    """Store numbers, in one transaction."""
    async with writing(connection) as writer:
        await writer.run(insert(NOTES), *[{"id": number} for number in numbers])


async def test_rows_a_row_and_a_value_are_read() -> None:
    connections = [Connection() for _ in range(3)]
    reader = reader_of(*connections)

    assert await reader.rows(QUERY, number=2) == [ROW]
    assert await reader.row(QUERY, number=2) == ROW
    assert await reader.value(QUERY, number=2) == "lamp"
    assert [connection.fate for connection in connections] == ["closed"] * 3
    assert connections[0].sent[0][1:] == ("lamp", 2)


async def test_a_connection_that_is_not_ready_is_waited_for() -> None:
    engine = pool(Connection(), ready=False)

    assert await DriverReader(engine, Slots(1, wait=0.01)).row(QUERY, number=2) == ROW


async def test_no_row_is_none() -> None:
    assert await reader_of(Connection(None)).row(QUERY, number=2) is None


@pytest.mark.parametrize(
    "loss",
    [
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.AdminShutdownError("going"),
        asyncpg.InternalClientError("still reading that it goes"),
    ],
)
async def test_a_read_is_sent_again_when_its_connection_is_lost(
    loss: Exception,
) -> None:
    lost = Connection(loss)

    assert await reader_of(lost, Connection()).row(QUERY, number=2) == ROW
    assert lost.fate == "invalidated"


async def test_a_read_is_not_sent_a_third_time() -> None:
    loss = asyncpg.ConnectionDoesNotExistError("gone")
    reader = reader_of(Connection(loss), Connection(loss), Connection())

    with pytest.raises(DatabaseUnavailableError):
        await reader.row(QUERY, number=2)


async def test_a_cancelled_read_leaves_no_connection_half_read() -> None:
    connection = Connection(asyncio.Event())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await reader_of(connection).row(QUERY, number=2)

    assert connection.fate == "invalidated"


async def test_a_statement_that_took_too_long_is_an_outage() -> None:
    connection = Connection(asyncpg.QueryCanceledError("statement timeout"))

    with pytest.raises(DatabaseUnavailableError):
        await reader_of(connection).row(QUERY, number=2)

    assert connection.fate == "closed"


async def test_a_server_that_does_not_answer_is_an_outage() -> None:
    connection = Connection(TimeoutError())

    with pytest.raises(DatabaseUnavailableError):
        await reader_of(connection).row(QUERY, number=2)

    assert connection.fate == "invalidated"


async def test_an_error_of_the_query_stays_what_it_is() -> None:
    connection = Connection(asyncpg.UndefinedColumnError("no such column"))

    with pytest.raises(asyncpg.UndefinedColumnError):
        await reader_of(connection).row(QUERY, number=2)

    assert connection.fate == "closed"


async def test_a_read_waits_its_turn() -> None:
    with pytest.raises(OverloadedError):
        await reader_of(Connection(), places=0).row(QUERY, number=2)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([], ["BEGIN", "COMMIT"]),
        ([1], ["BEGIN", "INSERT", "COMMIT"]),
        ([1, 2], ["BEGIN", "INSERT", "COMMIT"]),
    ],
)
async def test_a_write_is_one_transaction(numbers: list[int], said: list[str]) -> None:
    connection = Connection()

    await write(connection, *numbers)

    assert connection.said == said
    assert connection.fate == "closed"


async def test_what_the_database_refuses_is_rolled_back_and_named() -> None:
    refusal = asyncpg.UniqueViolationError("taken")
    connection = Connection(refusal, fails_at=INSERT)

    with pytest.raises(IntegrityError):
        await write(connection, 1)

    assert connection.said == ["BEGIN", "INSERT", "ROLLBACK"]
    assert connection.fate == "closed"


class KeptError(ConflictError):
    """A failure that has to be stored."""

    keeps_changes = True


@pytest.mark.parametrize(
    ("kind", "end"), [(KeptError, "COMMIT"), (ConflictError, "ROLLBACK")]
)
async def test_a_failure_is_rolled_back_unless_it_has_to_be_stored(
    kind: type[AppError], end: str
) -> None:
    connection = Connection()

    with pytest.raises(kind):
        async with writing(connection):
            raise kind("refused")

    assert connection.said == ["BEGIN", end]
    assert connection.fate == "closed"


async def test_a_commit_that_stores_nothing_is_no_success() -> None:
    with pytest.raises(RuntimeError, match="nothing is stored"):
        await write(Connection(done="ROLLBACK"))


@pytest.mark.parametrize(
    ("step", "loss"),
    [
        ("BEGIN", TimeoutError()),
        ("COMMIT", TimeoutError()),
        ("COMMIT", asyncpg.ConnectionDoesNotExistError("gone")),
    ],
)
async def test_a_write_whose_connection_breaks_is_an_outage(
    step: str, loss: Exception
) -> None:
    connection = Connection(loss, fails_at=step)

    with pytest.raises(DatabaseUnavailableError):
        await write(connection, 1)

    assert connection.said[-1] == step
    assert connection.fate == "invalidated"


async def test_a_write_begins_again_where_its_connection_is_dead() -> None:
    dead = Connection(asyncpg.ConnectionDoesNotExistError("gone"), fails_at="BEGIN")
    alive = Connection()

    async with writing(dead, alive):
        pass

    assert (dead.fate, alive.fate) == ("invalidated", "closed")
    assert alive.said == ["BEGIN", "COMMIT"]


async def test_a_write_whose_database_is_gone_is_an_outage() -> None:
    dead = Connection(asyncpg.ConnectionDoesNotExistError("gone"), fails_at="BEGIN")

    with pytest.raises(DatabaseUnavailableError):
        async with writing(dead, None):
            pass

    assert dead.fate == "invalidated"


async def test_a_cancelled_write_is_left_to_the_server() -> None:
    connection = Connection(asyncio.Event(), fails_at="COMMIT")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await write(connection, 1)

    assert connection.said[-1] == "COMMIT"
    assert connection.fate == "invalidated"


async def test_a_rollback_that_is_cut_off_leaves_nothing_half_read() -> None:
    connection = Connection(asyncio.Event(), fails_at="ROLLBACK")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), writing(connection):
            raise ConflictError("refused")

    assert connection.fate == "invalidated"


async def test_a_server_that_only_follows_now_loses_all_connections() -> None:
    connection = Connection(
        asyncpg.ReadOnlySQLTransactionError("read-only"), fails_at=INSERT
    )
    engine: Any = pool(connection)
    dropped: list[object] = []
    engine.sync_engine.pool = SimpleNamespace()

    def forget(connection: object, *_: object, **__: object) -> None:
        dropped.append(connection)

    engine.sync_engine.pool._invalidate = forget

    with pytest.raises(DatabaseUnavailableError):
        async with DriverWriting(engine, Slots(1, wait=0.01))() as writer:
            await writer.run(insert(NOTES), {"id": 1})

    assert dropped == [connection]
    assert connection.fate == "invalidated"
