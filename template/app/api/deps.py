"""Dependencies and query parameters for all routes.

Dependencies are async: FastAPI runs a sync one in a thread, which costs more.
"""

from typing import Annotated

from fastapi import Query, Request

from app.db import Database

Limit = Annotated[int, Query(ge=1, le=100, description="Size of the page.")]
Offset = Annotated[
    int, Query(ge=0, le=2**31 - 1, description="Number of entries to skip.")
]


def get_database(request: Request) -> Database:
    """Return the database of the application."""
    database: Database = request.app.state.database
    return database
