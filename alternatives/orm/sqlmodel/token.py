"""Refresh tokens: table and statements."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, col

from app.db.types import UtcDateTime
from app.models.base import Record
from app.models.user import User


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


# The user of a token, locked as in `USER_FOR_UPDATE`.
OWNER_FOR_UPDATE = (
    sa.select(col(User.id), col(User.is_active))
    .where(
        col(User.id)
        == sa.select(col(RefreshToken.user_id))
        .where(col(RefreshToken.digest) == sa.bindparam("token_digest"))
        .scalar_subquery()
    )
    .with_for_update(key_share=True)
)

# The row is locked: of two requests with one token, the second sees `used_at`.
REFRESH_TOKEN_FOR_UPDATE = (
    sa.select(*sa.inspect(RefreshToken).columns)
    .where(col(RefreshToken.digest) == sa.bindparam("token_digest"))
    .where(col(RefreshToken.revoked_at).is_(None))
    .where(col(RefreshToken.expires_at) > sa.bindparam("now"))
    .with_for_update()
)

INSERT_REFRESH_TOKEN = sa.insert(RefreshToken)

MARK_REFRESH_TOKEN_USED = (
    sa.update(RefreshToken)
    .where(col(RefreshToken.id) == sa.bindparam("token_id"))
    .values(used_at=sa.bindparam("now"))
)
