"""Routes of /api-keys: the keys of the current user."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.security import CurrentSession, CurrentUserId
from app.schemas.api_key import ApiKeyCreate, ApiKeyCreated, ApiKeyPage
from app.schemas.lists import ListQuery
from app.services.api_keys import ApiKeyService

router = APIRouter(
    prefix="/api/v1/api-keys", tags=["api-keys"], responses=problem_responses(503)
)


async def get_api_key_service(request: Request) -> ApiKeyService:
    """Create the service for one request."""
    return ApiKeyService(get_database(request))


ApiKeys = Annotated[ApiKeyService, Depends(get_api_key_service)]


@router.post("", status_code=status.HTTP_201_CREATED, responses=problem_responses(409))
async def create_api_key(
    data: ApiKeyCreate, identity: CurrentSession, api_keys: ApiKeys
) -> ApiKeyCreated:
    """Create an API key. The response is the only one that contains the key."""
    return await api_keys.create(identity, data)


@router.get("")
async def list_api_keys(
    query: Annotated[ListQuery, Query()], user_id: CurrentUserId, api_keys: ApiKeys
) -> ApiKeyPage:
    """Return a page of the keys of the current user that are not revoked."""
    return await api_keys.list_page(user_id, query)


@router.delete(
    "/{key_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(404),
)
async def revoke_api_key(
    key_id: UUID, user_id: CurrentUserId, api_keys: ApiKeys
) -> None:
    """Revoke a key of the current user, which is refused from now on."""
    await api_keys.revoke(user_id, key_id)
