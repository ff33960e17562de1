"""Rows for the tables of any revision, generated from the schema in the database."""

import re
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.factories import ROW_VALUES

ATTEMPTS = 50
LETTERS = str.maketrans("0123456789", "abcdefghij")
TEXT = re.compile("'((?:[^']|'')*)'")


def insert_rows(connection: sa.Connection, names: Collection[str]) -> None:
    """Insert rows into tables: NULL, duplicates, long texts, every value of an enum.

    Raises:
        LookupError: No generated row fits the constraints of an empty table.
    """
    metadata = sa.MetaData()
    metadata.reflect(connection, only=[*names])
    for table in [table for table in metadata.sorted_tables if table.name in names]:
        found = sa.inspect(connection).get_check_constraints(table.name)
        checks = {str(check["name"]): check["sqltext"] for check in found}
        count = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        rows = range(max(4, len(TEXT.findall(" ".join(checks.values())))))
        errors = [insert_row(connection, table, checks, row, count) for row in rows]
        if count == 0 and all(errors):
            message = f"no generated row fits: add {table} to ROW_VALUES"
            raise LookupError(message) from errors[-1]


def insert_row(
    connection: sa.Connection,
    table: sa.Table,
    checks: dict[str, str],
    row: int,
    count: int,
) -> DBAPIError | None:
    """Insert a row if a combination of values fits, else return the last error."""
    choices, failure = defaultdict[str, int](int), None
    for attempt in range(ATTEMPTS):
        values = dict(ROW_VALUES.get(table.name, {}))
        for column in table.columns:
            options = candidates(column, checks, row, count + row + attempt + 2)
            if options and column.name not in values:
                values[column.name] = options[choices[column.name] % len(options)]
        for key in table.foreign_key_constraints:
            if any(values.get(name) is not None for name in key.column_keys):
                values |= reference(connection, key, values, row + attempt)
        try:
            with connection.begin_nested():
                connection.execute(table.insert().values(values))
        except DBAPIError as error:
            failure = error
            violated = [checks[name] for name in checks if name in str(error.orig)]
            for name in table.columns.keys():
                if not violated or mentions(violated, name):
                    # Any numbers, which are the same in every run.
                    choices[name] = crc32(f"{name} {attempt}".encode())
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
    own = tuple(
        values.get(it.name) if it.table is key.table else None for it in columns
    )
    parent = parents[number % len(parents)] if parents else own
    return dict(zip(key.column_keys, parent, strict=True))


def mentions(conditions: Collection[str], name: str) -> str:
    """Return the conditions that mention a column, as one text."""
    return " ".join(it for it in conditions if name in re.findall(r"\w+", it))


def candidates(
    column: sa.Column[Any], checks: dict[str, str], row: int, number: int
) -> list[Any]:
    """Return values for a column. Literals of its CHECK constraints come first."""
    kinds = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
    keys = [it for it in column.table.constraints if isinstance(it, kinds)]
    indexes = [it for it in column.table.indexes if it.unique]
    unique = any(column.name in it.columns for it in (*keys, *indexes))
    if column.computed or column.identity or (unique and column.server_default):
        return []
    sql = mentions(checks.values(), column.name)
    if not unique:
        number = row + 1 if sql else (row % 2) * 2 - 1
    found = [value(column.type, number)]
    sizes = [int(it) for it in re.findall(r"\b\d+\b", sql)]
    if isinstance(generated := found[0], str):
        cut = [generated, *(generated[:size] for size in sizes)]
        texts = [
            it.replace("''", "'").replace("%", generated[:6])
            for it in TEXT.findall(sql)
        ]
        start = row % (len(texts) or 1)
        found = texts[start:] + texts[:start] + cut + [text.upper() for text in cut]
    elif isinstance(generated, int):
        found += [size + more for size in sizes for more in (0, 1, -1)]
    if not column.nullable:
        return found
    return [None, *found] if row == 0 else found + [None] * bool(sql)


def value(kind: sa.types.TypeEngine[Any], number: int) -> Any:
    """Return a value of a type, or None for an unknown type. -1 is the smallest one."""
    if isinstance(kind, sa.Enum):
        return kind.enums[number % len(kind.enums)]
    if (part := getattr(kind, "item_type", None)) is not None:
        return [value(part, number)] * (number > 0)
    length = getattr(kind, "length", None) or 20
    text = str(number)[::-1].translate(LETTERS).ljust(length, "k")[:length]
    zone = UTC if getattr(kind, "timezone", False) else None
    day = datetime(2000, 1, 1, tzinfo=zone) + timedelta(number)
    key = UUID(int=abs(number))
    if isinstance(kind, sa.CHAR) and length == len(key.hex):
        return key.hex  # SQLite has no type for it.
    values: dict[type, Any] = {bool: number > 0, str: text * (number > 0), UUID: key}
    scale = getattr(kind, "scale", None) or 0
    is_fraction = scale == getattr(kind, "precision", None)
    decimal = Decimal(number).scaleb(-scale if is_fraction else 0)
    values |= {int: number, float: number, Decimal: decimal, bytes: text.encode()}
    values |= {date: day.date(), datetime: day, time: day.time(), dict: []}
    values |= {timedelta: timedelta(number)}
    try:
        return values.get(kind.python_type)
    except NotImplementedError:
        return None
