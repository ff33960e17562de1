"""What any route may ask for. All of it is async: a sync one costs a thread."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Database
from app.core.reader import Reader


def database_of(request: Request) -> Database:
    """Return the database of this application."""
    database: Database = request.app.state.database
    return database


async def get_reader(request: Request) -> Reader:
    """Reads: named queries, without a transaction."""
    return database_of(request).reader


async def get_session(request: Request) -> AsyncGenerator[AsyncSession]:
    """Writes: one request, one transaction."""
    async with database_of(request).transaction() as session:
        yield session


ReaderDep = Annotated[Reader, Depends(get_reader)]
# scope="function": commit before the answer leaves, so that a commit that fails
# is answered as a failure and never as a success.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
