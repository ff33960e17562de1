"""Settings: what is read, and what is refused before anything starts."""

from pathlib import Path
from typing import Any

import pytest

from app.core.config import ApiSettings, LogSettings, Settings

HIDDEN = "hunter2"
BAD = [
    ("ENVIRONMENT", "staging"),
    ("DATABASE_URL", HIDDEN),
    ("DATABASE_URL", f"mysql://app:{HIDDEN}@db/app"),
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
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, group in Settings.model_fields.items():
        fields = getattr(group.annotation, "model_fields", {})
        for variable in (name, *(f"{name}_{field}" for field in fields)):
            monkeypatch.delenv(variable.upper(), raising=False)


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_a_bad_variable_is_named_and_its_value_is_not_repeated(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as refusal:
        Settings.read()

    assert str(refusal.value).startswith(f"{variable}: ")
    assert value not in str(refusal.value)


def test_a_group_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE", HIDDEN)

    with pytest.raises(SystemExit, match="database") as refusal:
        Settings.read()

    assert HIDDEN not in str(refusal.value)


def test_every_bad_variable_gets_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("DATABASE_URL", "nowhere")

    with pytest.raises(SystemExit) as refusal:
        Settings.read()

    lines = str(refusal.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["DATABASE_URL", "LOG_LEVEL"]


def test_nothing_has_to_be_set_locally() -> None:
    settings = Settings.read()

    assert settings.environment == "local"
    assert "local.db" in settings.database.url.get_secret_value()


def test_the_file_is_read_and_a_variable_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DATABASE_POOL_SIZE=3\nLOG_LEVEL=ERROR\n")
    monkeypatch.setenv("LOG_LEVEL", "debug")

    settings = Settings.read()

    assert settings.database.pool_size == 3
    assert settings.log.level == "DEBUG"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_POOL_SIZE", "")

    assert Settings.read().database.pool_size == 10


@pytest.mark.parametrize(
    "value",
    [
        "https://a.example.com, http://localhost:5173,",
        '["https://a.example.com", "http://localhost:5173"]',
    ],
)
def test_origins_are_read_from_commas_and_from_json(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", value)

    origins = Settings.read().cors.origins

    assert origins == ("https://a.example.com", "http://localhost:5173")


def test_production_says_where_its_data_is(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_the_docs_are_closed_in_production_unless_asked_for(
    environment: Any, docs: bool | None, are_open: bool
) -> None:
    settings = Settings.model_construct(
        environment=environment, api=ApiSettings(docs=docs)
    )

    assert settings.docs_are_open is are_open


@pytest.mark.parametrize(
    ("environment", "written", "is_text"),
    [
        ("local", None, True),
        ("production", None, False),
        ("production", "text", True),
        ("local", "json", False),
    ],
)
def test_a_person_reads_text_and_a_machine_reads_json(
    environment: Any, written: str | None, is_text: bool
) -> None:
    log = LogSettings.model_validate({"format": written})
    settings = Settings.model_construct(environment=environment, log=log)

    assert settings.logs_are_text is is_text
