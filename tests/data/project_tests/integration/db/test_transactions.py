"""Transactions of requests: committed before the response, or rolled back."""

import pytest
from fastapi import FastAPI, Request
from httpx2 import AsyncClient
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.deps import get_database

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
