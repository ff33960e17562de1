"""Statements in the driver's words."""

from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, column, insert, literal, make_url, select

from app.core.statements import translate
from app.models.base import UtcDateTime

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


def test_a_query_is_written_in_the_drivers_words() -> None:
    query = translate(QUERY, DIALECT)

    assert "$1" in query.sql
    assert "$2" in query.sql
    assert query.arguments({"number": 2}) == ["lamp", 2]


def test_a_value_that_is_missing_is_not_taken_for_null() -> None:
    with pytest.raises(KeyError):
        translate(QUERY, DIALECT).arguments({})


def test_a_statement_that_only_a_session_can_run_is_refused() -> None:
    query = select(literal(1)).where(column("number", sa.Integer).in_([1, 2]))

    with pytest.raises(TypeError, match="through a session"):
        translate(query, DIALECT)


def test_what_a_type_does_to_a_value_is_done() -> None:
    row = {"colour": Colour.RED, "price": Decimal(2), "weight": 0.5, "mixed_at": None}

    sent = dict(
        zip(row, translate(insert(PAINTS), DIALECT).arguments(row), strict=True)
    )

    assert sent == row | {"colour": "RED"}
    assert translate(select(PAINTS), DIALECT).row(sent) == row


def test_a_naive_datetime_never_reaches_the_driver() -> None:
    row: dict[str, Any] = dict.fromkeys(PAINTS.columns.keys())

    with pytest.raises(ValueError, match="without a zone"):
        translate(insert(PAINTS), DIALECT).arguments(row | {"mixed_at": datetime.max})
