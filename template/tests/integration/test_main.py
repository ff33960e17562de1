"""The start of the application."""

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.main import create_app


async def test_running_application_serves_requests(running_app: FastAPI) -> None:
    transport = ASGITransport(running_app)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/health/live")

    assert response.status_code == 200


def test_create_app_exits_with_an_invalid_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(SystemExit, match="LOG_LEVEL"):
        create_app()
