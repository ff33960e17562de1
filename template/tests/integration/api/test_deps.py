"""What a request is given, and what becomes of it afterwards."""

from typing import Any, ClassVar

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import Column, Integer, MetaData, Table, event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.deps import ReaderDep, SessionDep, WriterDep
from app.core.errors import AppError, ConflictError

NOTES = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
NUMBER = select(func.count()).select_from(NOTES)


class KeptError(ConflictError):
    """A failure that has to be stored."""

    keeps_changes: ClassVar[bool] = True


@pytest.fixture(autouse=True)
async def notes(connection: AsyncConnection) -> None:
    """A table that is rolled back with everything else."""
    await connection.run_sync(NOTES.create)


async def test_what_one_request_stores_the_next_one_reads(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.post("/notes")
    async def write(session: SessionDep) -> None:
        await session.execute(insert(NOTES).values(id=1))

    @app.get("/notes")
    async def read(reader: ReaderDep) -> Any:
        return await reader.value(NUMBER)

    await client.post("/notes")

    assert (await client.get("/notes")).json() == 1


async def test_a_commit_that_fails_is_never_answered_as_a_success(
    running: FastAPI,
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("the commit failed")

    @running.post("/write")
    async def write(session: SessionDep) -> dict[str, bool]:
        event.listen(session.sync_session, "before_commit", refuse)
        return {"stored": True}

    transport = ASGITransport(running, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post("/write")

    assert response.status_code == 500


async def test_named_statements_are_one_transaction_of_the_request(
    app: FastAPI, client: AsyncClient, connection: AsyncConnection
) -> None:
    @app.post("/write")
    async def write(writer: WriterDep) -> None:
        await writer.run(insert(NOTES), {"id": 1})
        await writer.run(insert(NOTES), {"id": 1})

    response = await client.post("/write")

    stored = await connection.scalar(NUMBER)
    assert response.status_code == 500
    assert stored == 0


@pytest.mark.parametrize(("kind", "kept"), [(ConflictError, 0), (KeptError, 1)])
async def test_a_failure_is_rolled_back_unless_it_has_to_be_stored(
    kind: type[AppError],
    kept: int,
    app: FastAPI,
    client: AsyncClient,
    connection: AsyncConnection,
) -> None:
    @app.post("/note")
    async def note(session: SessionDep) -> None:
        await session.execute(insert(NOTES).values(id=1))
        raise kind("refused")

    response = await client.post("/note")

    stored = await connection.scalar(NUMBER)
    assert response.status_code == 409
    assert stored == kept
