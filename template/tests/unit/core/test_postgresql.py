"""PostgreSQL without a server: what becomes of connections."""

from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.exc import InvalidatePoolError

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.core.postgresql import (
    connect,
    create_engine,
    notice_the_dying,
    refuse_the_dead,
)


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


@pytest.mark.parametrize(
    ("refusal", "named"),
    [
        (OSError("unreachable"), DatabaseUnavailableError),
        (asyncpg.TooManyConnectionsError("full"), DatabaseUnavailableError),
        (asyncpg.InvalidPasswordError("who?"), asyncpg.InvalidPasswordError),
    ],
)
async def test_a_server_that_may_take_us_later_is_an_outage(
    refusal: Exception, named: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse() -> None:
        raise refusal

    monkeypatch.setattr(asyncpg, "connect", refuse)

    with pytest.raises(named):
        await connect()
