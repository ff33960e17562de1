"""Valid URLs of the database file, and the URL that production requires."""

import pytest
from pydantic import SecretStr, ValidationError

from app.core.database_settings import DatabaseSettings

HIDDEN = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        HIDDEN,
        f"mysql://app:{HIDDEN}@db/app",
        f"postgres://app:{HIDDEN}@db/app",
        f"sqlite+pysqlite:///{HIDDEN}.db",
        f"sqlite+aiosqlite://{HIDDEN}",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
    ],
)
def test_database_url_without_a_file_is_rejected(url: str) -> None:
    with pytest.raises(ValidationError, match="name a file") as refusal:
        DatabaseSettings(url=SecretStr(url))

    assert HIDDEN not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("pool_timeout", "inf"), ("busy_timeout", "nan"), ("busy_timeout", "3601")],
)
def test_timeout_must_be_finite(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        DatabaseSettings.model_validate({name: value})


def test_production_accepts_a_file() -> None:
    url = SecretStr("sqlite+aiosqlite:////data/app.db")

    assert DatabaseSettings(url=url).production_errors() == []


@pytest.mark.parametrize("url", ["sqlite:///x.db", "sqlite+aiosqlite:///x.db"])
def test_driver_is_added_to_the_url_of_a_file(url: str) -> None:
    settings = DatabaseSettings(url=SecretStr(url))

    assert settings.url.get_secret_value() == "sqlite+aiosqlite:///x.db"
