"""What stands in for the outside in unit tests, written by hand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.sql.dml import UpdateBase

from app.core.reader import Query, Row
from app.core.writer import Values


class FakeReader:
    """Answers every query with the same rows."""

    def __init__(self, *found: Row) -> None:
        self.found = found

    async def rows(self, query: Query, **values: object) -> list[Row]:
        return [*self.found]

    async def row(self, query: Query, **values: object) -> Row | None:
        return self.found[0] if self.found else None

    async def value(self, query: Query, **values: object) -> Any:
        return len(self.found)


class FakeWriter:
    """Notes what it is to run."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.fails = fails
        self.rows: list[Values] = []

    async def run(self, command: UpdateBase, *rows: Values) -> None:
        if self.fails is not None:
            raise self.fails
        self.rows.extend(rows)


class FakeSession:
    """Hands out what it was given, one answer a query, and notes what is done."""

    def __init__(self, *answers: object, fails: Exception | None = None) -> None:
        self.answers: Sequence[object] = answers
        self.fails = fails
        self.added: list[Any] = []
        self.deleted: list[Any] = []
        self.executed: list[Any] = []
        self.flushes = 0

    def add(self, entity: object) -> None:
        self.added.append(entity)

    async def scalar(self, query: object) -> object:
        answer, *self.answers = self.answers
        return answer

    async def delete(self, entity: object) -> None:
        self.deleted.append(entity)

    async def execute(self, statement: object) -> None:
        self.executed.append(statement)

    async def flush(self) -> None:
        self.flushes += 1
        if self.fails is not None:
            raise self.fails
