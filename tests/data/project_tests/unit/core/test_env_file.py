"""Settings from environment variables and .env."""

from pathlib import Path

import pytest

from app.core.config import Settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, group in Settings.model_fields.items():
        fields = getattr(group.annotation, "model_fields", {})
        for variable in (name, *(f"{name}_{field}" for field in fields)):
            monkeypatch.delenv(variable.upper(), raising=False)


def test_variable_overrides_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DATABASE_POOL_SIZE=3\nLOG_LEVEL=ERROR\n")
    monkeypatch.setenv("LOG_LEVEL", "debug")

    settings = Settings.read()

    assert settings.database.pool_size == 3
    assert settings.log.level == "DEBUG"
