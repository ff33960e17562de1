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
