"""Settings from environment variables and .env, and their validation."""

from pathlib import Path
from typing import Any

import pytest

from app.core.config import LogSettings, Settings

VALUE = "hunter2"


BAD = [
    ("ENVIRONMENT", "staging"),
    ("DATABASE_URL", VALUE),
    ("DATABASE_URL", f"mysql://app:{VALUE}@db/app"),
    ("DATABASE_POOL_SIZE", "0"),
    ("DATABASE_POOL_SIZE", "plenty"),
    ("DATABASE_POOL_TIMEOUT", "-7"),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
    ("CORS_ORIGINS", "*"),
    ("CORS_ORIGINS", "https://*.example.com"),
    ("CORS_ORIGINS", "https://good.example.com, bad.example.com"),
    ("CORS_ORIGINS", "https://app.example.com/path"),
    ("CORS_ORIGINS", "https://ada@app.example.com"),
    ("CORS_ORIGINS", '["https://app.example.com"'),
    ("CORS_ORIGINS", "[4711]"),
    ("API_DOCS", "perhaps"),
    ("API_MAX_BODY_BYTES", "4k"),
    ("SHUTDOWN_DRAIN_SECONDS", "-7"),
    ("SHUTDOWN_GRACE_SECONDS", "0.125"),
]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, group in Settings.model_fields.items():
        fields = getattr(group.annotation, "model_fields", {})
        for variable in (name, *(f"{name}_{field}" for field in fields)):
            monkeypatch.delenv(variable.upper(), raising=False)


HIDDEN = "hunter2"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, group in Settings.model_fields.items():
        fields = getattr(group.annotation, "model_fields", {})
        for variable in (name, *(f"{name}_{field}" for field in fields)):
            monkeypatch.delenv(variable.upper(), raising=False)


def test_settings_group_that_is_no_json_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE", HIDDEN)

    with pytest.raises(SystemExit, match="database") as refusal:
        Settings.read()

    assert HIDDEN not in str(refusal.value)


def test_every_invalid_variable_gets_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("DATABASE_URL", "nowhere")

    with pytest.raises(SystemExit) as refusal:
        Settings.read()

    lines = str(refusal.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["DATABASE_URL", "LOG_LEVEL"]


def test_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_POOL_SIZE", "")

    assert Settings.read().database.pool_size == 10


@pytest.mark.parametrize(
    "value",
    [
        "https://a.example.com, http://localhost:5173,",
        '["https://a.example.com", "http://localhost:5173"]',
    ],
)
def test_origins_are_read_from_a_list_or_from_json(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", value)

    origins = Settings.read().cors.origins

    assert origins == ("https://a.example.com", "http://localhost:5173")


@pytest.mark.parametrize(
    ("environment", "written", "is_text"),
    [
        ("local", None, True),
        ("production", None, False),
        ("production", "text", True),
        ("local", "json", False),
    ],
)
def test_logs_are_text_locally_and_json_in_production(
    environment: Any, written: str | None, is_text: bool
) -> None:
    log = LogSettings.model_validate({"format": written})
    settings = Settings.model_construct(environment=environment, log=log)

    assert settings.logs_are_text is is_text


def test_local_environment_needs_no_variables() -> None:
    settings = Settings.read()

    assert settings.environment == "local"
    assert "local.db" in settings.database.url.get_secret_value()


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_invalid_variable_is_named_without_its_value(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as error:
        Settings.read()

    assert str(error.value).startswith(f"{variable}: ")
    assert value not in str(error.value)


def test_byte_order_mark_does_not_hide_the_first_variable(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=ERROR\n", encoding="utf-8-sig")

    assert Settings.read().log.level == "ERROR"


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (b"LOG_LEVEL=INFO\n# caf\xe9\n", 2),
        (b"CORS_ORIGINS=\xff\n", 1),
        (b"\r\n\r\nA=\x80", 3),
        ("LOG_LEVEL=ERROR\n".encode("utf-16"), 1),
    ],
)
def test_env_file_in_another_encoding_is_named_with_its_line(
    written: bytes, line: int, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(written)

    with pytest.raises(SystemExit) as error:
        Settings.read()

    assert str(error.value) == f".env, line {line}: save the file as UTF-8"
