"""The generated service with a list whose query is built for each request.

It runs in the environment of the project: `uvicorn filtered:create_app --factory`.
"""

from datetime import datetime

from fastapi import FastAPI, Request

from app.api.deps import get_database
from app.main import create_app as create_service
from app.models.item import ITEM_LIST, Item
from app.schemas.item import ItemPage


def create_app() -> FastAPI:
    """Create the service with the list."""
    app = create_service()

    @app.get("/api/v1/built")
    async def list_built(
        request: Request, q: str, created_after: datetime, limit: int = 20
    ) -> ItemPage:
        query = ITEM_LIST.query.where(Item.name.icontains(q))
        query = query.where(Item.created_at > created_after)
        query = query.order_by(Item.name).limit(limit)
        rows = await get_database(request).fetch(query)
        return ItemPage.model_validate({"items": rows, "total": None})

    return app
