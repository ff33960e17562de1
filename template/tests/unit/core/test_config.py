"""Settings from environment variables and .env."""

from pathlib import Path
from typing import Any

import pytest

from app.core.config import ApiSettings, Settings
from tests.support.settings import default_variables, read_variables

ENV_EXAMPLE = Path(__file__).parents[3] / ".env.example"
VALUE = "hunter2"
BAD = [
    ("ENVIRONMENT", "staging"),
    ("DATABASE_URL", VALUE),
    ("DATABASE_URL", f"mysql://app:{VALUE}@db/app"),
    ("DATABASE_POOL_SIZE", "0"),
    ("LOG_LEVEL", "loud"),
    ("CORS_ORIGINS", "*"),
    ("API_DOCS", "perhaps"),
]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, group in Settings.model_fields.items():
        fields = getattr(group.annotation, "model_fields", {})
        for variable in (name, *(f"{name}_{field}" for field in fields)):
            monkeypatch.delenv(variable.upper(), raising=False)


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_invalid_variable_is_named_without_its_value(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as error:
        Settings.read()

    assert str(error.value).startswith(f"{variable}: ")
    assert value not in str(error.value)


def test_production_requires_a_database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")

    with pytest.raises(SystemExit, match="DATABASE_URL: is required in production"):
        Settings.read()


@pytest.mark.parametrize(
    ("environment", "docs", "are_open"),
    [
        ("local", None, True),
        ("test", None, True),
        ("production", None, False),
        ("production", True, True),
        ("local", False, False),
    ],
)
def test_docs_are_closed_in_production_by_default(
    environment: Any, docs: bool | None, are_open: bool
) -> None:
    settings = Settings.model_construct(
        environment=environment, api=ApiSettings(docs=docs)
    )

    assert settings.docs_are_open is are_open


def test_env_example_lists_every_variable_with_its_default() -> None:
    assert read_variables(ENV_EXAMPLE) == default_variables()
