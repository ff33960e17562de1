"""Routes of /users."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.security import CurrentUserId, get_auth_services
from app.schemas.user import UserRead
from app.services.users import UserService

router = APIRouter(
    prefix="/api/v1/users", tags=["users"], responses=problem_responses(503)
)


async def get_user_service(request: Request) -> UserService:
    """Create the service for one request."""
    auth = get_auth_services(request)
    return UserService(get_database(request), auth.passwords, auth.registrations)


Users = Annotated[UserService, Depends(get_user_service)]


@router.get("/me")
async def read_me(user_id: CurrentUserId, users: Users) -> UserRead:
    """Return the current user."""
    return await users.get_active(user_id)
