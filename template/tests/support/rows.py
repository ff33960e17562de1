"""Rows for the tables of any revision, generated from the schema in the database."""

import re
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from tests.factories import ROW_VALUES

ATTEMPTS = 50
LETTERS = str.maketrans("0123456789", "abcdefghij")


def insert_rows(connection: sa.Connection, names: Collection[str]) -> None:
    """Insert rows into tables: NULL, duplicates, long texts, every value of an enum.

    Raises:
        LookupError: No generated row fits the constraints of a table.
    """
    metadata = sa.MetaData()
    metadata.reflect(connection, only=[*names])
    for table in [table for table in metadata.sorted_tables if table.name in names]:
        found = sa.inspect(connection).get_check_constraints(table.name)
        checks = {str(check["name"]): check["sqltext"] for check in found}
        rows = range(max(4, "".join(checks.values()).count("'") // 2))
        errors = [insert_row(connection, table, checks, row) for row in rows]
        if row_count(connection, table) == 0:
            message = f"no generated row fits: add {table} to ROW_VALUES"
            raise LookupError(message) from errors[-1]


def row_count(connection: sa.Connection, table: sa.Table) -> int:
    """Return the number of rows of a table."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def insert_row(
    connection: sa.Connection, table: sa.Table, checks: dict[str, str], row: int
) -> sa.exc.DBAPIError | None:
    """Insert a row if a combination of values fits, else return the last error."""
    choices, failure = defaultdict[str, int](int), None
    first = row_count(connection, table) + 2
    for attempt in range(ATTEMPTS):
        values = {}
        for column in table.columns:
            if found := candidates(column, checks, row, first + attempt):
                values[column.name] = found[choices[column.name] % len(found)]
        for key in table.foreign_key_constraints:
            if any(values.get(name) is not None for name in key.column_keys):
                values |= reference(connection, key, values, row + attempt)
        try:
            with connection.begin_nested():
                given = ROW_VALUES.get(table.name, {})
                connection.execute(table.insert().values(values | given))
        except sa.exc.DBAPIError as error:
            failure = error
            violated = [checks[name] for name in checks if name in str(error.orig)]
            # The seed is fixed, so each run tries the same rows.
            random = Random(attempt)
            for name in table.columns.keys():
                if not violated or mentions(violated, name):
                    choices[name] = random.randrange(100)
        else:
            return None
    return failure


def reference(
    connection: sa.Connection,
    key: sa.ForeignKeyConstraint,
    values: dict[str, Any],
    number: int,
) -> dict[str, Any]:
    """Return values for a foreign key: of a row, or of the new row itself."""
    columns = [element.column for element in key.elements]
    parents = [tuple(row) for row in connection.execute(sa.select(*columns))]
    own = tuple(values.get(it.name) for it in columns if it.table is key.table)
    parents = parents or [own or (None,) * len(columns)]
    return dict(zip(key.column_keys, parents[number % len(parents)], strict=True))


def mentions(conditions: Collection[str], name: str) -> str:
    """Return the conditions that mention a column, as one text."""
    return " ".join(it for it in conditions if name in re.findall(r"\w+", it))


def candidates(
    column: sa.Column[Any], checks: dict[str, str], row: int, number: int
) -> list[Any]:
    """Return values for a column. Literals of its CHECK constraints come first."""
    keys = [
        *column.table.constraints,
        *[it for it in column.table.indexes if it.unique],
    ]
    kinds = sa.PrimaryKeyConstraint | sa.UniqueConstraint | sa.Index
    unique = any(isinstance(it, kinds) and column.name in it.columns for it in keys)
    if column.computed or column.identity or (unique and column.server_default):
        return []
    sql = mentions(checks.values(), column.name)
    if not unique:
        number = row + 1 if sql else (row % 2) * 2 - 1
    sample = value(column.type, number)
    found: list[Any] = []
    sizes = [int(it) for it in re.findall(r"\b\d+\b", sql)]
    if isinstance(sample, str):
        texts = [it.replace("''", "'") for it in re.findall("'((?:[^']|'')*)'", sql)]
        start = row % (len(texts) or 1)
        found = [it.replace("%", sample[:6]) for it in texts[start:] + texts[:start]]
        cut = [sample[:size] for size in sizes] + [sample]
        found += [*cut, *(text.upper() for text in cut)]
    elif isinstance(sample, int):
        found = [size + more for size in sizes for more in (0, 1, -1)]
    if column.nullable and row == 0:
        return [None, *found, sample]
    return [*found, sample, None] if column.nullable and sql else [*found, sample]


def value(kind: sa.types.TypeEngine[Any], number: int) -> Any:
    """Return a value of a type, None for an unknown type. -1 is the smallest value."""
    zone = UTC if getattr(kind, "timezone", False) else None
    day = datetime(2000, 1, 1, tzinfo=zone) + timedelta(number)
    length = getattr(kind, "length", None) or 20
    text = str(number)[::-1].translate(LETTERS).ljust(length, "k")[:length]
    match kind:
        case sa.Enum():
            return kind.enums[number % len(kind.enums)]
        case sa.ARRAY():
            return [value(kind.item_type, number)] if number > 0 else []
        case sa.CHAR(length=32):  # A UUID on SQLite.
            return UUID(int=abs(number)).hex
        case sa.String():
            return text if number > 0 else ""
        case sa.LargeBinary():
            return text.encode()
        case sa.Uuid():
            return UUID(int=abs(number))
        case sa.Boolean():
            return number > 0
        case sa.Float() | sa.Numeric() | sa.Integer():
            return number
        case sa.DateTime():
            return day
        case sa.Date():
            return day.date()
        case sa.Time():
            return day.time()
        case sa.JSON():
            return []
        case _ if str(kind) == "INTERVAL":
            return timedelta(number)
    return None
