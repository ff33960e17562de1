"""What SQLAlchemy does not say in the same words to every database."""

from typing import Any

from sqlalchemy import JSON, Select, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

# Filled with what the compiler writes itself; values stay parameters.
JSON_ARRAY = "(SELECT json_group_array({column}) FROM {rows})"
LIST: TypeEngine[Any] = ARRAY(String()).with_variant(JSON(), "sqlite")


class Bytewise(FunctionElement[str]):
    """A text in the order in which Python sorts it, whatever the database speaks."""

    name = "bytewise"
    inherit_cache = True


@compiles(Bytewise)
def take_its_order(element: Bytewise, compiler: SQLCompiler, **options: Any) -> str:
    """Write the text itself."""
    return compiler.process(element.clauses, **options)


@compiles(Bytewise, "postgresql")
def say_its_order(element: Bytewise, compiler: SQLCompiler, **options: Any) -> str:
    """Write `… COLLATE "C"`: PostgreSQL sorts as the language of its server does."""
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'


class Collected(FunctionElement[list[str]]):
    """The texts that a subquery finds, as one list in one column.

    So related rows come along in the same statement, without a query for each.
    """

    name = "collected"
    inherit_cache = True

    def __init__(self, query: Select[str]) -> None:
        super().__init__(query.scalar_subquery())
        self.type = LIST


@compiles(Collected, "postgresql")
def collect_array(element: Collected, compiler: SQLCompiler, **options: Any) -> str:
    """Write `ARRAY(SELECT …)`."""
    (subquery,) = element.clauses
    return f"ARRAY{compiler.process(subquery, **options)}"


@compiles(Collected, "sqlite")
def collect_json(element: Collected, compiler: SQLCompiler, **options: Any) -> str:
    """Write `json_group_array(…)` around the only column of the subquery."""
    (subquery,) = element.clauses
    (column,) = subquery.element.selected_columns
    inner = compiler.process(subquery, **options)
    return JSON_ARRAY.format(column=column.name, rows=inner)
