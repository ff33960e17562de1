"""Response bodies of sessions."""

from datetime import datetime
from uuid import UUID

from app.schemas.base import Page, ResponseModel


class SessionRead(ResponseModel):
    """A session: a login, and the tokens that follow it."""

    id: UUID
    created_at: datetime
    # The time of the login, or of the last refresh.
    last_used_at: datetime
    expires_at: datetime
    # Whether the request has an access token of this session.
    is_current: bool


SessionPage = Page[SessionRead]
