"""Valid URLs of the database, and those that production accepts."""

import pytest
from pydantic import SecretStr, ValidationError

from app.core.database_settings import DatabaseSettings

HIDDEN = "hunter2"
SQLITE = SecretStr("sqlite+aiosqlite:///./here.db")


@pytest.mark.parametrize(
    "url",
    [
        HIDDEN,
        f"mysql://app:{HIDDEN}@db/app",
        f"postgresql://app:{HIDDEN}@db/app",
        f"postgresql+asyncpg://app:{HIDDEN}@db:port/app",
    ],
)
def test_invalid_database_url_is_rejected_without_its_value(url: str) -> None:
    with pytest.raises(ValidationError, match="write postgresql") as refusal:
        DatabaseSettings(url=SecretStr(url))

    assert HIDDEN not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("connect_timeout", "inf"), ("statement_timeout", "nan"), ("pool_size", "0")],
)
def test_timeout_must_be_finite(name: str, value: str) -> None:
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
