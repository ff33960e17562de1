"""Routes that change the account of the current user."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from app.api.errors import problem_responses
from app.api.security import ClientNetwork, CurrentSession
from app.api.v1.auth import Auth
from app.schemas.user import EmailChange, PasswordChange, UserRead
from app.services.accounts import AccountService

router = APIRouter(prefix="/api/v1", responses=problem_responses(503))


async def get_account_service(auth: Auth) -> AccountService:
    """Create the service for one request."""
    return AccountService(auth)


Accounts = Annotated[AccountService, Depends(get_account_service)]


@router.post(
    "/auth/password",
    status_code=status.HTTP_204_NO_CONTENT,
    tags=["auth"],
    responses=problem_responses(403, 429),
)
async def change_password(
    data: PasswordChange,
    identity: CurrentSession,
    network: ClientNetwork,
    accounts: Accounts,
) -> None:
    """Store a new password, and end all other sessions of the current user."""
    await accounts.change_password(identity, data, network)


@router.post("/auth/email", tags=["auth"], responses=problem_responses(403, 409, 429))
async def change_email(
    data: EmailChange,
    identity: CurrentSession,
    network: ClientNetwork,
    accounts: Accounts,
) -> UserRead:
    """Store another e-mail address of the current user."""
    return await accounts.change_email(identity, data, network)


@router.delete(
    "/users/me",
    status_code=status.HTTP_204_NO_CONTENT,
    tags=["users"],
    responses=problem_responses(403, 409),
)
async def delete_me(identity: CurrentSession, accounts: Accounts) -> None:
    """Delete the current user, within 15 minutes after the login."""
    await accounts.delete(identity)
