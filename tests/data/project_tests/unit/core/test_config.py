"""Settings from environment variables and .env, and their validation."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

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
    ("CORS_ORIGINS", "https://app.example.com?query"),
    ("CORS_ORIGINS", "https://app.example.com#fragment"),
    ("CORS_ORIGINS", "https://app.example.com:70000"),
    ("CORS_ORIGINS", "app.example.net"),
    ("CORS_ORIGINS", "null"),
    ("CORS_ORIGINS", "file:///app"),
    ("SHUTDOWN_DRAIN_SECONDS", "nan"),
    ("SHUTDOWN_GRACE_SECONDS", "99999999999"),
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


@pytest.mark.parametrize("group", ["API", "CORS", "DATABASE", "LOG", "SHUTDOWN"])
def test_variable_with_the_name_of_a_group_is_ignored(
    group: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"{group}=debug\nLOG_LEVEL=ERROR\n")
    monkeypatch.setenv(group, HIDDEN)

    assert Settings.read().log.level == "ERROR"


def test_group_may_be_a_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG", '{"level": "ERROR", "format": "text"}')
    monkeypatch.setenv("LOG_FORMAT", "json")

    log = Settings.read().log

    assert (log.level, log.format) == ("ERROR", "json")


def test_settings_group_that_is_no_json_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE", f"{{{HIDDEN}")

    with pytest.raises(SystemExit, match="database") as refusal:
        Settings.read()

    assert HIDDEN not in str(refusal.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENVIRONMENT", "Production"),
        ("ENVIRONMENT", " production\n"),
        ("LOG_LEVEL", "error"),
        ("LOG_LEVEL", '"ERROR"'),
        ("DATABASE_POOL_SIZE", "'7' "),
        ("DATABASE_URL", '"sqlite:///own.db"\n'),
        ("LOG_FORMAT", " "),
        ("API_DOCS", '""'),
        ("CORS_ORIGINS", "'https://app.example.com'"),
    ],
)
def test_quotes_and_white_space_around_a_value_are_removed(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:////data/app.db")
    monkeypatch.setenv("DATABASE_ALLOW_SQLITE", "true")
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdefghijklmnopqrstuvwxyz")
    monkeypatch.setenv("REDIS_URL", "redis://localhost")
    monkeypatch.setenv("MAIL_URL", "smtps://mail.internal")
    monkeypatch.setenv("MAIL_FROM", "no-reply@shop.internal")
    monkeypatch.setenv("MAIL_LINK_URL", "https://shop.internal")
    monkeypatch.setenv(variable, value)
    name, _, field = variable.lower().partition("_")
    read = getattr(Settings.read(), name)

    assert (getattr(read, field) if field else read) in (
        *("production", "ERROR", 7, None, ("https://app.example.com",)),
        SecretStr("sqlite+aiosqlite:///own.db"),
    )


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://App.Example.com", "https://app.example.com"),
        ("HTTPS://app.example.com/", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80", "http://app.example.com"),
        ("http://app.example.com:443", "http://app.example.com:443"),
        ("https://app.example.com:8443/", "https://app.example.com:8443"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://127.0.0.1:5173", "http://127.0.0.1:5173"),
    ],
)
def test_origin_is_compared_in_the_form_of_browsers(
    written: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", written)

    assert Settings.read().cors.origins == (sent,)


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


def test_variable_overrides_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DATABASE_POOL_SIZE=3\nLOG_LEVEL=ERROR\n")
    monkeypatch.setenv("LOG_LEVEL", "debug")

    settings = Settings.read()

    assert settings.database.pool_size == 3
    assert settings.log.level == "DEBUG"
