"""Business rules of sessions, which are the families of refresh tokens."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import AuthenticationError, NotFoundError
from app.core.security import Identity
from app.db import Database, Transaction
from app.models.session import (
    END_OTHER_SESSIONS,
    END_SESSION,
    SESSIONS_OF_USER,
    USER_OF_SESSION,
)
from app.models.user import USER_FOR_UPDATE
from app.schemas.session import SessionPage


class SessionNotFoundError(NotFoundError):
    """The user has no session with this ID, or it has ended."""

    code = "session_not_found"


async def end_other_sessions(
    transaction: Transaction, user_id: UUID, now: datetime, kept: UUID | None = None
) -> None:
    """End the sessions of a user, who is locked, but not the session `kept`."""
    values = {"owner": user_id, "kept": kept, "now": now}
    await transaction.execute(END_OTHER_SESSIONS, values)


@dataclass(frozen=True, slots=True)
class SessionService:
    """Reads and ends the sessions of a user."""

    db: Database
    clock: Clock = utc_now

    async def check(self, identity: Identity) -> None:
        """Raise AuthenticationError if the session or the user is not active."""
        values = {"user_id": identity.user_id, "session_id": identity.session_id}
        found = await self.db.fetchval(USER_OF_SESSION, **values, now=self.clock())
        if found is None:
            raise AuthenticationError("The access token is not valid any more.")

    async def list_live(self, identity: Identity) -> SessionPage:
        """Return the sessions of the user, the last used one first: 100 at most."""
        values = {"user_id": identity.user_id, "now": self.clock()}
        found = await self.db.fetch(SESSIONS_OF_USER, **values)
        rows = [
            {**row, "is_current": row["id"] == identity.session_id} for row in found
        ]
        return SessionPage.model_validate({"items": rows, "total": len(rows)})

    async def end(self, user_id: UUID, session_id: UUID) -> None:
        """End a session: its refresh token is revoked. Raises SessionNotFoundError."""
        values = {"owner": user_id, "session_id": session_id, "now": self.clock()}
        async with self.db.begin() as transaction:
            # A refresh in progress would store a token that this does not revoke.
            await transaction.fetchrow(USER_FOR_UPDATE, user_id=user_id)
            if await transaction.fetchval(END_SESSION, **values) is None:
                raise SessionNotFoundError("There is no session with this ID.")

    async def log_out(self, identity: Identity) -> None:
        """End the session of an access token, if it has one that has not ended."""
        if identity.session_id is not None:
            with suppress(SessionNotFoundError):
                await self.end(identity.user_id, identity.session_id)
