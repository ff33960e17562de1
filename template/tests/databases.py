"""The database of a test run: how it is migrated, and how a test joins it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker

from app.core.database import Database
from app.core.reader import SessionReader
from app.core.slots import Slots

ROOT = Path(__file__).parents[1]


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
