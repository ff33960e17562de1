"""Routes of sessions: logout, the list, and the end of another session."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.security import CurrentIdentity, CurrentSession
from app.schemas.session import SessionPage
from app.services.sessions import SessionService

router = APIRouter(
    prefix="/api/v1/auth", tags=["auth"], responses=problem_responses(503)
)


async def get_session_service(request: Request) -> SessionService:
    """Create the service for one request."""
    return SessionService(get_database(request))


Sessions = Annotated[SessionService, Depends(get_session_service)]


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def log_out(identity: CurrentIdentity, sessions: Sessions) -> None:
    """End the session of the access token."""
    await sessions.log_out(identity)


@router.get("/sessions")
async def list_sessions(identity: CurrentSession, sessions: Sessions) -> SessionPage:
    """Return the sessions of the current user, the last used one first."""
    return await sessions.list_live(identity)


@router.delete(
    "/sessions/{session_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(404),
)
async def end_session(
    session_id: UUID, identity: CurrentSession, sessions: Sessions
) -> None:
    """End a session of the current user."""
    await sessions.end(identity.user_id, session_id)
