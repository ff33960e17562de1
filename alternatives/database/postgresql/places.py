"""Where a test run keeps its data: in a file, or on a server that it is given."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pydantic_settings import BaseSettings
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

# Where no database is, and how little a test waits for one.
NOWHERE = [
    "sqlite+aiosqlite:////nowhere/at/all.db",
    "postgresql+asyncpg://app@127.0.0.1:1/app",
]
IMPATIENT = {"pool_size": 2, "pool_timeout": 0.05, "statement_timeout": 0.2}


class ServerSettings(BaseSettings):
    """Where the tests run: SQLite, or the server that TEST_DATABASE_URL names."""

    test_database_url: str | None = None


@contextmanager
def new_database(folder: Path) -> Generator[str]:
    """Make an empty database, and drop it afterwards; no other one is touched."""
    server = ServerSettings().test_database_url
    if server is None:
        yield f"sqlite+aiosqlite:///{folder}/test.db"
        return
    url = make_url(server)
    name = f"{url.database}_{uuid4().hex[:12]}"
    asyncio.run(execute(url, f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(execute(url, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def execute(url: URL, statement: str) -> None:
    """Run one statement outside a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
