"""The generated service with two filtered lists, as a project would write them.

It runs in the environment of the project: `uvicorn filtered:create_app --factory`.
"""

from functools import cache
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from sqlalchemy import Integer, String, bindparam, inspect, select

from app.api.deps import get_database
from app.db.types import ArraySubquery
from app.main import create_app as create_service
from app.models.item import Item, ItemTag
from app.schemas.item import ItemRead

TAGS = select(ItemTag.name).where(ItemTag.item_id == Item.id).correlate(Item)
ITEMS = select(*inspect(Item).columns, ArraySubquery(TAGS).label("tags"))


@cache
def by_shape(names: frozenset[str]) -> Any:
    """Return the query for the filters with these names."""
    query = ITEMS.order_by(Item.name).limit(bindparam("limit", type_=Integer))
    if "prefix" in names:
        query = query.where(Item.name.startswith(bindparam("prefix", type_=String)))
    if "after" in names:
        query = query.where(Item.id > bindparam("after"))
    return query


def create_app() -> FastAPI:
    """Create the service with the lists."""
    app = create_service()

    @app.get("/api/v1/filtered")
    async def list_filtered(
        request: Request, prefix: str, after: UUID, limit: int = 20
    ) -> list[ItemRead]:
        query = by_shape(frozenset({"prefix", "after"}))
        rows = await get_database(request).fetch(
            query, prefix=prefix, after=after, limit=limit
        )
        return [ItemRead.model_validate(row) for row in rows]

    @app.get("/api/v1/built")
    async def list_built(
        request: Request, prefix: str, after: UUID, limit: int = 20
    ) -> list[ItemRead]:
        query = ITEMS.where(Item.name.startswith(prefix), Item.id > after)
        query = query.order_by(Item.name).limit(limit)
        rows = await get_database(request).fetch(query)
        return [ItemRead.model_validate(row) for row in rows]

    return app
