"""Where the data may be, and where production lets it be."""

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
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValidationError, match="write postgresql") as refusal:
        DatabaseSettings(url=SecretStr(url))

    assert HIDDEN not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("connect_timeout", "inf"), ("statement_timeout", "nan"), ("pool_size", "0")],
)
def test_a_wait_has_an_end(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        DatabaseSettings.model_validate({name: value})


def test_nothing_has_to_be_set_locally() -> None:
    assert DatabaseSettings().is_sqlite


def test_production_takes_a_file_only_where_it_is_meant() -> None:
    (objection,) = DatabaseSettings(url=SQLITE).production_errors()

    assert objection.startswith("DATABASE_URL")
    assert "DATABASE_ALLOW_SQLITE=true" in objection
    assert DatabaseSettings(url=SQLITE, allow_sqlite=True).production_errors() == []


def test_production_takes_a_server() -> None:
    url = SecretStr("postgresql+asyncpg://app@db/app")

    assert DatabaseSettings(url=url).production_errors() == []


def test_the_address_of_the_database_is_not_shown() -> None:
    url = SecretStr(f"postgresql+asyncpg://app:{HIDDEN}@db/app")

    assert HIDDEN not in repr(DatabaseSettings(url=url))
