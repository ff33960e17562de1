"""The database of a test run: always one that the run itself has made."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.config import Config
from pydantic import PositiveInt
from pydantic_settings import BaseSettings
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    async_sessionmaker,
    create_async_engine,
)

from app.core.database import Database
from app.core.reader import SessionReader
from app.core.slots import Slots

ROOT = Path(__file__).parents[1]


class TestSettings(BaseSettings):
    """Where the tests run: SQLite, or the server that TEST_DATABASE_URL names.

    And how long they search: so many requests are made up. They are the same in every
    run, and new ones where TEST_EXAMPLES says how many.
    """

    __test__ = False

    test_database_url: str | None = None
    test_examples: PositiveInt = 20


@contextmanager
def new_database(folder: Path) -> Generator[str]:
    """Make an empty database, and drop it afterwards; no other one is touched."""
    server = TestSettings().test_database_url
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


def alembic_config(url: str) -> Config:
    """Point Alembic at a database."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Build the schema as production does."""
    command.upgrade(alembic_config(url), "head")


def joined(engine: AsyncEngine, connection: AsyncConnection) -> Database:
    """Make a database whose transactions are savepoints of an open connection."""
    sessions = async_sessionmaker(
        connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
    )
    slots = Slots(1, wait=1.0)
    return Database(engine, sessions, slots, SessionReader(sessions, slots))
