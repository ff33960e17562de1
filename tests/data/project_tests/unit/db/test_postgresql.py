"""PostgreSQL's engine and errors, without a server."""

import socket
import ssl
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.db import ConstraintViolationError
from app.db.errors import describe_cause
from app.db.factory import create_migration_engine
from app.db.postgresql import create_engine, translate_error

SETTINGS = DatabaseSettings(url=SecretStr("postgresql+asyncpg://app@db.invalid/app"))


class DriverError(Exception):
    """An error as SQLAlchemy's dialect raises it, with that of asyncpg as its cause."""


def context(cause: BaseException | None, *, is_disconnect: bool = False) -> Any:
    """Create the context of an error in SQLAlchemy's engine."""
    error = DriverError()
    error.__cause__ = cause
    return SimpleNamespace(original_exception=error, is_disconnect=is_disconnect)


@pytest.mark.parametrize(
    ("cause", "is_disconnect"),
    [
        (asyncpg.ConnectionDoesNotExistError("lost"), True),
        (asyncpg.InternalClientError("the server closes the connection"), True),
        (asyncpg.ReadOnlySQLTransactionError("read-only"), True),
        (TimeoutError(), True),
        (asyncpg.QueryCanceledError("timeout"), False),
        (asyncpg.SerializationError("serialization"), False),
        (asyncpg.TooManyConnectionsError("full"), False),
        (asyncpg.LockNotAvailableError("locked"), False),
        (asyncpg.InvalidCachedStatementError("table changed"), False),
    ],
)
def test_transient_errors_are_unavailable(
    cause: Exception, is_disconnect: bool
) -> None:
    error = context(cause)

    assert isinstance(translate_error(error), DatabaseUnavailableError)
    assert error.is_disconnect is is_disconnect


def test_disconnect_is_unavailable() -> None:
    error = translate_error(context(None, is_disconnect=True))

    assert isinstance(error, DatabaseUnavailableError)


def test_constraint_violation_has_the_name_of_the_constraint() -> None:
    cause: Any = asyncpg.UniqueViolationError("duplicate")
    cause.constraint_name = "uq_things_name"

    error = translate_error(context(cause))

    assert isinstance(error, ConstraintViolationError)
    assert error.constraint == "uq_things_name"


@pytest.mark.parametrize(
    "cause", [asyncpg.UndefinedColumnError("no such column"), ValueError("a bug")]
)
def test_other_errors_stay(cause: Exception) -> None:
    assert translate_error(context(cause)) is None


def test_engine_does_not_connect_when_created() -> None:
    assert "Connections in pool: 0" in create_engine(SETTINGS).pool.status()


def test_migration_engine_keeps_no_connections() -> None:
    engine = create_migration_engine("postgresql+asyncpg://app@db.invalid/app")

    assert engine.pool.status() == "NullPool"


@pytest.mark.parametrize(
    "refusal",
    [
        OSError("unreachable"),
        socket.gaierror("no such host"),
        ConnectionError("the server rejects TLS"),
        ssl.SSLCertVerificationError("another host"),
        asyncpg.TooManyConnectionsError("full"),
        asyncpg.InvalidCatalogNameError("database"),
        asyncpg.InvalidPasswordError("password"),
        asyncpg.InvalidAuthorizationSpecificationError("pg_hba.conf"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.ProtocolViolationError("a pooler refuses a setting"),
        asyncpg.ClientConfigurationError("no certificate"),
    ],
)
async def test_server_that_refuses_the_connection_is_unavailable(
    refusal: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise refusal

    monkeypatch.setattr(asyncpg, "connect", refuse)

    with pytest.raises(DatabaseUnavailableError):
        await create_engine(SETTINGS).raw_connection()


def test_cause_is_described_by_its_code() -> None:
    error = DatabaseUnavailableError("why")
    error.__cause__ = asyncpg.QueryCanceledError("hunter2")

    assert describe_cause(error) == "QueryCanceledError 57014"
