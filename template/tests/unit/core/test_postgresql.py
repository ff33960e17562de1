"""PostgreSQL without a server: how queries are translated, and what may fail."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import Integer, bindparam, column, literal, make_url, select
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import DatabaseSettings
from app.core.errors import DatabaseUnavailableError, OverloadedError
from app.core.postgresql import (
    DriverReader,
    compile_query,
    create_engine,
    refuse_the_dead,
)
from app.core.slots import Slots
from app.models.base import UtcDateTime

NUMBER = bindparam("number", type_=Integer)
QUERY = select(literal("lamp").label("name"), NUMBER.label("number"))
DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
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


def test_a_query_is_written_in_the_drivers_words() -> None:
    query = compile_query(QUERY, DIALECT)

    assert "$1" in query.sql
    assert "$2" in query.sql
    assert query.arguments({"number": 2}) == ["lamp", 2]


def test_a_value_that_is_missing_is_not_taken_for_null() -> None:
    with pytest.raises(KeyError):
        compile_query(QUERY, DIALECT).arguments({})


@pytest.mark.parametrize(
    "condition",
    [
        column("number", Integer).in_([1, 2]),
        column("at", UtcDateTime()) > bindparam("since", type_=UtcDateTime()),
    ],
)
def test_a_query_that_only_a_session_can_run_is_refused(condition: Any) -> None:
    with pytest.raises(TypeError, match="through a session"):
        compile_query(select(literal(1)).where(condition), DIALECT)


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
    [asyncpg.ConnectionDoesNotExistError("gone"), asyncpg.AdminShutdownError("gone")],
)
async def test_a_read_is_sent_again_when_its_connection_is_lost(
    loss: Exception,
) -> None:
    reader = reader_of(Connection(loss), Connection())

    assert await reader.row(QUERY, number=2) == ROW


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


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(DatabaseUnavailableError):
        await reader_of(OSError("refused")).row(QUERY, number=2)


async def test_an_error_of_the_query_stays_what_it_is() -> None:
    connection = Connection(asyncpg.UndefinedColumnError("no such column"))

    with pytest.raises(asyncpg.UndefinedColumnError):
        await reader_of(connection).row(QUERY, number=2)

    assert connection.fate == "closed"


async def test_a_read_waits_its_turn() -> None:
    with pytest.raises(OverloadedError):
        await reader_of(Connection(), places=0).row(QUERY, number=2)


@pytest.mark.parametrize("closed", [False, True])
def test_a_connection_that_the_server_closed_is_not_handed_out(closed: bool) -> None:
    driver = SimpleNamespace(is_closed=lambda: closed)
    connection = SimpleNamespace(driver_connection=driver)

    if closed:
        with pytest.raises(InvalidatePoolError):
            refuse_the_dead(connection)
    else:
        refuse_the_dead(connection)


def test_an_engine_connects_to_nothing_by_itself() -> None:
    url = SecretStr("postgresql+asyncpg://app@db.invalid/app")
    engine = create_engine(DatabaseSettings(url=url))

    assert "Connections in pool: 0" in engine.pool.status()
