"""Routes of /users for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.permissions import require
from app.api.security import CurrentUserId
from app.core.permissions import Permission
from app.schemas.role import UserPage, UserQuery, UserUpdate, UserWithRole
from app.services.roles import RoleService

router = APIRouter(
    prefix="/api/v1/users", tags=["users"], responses=problem_responses(503)
)


async def get_role_service(request: Request) -> RoleService:
    """Create the service for one request."""
    return RoleService(get_database(request))


Roles = Annotated[RoleService, Depends(get_role_service)]


@router.get("", dependencies=[require(Permission.USERS_READ)])
async def list_users(query: Annotated[UserQuery, Query()], roles: Roles) -> UserPage:
    """Return a page of the users that have all given properties."""
    return await roles.list_page(query)


# Only a UUID matches, so that /users/me remains another resource.
@router.patch(
    "/{user_id:uuid}",
    dependencies=[require(Permission.USERS_WRITE)],
    responses=problem_responses(404, 409),
)
async def update_user(
    user_id: UUID, data: UserUpdate, caller_id: CurrentUserId, roles: Roles
) -> UserWithRole:
    """Change the role of a user, or whether it is active."""
    return await roles.update(user_id, data, caller_id)
