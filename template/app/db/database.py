"""The database interface: `Database` runs statements, `Transaction` groups them."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncSession

type Row = Mapping[str, Any]
type Params = Mapping[str, object]


class Queries(Protocol):
    """Statements that return rows: a `Select`, or a write with `returning()`.

    A parameter is passed to the `bindparam` of its name. All methods raise
    ConstraintViolationError, DatabaseUnavailableError and OverloadedError.
    """

    async def fetch(self, query: Executable, /, **params: object) -> list[Row]:
        """Return all rows, as mappings from column name to value."""
        ...

    async def fetchrow(self, query: Executable, /, **params: object) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch(query, **params)
        return rows[0] if rows else None

    async def fetchval(self, query: Executable, /, **params: object) -> Any:
        """Return the first column of the first row, or None."""
        row = await self.fetchrow(query, **params)
        return None if row is None else next(iter(row.values()))


class Transaction(Queries, Protocol):
    """Statements in one transaction, which `Database.begin` commits or rolls back."""

    async def execute(self, statement: Executable, /, *rows: Params) -> None:
        """Run a statement once for each row of parameters, or once without any."""
        ...


class Database(Queries, Protocol):
    """The database. A statement outside `begin` and `session` commits on its own."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction: commit when the block ends, roll back when it raises."""
        ...

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open the same for ORM entities, at about six times the cost.

        Use it for rules that need loaded objects.
        """
        ...

    async def ping(self, timeout: float = 1.0) -> None:
        """Raise DatabaseUnavailableError unless the database answers in time."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
