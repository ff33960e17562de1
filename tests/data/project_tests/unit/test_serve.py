"""The command of the image."""

from typing import Any

import pytest

from app import serve


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Record the defaults of uvicorn's options instead of starting uvicorn."""
    recorded: list[dict[str, Any]] = []

    def record(*, default_map: dict[str, Any]) -> None:
        recorded.append(default_map)

    monkeypatch.setattr(serve, "serve", record)
    return recorded


def test_server_limits_its_own_wait_after_the_requests_are_cancelled(
    started: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTDOWN_GRACE_SECONDS", "7")

    serve.main()

    assert started == [{"timeout_graceful_shutdown": 8}]


def test_server_is_not_started_with_invalid_settings(
    started: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")

    with pytest.raises(SystemExit, match="^LOG_LEVEL: "):
        serve.main()
    assert started == []
