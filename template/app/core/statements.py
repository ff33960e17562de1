"""Translates SQLAlchemy's statements, once, into the words of the driver."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Dialect, Float, Select
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

type Statement = Select[*tuple[Any, ...]] | UpdateBase
type Convert = Callable[[Any], Any]

# PostgreSQL's numbers for its own types, by which it tells what it sends.
FLOAT8, NUMERIC = 701, 1700


@dataclass(frozen=True, slots=True)
class DriverStatement:
    """A statement as the driver takes it, and what SQLAlchemy's types do to values."""

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]
    incoming: dict[str, Convert] = field(default_factory=dict[str, Convert])
    outgoing: dict[str, Convert] = field(default_factory=dict[str, Convert])

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """Put the values in the order of the placeholders. Raises KeyError."""
        known = {**self.constants, **values}
        for name, convert in self.incoming.items():
            known[name] = convert(known[name])
        return [known[name] for name in self.names]

    def row(self, found: Any) -> dict[str, Any]:
        """Return a row of the driver as a mapping from column to value."""
        row = dict(found)
        for name, convert in self.outgoing.items():
            row[name] = convert(row[name])
        return row


def translate(statement: Statement, dialect: Dialect) -> DriverStatement:
    """Translate once. Raises TypeError for what only a session can run."""
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        raise TypeError(
            "a part of this statement is written anew for each value, as a list after"
            " IN is: compare with ANY, or run it through a session"
        )
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    columns = getattr(statement, "selected_columns", ())
    kinds = {name: bind.type.dialect_impl(dialect) for name, bind in binds.items()}
    shown = {column.key: column.type.dialect_impl(dialect) for column in columns}
    return DriverStatement(
        sql=str(compiled),
        names=tuple(compiled.positiontup or ()),
        constants={n: b.effective_value for n, b in binds.items() if not b.required},
        incoming=needed({n: k.bind_processor(dialect) for n, k in kinds.items()}),
        outgoing=needed({n: result_of(k, dialect) for n, k in shown.items()}),
    )


type Translate = Callable[[Statement], DriverStatement]


def translator(dialect: Dialect) -> Translate:
    """Return what translates each statement once."""
    return lru_cache(maxsize=512)(partial(translate, dialect=dialect))


def result_of(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """Return what a type does to the driver's value; numbers ask what it is."""
    return kind.result_processor(
        dialect, FLOAT8 if isinstance(kind, Float) else NUMERIC
    )


def needed(conversions: Mapping[str, Convert | None]) -> dict[str, Convert]:
    """Leave out what the driver takes and gives as it is: that is nearly everything."""
    return {name: convert for name, convert in conversions.items() if convert}
