"""URLs of PostgreSQL, as platforms and other drivers write them."""

import pytest
from pydantic import SecretStr, ValidationError

from app.core.database_settings import DatabaseSettings

PLAIN = "postgresql+asyncpg://app:hunter2@db/app"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgres://app:hunter2@db/app?pgbouncer=true", PLAIN),
        (f"{PLAIN}?ssl=true", f"{PLAIN}?dsn=postgresql%3A%2F%2F%3Fsslmode%3Drequire"),
    ],
)
def test_url_of_a_platform_is_understood(given: str, expected: str) -> None:
    url = DatabaseSettings(url=SecretStr(given)).url

    assert url.get_secret_value() == expected


@pytest.mark.parametrize(
    "url",
    [
        "mysql://app:hunter2@db/app",
        "postgresql://app:a@hunter2@db/app",
        "postgresql://app:hunter2@db:port/app",
        f"{PLAIN}?sslmode=yes",
        f"{PLAIN}?sslmode=verify-full",
        f"{PLAIN}?sslrootcert=/nowhere",
        f"{PLAIN}?keepalives=1",
        "sqlite://hunter2",
        "sqlite:///hunter2.db?timeout=3",
    ],
)
def test_url_that_never_works_is_refused_without_its_value(url: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        DatabaseSettings(url=SecretStr(url))

    assert "hunter2" not in str(refusal.value)
