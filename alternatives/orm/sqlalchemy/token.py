"""Refresh tokens: table and statements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, bindparam, insert, inspect, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record


class RefreshToken(Record):
    """A refresh token, stored as its digest.

    The tokens that follow a login form a family: each is exchanged for the next.
    """

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


# Locked: of two requests with the same token, the second finds it used.
REFRESH_TOKEN_FOR_UPDATE = (
    select(*inspect(RefreshToken).columns)
    .where(RefreshToken.digest == bindparam("token_digest"))
    .where(RefreshToken.revoked_at.is_(None))
    .where(RefreshToken.expires_at > bindparam("now"))
    .with_for_update()
)

INSERT_REFRESH_TOKEN = insert(RefreshToken)

MARK_REFRESH_TOKEN_USED = (
    update(RefreshToken)
    .where(RefreshToken.id == bindparam("token_id"))
    .values(used_at=bindparam("now"))
)

REVOKE_FAMILY = (
    update(RefreshToken)
    .where(RefreshToken.family_id == bindparam("family"))
    .where(RefreshToken.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
