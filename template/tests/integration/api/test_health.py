"""Liveness and readiness probes."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.core.database_settings import DatabaseSettings
from app.db import Database
from app.db.factory import open_database


def unreachable() -> Database:
    url = SecretStr("sqlite+aiosqlite:////nowhere/at/all.db")
    return open_database(DatabaseSettings(url=url))


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_probe_responds_to_head(path: str, client: AsyncClient) -> None:
    response = await client.head(path)

    assert (response.status_code, response.content) == (200, b"")


async def test_service_with_a_database_is_ready(client: AsyncClient) -> None:
    response = await client.get("/health/ready")

    assert (response.status_code, response.json()["status"]) == (200, "ok")


async def test_service_without_a_database_is_alive_but_not_ready(
    app: FastAPI, client: AsyncClient
) -> None:
    app.state.database = unreachable()

    response = await client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["error"] == "database_unavailable"
    assert response.headers["Retry-After"] == "1"
    assert (await client.get("/health/live")).json() == {"status": "ok"}


async def test_draining_service_is_not_ready(app: FastAPI, client: AsyncClient) -> None:
    app.state.drain.started = True

    response = await client.get("/health/ready")

    assert (response.status_code, response.json()["error"]) == (503, "draining")
    assert (await client.get("/health/live")).status_code == 200
