"""Which database it is: a PostgreSQL server, or a SQLite file of this machine."""

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import postgresql, sqlite
from app.core.database import Database
from app.core.database_settings import DatabaseSettings


def open_database(settings: DatabaseSettings) -> Database:
    """Make the engine; nothing connects before the first request."""
    if settings.is_sqlite:
        return sqlite.open_database(settings)
    return postgresql.open_database(settings)


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Make only the engine, as the service has it."""
    if settings.is_sqlite:
        return sqlite.create_engine(settings)
    return postgresql.create_engine(settings)


def create_migrating_engine(url: str) -> AsyncEngine:
    """Make the engine of a migration: of many that begin, one goes on at a time."""
    if make_url(url).get_backend_name() == "sqlite":
        return sqlite.create_migrating_engine(url)
    return postgresql.create_migrating_engine(url)
