"""Reading on the driver, with a pool that does as it is told."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from sqlalchemy import Integer, bindparam, literal, make_url, select
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import DatabaseUnavailableError, OverloadedError
from app.core.postgresql import DriverReader
from app.core.slots import Slots

DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
QUERY = select(literal("lamp"), bindparam("number", type_=Integer))
ROW = {"name": "lamp", "number": 2}


class Connection:
    """A pooled connection whose driver does as it was told."""

    def __init__(self, outcome: Any = ROW) -> None:
        self.driver_connection = self
        self.outcome = outcome
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

    async def fetchval(self, *sent: object) -> Any:
        return (await self.fetchrow(*sent))["name"]

    def close(self) -> None:
        self.fate = "closed"

    def invalidate(self) -> None:
        self.fate = "invalidated"


def refused(error: Exception) -> Exception:
    """Make what the pool raises where no connection can be made."""
    return AsyncAdapt_asyncpg_dbapi.Error("", error)  # type: ignore[no-untyped-call]


def reader_of(*connections: Any, places: int = 1) -> DriverReader:
    """Make a reader whose pool hands out these connections, or fails with them."""
    pool = iter(connections)

    async def raw_connection() -> Any:
        found = next(pool)
        if isinstance(found, Exception):
            raise found
        return found

    engine = SimpleNamespace(dialect=DIALECT, raw_connection=raw_connection)
    return DriverReader(cast(AsyncEngine, engine), Slots(places, wait=0.01))


async def test_rows_a_row_and_a_value_are_read() -> None:
    connections = [Connection() for _ in range(3)]
    reader = reader_of(*connections)

    assert await reader.rows(QUERY, number=2) == [ROW]
    assert await reader.row(QUERY, number=2) == ROW
    assert await reader.value(QUERY, number=2) == "lamp"
    assert [connection.fate for connection in connections] == ["closed"] * 3
    assert connections[0].sent[0][1:] == ("lamp", 2)


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


@pytest.mark.parametrize(
    ("refusal", "named"),
    [
        (OSError("unreachable"), DatabaseUnavailableError),
        (refused(asyncpg.TooManyConnectionsError("full")), DatabaseUnavailableError),
        (refused(asyncpg.InvalidPasswordError("who?")), AsyncAdapt_asyncpg_dbapi.Error),
    ],
)
async def test_a_server_that_may_take_us_later_is_an_outage(
    refusal: Exception, named: type[Exception]
) -> None:
    with pytest.raises(named):
        await reader_of(refusal).row(QUERY, number=2)


async def test_an_error_of_the_query_stays_what_it_is() -> None:
    connection = Connection(asyncpg.UndefinedColumnError("no such column"))

    with pytest.raises(asyncpg.UndefinedColumnError):
        await reader_of(connection).row(QUERY, number=2)

    assert connection.fate == "closed"


async def test_a_read_waits_its_turn() -> None:
    with pytest.raises(OverloadedError):
        await reader_of(Connection(), places=0).row(QUERY, number=2)
