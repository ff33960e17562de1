"""Transactions of requests: committed before the response, or rolled back."""

import pytest
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import Column, Integer, MetaData, Table, event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.deps import get_database
from app.core.errors import ConflictError

NOTES = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
NUMBER = select(func.count()).select_from(NOTES)


@pytest.fixture(autouse=True)
async def notes(connection: AsyncConnection) -> None:
    """A table that is rolled back with the test."""
    await connection.run_sync(NOTES.create)


async def test_committed_write_is_read_by_the_next_request(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.post("/notes")
    async def write(request: Request) -> None:
        async with get_database(request).begin() as transaction:
            await transaction.execute(insert(NOTES), {"id": 1})

    @app.get("/notes")
    async def read(request: Request) -> int:
        number: int = await get_database(request).fetchval(NUMBER)
        return number

    await client.post("/notes")

    assert (await client.get("/notes")).json() == 1


async def test_failed_commit_returns_500(running: FastAPI) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("the commit failed")

    @running.post("/write")
    async def write(request: Request) -> dict[str, bool]:
        async with get_database(request).session() as session:
            event.listen(session.sync_session, "before_commit", refuse)
        return {"stored": True}

    transport = ASGITransport(running, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post("/write")

    assert response.status_code == 500


@pytest.mark.parametrize("way", ["begin", "session"])
async def test_error_rolls_back_the_writes_of_a_request(
    way: str, app: FastAPI, client: AsyncClient, connection: AsyncConnection
) -> None:
    @app.post("/write")
    async def write(request: Request) -> None:
        async with getattr(get_database(request), way)() as transaction:
            await transaction.execute(insert(NOTES), {"id": 1})
            raise ConflictError("refused")

    response = await client.post("/write")

    assert response.status_code == 409
    assert await connection.scalar(NUMBER) == 0
