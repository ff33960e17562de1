"""/wishes: what people would like to have."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status

from app.api.deps import ReaderDep, SessionDep
from app.api.errors import documented
from app.schemas.wish import WishCreate, WishRead
from app.services.wishes import WishQueries, WishService


async def get_queries(reader: ReaderDep) -> WishQueries:
    """Build what answers questions."""
    return WishQueries(reader)


async def get_service(session: SessionDep) -> WishService:
    """Build what changes things, in this request's transaction."""
    return WishService(session)


Queries = Annotated[WishQueries, Depends(get_queries)]
Service = Annotated[WishService, Depends(get_service)]

reads = APIRouter(prefix="/wishes", tags=["wishes"])
writes = APIRouter(prefix="/wishes", tags=["wishes"])


@reads.get("/{wish_id}", responses=documented(404))
async def read_wish(wish_id: UUID, wishes: Queries) -> WishRead:
    """Return one wish."""
    return await wishes.get(wish_id)


@writes.post("", status_code=status.HTTP_201_CREATED)
async def create_wish(data: WishCreate, wishes: Service) -> WishRead:
    """Store a new wish."""
    return await wishes.create(data)
