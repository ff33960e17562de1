"""Where the data may be, and that production says it."""

import pytest
from pydantic import SecretStr, ValidationError

from app.core.database_settings import DatabaseSettings

HIDDEN = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        HIDDEN,
        f"mysql://app:{HIDDEN}@db/app",
        f"sqlite:///{HIDDEN}.db",
        f"sqlite+aiosqlite://{HIDDEN}",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
    ],
)
def test_an_address_that_is_no_file_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValidationError, match="name a file") as refusal:
        DatabaseSettings(url=SecretStr(url))

    assert HIDDEN not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("pool_timeout", "inf"), ("busy_timeout", "nan"), ("busy_timeout", "3601")],
)
def test_a_wait_has_an_end(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        DatabaseSettings.model_validate({name: value})


def test_production_takes_a_file_that_it_is_given() -> None:
    url = SecretStr("sqlite+aiosqlite:////data/app.db")

    assert DatabaseSettings(url=url).production_errors() == []
