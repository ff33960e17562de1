"""Column types, and SQL constructs with one rendering for each backend."""

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    DateTime,
    Dialect,
    Enum,
    Select,
    String,
    TypeDecorator,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

# Filled by the compiler; values stay parameters.
JSON_ARRAY = "(SELECT json_group_array({element}) FROM {rows})"
STRING_LIST: TypeEngine[Any] = ARRAY(String()).with_variant(JSON(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Timezone-aware datetime, stored as UTC. Rejects naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Raise ValueError for a naive value: a driver would take it for local time."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a datetime without a time zone: use utc_now()")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Restore the time zone, which SQLite drops."""
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Convert on SQLite only: the other drivers return aware values."""
        if dialect.name == "sqlite":
            return super().result_processor(dialect, coltype)
        return self.impl_instance.dialect_impl(dialect).result_processor(
            dialect, coltype
        )


def enum_type(kind: type[enum.Enum], **options: Any) -> Enum:
    """Return a column type for an enum: text with a CHECK constraint on its values.

    The constraint is named after the class; pass `name` where a table has two columns
    of the same enum. Native enums of a database server are not used: SQLite has none,
    and a migration can not remove a value from one.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=64,
        values_callable=enum_values,
        **options,
    )


def enum_values(kind: type[enum.Enum]) -> list[str]:
    """Return the texts that are stored for the members of an enum."""
    return [str(member.value) for member in kind]


class ByteOrder(FunctionElement[str]):
    """Sort key of a text: the order of its code points, in every locale."""

    name = "byte_order"
    inherit_cache = True


@compiles(ByteOrder)
def render_byte_order(element: ByteOrder, compiler: SQLCompiler, **options: Any) -> str:
    """Render `… COLLATE BINARY`."""
    return f"{compiler.process(element.clauses, **options)} COLLATE BINARY"


class ArraySubquery(FunctionElement[list[str]]):
    """The texts that a subquery of one column selects, as a list in one column.

    It loads related rows in the same statement. Columns of other types, or several
    of them, need `JsonRows`.
    """

    name = "array_subquery"
    inherit_cache = True

    def __init__(self, query: Select[str]) -> None:
        super().__init__(query.scalar_subquery())
        self.type = STRING_LIST


@compiles(ArraySubquery)
def render_array(element: ArraySubquery, compiler: SQLCompiler, **options: Any) -> str:
    """Render `(SELECT json_group_array(column) FROM (SELECT …))`."""
    (subquery,) = element.clauses
    (column,) = subquery.element.selected_columns
    name = compiler.preparer.quote(column.name)
    inner = compiler.process(subquery, **options)
    return JSON_ARRAY.format(element=name, rows=inner)


class JsonList(TypeDecorator[list[dict[str, Any]]]):
    """A list of JSON objects, with values as the types of their columns read them."""

    impl = JSON
    cache_ok = True

    def __init__(self, query: Select[*tuple[Any, ...]] | None = None) -> None:
        super().__init__()
        self._columns = [] if query is None else [*query.selected_columns]

    def process_result_value(
        self, value: list[dict[str, Any]] | None, dialect: Dialect
    ) -> list[dict[str, Any]]:
        """Convert what JSON holds as text on SQLite, such as times and keys."""
        rows = value or []
        if dialect.name == "sqlite":
            for name, convert in self._converters(dialect):
                for row in rows:
                    row[name] = convert(row[name])
        return rows

    def _converters(self, dialect: Dialect) -> list[tuple[str, Callable[[Any], Any]]]:
        found = [
            (c.name, c.type.dialect_impl(dialect).result_processor(dialect, None))
            for c in self._columns
        ]
        return [(name, convert) for name, convert in found if convert]


class JsonRows(FunctionElement[list[dict[str, Any]]]):
    """The rows that a subquery selects, as a list of objects in one column.

    It loads related rows with several columns in the same statement.
    """

    name = "json_rows"
    inherit_cache = True

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        super().__init__(query.scalar_subquery())
        self.type = JsonList(query)


@compiles(JsonRows)
def render_rows(element: JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    """Render `(SELECT json_group_array(json_object('name', name, …)) FROM (…))`."""
    (subquery,) = element.clauses
    names = [column.name for column in subquery.element.selected_columns]
    pairs = [f"'{name}', {compiler.preparer.quote(name)}" for name in names]
    inner = compiler.process(subquery, **options)
    return JSON_ARRAY.format(element=f"json_object({', '.join(pairs)})", rows=inner)
