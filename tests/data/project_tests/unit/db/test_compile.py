"""Compilation of statements for asyncpg."""

from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, column, delete, insert, literal, make_url, select

from app.db.compile import (
    MAX_VARIANTS,
    CompiledStatement,
    StatementCompiler,
    compile_statement,
    is_write,
)
from app.db.types import UtcDateTime

DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
NUMBER = bindparam("number", type_=sa.Integer)
QUERY = select(literal("lamp").label("name"), NUMBER.label("number"))


class Colour(Enum):
    RED = auto()


PAINTS = sa.Table(
    "paints",
    sa.MetaData(),
    sa.Column("colour", sa.Enum(Colour)),
    sa.Column("price", sa.Numeric),
    sa.Column("weight", sa.Float),
    sa.Column("mixed_at", UtcDateTime()),
)
ROW = {"colour": Colour.RED, "price": Decimal(2), "weight": 0.5, "mixed_at": None}


def compiled(statement: Any, *names: str) -> CompiledStatement:
    found = compile_statement(statement, DIALECT, names)
    assert found is not None
    return found


def test_arguments_are_in_the_order_of_the_placeholders() -> None:
    query = compiled(QUERY, "number")

    assert "$1" in query.sql
    assert "$2" in query.sql
    assert query.arguments({"number": 2}) == ["lamp", 2]


@pytest.mark.parametrize(
    ("statement", "names", "message"),
    [
        (QUERY, (), "missing parameters \\['number'\\]"),
        (QUERY, ("number", "size"), "unknown parameters \\['size'\\]"),
        (insert(PAINTS), ("colour", "size"), "unknown parameters \\['size'\\]"),
    ],
)
def test_missing_and_unknown_parameters_are_rejected(
    statement: Any, names: tuple[str, ...], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        compile_statement(statement, DIALECT, names)


@pytest.mark.parametrize(
    "statement",
    [
        select(literal(1)).where(column("number", sa.Integer).in_([1, 2])),
        sa.text("SELECT 1"),
    ],
)
def test_statement_that_needs_sqlalchemy_is_not_compiled(statement: Any) -> None:
    assert compile_statement(statement, DIALECT, ()) is None


def test_values_are_converted_as_their_types_tell() -> None:
    statement = compiled(insert(PAINTS), *ROW)

    sent = dict(zip(ROW, statement.arguments(ROW), strict=True))

    assert sent == ROW | {"colour": "RED"}
    assert compiled(select(PAINTS)).row(sent) == ROW


def test_naive_datetime_is_rejected() -> None:
    statement = compiled(insert(PAINTS), "mixed_at")

    with pytest.raises(ValueError, match="without a time zone"):
        statement.arguments({"mixed_at": datetime.max})


def test_statement_is_compiled_at_its_second_use() -> None:
    compiler, params = StatementCompiler(DIALECT), {"number": 1}

    assert compiler.get(QUERY, params) is None
    second = compiler.get(QUERY, params)

    assert second is not None
    assert compiler.get(QUERY, params) is second


def test_statements_of_one_request_are_forgotten() -> None:
    compiler = StatementCompiler(DIALECT)

    for size in range(9):
        compiler.get(select(literal(size)), {})

    assert len(compiler) <= 1


def test_sets_of_parameters_are_limited() -> None:
    compiler = StatementCompiler(DIALECT, on_first_use=True)
    table = sa.Table(
        "wide", sa.MetaData(), *[sa.Column(f"c{n}", sa.Integer) for n in range(99)]
    )
    statement = insert(table)

    found = [compiler.get(statement, {f"c{n}": 1}) for n in range(MAX_VARIANTS + 1)]

    assert all(found[:-1])
    assert found[-1] is None


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (QUERY, False),
        (delete(PAINTS), True),
        (select(delete(PAINTS).returning(PAINTS.c.price).cte()), True),
    ],
)
def test_writes_are_recognized(statement: Any, expected: bool) -> None:
    assert is_write(statement) is expected
