"""What SQLAlchemy has no words of its own for."""

from typing import Any

from sqlalchemy import JSON, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

# Filled with what the compiler writes itself; values stay parameters.
JSON_LIST = "(SELECT json_group_array({column}) FROM {rows})"


class Bytewise(FunctionElement[str]):
    """A text in the order in which Python sorts it, whatever its column says."""

    name = "bytewise"
    inherit_cache = True


@compiles(Bytewise)
def say_its_order(element: Bytewise, compiler: SQLCompiler, **options: Any) -> str:
    """Write `… COLLATE BINARY`."""
    return f"{compiler.process(element.clauses, **options)} COLLATE BINARY"


class Collected(FunctionElement[list[str]]):
    """The texts that a subquery finds, as one list in one column.

    So related rows come along in the same statement, without a query for each.
    """

    name = "collected"
    inherit_cache = True

    def __init__(self, query: Select[str]) -> None:
        super().__init__(query.scalar_subquery())
        self.type = JSON()


@compiles(Collected)
def collect(element: Collected, compiler: SQLCompiler, **options: Any) -> str:
    """Write `json_group_array(…)` around the only column of the subquery."""
    (subquery,) = element.clauses
    (column,) = subquery.element.selected_columns
    inner = compiler.process(subquery, **options)
    return JSON_LIST.format(column=column.name, rows=inner)
