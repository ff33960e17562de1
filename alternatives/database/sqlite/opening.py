"""Which database it is: a SQLite file of this machine."""

from app.core.sqlite import create_engine, create_migrating_engine, open_database

__all__ = ["create_engine", "create_migrating_engine", "open_database"]
