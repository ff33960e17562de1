"""Routes of the current user's account and sessions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.security import ClientNetwork, CurrentIdentity, CurrentSession
from app.api.v1.auth import Auth
from app.schemas.session import SessionPage
from app.schemas.user import EmailChange, PasswordChange, UserRead
from app.services.accounts import AccountService
from app.services.sessions import SessionService

router = APIRouter(prefix="/api/v1", tags=["account"], responses=problem_responses(503))


async def get_account_service(auth: Auth) -> AccountService:
    """Create the service for one request."""
    return AccountService(auth)


async def get_session_service(request: Request) -> SessionService:
    """Create the service for one request."""
    return SessionService(get_database(request))


Accounts = Annotated[AccountService, Depends(get_account_service)]
Sessions = Annotated[SessionService, Depends(get_session_service)]


@router.post("/auth/logout", status_code=status.HTTP_204_NO_CONTENT)
async def log_out(identity: CurrentIdentity, sessions: Sessions) -> None:
    """End the session of the access token."""
    await sessions.log_out(identity)


@router.get("/auth/sessions")
async def list_sessions(identity: CurrentSession, sessions: Sessions) -> SessionPage:
    """Return the sessions of the current user, the last used one first."""
    return await sessions.list_live(identity)


@router.delete(
    "/auth/sessions/{session_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(404),
)
async def end_session(
    session_id: UUID, identity: CurrentSession, sessions: Sessions
) -> None:
    """End a session of the current user."""
    await sessions.end(identity.user_id, session_id)


@router.post(
    "/auth/password",
    status_code=status.HTTP_204_NO_CONTENT,
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


@router.post("/auth/email", responses=problem_responses(403, 409, 429))
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
    responses=problem_responses(403, 409),
)
async def delete_me(identity: CurrentSession, accounts: Accounts) -> None:
    """Delete the current user, within 15 minutes after the login."""
    await accounts.delete(identity)
