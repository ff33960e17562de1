"""Refresh tokens: table and statements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, inspect, select, update
from sqlmodel import Field, col

from app.db.types import UtcDateTime
from app.models.base import Record


class RefreshToken(Record, table=True):
    """A refresh token, stored as its digest.

    The tokens that follow a login form a family: each is exchanged for the next.
    """

    __tablename__ = "refresh_tokens"

    digest: str = Field(max_length=64, unique=True)
    family_id: UUID = Field(index=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


# Locked: of two requests with the same token, the second finds it used.
REFRESH_TOKEN_FOR_UPDATE = (
    select(*inspect(RefreshToken).columns)
    .where(col(RefreshToken.digest) == bindparam("token_digest"))
    .where(col(RefreshToken.revoked_at).is_(None))
    .where(col(RefreshToken.expires_at) > bindparam("now"))
    .with_for_update()
)

INSERT_REFRESH_TOKEN = insert(RefreshToken)

MARK_REFRESH_TOKEN_USED = (
    update(RefreshToken)
    .where(col(RefreshToken.id) == bindparam("token_id"))
    .values(used_at=bindparam("now"))
)

REVOKE_FAMILY = (
    update(RefreshToken)
    .where(col(RefreshToken.family_id) == bindparam("family"))
    .where(col(RefreshToken.revoked_at).is_(None))
    .values(revoked_at=bindparam("now"))
)
