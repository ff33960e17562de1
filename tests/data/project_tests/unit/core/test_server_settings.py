"""Valid URLs of the database, and those that production accepts."""

import inspect
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url

from app.core.database_settings import DatabaseSettings

HIDDEN = "hunter2"
SQLITE = SecretStr("sqlite+aiosqlite:///./here.db")
PLAIN = f"postgresql+asyncpg://app:{HIDDEN}@db/app"
# Of the URL, with its parameters, and the arguments that asyncpg gets besides.
UNDERSTOOD: list[tuple[str, dict[str, object]]] = [
    ("postgres://app:hunter2@db/app", {}),
    ("POSTGRES://app:hunter2@db/app", {}),
    ("postgresql://app:hunter2@db/app", {}),
    (PLAIN, {}),
    (f"{PLAIN}?channel_binding=require", {}),
    (f"{PLAIN}?sslmode=require", {"dsn": "postgresql://?sslmode=require"}),
    (f"{PLAIN}?sslmode=disable", {"dsn": "postgresql://?sslmode=disable"}),
    (f"{PLAIN}?ssl=prefer", {"dsn": "postgresql://?sslmode=prefer"}),
    (f"{PLAIN}?ssl=True", {"dsn": "postgresql://?sslmode=require"}),
    (f"{PLAIN}?ssl=false", {"dsn": "postgresql://?sslmode=disable"}),
    (f"{PLAIN}?schema=shop", {"dsn": "postgresql://?search_path=shop"}),
    (
        f"{PLAIN}?options=-csearch_path%3Da",
        {"dsn": "postgresql://?options=-csearch_path%3Da"},
    ),
    (
        f"{PLAIN}?target_session_attrs=read-write",
        {"dsn": "postgresql://?target_session_attrs=read-write"},
    ),
    (f"{PLAIN}?pgbouncer=true", {}),
    (f"{PLAIN}?statement_cache_size=0", {}),
    (f"{PLAIN}?connect_timeout=10&application_name=me", {}),
]
REFUSED = [
    (HIDDEN, "write postgresql"),
    ("", "write postgresql"),
    (f"mysql://app:{HIDDEN}@db/app", "write postgresql"),
    (f"postgresql+psycopg2://app:{HIDDEN}@db/app", "write postgresql"),
    (f"jdbc:postgresql://db/app?password={HIDDEN}", "write postgresql"),
    (f"postgresql+asyncpg://app:{HIDDEN}@db:port/app", "write postgresql"),
    (f"postgresql://app:{HIDDEN}@db:0/app", "write postgresql"),
    (f"postgresql://app:{HIDDEN}@db:70000/app", "write postgresql"),
    (f"postgresql://app:{HIDDEN}@db..example.com/app", "write postgresql"),
    (f"postgresql://app:a@{HIDDEN}@db/app", "percent-encoded"),
    (f"postgresql://app:a@b?{HIDDEN}=1@db/app", "percent-encoded"),
    (f"postgresql://app:a {HIDDEN}@db/app", "percent-encoded"),
    (f"{PLAIN}?sslmode=yes", "sslmode is one of: disable, allow"),
    (f"{PLAIN}?sslmode=verify-full", "needs a parameter sslrootcert=/"),
    (f"{PLAIN}?sslrootcert=/nowhere/ca.pem", "sslrootcert is a readable file"),
    (f"{PLAIN}?target_session_attrs=rw", "target_session_attrs is one of: any"),
    (f"{PLAIN}?connection_limit=1", "connection_limit is not supported: remove"),
    (f"{PLAIN}?sslmode=require&keepalives=1", "keepalives is not supported: remove"),
    (f"sqlite://{HIDDEN}", "name a file"),
    ("sqlite:///:memory:", "name a file"),
    (f"sqlite:///{HIDDEN}.db?timeout=3", "has no parameters"),
]


def connect_arguments(settings: DatabaseSettings) -> dict[str, Any]:
    """Return the arguments of asyncpg for a URL; unknown ones fail the test."""
    url = make_url(settings.url.get_secret_value())
    _, arguments = url.get_dialect()().create_connect_args(url)
    assert arguments.keys() <= inspect.signature(asyncpg.connect).parameters.keys()
    return dict(arguments)


@pytest.mark.parametrize(("url", "more"), UNDERSTOOD)
def test_url_of_a_platform_is_understood(url: str, more: dict[str, object]) -> None:
    settings = DatabaseSettings(url=SecretStr(url))

    usual = {"host": "db", "database": "app", "user": "app", "password": HIDDEN}
    assert connect_arguments(settings) == usual | more
    assert DatabaseSettings(url=settings.url).url == settings.url


@pytest.mark.parametrize(("url", "message"), REFUSED)
def test_url_that_never_works_is_refused_without_its_value(
    url: str, message: str
) -> None:
    with pytest.raises(ValidationError, match=message) as refusal:
        DatabaseSettings(url=SecretStr(url))

    assert HIDDEN not in str(refusal.value)
    assert [error["loc"] for error in refusal.value.errors()] == [("url",)]


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("pgbouncer=true", "pooler", "transaction"),
        ("pgbouncer=false", "pooler", "none"),
        ("statement_cache_size=0", "pooler", "transaction"),
        ("prepared_statement_cache_size=0", "pooler", "transaction"),
        ("statement_cache_size=100", "pooler", "none"),
        ("connect_timeout=10", "connect_timeout", 10),
        ("application_name=me", "application_name", "me"),
    ],
)
def test_parameter_of_the_url_is_a_setting(
    query: str, name: str, value: object
) -> None:
    url = SecretStr(f"{PLAIN}?{query}")

    assert getattr(DatabaseSettings(url=url), name) == value


def test_variable_precedes_a_parameter_of_the_url() -> None:
    url = SecretStr(f"{PLAIN}?pgbouncer=true&connect_timeout=10")
    settings = DatabaseSettings(url=url, pooler="session", connect_timeout=3)

    assert (settings.pooler, settings.connect_timeout) == ("session", 3)


def test_verified_tls_takes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("")
    query = f"sslmode=verify-full&sslrootcert={file}"
    settings = DatabaseSettings(url=SecretStr(f"{PLAIN}?{query}"))

    assert "verify-full" in connect_arguments(settings)["dsn"]


@pytest.mark.parametrize(
    ("written", "password"),
    [("p%40ss", "p@ss"), ("a%2Fb%3Ac%3F", "a/b:c?"), ("a#b", "a#b"), ("9%", "9%")],
)
def test_password_is_decoded_once(written: str, password: str) -> None:
    settings = DatabaseSettings(url=SecretStr(f"postgres://app:{written}@db/app"))

    assert connect_arguments(settings)["password"] == password


def test_socket_of_a_platform_is_a_parameter() -> None:
    settings = DatabaseSettings(url=SecretStr("postgres://app@/app?host=/cloudsql/a:b"))

    assert connect_arguments(settings)["host"] == "/cloudsql/a:b"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connect_timeout", "inf"),
        ("connect_timeout", "0"),
        ("pool_timeout", "-1"),
        ("statement_timeout", "nan"),
        ("statement_timeout", "1e308"),
        # The server would round it to 0, which is no timeout.
        ("statement_timeout", "0.0004"),
        ("pool_size", "0"),
        ("pooler", "pgbouncer"),
    ],
)
def test_number_must_make_sense(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        DatabaseSettings.model_validate({name: value})


def test_local_environment_needs_no_variables() -> None:
    assert DatabaseSettings().is_sqlite


def test_production_rejects_sqlite_by_default() -> None:
    (objection,) = DatabaseSettings(url=SQLITE).production_errors()

    assert objection.startswith("DATABASE_URL")
    assert "DATABASE_ALLOW_SQLITE=true" in objection
    assert DatabaseSettings(url=SQLITE, allow_sqlite=True).production_errors() == []


def test_production_accepts_a_server() -> None:
    url = SecretStr("postgresql+asyncpg://app@db/app")

    assert DatabaseSettings(url=url).production_errors() == []


def test_repr_hides_the_database_url() -> None:
    url = SecretStr(f"postgresql+asyncpg://app:{HIDDEN}@db/app")

    assert HIDDEN not in repr(DatabaseSettings(url=url))
