"""Compilation of SQLAlchemy statements for PostgreSQL and asyncpg."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import CompoundSelect, Dialect, Executable, Float, Select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

type Convert = Callable[[Any], Any]

# Type OIDs of PostgreSQL, from which SQLAlchemy's numeric types choose a converter.
FLOAT8_OID, NUMERIC_OID = 701, 1700
# Limit of compiled forms per statement: partial updates need one per set of names.
MAX_VARIANTS = 64


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """SQL text with `$1` placeholders, and the conversion of arguments and rows."""

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]
    bind_processors: dict[str, Convert]
    result_processors: dict[str, Convert]

    def arguments(self, params: Mapping[str, object]) -> list[object]:
        """Return the parameters in the order of the placeholders."""
        values = {**self.constants, **params}
        for name, convert in self.bind_processors.items():
            values[name] = convert(values[name])
        return [values[name] for name in self.names]

    def row(self, record: Any) -> dict[str, Any]:
        """Return a record of asyncpg as a mapping from column name to value."""
        row = dict(record)
        for name, convert in self.result_processors.items():
            row[name] = convert(row[name])
        return row


# The compiled forms of one statement, by the names of the given parameters.
type Variants = dict[tuple[str, ...], CompiledStatement | None]


class StatementCompiler:
    """Compiles a statement when it is used for the second time, and keeps the result.

    A statement that is built for one request is used once, so it is never compiled
    here: SQLAlchemy executes it faster, with the SQL of an equal statement.
    """

    def __init__(self, dialect: Dialect, *, on_first_use: bool = False) -> None:
        self._dialect = dialect
        self._on_first_use = on_first_use
        self._compiled: WeakKeyDictionary[Executable, Variants] = WeakKeyDictionary()

    def __len__(self) -> int:
        """Return the number of statements that are kept."""
        return len(self._compiled)

    def get(
        self, statement: Executable, params: Mapping[str, object]
    ) -> CompiledStatement | None:
        """Return the compiled statement; None means: execute it through SQLAlchemy.

        Raises:
            TypeError: A parameter is missing or unknown.
        """
        variants = self._compiled.get(statement)
        if variants is None:
            variants = self._compiled[statement] = {}
            if not self._on_first_use:
                return None
        names = tuple(params)
        if names not in variants:
            if len(variants) >= MAX_VARIANTS:
                return None
            variants[names] = compile_statement(statement, self._dialect, names)
        return variants[names]


def compile_statement(
    statement: Executable, dialect: Dialect, names: tuple[str, ...]
) -> CompiledStatement | None:
    """Compile a statement for parameters with these names.

    Returns:
        None for a statement that the driver can not run as it is: one whose text
        depends on the values, as that of an expanding `IN` does, or a write whose
        column defaults are computed in Python.

    Raises:
        TypeError: A parameter is missing or unknown.
    """
    if not isinstance(statement, Select | CompoundSelect | UpdateBase):
        return None
    keys = list(names) if isinstance(statement, UpdateBase) else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    check_names(str(compiled), names, binds)
    computed = (compiled.insert_prefetch, compiled.update_prefetch)
    if compiled.post_compile_params or any(computed):
        return None
    to_driver = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in binds.items()
    }
    from_driver = {
        str(column.key): _result_processor(column.type.dialect_impl(dialect), dialect)
        for column in statement.exported_columns
    }
    return CompiledStatement(
        sql=str(compiled),
        names=tuple(compiled.positiontup or ()),
        constants={n: b.effective_value for n, b in binds.items() if not b.required},
        bind_processors={n: convert for n, convert in to_driver.items() if convert},
        result_processors={n: convert for n, convert in from_driver.items() if convert},
    )


def check_names(sql: str, names: tuple[str, ...], binds: Mapping[str, Any]) -> None:
    """Raise TypeError if a required parameter is missing or a given one is unknown."""
    required = {name for name, bind in binds.items() if bind.required}
    if missing := required.difference(names):
        raise TypeError(f"missing parameters {sorted(missing)} for: {sql}")
    if unknown := set(names).difference(binds):
        raise TypeError(f"unknown parameters {sorted(unknown)} for: {sql}")


def is_write(statement: Any) -> bool:
    """Return whether a statement, or a part of it such as a CTE, changes data."""
    return any(isinstance(part, UpdateBase) for part in visitors.iterate(statement))


def _result_processor(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    oid = FLOAT8_OID if isinstance(kind, Float) else NUMERIC_OID
    return kind.result_processor(dialect, oid)
