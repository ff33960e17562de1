"""The start and the end of the application."""

import signal
from pathlib import Path

from fastapi import FastAPI
from pydantic import SecretStr
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.api.connections import LimitedProtocol
from app.core.database_settings import DatabaseSettings
from app.main import create_app, lifespan
from tests.factories import make_settings


async def test_sigterm_is_handled_only_while_the_application_runs() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async with lifespan(create_app(make_settings())):
        assert signal.getsignal(signal.SIGTERM) != before

    assert signal.getsignal(signal.SIGTERM) == before


async def test_shutdown_closes_the_database(app: FastAPI) -> None:
    class FakeDatabase:
        """A database that records that it was closed."""

        closed: bool = False

        async def close(self) -> None:
            self.closed = True

    database = app.state.database = FakeDatabase()
    async with lifespan(app):
        assert not database.closed

    assert database.closed


def test_create_app_opens_no_database(tmp_path: Path) -> None:
    url = SecretStr(f"sqlite+aiosqlite:///{tmp_path}/missing/own.db")

    create_app(make_settings(database=DatabaseSettings(url=url)))

    assert [*tmp_path.iterdir()] == []


async def test_limits_of_connections_are_those_of_the_server() -> None:
    config = Config(FastAPI(), log_config=None)

    async with lifespan(create_app(make_settings())) as ours:
        protocols = [
            HttpToolsProtocol(config=config, server_state=ServerState(), app_state=each)
            for each in (ours, {})
        ]

    assert [*map(type, protocols)] == [LimitedProtocol, HttpToolsProtocol]
