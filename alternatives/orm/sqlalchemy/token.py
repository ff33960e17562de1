"""Refresh tokens: table and statements."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record
from app.models.user import User


class RefreshToken(Record):
    """A refresh token, stored as its digest.

    The tokens that follow a login form a family: each is exchanged for the next.
    """

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


# The user of a token, locked as in `USER_FOR_UPDATE`.
OWNER_FOR_UPDATE = (
    sa.select(User.id, User.is_active)
    .where(
        User.id
        == sa.select(RefreshToken.user_id)
        .where(RefreshToken.digest == sa.bindparam("token_digest"))
        .scalar_subquery()
    )
    .with_for_update(key_share=True)
)

# The row is locked: of two requests with one token, the second sees `used_at`.
REFRESH_TOKEN_FOR_UPDATE = (
    sa.select(*sa.inspect(RefreshToken).columns)
    .where(RefreshToken.digest == sa.bindparam("token_digest"))
    .where(RefreshToken.revoked_at.is_(None))
    .where(RefreshToken.expires_at > sa.bindparam("now"))
    .with_for_update()
)

INSERT_REFRESH_TOKEN = sa.insert(RefreshToken)

MARK_REFRESH_TOKEN_USED = (
    sa.update(RefreshToken)
    .where(RefreshToken.id == sa.bindparam("token_id"))
    .values(used_at=sa.bindparam("now"))
)
