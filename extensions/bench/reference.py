"""The reference: hand-written FastAPI and asyncpg, without any extras.

It has no log, limits, queue or authentication, but returns the same JSON.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, HTTPException, Query, Request
from pydantic import BaseModel

ITEMS = """
SELECT id, name, description, created_at, updated_at, ARRAY(
    SELECT name FROM item_tags WHERE item_id = items.id ORDER BY name COLLATE "C"
) AS tags FROM items
"""
ONE = f"{ITEMS} WHERE id = $1"
PAGE = f"{ITEMS} ORDER BY id LIMIT $1 OFFSET $2"
TOTAL = "SELECT count(*) FROM items"
NEW_ITEM = """
INSERT INTO items (id, name, description, created_at, updated_at)
VALUES ($1, $2, $3, $4, $4) RETURNING *
"""
NEW_TAG = "INSERT INTO item_tags (item_id, name) VALUES ($1, $2)"
FILTERED = f"""
{ITEMS} WHERE name ILIKE '%' || $1 || '%' AND created_at > $2 ORDER BY name LIMIT $3
"""
CHANGE = """
UPDATE items SET name = $2, updated_at = $3 WHERE id = $1 RETURNING *
"""
DROP_TAGS = "DELETE FROM item_tags WHERE item_id = $1 AND name <> ALL($2)"
ADD_TAGS = """
INSERT INTO item_tags (item_id, name) SELECT $1, unnest($2::text[])
ON CONFLICT DO NOTHING
"""


class NewItem(BaseModel):
    """A new item."""

    name: str
    description: str | None = None
    tags: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open a pool of the size that the service has."""
    url = os.environ["DATABASE_URL"].replace("+asyncpg", "")
    async with asyncpg.create_pool(url, min_size=10, max_size=10) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/api/v1/items/{item_id}")
async def read_item(item_id: UUID, request: Request) -> dict[str, Any]:
    """Return one item."""
    row = await request.app.state.pool.fetchrow(ONE, item_id)
    if row is None:
        raise HTTPException(404)
    return dict(row)


@app.get("/api/v1/items")
async def list_items(
    request: Request,
    q: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    tag: Annotated[list[str] | None, Query()] = None,
    sort: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    offset: int = 0,
    total: bool = True,
) -> dict[str, Any]:
    """Return a page of the items; with filters sorted by name, without the total.

    It takes the parameters of the service, and has the statements that are measured.
    """
    async with request.app.state.pool.acquire() as connection:
        if q is None:
            rows = await connection.fetch(PAGE, limit + 1, offset)
            counted = await connection.fetchval(TOTAL)
        else:
            rows = await connection.fetch(FILTERED, q, created_after, limit + 1)
            counted = None
    return page(rows, limit, counted)


@app.get("/api/v1/built")
async def list_built(
    request: Request, q: str, created_after: datetime, limit: int = 20
) -> dict[str, Any]:
    """Return the first items whose name has a part."""
    rows = await request.app.state.pool.fetch(FILTERED, q, created_after, limit)
    return page(rows, limit, None)


def page(rows: list[Any], limit: int, total: int | None) -> dict[str, Any]:
    """Return a page, with the key of the last item as cursor."""
    following = str(rows[limit - 1]["id"]) if len(rows) > limit else None
    items = [dict(row) for row in rows[:limit]]
    return {"items": items, "total": total, "next": following}


@app.post("/api/v1/items", status_code=201)
async def create_item(new: NewItem, request: Request) -> dict[str, Any]:
    """Store an item with its tags."""
    key, now = uuid4(), datetime.now(UTC)
    tags = [(key, name) for name in new.tags]
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(NEW_ITEM, key, new.name, new.description, now)
        await connection.executemany(NEW_TAG, tags)
    return {**row, "tags": sorted(new.tags)}


@app.patch("/api/v1/items/{item_id}")
async def update_item(item_id: UUID, new: NewItem, request: Request) -> dict[str, Any]:
    """Change the name and the tags of an item."""
    now = datetime.now(UTC)
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(CHANGE, item_id, new.name, now)
        if row is None:
            raise HTTPException(404)
        await connection.execute(DROP_TAGS, item_id, new.tags)
        await connection.execute(ADD_TAGS, item_id, new.tags)
    return {**row, "tags": sorted(new.tags)}
