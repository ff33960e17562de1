"""Dependencies of all routes.

Dependencies are async: FastAPI runs a sync one in a thread, which costs more.
"""

from fastapi import Request

from app.db import Database


def get_database(request: Request) -> Database:
    """Return the database of the application."""
    database: Database = request.app.state.database
    return database
