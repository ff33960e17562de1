"""PostgreSQL without a server: how queries are translated, and what connections do."""

from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import Integer, bindparam, column, literal, make_url, select
from sqlalchemy.exc import InvalidatePoolError

from app.core.config import DatabaseSettings
from app.core.postgresql import (
    compile_query,
    create_engine,
    notice_the_dying,
    refuse_the_dead,
)
from app.models.base import UtcDateTime

DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
NUMBER = bindparam("number", type_=Integer)
QUERY = select(literal("lamp").label("name"), NUMBER.label("number"))


def test_a_query_is_written_in_the_drivers_words() -> None:
    query = compile_query(QUERY, DIALECT)

    assert "$1" in query.sql
    assert "$2" in query.sql
    assert query.arguments({"number": 2}) == ["lamp", 2]


def test_a_value_that_is_missing_is_not_taken_for_null() -> None:
    with pytest.raises(KeyError):
        compile_query(QUERY, DIALECT).arguments({})


@pytest.mark.parametrize(
    "condition",
    [
        column("number", Integer).in_([1, 2]),
        column("at", UtcDateTime()) > bindparam("since", type_=UtcDateTime()),
    ],
)
def test_a_query_that_only_a_session_can_run_is_refused(condition: Any) -> None:
    with pytest.raises(TypeError, match="through a session"):
        compile_query(select(literal(1)).where(condition), DIALECT)


@pytest.mark.parametrize("closed", [False, True])
def test_a_connection_that_the_server_closed_is_not_handed_out(closed: bool) -> None:
    driver = SimpleNamespace(is_closed=lambda: closed)
    connection = SimpleNamespace(driver_connection=driver)

    if closed:
        with pytest.raises(InvalidatePoolError):
            refuse_the_dead(connection)
    else:
        refuse_the_dead(connection)


@pytest.mark.parametrize(
    ("error", "is_lost"),
    [
        (asyncpg.InternalClientError("still reading that it goes"), True),
        (asyncpg.UndefinedColumnError("no such column"), False),
    ],
)
def test_a_connection_that_goes_is_given_up(error: Exception, is_lost: bool) -> None:
    context: Any = SimpleNamespace(original_exception=error, is_disconnect=False)

    notice_the_dying(context)

    assert context.is_disconnect is is_lost


def test_an_engine_connects_to_nothing_by_itself() -> None:
    url = SecretStr("postgresql+asyncpg://app@db.invalid/app")
    engine = create_engine(DatabaseSettings(url=url))

    assert "Connections in pool: 0" in engine.pool.status()
