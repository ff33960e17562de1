"""Which database it is: a PostgreSQL server, or a SQLite file of this machine."""

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import postgresql, sqlite
from app.core.database import Database
from app.core.database_settings import DatabaseSettings


def open_database(settings: DatabaseSettings) -> Database:
    """Make the engine; nothing connects before the first request."""
    technique = sqlite if settings.is_sqlite else postgresql
    return technique.open_database(settings)


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Make only the engine, as the service has it."""
    technique = sqlite if settings.is_sqlite else postgresql
    return technique.create_engine(settings)


def create_migrating_engine(url: str) -> AsyncEngine:
    """Make the engine of a migration: of many that begin, one goes on at a time."""
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    technique = sqlite if is_sqlite else postgresql
    return technique.create_migrating_engine(url)
