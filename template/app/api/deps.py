"""Dependencies of all routes.

Dependencies are async: FastAPI runs a sync one in a thread, which costs more.
"""

from fastapi.requests import HTTPConnection

from app.db import Database


def get_database(connection: HTTPConnection) -> Database:
    """Return the database of the application, for a request or a WebSocket."""
    database: Database = connection.app.state.database
    return database
