"""/items: anybody reads; what a write has to pass is the router's to say."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status

from app.api.deps import SessionDep, WriterDep, database_of
from app.api.errors import documented
from app.schemas.item import ItemCreate, ItemPage, ItemRead, ItemUpdate
from app.services.items import ItemIntake, ItemQueries, ItemService


async def get_queries(request: Request) -> ItemQueries:
    """Build what answers questions, at once: each dependency costs microseconds."""
    return ItemQueries(database_of(request).reader)


async def get_service(session: SessionDep) -> ItemService:
    """Build what changes things, in this request's transaction."""
    return ItemService(session)


async def get_intake(writer: WriterDep) -> ItemIntake:
    """Build what takes new ones in, in this request's transaction."""
    return ItemIntake(writer)


Queries = Annotated[ItemQueries, Depends(get_queries)]
Service = Annotated[ItemService, Depends(get_service)]
Intake = Annotated[ItemIntake, Depends(get_intake)]
Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]

reads = APIRouter(prefix="/items", tags=["items"])
writes = APIRouter(prefix="/items", tags=["items"])


@reads.get("")
async def list_items(items: Queries, limit: Limit = 50, offset: Offset = 0) -> ItemPage:
    """Return a page of the items, oldest first."""
    return await items.page(limit, offset)


@reads.get("/{item_id}", responses=documented(404))
async def read_item(item_id: UUID, items: Queries) -> ItemRead:
    """Return one item."""
    return await items.get(item_id)


@writes.post("", status_code=status.HTTP_201_CREATED, responses=documented(409))
async def create_item(data: ItemCreate, items: Intake) -> ItemRead:
    """Store a new item."""
    return await items.create(data)


@writes.patch("/{item_id}", responses=documented(404, 409))
async def update_item(item_id: UUID, data: ItemUpdate, items: Service) -> ItemRead:
    """Change the given members; `tags` replaces the whole list."""
    return await items.update(item_id, data)


@writes.delete(
    "/{item_id}", status_code=status.HTTP_204_NO_CONTENT, responses=documented(404)
)
async def delete_item(item_id: UUID, items: Service) -> None:
    """Remove an item."""
    await items.delete(item_id)
