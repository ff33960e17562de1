"""Reads and writes on the driver's own connection, out of SQLAlchemy's pool."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import asyncpg
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import IntegrityError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from app.core import outages
from app.core.errors import DatabaseUnavailableError
from app.core.logging import get_logger
from app.core.reader import Query, Row
from app.core.slots import Slots
from app.core.statements import DriverStatement, Translate, translator
from app.core.writer import Values, Writer, committed

# SQLSTATEs after which a connection is gone: broken, or closed by a shutdown.
LOST = ("08", "57P0")
DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

log = get_logger(__name__)


class ConnectionLostError(DatabaseUnavailableError):
    """The connection broke before the whole answer was there."""


class Lease:
    """One connection for as long as the block; a broken one is not given back."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._broken = False
        self._open = False

    async def __aenter__(self) -> Self:
        """Take it out of the pool. Raises DatabaseUnavailableError."""
        await self._take()
        return self

    async def __aexit__(
        self, _: object, error: BaseException | None, __: TracebackType | None
    ) -> None:
        """Give it back, unless nobody knows what the server will still send."""
        self._broken |= not (error is None or isinstance(error, Exception))
        try:
            if self._open and not self._broken:
                await self._roll_back()
        finally:
            self._give_back()

    async def begin(self) -> None:
        """Begin a transaction; it is rolled back where nobody commits.

        Nothing was sent before, so a connection that turns out dead is exchanged.
        """
        try:
            await self.send("execute", "BEGIN")
        except ConnectionLostError:
            self._give_back()
            await self._take()
            await self.send("execute", "BEGIN")
        self._open = True

    async def commit(self) -> None:
        """Store it. Raises RuntimeError where the server has given it up already."""
        done = await self.send("execute", "COMMIT")
        self._open = False
        if done != "COMMIT":
            raise RuntimeError("a failed statement was passed over: nothing is stored")

    async def _take(self) -> None:
        try:
            # One that lies ready needs no switch of greenlets, which costs a tenth.
            self._pooled = self._engine.sync_engine.raw_connection()
        except MissingGreenlet:
            self._pooled = await self._engine.raw_connection()
        self._driver = self._pooled.driver_connection
        self._broken = False

    def _give_back(self) -> None:
        pooled, self._pooled = self._pooled, None
        if pooled is not None:
            pooled.invalidate() if self._broken else pooled.close()

    async def _roll_back(self) -> None:
        self._broken = True  # Until it is done: this may be cut off as well.
        await self.send("execute", "ROLLBACK")
        self._broken = False

    async def send(self, method: str, sql: str, *arguments: object) -> Any:
        """Call the driver. Raises DatabaseUnavailableError, IntegrityError."""
        try:
            return await getattr(self._driver, method)(sql, *arguments)
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(sql, None, error) from error
        except DRIVER_ERRORS as error:
            failure = self._judge(error)
            if failure is None:
                raise
            raise failure from error

    def _judge(self, error: Exception) -> DatabaseUnavailableError | None:
        """Name what passes by itself, and note what the connection is still worth."""
        state = getattr(error, "sqlstate", None) or ""
        # An internal error: the driver still reads how the server takes its leave.
        going = isinstance(error, asyncpg.InternalClientError)
        if going or state.startswith(LOST) or self._driver.is_closed():
            self._broken = True
            return ConnectionLostError(outages.MESSAGE)
        if state == outages.READ_ONLY:
            # So are all that are as old; SQLAlchemy has no other name for it.
            pool: Any = self._engine.sync_engine.pool
            # ast-grep-ignore: NAME-05
            pool._invalidate(self._pooled, error, _checkin=False)
        self._broken = isinstance(error, OSError) or state == outages.READ_ONLY
        passing = self._broken or outages.passes(error)
        return DatabaseUnavailableError(outages.MESSAGE) if passing else None


class DriverReader:
    """Runs named queries without a session around them.

    A read whose connection turns out dead is sent once more: nothing was changed.
    """

    def __init__(self, engine: AsyncEngine, slots: Slots) -> None:
        self._engine = engine
        self._slots = slots
        self._translated = translator(engine.dialect)

    async def rows(self, query: Query, **values: object) -> list[Row]:
        """Return every row, as a mapping from column to value."""
        known = self._translated(query)
        return [known.row(row) for row in await self._run("fetch", known, values)]

    async def row(self, query: Query, **values: object) -> Row | None:
        """Return the first row, or None where there is none."""
        known = self._translated(query)
        found = await self._run("fetchrow", known, values)
        return None if found is None else known.row(found)

    async def value(self, query: Query, **values: object) -> Any:
        """Return the first column of the first row."""
        row = await self.row(query, **values)
        return None if row is None else next(iter(row.values()))

    async def _run(self, method: str, known: DriverStatement, values: Values) -> Any:
        arguments = known.arguments(values)
        async with self._slots:
            try:
                async with Lease(self._engine) as lease:
                    return await lease.send(method, known.sql, *arguments)
            except ConnectionLostError:
                log.info("read_again", reason="the connection was lost")
            async with Lease(self._engine) as lease:
                return await lease.send(method, known.sql, *arguments)


class DriverWriter:
    """Runs named statements without a session around them."""

    def __init__(self, lease: Lease, translated: Translate) -> None:
        self._lease = lease
        self._translated = translated

    async def run(self, command: UpdateBase, *rows: Values) -> None:
        """Run it once for each row of values. Raises IntegrityError."""
        known = self._translated(command)
        arguments = [known.arguments(row) for row in rows]
        if len(arguments) == 1:
            await self._lease.send("execute", known.sql, *arguments[0])
        elif arguments:
            await self._lease.send("executemany", known.sql, arguments)


class DriverWriting:
    """Gives a writer its transaction: it commits when the block ends, or rolls back."""

    def __init__(self, engine: AsyncEngine, slots: Slots) -> None:
        self._engine = engine
        self._slots = slots
        self._translated = translator(engine.dialect)

    @asynccontextmanager
    async def __call__(self) -> AsyncGenerator[Writer]:
        """Open it. Raises DatabaseUnavailableError, OverloadedError."""
        async with self._slots, Lease(self._engine) as lease:
            await lease.begin()
            async with committed(lease.commit):
                yield DriverWriter(lease, self._translated)
