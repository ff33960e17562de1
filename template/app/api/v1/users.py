"""/users: only about the caller."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.api.deps import ReaderDep
from app.api.errors import documented
from app.api.security import Caller
from app.schemas.user import UserRead
from app.services.users import UserQueries


async def get_queries(reader: ReaderDep) -> UserQueries:
    """Build what answers questions."""
    return UserQueries(reader)


Queries = Annotated[UserQueries, Depends(get_queries)]

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/me", responses=documented(401))
async def read_me(caller: Caller, users: Queries) -> UserRead:
    """Return the user who is calling."""
    return await users.get_active(caller)
