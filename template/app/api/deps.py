"""What any route may ask for. All of it is async: a sync one costs a thread."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Database
from app.core.reader import Reader
from app.core.writer import Writer


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


async def get_writer(request: Request) -> AsyncGenerator[Writer]:
    """Writes that need no entities: named statements, in one transaction, too."""
    async with database_of(request).writing() as writer:
        yield writer


ReaderDep = Annotated[Reader, Depends(get_reader)]
# scope="function": commit before the answer leaves, so that a commit that fails
# is answered as a failure and never as a success.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
WriterDep = Annotated[Writer, Depends(get_writer, scope="function")]
