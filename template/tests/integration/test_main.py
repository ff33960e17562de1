"""The application as a server starts it."""

import signal
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.core.database_settings import DatabaseSettings
from app.main import create_app, lifespan
from tests.factories import make_settings


async def test_it_serves_while_it_runs(running: FastAPI) -> None:
    transport = ASGITransport(running)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/health/ready")

    assert response.status_code == 200


async def test_it_asks_for_the_signal_only_while_it_runs() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async with lifespan(create_app(make_settings())):
        assert signal.getsignal(signal.SIGTERM) != before

    assert signal.getsignal(signal.SIGTERM) == before


async def test_it_closes_the_database_in_the_end(app: FastAPI) -> None:
    class FakeDatabase:
        """Notes when it is closed."""

        closed: bool = False

        async def close(self) -> None:
            self.closed = True

    database = app.state.database = FakeDatabase()
    async with lifespan(app):
        assert not database.closed

    assert database.closed


def test_building_it_opens_nothing(tmp_path: Path) -> None:
    url = SecretStr(f"sqlite+aiosqlite:///{tmp_path}/missing/own.db")

    create_app(make_settings(database=DatabaseSettings(url=url)))

    assert [*tmp_path.iterdir()] == []


def test_it_does_not_start_with_a_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(SystemExit, match="LOG_LEVEL"):
        create_app()
