"""Routes of /wishes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.security import RequireUser
from app.schemas.wish import VoteCreate, WishCreate, WishRead
from app.services.wishes import WishService

router = APIRouter(
    prefix="/api/v1/wishes", tags=["wishes"], responses=problem_responses(422, 503)
)


async def get_wish_service(request: Request) -> WishService:
    """Create the service for one request."""
    return WishService(get_database(request))


Wishes = Annotated[WishService, Depends(get_wish_service)]


@router.get("/{wish_id}", responses=problem_responses(404))
async def read_wish(wish_id: UUID, wishes: Wishes) -> WishRead:
    """Return one wish with its votes."""
    return await wishes.get(wish_id)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=[RequireUser],
)
async def create_wish(data: WishCreate, wishes: Wishes) -> WishRead:
    """Store a new wish."""
    return await wishes.create(data)


@router.post(
    "/{wish_id}/votes",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(404, 409),
)
async def create_vote(wish_id: UUID, data: VoteCreate, wishes: Wishes) -> WishRead:
    """Store a vote; no user is needed."""
    return await wishes.vote(wish_id, data)
