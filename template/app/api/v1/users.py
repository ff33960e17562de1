"""/users: only about the caller."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.api.deps import database_of
from app.api.errors import documented
from app.api.security import Caller
from app.schemas.user import UserRead
from app.services.users import UserQueries


async def get_queries(request: Request) -> UserQueries:
    """Build what answers questions, at once: each dependency costs microseconds."""
    return UserQueries(database_of(request).reader)


Queries = Annotated[UserQueries, Depends(get_queries)]

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/me", responses=documented(401))
async def read_me(caller: Caller, users: Queries) -> UserRead:
    """Return the user who is calling."""
    return await users.get_active(caller)
